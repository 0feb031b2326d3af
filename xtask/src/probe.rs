//! `cargo xtask probe`: compiles the class that reads the graph of a job, for Java 8, into the place where the product
//! embeds it, and notes the digest of the source that it was made from.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use upshift_lab::{Cache, Java};

use crate::workspace::{self, say};

/// Runs the chore.
pub fn run() -> Result<()> {
    let java = Java::fetch(&Cache::open()?)?;
    let dir = workspace::root().join("crates/upshift-drivers/java");
    let source = dir.join("GraphProbe.java");
    compile(&java, &source, &dir)?;
    let text = fs::read(&source).with_context(|| format!("{} cannot be read", source.display()))?;
    let digest: String = Sha256::digest(&text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let note = dir.join("GraphProbe.java.sha256");
    fs::File::create(&note)
        .and_then(|mut file| file.write_all(format!("{digest}\n").as_bytes()))
        .with_context(|| format!("{} cannot be written", note.display()))?;
    say("compiled crates/upshift-drivers/java/GraphProbe.class");
    Ok(())
}

fn compile(java: &Java, source: &Path, to: &Path) -> Result<()> {
    let javac = java.home().join("bin/javac");
    let done = Command::new(&javac)
        .args([
            "--release",
            "8",
            "-g:none",
            "-proc:none",
            "-Xlint:all,-options",
            "-Werror",
            "-d",
        ])
        .arg(to)
        .arg(source)
        .status()
        .with_context(|| format!("{} is missing: install a JDK 17", javac.display()))?;
    ensure!(done.success(), "javac did not compile {}", source.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Needs a JDK 17, as `cargo xtask fetch needed` finds or fetches it.
    #[test]
    fn the_committed_class_is_what_the_jdk_makes_of_the_source() {
        let java = Cache::open()
            .and_then(|cache| Java::fetch(&cache))
            .expect("a JDK");
        let committed = workspace::root().join("crates/upshift-drivers/java");
        let made = tempfile::tempdir().expect("a scratch folder");
        compile(&java, &committed.join("GraphProbe.java"), made.path()).expect("it compiles");
        let read = |dir: &Path| fs::read(dir.join("GraphProbe.class")).expect("a class file");
        assert!(
            read(made.path()) == read(&committed),
            "the class that upshift embeds is not the one of its source; run: cargo xtask probe"
        );
        let classes = fs::read_dir(made.path()).expect("a folder").count();
        assert_eq!(classes, 1, "one class, no inner ones: a single file is embedded");
    }
}
