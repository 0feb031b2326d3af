//! What a jar brings along and where it can be started, without any release to hold it against.

use std::path::Path;

use upshift_formats::java::{Class, Member};
use upshift_model::flink::FlinkArtifact;

use super::ReferencesError;
use super::classes::{FLINK, Jars};

const PUBLIC_STATIC: u16 = 0x0009;

/// What is in a jar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JarContents {
    /// Its classes.
    pub classes: u64,
    /// Those of them that live in Flink's packages.
    pub of_flink: u64,
    /// Classes with a `public static void main(String[])`, those of Flink left out.
    pub mains: Vec<String>,
    /// Flink's own artifacts that it was packed with, by their Maven properties.
    pub artifacts: Vec<FlinkArtifact>,
    /// Class files that could not be read, with why; a few of them.
    pub unreadable: Vec<String>,
}

/// So many class files that could not be read are named.
const NAMED: usize = 5;

/// Looks through a jar.
///
/// # Errors
/// When it cannot be read.
pub fn contents(jar: &Path) -> Result<JarContents, ReferencesError> {
    let mut job = Jars::one(jar)?;
    let names = job.names();
    let of_flink = names.iter().filter(|name| name.starts_with(FLINK)).count();
    let (mut mains, mut unreadable) = (Vec::new(), Vec::new());
    for name in names.iter().filter(|name| !name.starts_with(FLINK)) {
        let dotted = || name.replace('/', ".");
        match job.read(name, has_main)? {
            Some(Ok(true)) => mains.push(dotted()),
            Some(Err(why)) if unreadable.len() < NAMED => unreadable.push(format!("{}: {why}", dotted())),
            Some(Ok(false) | Err(_)) | None => {}
        }
    }
    Ok(JarContents {
        classes: names.len() as u64,
        of_flink: of_flink as u64,
        mains,
        artifacts: job.artifacts()?,
        unreadable,
    })
}

fn has_main(class: &Class<'_>) -> bool {
    let is_main = |method: &Member<'_>| {
        method.name == "main"
            && method.descriptor == "([Ljava/lang/String;)V"
            && method.flags & PUBLIC_STATIC == PUBLIC_STATIC
    };
    class.methods.iter().any(is_main)
}
