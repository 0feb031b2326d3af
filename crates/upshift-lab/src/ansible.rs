//! Ansible as a peer: installed by pip into the cache, nowhere else, from pinned files.
//!
//! What it is told to do is the benchmark's business.

use std::path::PathBuf;
use std::process::Command;

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::process::put;
use crate::python;

const PINS: &str = include_str!("../../../lab/ansible.txt");

/// An installed ansible-core.
#[derive(Debug, Clone)]
pub struct Ansible {
    home: PathBuf,
}

impl Ansible {
    /// The one in the cache, fetched if it is not there.
    pub fn fetch(cache: &Cache) -> Result<Self, FetchError> {
        let version = PINS.lines().find_map(|line| line.strip_prefix("ansible-core=="));
        let version = version
            .and_then(|rest| rest.split(' ').next())
            .unwrap_or("pinned");
        let home = cache.path(format!("ansible-core-{version}"));
        let _lock = cache.lock("ansible")?;
        if !home.exists() {
            build_beside(&home, |beside| {
                let pins = beside.join("pins.txt");
                put(&pins, PINS.as_bytes()).map_err(FetchError::io("write", &pins))?;
                let mut pip = python::command()?;
                pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                    .args(["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r"])
                    .arg(&pins)
                    .arg("--target")
                    .arg(beside.join("lib"));
                python::run(&mut pip).map(|_| ())
            })?;
        }
        Ok(Self { home })
    }

    /// The Python that runs it, by its whole path, as a host wants it that is this machine, too.
    pub fn interpreter(&self) -> Result<String, FetchError> {
        let mut command = python::command()?;
        command.args(["-c", "import sys; print(sys.executable)"]);
        Ok(python::run(&mut command)?.trim().to_owned())
    }

    /// `ansible-playbook`, ready for arguments.
    pub fn playbook(&self) -> Result<Command, FetchError> {
        let lib = self.home.join("lib");
        let mut command = python::command()?;
        command
            .arg(lib.join("bin/ansible-playbook"))
            .env("PYTHONPATH", &lib);
        Ok(command)
    }
}
