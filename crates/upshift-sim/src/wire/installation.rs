//! Stand-in installations: a `FLINK_HOME` whose scripts start stand-in processes, a Java that says its
//! version.

use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::process::class;
use crate::flink::Role;

/// The program that stands in for a Flink process: a test program, and the name of the test in it that
/// calls [`super::run_if_started_by_a_script`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// The name of the test.
    pub test: String,
}

impl Program {
    /// The test program that is running, with the name of its test.
    ///
    /// # Errors
    /// When the program cannot tell where it is.
    pub fn this(test: &str) -> io::Result<Self> {
        Ok(Self {
            path: std::env::current_exe()?,
            test: test.to_owned(),
        })
    }
}

/// Makes the installation.
pub(super) fn home(at: &Path, release: &str, program: &Program, world: u16) -> io::Result<()> {
    put(&at.join(format!("lib/flink-dist-{release}.jar")), b"")?;
    for (role, name, service) in [
        (Role::JobManager, "jobmanager.sh", "standalonesession"),
        (Role::TaskManager, "taskmanager.sh", "taskexecutor"),
    ] {
        let short = name.trim_end_matches(".sh");
        let text = format!(
            r#"#!/usr/bin/env bash
# A stand-in for the release's script: tells the world server before and after it starts the process.
[ "$1" = start ] || exit 1
say() {{ exec 3<>/dev/tcp/127.0.0.1/{world} && printf 'script\t{short}\t{release}\t%s\n' "$1" >&3 && read -r _ <&3; exec 3>&-; }}
say starts || exit 1
logs="${{FLINK_LOG_DIR:-{home}/log}}"
mkdir -p "$logs"
number=0
while ! (set -o noclobber; : > "$logs/flink-stand-in-{service}-$number-host.out") 2> /dev/null; do number=$((number + 1)); done
"{program}" --exact "{test}" --nocapture --test-threads 1 -- {class} --configDir "$FLINK_CONF_DIR" --executionMode cluster --world {world} --release {release} > "$logs/flink-stand-in-{service}-$number-host.out" 2>&1 < /dev/null 3>&- &
say started || exit 1
"#,
            home = at.display(),
            program = program.path.display(),
            test = program.test,
            class = class(role),
        );
        put(&at.join("bin").join(name), text.as_bytes())?;
        make_runnable(&at.join("bin").join(name))?;
    }
    Ok(())
}

/// A `JAVA_HOME` that says that it is Java 17.
///
/// # Errors
/// When it cannot be written.
pub fn java(at: &Path) -> io::Result<()> {
    let program = at.join("bin/java");
    put(
        &program,
        b"#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n",
    )?;
    make_runnable(&program)
}

/// Writes a file, its folder made.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::File::create(path)?.write_all(bytes)
}

fn make_runnable(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}
