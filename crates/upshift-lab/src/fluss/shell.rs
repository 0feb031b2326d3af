//! ZooKeeper's own command line, for what a release writes that is not published: words go in, what it prints comes out.
//! It changes nothing by itself.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::home::FlussHome;
use crate::error::ClusterError;
use crate::java::Java;

const MAIN: &str = "shaded.zookeeper3.org.apache.zookeeper.ZooKeeperMain";

/// Gives all lines to one shell, one after the other, and hands back all that it printed.
pub(super) fn zookeeper(
    home: &FlussHome,
    java: &Java,
    server: &str,
    lines: &[String],
) -> Result<String, ClusterError> {
    let program = java.home().join("bin/java");
    let mut child = Command::new(&program)
        .args(["-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(format!("{}/*", home.path().join("lib").display()))
        .arg(format!("{}.{MAIN}", home.package()))
        .args(["-server", server])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ClusterError::io("run", &program))?;
    let mut words = child.stdin.take().expect("it was asked for");
    let all = format!("{}\nquit\n", lines.join("\n"));
    words
        .write_all(all.as_bytes())
        .map_err(ClusterError::io("speak to", &program))?;
    drop(words);
    let output = child
        .wait_with_output()
        .map_err(ClusterError::io("wait for", &program))?;
    let said = [output.stdout, output.stderr].concat();
    Ok(String::from_utf8_lossy(&said).into_owned())
}
