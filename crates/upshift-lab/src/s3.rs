//! A real S3 server for tests: fetched from the Python package index, on the loopback interface, checking signatures.
//!
//! It holds one bucket filled from a directory. It knows nothing of what is in the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::pip::hex;
use crate::ports::free_port;
use crate::{process, python, wait};

const REQUIREMENTS: &str = include_str!("../../../lab/s3/requirements.txt");
const SERVE: &str = include_str!("../../../lab/s3/serve.py");
/// Calls of `fill` beside one for each file: user, policy, key, bucket.
const CALLS: usize = 4;

/// A running server.
#[derive(Debug)]
pub struct S3Server {
    child: Child,
    /// Where it answers.
    pub endpoint: String,
    /// The key of a user who may read.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret_key: String,
}

impl S3Server {
    /// Fetches the server into the cache, if it is not there.
    pub fn fetch(cache: &Cache) -> Result<PathBuf, FetchError> {
        let _lock = cache.lock("s3")?;
        let home = home(cache);
        if home.join("moto").is_dir() {
            return Ok(home);
        }
        let parent = cache.path("s3");
        fs::create_dir_all(&parent).map_err(FetchError::io("make", &parent))?;
        build_beside(&home, |dir| {
            let wanted = dir.join("requirements.txt");
            process::put(&wanted, REQUIREMENTS.as_bytes()).map_err(FetchError::io("write", &wanted))?;
            let mut pip = python::command()?;
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            pip.args([
                "--no-deps",
                "--require-hashes",
                "--only-binary",
                ":all:",
                "--target",
            ]);
            python::run(pip.arg(dir).arg("-r").arg(&wanted)).map(drop)
        })?;
        Ok(home)
    }

    /// Starts a server with a bucket that holds every file of `dir` below `prefix`.
    pub fn start(cache: &Cache, bucket: &str, prefix: &str, dir: &Path) -> Result<Self, FetchError> {
        let home = home(cache);
        if !home.join("moto").is_dir() {
            return Err(FetchError::Missing {
                what: "the S3 server".to_owned(),
                cache: cache.root().to_owned(),
                get: "cargo xtask fetch s3".to_owned(),
            });
        }
        let port = free_port()
            .map_err(FetchError::io("find a port for", &home))?
            .to_string();
        let files = count(dir).map_err(FetchError::io("list", dir))?;
        let mut serve = script(&home)?;
        serve
            .args(["serve", &port])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", (CALLS + files).to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = serve.spawn().map_err(FetchError::io("start", &home))?;
        let mut server = Self {
            child,
            endpoint: format!("http://127.0.0.1:{port}"),
            access_key: String::new(),
            secret_key: String::new(),
        };
        let listens = || Ok(std::net::TcpStream::connect(format!("127.0.0.1:{port}")).ok());
        if wait::until::<_, FetchError>(Duration::from_secs(60), listens)?.is_none() {
            let silent = std::io::Error::from(std::io::ErrorKind::TimedOut);
            return Err(FetchError::io("hear from the server in", &home)(silent));
        }
        let said = python::run(script(&home)?.args(["fill", &port, bucket, prefix]).arg(dir))?;
        let keys: serde_json::Value = serde_json::from_str(&said)
            .map_err(|e| FetchError::io("read the keys of", &home)(std::io::Error::other(e)))?;
        let key = |name: &str| keys[name].as_str().unwrap_or_default().to_owned();
        server.access_key = key("access_key");
        server.secret_key = key("secret_key");
        Ok(server)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // It dies with this process anyway.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// One folder for each list of requirements, so that a changed list is fetched anew.
fn home(cache: &Cache) -> PathBuf {
    let digest = hex(&Sha256::digest(REQUIREMENTS.as_bytes()));
    cache.path("s3").join(digest.get(..16).unwrap_or(&digest))
}

fn script(home: &Path) -> Result<Command, FetchError> {
    let mut python = python::command()?;
    python
        .args(["-c", SERVE])
        .env("PYTHONPATH", home)
        .env_remove("AWS_PROFILE");
    Ok(python)
}

fn count(dir: &Path) -> std::io::Result<usize> {
    let mut files = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        files += match entry.file_type()?.is_dir() {
            true => count(&entry.path())?,
            false => 1,
        };
    }
    Ok(files)
}
