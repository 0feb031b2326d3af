//! The vendor's Python SDK of Realtime Compute as a judge of the emulated service: fetched from the Python package
//! index in two generations, and a walk through an upgrade with it.
//!
//! It knows nothing of upshift: what it says about the emulator is the vendor's client's word.

use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::pip::hex;
use crate::process::put;
use crate::python;

const WALK: &str = include_str!("../../../lab/realtime-compute/walk.py");

const CONTENDERS: &str = include_str!("../../../lab/realtime-compute/contenders.py");

/// A generation of the SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// 1.14.0, on today's core.
    New,
    /// 1.7.0, on the core before.
    Old,
}

/// An SDK in the cache.
#[derive(Debug, Clone)]
pub struct VervericaSdk {
    lib: PathBuf,
}

impl Generation {
    /// Both.
    pub const ALL: [Self; 2] = [Self::New, Self::Old];

    /// Its version.
    pub fn version(self) -> &'static str {
        match self {
            Self::New => "1.14.0",
            Self::Old => "1.7.0",
        }
    }

    fn pins(self) -> &'static str {
        match self {
            Self::New => include_str!("../../../lab/realtime-compute/sdk-1.14.0.txt"),
            Self::Old => include_str!("../../../lab/realtime-compute/sdk-1.7.0.txt"),
        }
    }
}

impl VervericaSdk {
    /// The one in the cache, fetched if it is not there.
    pub fn fetch(cache: &Cache, generation: Generation) -> Result<Self, FetchError> {
        let home = home(cache, generation);
        let _lock = cache.lock("ververica")?;
        if !home.exists() {
            build_beside(&home, |beside| {
                let pins = beside.join("pins.txt");
                put(&pins, generation.pins().as_bytes()).map_err(FetchError::io("write", &pins))?;
                let mut pip = python::command()?;
                // Some of what the old generation needs is published as source alone: plain Python.
                pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                    .args(["--no-deps", "--require-hashes", "--prefer-binary", "-r"])
                    .arg(&pins)
                    .arg("--target")
                    .arg(beside.join("lib"));
                python::run(&mut pip).map(|_| ())
            })?;
        }
        Ok(Self {
            lib: home.join("lib"),
        })
    }

    /// The one in the cache; says how it gets there where it is not.
    pub fn ready(cache: &Cache, generation: Generation) -> Result<Self, FetchError> {
        let lib = home(cache, generation).join("lib");
        if lib.is_dir() {
            return Ok(Self { lib });
        }
        Err(FetchError::Missing {
            what: format!("the SDK {} of Realtime Compute", generation.version()),
            cache: cache.root().to_owned(),
            get: "cargo xtask fetch ververica".to_owned(),
        })
    }

    /// The walk, ready for its arguments. Variables that name a proxy would be followed even to this machine.
    pub fn walk(&self) -> Result<Command, FetchError> {
        self.program(WALK)
    }

    /// What a deployment goes through beside upshift, ready for its arguments.
    pub fn contenders(&self) -> Result<Command, FetchError> {
        self.program(CONTENDERS)
    }

    fn program(&self, text: &str) -> Result<Command, FetchError> {
        let mut command = python::command()?;
        command.args(["-c", text]).env("PYTHONPATH", &self.lib);
        for name in [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            command.env_remove(name);
        }
        Ok(command)
    }
}

/// One folder for each list of packages, so that a changed list is fetched anew.
fn home(cache: &Cache, generation: Generation) -> PathBuf {
    let digest = hex(&Sha256::digest(generation.pins().as_bytes()));
    let name = format!("{}-{}", generation.version(), digest.get(..12).unwrap_or(&digest));
    cache.path("ververica").join(name)
}
