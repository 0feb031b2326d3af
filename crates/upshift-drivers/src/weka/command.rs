//! The vendor's commands: the durable marks under which each is begun once and found again.
//!
//! A mark bears the cluster's own id, the act and the release, and no run: whoever comes later, another run among them,
//! finds what was begun, so that no second upgrade is ever begun beside a first.

use upshift_engine::driver::Fault;
use upshift_model::weka::{Act, Fate};

use super::driver::{WekaDriver, refused};
use super::far;
use crate::wire::hosts::{Detached, Mark};

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

/// How the latest command of an act stands.
#[derive(Debug)]
pub(super) struct Latest {
    /// Its number; none where no command was ever begun.
    pub(super) number: u16,
    pub(super) stands: Detached,
}

impl WekaDriver {
    /// Where the commands of an act run.
    pub(super) fn place<'a>(&'a self, act: &'a Act) -> &'a str {
        match act {
            Act::Client { client, .. } => &client.host,
            Act::Quiet { host, .. } | Act::Restart { host, .. } => host,
            Act::Stage { .. }
            | Act::Distribute { .. }
            | Act::Backends { .. }
            | Act::Clients { .. }
            | Act::Override { .. }
            | Act::ClientTarget { .. }
            | Act::Task { .. } => &self.site.runner.host,
        }
    }

    pub(super) fn mark(&self, act: &Act, number: u16) -> Result<Mark, Fault> {
        let step = match act {
            Act::Stage { release } => format!("stage-{release}"),
            Act::Distribute { release } => format!("distribute-{release}"),
            Act::Backends { release } => format!("backends-{release}"),
            Act::Clients { release, .. } => format!("clients-{release}"),
            Act::Client { release, client, .. } => format!("client-{}-{release}", client.id),
            Act::Quiet { .. } => "quiet".to_owned(),
            Act::Override {
                release,
                value: Some(_),
                ..
            } => format!("override-{release}"),
            Act::Override { release, .. } => format!("no-override-{release}"),
            Act::ClientTarget { release, .. } => format!("client-target-{release}"),
            Act::Task { id, fate, .. } => format!("task-{id}-{}", word(fate)),
            Act::Restart { release, .. } => format!("restart-{release}"),
        };
        Mark::new(&self.marks(), &step, number).map_err(|error| refused(error.to_string()))
    }

    /// The folder of all marks of this cluster.
    fn marks(&self) -> String {
        format!("weka-{}", self.site.guid)
    }

    /// The latest command of the act that was begun where it belongs, by whichever run.
    pub(super) async fn latest(&self, act: &Act) -> Result<Option<Latest>, Fault> {
        let mut latest = None;
        for number in 1..MOST {
            match self.far.look(self.place(act), self.mark(act, number)?).await? {
                Detached::Never => break,
                stands => latest = Some(Latest { number, stands }),
            }
        }
        Ok(latest)
    }

    /// A command of an upgrade that runs on any backend, begun by upshift for whichever release: an earlier run that was
    /// given up, and one that another backend carried out, have left it.
    pub(super) async fn another(&self) -> Result<Option<String>, Fault> {
        let run = self.marks();
        let run = run.as_str();
        let answers = far::all(self.backends(), |host| async move {
            self.far.running(&host, run).await
        })
        .await;
        for (host, answer) in answers {
            if let Some(step) = answer?.first() {
                return Ok(Some(format!("command {step} runs on {host}")));
            }
        }
        Ok(None)
    }

    /// The end of what a command wrote, without what may be a secret.
    pub(super) async fn tail(&self, act: &Act, number: u16) -> Result<String, Fault> {
        let mark = self.mark(act, number)?;
        let text = self.far.log(self.place(act), mark).await?;
        let lines: Vec<&str> = text.lines().map(super::record::redacted).collect();
        let text = lines.join("\n");
        let from = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
        Ok(crate::wire::redact_text(text[from..].trim()))
    }
}

const fn word(fate: &Fate) -> &'static str {
    match fate {
        Fate::Wait => "wait",
        Fate::Pause => "pause",
        Fate::Resume => "resume",
        Fate::Abort => "abort",
        Fate::Delete { .. } => "delete",
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
