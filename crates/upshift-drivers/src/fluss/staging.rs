//! The wanted release's archive and jars on a host: looked at by their digests, and put there where nothing lies in the
//! way. Each is whole under its name or not there; done again it does the same.

use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::fluss::Staged;
use upshift_model::record::Failure;

use super::codes;
use super::expectation::failure;
use crate::wire::hosts::{Command, HostError, Link, sha256_of};

const LOOK: &str = include_str!("sh/staged.sh");
const STAGE: &str = include_str!("sh/stage.sh");
/// Digests of some hundred megabytes.
const LOOK_LIMIT: Duration = Duration::from_secs(120);
/// The same over a slow line, and unpacked.
const PUT_LIMIT: Duration = Duration::from_secs(1_200);
const READABLE: u32 = 0o644;

/// How one of them stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    Absent,
    Same,
    /// Something else lies there.
    Other,
}

/// How all of them stand, in their order.
pub(super) async fn look(link: &Link, all: &[Staged]) -> Result<Vec<Stands>, Fault> {
    let mut command = Command::new("sh", LOOK_LIMIT).args(["-c", LOOK, "upshift"]);
    for one in all {
        command = command.arg(kind(one)).arg(&one.to).arg(&one.sha256);
    }
    let output = link.run(&command).await.map_err(HostError::into_read_fault)?;
    if !output.success() {
        return Err(Fault::Transient(format!(
            "what lies on {} could not be seen: {}",
            link.name(),
            output.complaint()
        )));
    }
    let said = output.stdout.text();
    let stands = said.lines().map(|line| match line {
        "absent" => Some(Stands::Absent),
        "same" => Some(Stands::Same),
        "other" => Some(Stands::Other),
        _ => None,
    });
    let stands: Option<Vec<Stands>> = stands.collect();
    stands.filter(|stands| stands.len() == all.len()).ok_or_else(|| {
        Fault::Transient(format!(
            "an answer of {} is not understood: {said:?}",
            link.name()
        ))
    })
}

/// Puts those there that are not.
pub(super) async fn put(link: &Link, all: &[Staged]) -> Result<(), Fault> {
    let stands = look(link, all).await?;
    for (one, stands) in all.iter().zip(stands) {
        if stands == Stands::Absent {
            is_as_named(one).await?;
            put_one(link, one).await?;
        }
    }
    Ok(())
}

async fn put_one(link: &Link, one: &Staged) -> Result<(), Fault> {
    let mut came = one.to.as_os_str().to_owned();
    came.push(".upshift-new");
    let came = PathBuf::from(came);
    shell(link, "room", one, &came).await?;
    let put = link.put_file(&one.from, &came, READABLE, PUT_LIMIT).await;
    put.map_err(HostError::into_fault)?;
    shell(link, kind(one), one, &came).await
}

async fn shell(link: &Link, what: &str, one: &Staged, came: &Path) -> Result<(), Fault> {
    let command = Command::new("sh", PUT_LIMIT)
        .args(["-c", STAGE, "upshift", what])
        .arg(&one.to)
        .arg(came)
        .arg(&one.sha256);
    let done = link.run(&command).await.map_err(HostError::into_fault)?;
    match done.success() {
        true => Ok(()),
        false => Err(Fault::Refused(Failure {
            far_side: Some(done.complaint()),
            ..failure(
                codes::STAGED,
                format!(
                    "{} could not be brought to {} on {}",
                    one.from.display(),
                    one.to.display(),
                    link.name()
                ),
            )
        })),
    }
}

/// The file on this machine is the one that the system file names.
async fn is_as_named(one: &Staged) -> Result<(), Fault> {
    let path = one.from.clone();
    let read = tokio::task::spawn_blocking(move || sha256_of(&path));
    let refused = |what: String| Fault::Refused(failure(codes::STAGED, what));
    let from = one.from.display();
    let digest = read.await.map_err(|error| refused(format!("{from}: {error}")))?;
    let digest = digest.map_err(|error| refused(format!("{from} cannot be read: {error}")))?;
    match digest == one.sha256 {
        true => Ok(()),
        false => Err(refused(format!(
            "{from} has sha256 {}, the system file names {}: it goes nowhere",
            digest, one.sha256
        ))),
    }
}

const fn kind(one: &Staged) -> &'static str {
    match one.archive {
        true => "archive",
        false => "file",
    }
}
