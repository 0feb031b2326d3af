//! Downloads pinned files through `pip download`, which knows the developer's index, mirror and proxy.
//!
//! It names no host, installs nothing into the system, and unpacks nothing.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::cache::Cache;
use crate::error::FetchError;
use crate::pins::Package;
use crate::python;

/// The file, in the cache's download folder, with the pinned digest. A file that lies there already is not fetched
/// again, but checked all the same. The caller holds the lock of what is being built.
pub(crate) fn download(cache: &Cache, package: &Package) -> Result<PathBuf, FetchError> {
    let dir = cache.path("downloads");
    fs::create_dir_all(&dir).map_err(FetchError::io("make", &dir))?;
    let file = dir.join(&package.file);
    if !file.exists() {
        fetch(&dir, package)?;
    }
    let found = sha256(&file)?;
    if found != package.sha256 {
        return Err(FetchError::Digest {
            file,
            expected: package.sha256.clone(),
            found,
        });
    }
    Ok(file)
}

fn fetch(dir: &Path, package: &Package) -> Result<(), FetchError> {
    // Two fetches may want different files at once: each downloads into a folder of its own and renames.
    let own = dir.join(format!("{}.partial", package.file));
    fs::create_dir_all(&own).map_err(FetchError::io("make", &own))?;
    let wanted = own.join("requirements.txt");
    let line = format!("{} --hash=sha256:{}\n", package.requirement, package.sha256);
    crate::process::put(&wanted, line.as_bytes()).map_err(FetchError::io("write", &wanted))?;

    let mut pip = python::command()?;
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-cache-dir",
        "--no-deps",
    ]);
    pip.arg("--require-hashes")
        .arg("-r")
        .arg(&wanted)
        .arg("-d")
        .arg(&own);
    if let Some(python) = &package.python {
        pip.args(["--only-binary", ":all:", "--python-version", python]);
        for platform in ["manylinux1_x86_64", "manylinux2014_x86_64"] {
            pip.args(["--platform", platform]);
        }
    }
    python::run(&mut pip)?;
    let file = own.join(&package.file);
    fs::rename(&file, dir.join(&package.file)).map_err(FetchError::io("find what pip downloaded,", &file))?;
    fs::remove_dir_all(&own).map_err(FetchError::io("remove", &own))
}

pub(crate) fn sha256(file: &Path) -> Result<String, FetchError> {
    digest(file).map_err(FetchError::io("read", file))
}

fn digest(file: &Path) -> io::Result<String> {
    let mut from = File::open(file)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
