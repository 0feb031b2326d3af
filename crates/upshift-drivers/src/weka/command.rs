//! The vendor's commands that take long: their words, and the durable marks under which they are found again.
//!
//! A mark bears the cluster's own id, the act and the release, and no run: whoever comes later, another run among them,
//! finds what was begun, so that no second upgrade is ever begun beside a first.

use std::collections::BTreeSet;
use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::version::Version;
use upshift_model::weka::{Act, Site};

use super::driver::{WekaDriver, refused};
use crate::wire::hosts::{Command, Detached, Mark};

/// Starting is detached: this is no limit of it, only a command has to have one.
const START: Duration = Duration::from_secs(60);
/// The end of what a command wrote.
const TAIL: usize = 2_000;
/// More tries than anybody makes.
const MOST: u16 = 999;

/// Which part of an upgrade is resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Drives,
    Computes,
    Frontends,
}

impl Phase {
    /// From what the cluster says of itself. The words are in no document; the vendor's own operator looks for these
    /// parts of them.
    pub(super) fn of(told: &str) -> Option<Self> {
        let told = told.to_ascii_lowercase();
        let all = [
            ("drive", Self::Drives),
            ("compute", Self::Computes),
            ("frontend", Self::Frontends),
        ];
        all.into_iter()
            .find(|(part, _)| told.contains(part))
            .map(|(_, phase)| phase)
    }

    /// As it is kept in a try's baseline.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Drives => "drives",
            Self::Computes => "computes",
            Self::Frontends => "frontends",
        }
    }

    pub(super) fn flag(word: &str) -> Option<String> {
        let known = [Self::Drives, Self::Computes, Self::Frontends];
        let phase = known.into_iter().find(|phase| phase.word() == word)?;
        Some(format!("--ndu-{}-phase", phase.word()))
    }
}

/// The release that an act leads to.
pub(super) const fn release(act: &Act) -> &Version {
    match act {
        Act::Stage { release } | Act::Backends { release } | Act::Clients { release, .. } => release,
    }
}

/// The command of a try. `resume` is the phase of an earlier one; `ids` are clients that are left.
pub(super) fn command(site: &Site, act: &Act, resume: &str, ids: &BTreeSet<u64>) -> Command {
    match act {
        Act::Stage { release } => {
            let script = "weka version get \"$1\" ${2:+--from \"$2\"} && weka version prepare \"$1\"";
            let from = site.get_from.clone().unwrap_or_default();
            Command::new("sh", START).args(["-c", script, "stage", release.as_str(), &from])
        }
        Act::Backends { release } => upgrade(site, release).args(Phase::flag(resume)).args(port(site)),
        Act::Clients { release, batch, .. } => {
            let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
            upgrade(site, release)
                .args(["--mode=clients-upgrade", "--client-rolling-batch-size"])
                .arg(batch.to_string())
                .arg("--clients-to-upgrade")
                .arg(ids.join(","))
                .args(["--from", "backends"])
                .args(port(site))
        }
    }
}

fn upgrade(site: &Site, release: &Version) -> Command {
    Command::new("weka", START).args([
        "local",
        "run",
        "--container",
        &site.runner.container,
        "--in",
        release.as_str(),
        "upgrade",
    ])
}

fn port(site: &Site) -> Vec<String> {
    let port = site.runner.port;
    port.map_or_else(Vec::new, |port| vec!["--mgmt-port".to_owned(), port.to_string()])
}

/// How the latest command of an act stands.
#[derive(Debug)]
pub(super) struct Latest {
    /// Its number; none where no command was ever begun.
    pub(super) number: u16,
    pub(super) stands: Detached,
}

impl WekaDriver {
    pub(super) fn mark(&self, act: &Act, number: u16) -> Result<Mark, Fault> {
        let word = match act {
            Act::Stage { .. } => "stage",
            Act::Backends { .. } => "backends",
            Act::Clients { .. } => "clients",
        };
        let run = format!("weka-{}", self.site.guid);
        let step = format!("{word}-{}", release(act));
        Mark::new(&run, &step, number).map_err(|error| refused(error.to_string()))
    }

    /// The latest command of the act that was begun on the runner, by whichever run.
    pub(super) async fn latest(&self, act: &Act) -> Result<Option<Latest>, Fault> {
        let runner = self.runner()?;
        let mut latest = None;
        for number in 1..MOST {
            let look = runner.look(&self.mark(act, number)?).await;
            match look.map_err(|error| error.into_read_fault())? {
                Detached::Never => break,
                stands => latest = Some(Latest { number, stands }),
            }
        }
        Ok(latest)
    }

    /// The end of what a command wrote, without what may be a secret.
    pub(super) async fn tail(&self, act: &Act, number: u16) -> Result<String, Fault> {
        let mark = self.mark(act, number)?;
        let log = self.runner()?.log(&mark, 0, 1 << 20).await;
        let log = log.map_err(|error| error.into_read_fault())?;
        let text = String::from_utf8_lossy(&log.bytes).into_owned();
        let lines: Vec<&str> = text.lines().map(super::record::redacted).collect();
        let text = lines.join("\n");
        let from = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
        Ok(crate::wire::redact_text(text[from..].trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::Phase;

    #[test]
    fn a_phase_is_known_by_a_part_of_its_word_and_has_the_documented_flag() {
        for (told, flag) in [
            ("DrivePhase", "--ndu-drives-phase"),
            ("drives-upgrade", "--ndu-drives-phase"),
            ("COMPUTE_ROLLING", "--ndu-computes-phase"),
            ("FrontendPhase", "--ndu-frontends-phase"),
        ] {
            let phase = Phase::of(told).unwrap();
            assert_eq!(Phase::flag(phase.word()).as_deref(), Some(flag));
        }
        assert_eq!(Phase::of(""), None);
        assert_eq!(Phase::flag(""), None);
    }
}
