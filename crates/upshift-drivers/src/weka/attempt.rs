//! One try of a step: one command, begun once under its mark. What came of it is for `standing` to see.

use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::record::Intent;
use upshift_model::step::{Effect, Step};
use upshift_model::version::Version;
use upshift_model::weka::{Act, Source};

use super::codes;
use super::driver::{WekaDriver, failure};
use super::reached::further;
use super::standing::{NUMBER, PHASE};
use super::words::{TOKEN, Told, command, tar};
use crate::wire::hosts::Command;

/// A few calls of the kernel.
const SHORT: Duration = Duration::from_secs(30);

pub(super) async fn attempt(driver: &WekaDriver, step: &Step, intent: &Intent) -> Result<(), Fault> {
    let Effect::Weka { what: act } = &step.effect else {
        return Err(driver.not_known(step));
    };
    let noted = |key: &str| intent.baseline.0.get(key).cloned();
    let number = noted(NUMBER).and_then(|number| number.parse().ok());
    let number = number.ok_or_else(|| driver.not_known(step))?;
    // Without it an upgrade that is to be resumed would be begun from its beginning.
    let phase = noted(PHASE).ok_or_else(|| driver.not_known(step))?;
    let told = told(driver, act, phase).await?;
    if let Act::Stage { release } = act {
        bring(driver, release).await?;
    }
    let command = command(&driver.site, act, &told);
    let mark = driver.mark(act, number)?;
    driver.far.start(driver.place(act), mark, command).await
}

/// What the command is told beyond its act, by what is there now.
async fn told(driver: &WekaDriver, act: &Act, resume: String) -> Result<Told, Fault> {
    let ids = match act {
        // Those that are on the release stay as they are.
        Act::Clients { release, ids, .. } => {
            let off = driver.pulse(&[]).await?.clients_off(ids, release)?;
            off.into_iter().map(|(id, _)| id).collect()
        }
        Act::Override { key, value: None, .. } => driver.pulse(further(act)).await?.overrides(key)?,
        _ => std::collections::BTreeSet::new(),
    };
    Ok(Told { resume, ids })
}

/// Puts what staging takes on the runner: the file of the package, or the token for a moment. Both may be there already.
async fn bring(driver: &WekaDriver, release: &Version) -> Result<(), Fault> {
    let runner = &driver.site.runner.host;
    match &driver.site.source {
        Source::Server { .. } => Ok(()),
        Source::Vendor { token, .. } => {
            let token = driver.secrets.get(token);
            let token = token.map_err(|no| Fault::Refused(failure(codes::NOT_STAGED, no.to_string())))?;
            let script = "umask 077; mkdir -p \"$HOME/.upshift\" && cat > \"$HOME/$1\"";
            let put = Command::new("sh", SHORT).args(["-c", script, "token", TOKEN]);
            match driver.far.run(runner, put.input(token.trim().to_owned())).await? {
                Some(_) => Ok(()),
                None => Err(Fault::Transient(format!(
                    "{runner}: the token could not be put there"
                ))),
            }
        }
        Source::Tar { folder } => {
            let file = from(folder, release);
            let script = "umask 077; mkdir -p \"$HOME/.upshift/weka\" && printf %s \"$HOME\"";
            let made = Command::new("sh", SHORT).args(["-c", script]);
            match driver.far.run(runner, made).await? {
                Some(home) => {
                    let there = Path::new(home.trim()).join(tar(release));
                    driver.far.put(runner, &file, &there).await
                }
                None => Err(Fault::Transient(format!(
                    "{runner}: no folder for the package could be made"
                ))),
            }
        }
    }
}

/// The file of a release's package on this machine.
fn from(folder: &Path, release: &Version) -> PathBuf {
    folder.join(format!("weka-{release}.tar"))
}
