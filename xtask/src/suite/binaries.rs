//! The test binaries of the workspace, as cargo names them once it has built them.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use upshift_lab::cargo::cargo;

use crate::workspace::root;

/// A test binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binary {
    /// Package and target, as a person would look for it: `upshift real_flink`.
    pub(super) name: String,
    /// Its source file below the checkout.
    pub(super) source: PathBuf,
    /// Where its package lies: cargo runs tests there.
    pub(super) package: PathBuf,
    /// What is run.
    pub(super) program: PathBuf,
}

impl Binary {
    /// Whether it runs servers in a sandbox of the lab. A wrong guess costs time only: sandboxes take turns by
    /// themselves.
    pub(super) fn is_on_servers(&self) -> bool {
        let target = self.name.rsplit(' ').next().unwrap_or(&self.name);
        target.starts_with("real_") || target == "emulated"
    }
}

/// One line of cargo's messages; other kinds have other fields.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Builds all tests of the workspace and tells the binaries, in cargo's order.
///
/// # Errors
/// When something does not compile; the compiler's words are on the standard error stream by then.
pub(super) fn build() -> Result<Vec<Binary>> {
    let mut command = cargo();
    command
        .args([
            "test",
            "--workspace",
            "--no-run",
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let built = command.output().context("running cargo test --no-run")?;
    if !built.status.success() {
        bail!("the tests do not compile: {}", built.status);
    }
    let said = String::from_utf8(built.stdout).context("what cargo says of its work")?;
    let mut binaries = Vec::new();
    for line in said.lines() {
        binaries.extend(of_message(line)?);
    }
    if binaries.is_empty() {
        bail!("cargo names no test binary");
    }
    Ok(binaries)
}

fn of_message(line: &str) -> Result<Option<Binary>> {
    let message: Message =
        serde_json::from_str(line).with_context(|| format!("a message of cargo: {line}"))?;
    if message.reason != "compiler-artifact" || !message.profile.is_some_and(|profile| profile.test) {
        return Ok(None);
    }
    let (Some(manifest), Some(target), Some(program)) =
        (message.manifest_path, message.target, message.executable)
    else {
        return Ok(None);
    };
    let package = manifest
        .parent()
        .context("a manifest lies in a folder")?
        .to_owned();
    let folder = package
        .file_name()
        .context("a package has a name")?
        .to_string_lossy();
    let source = target.src_path.strip_prefix(root()).unwrap_or(&target.src_path);
    Ok(Some(Binary {
        name: format!("{folder} {}", target.name),
        source: source.to_owned(),
        package,
        program,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(test: bool, name: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"x","manifest_path":"/w/crates/a/Cargo.toml",
"target":{{"kind":["test"],"name":"{name}","src_path":"/w/crates/a/tests/{name}.rs"}},
"profile":{{"test":{test},"opt_level":"0"}},"features":[],"filenames":[],"executable":"/w/target/{name}","fresh":true}}"#
        )
        .replace('\n', "")
    }

    #[test]
    fn a_test_binary_is_known_by_its_profile() {
        let found = of_message(&message(true, "real_a"))
            .expect("readable")
            .expect("a test");
        assert_eq!(found.name, "a real_a");
        assert_eq!(found.package, PathBuf::from("/w/crates/a"));
        assert!(found.is_on_servers());
        assert_eq!(of_message(&message(false, "a")).expect("readable"), None);
        let other = r#"{"reason":"build-finished","success":true}"#;
        assert_eq!(of_message(other).expect("readable"), None);
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        assert!(of_message("warning: something").is_err());
    }
}
