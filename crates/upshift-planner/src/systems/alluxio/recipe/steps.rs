//! The single steps: what is done, what must hold before and after, and the same as commands.

use std::collections::BTreeSet;

use upshift_model::alluxio::{Condition, Criteria, Facet, Preparation, Role, Site, Unpersisted, Writers};
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::BindingName;
use upshift_model::span::Millis;
use upshift_model::step::{
    Artifact, Change, Downtime, Effect, Preparation as Prepared, StartWhat, Step, StopWhat,
};
use upshift_model::version::Version;

use super::timing;
use crate::build::Draft;

/// Where the counts of writing calls are bound.
pub(super) const WRITES: &str = "writes";
/// Where the backup of the old release is bound.
pub(super) const BEFORE: &str = "backup/before";
/// Where what will be restored is bound.
pub(super) const RESTORE: &str = "backup/restore";
/// Where the backup of the new release is bound.
pub(super) const AFTER: &str = "backup/after";
/// Where a backup after the way back is bound.
pub(super) const BACK: &str = "backup/back";
const BLOCKS: &str = "blocks";
const JOURNAL: &str = "journal/kept";

/// What all steps are made of.
pub(crate) struct Hands<'a> {
    pub(crate) site: &'a Site,
    pub(crate) writers: Option<Writers>,
}

fn name(text: &str) -> BindingName {
    BindingName::new(text)
}

fn expect(condition: Condition) -> Expectation {
    Expectation::Alluxio(condition)
}

fn alluxio(what: Preparation) -> Effect {
    Effect::Prepare {
        what: Prepared::Alluxio(what),
    }
}

impl Hands<'_> {
    fn home(&self, release: &Version) -> String {
        let home = self
            .site
            .installation(release)
            .map(|of| of.home.display().to_string());
        home.unwrap_or_default()
    }

    pub(super) fn stop_writers(&self) -> Option<Step> {
        let by = self.writers.as_ref()?.stop.clone();
        let by_hand = vec![by.join(" ")];
        let what = StopWhat::Writers { by };
        let draft = Draft::new(Effect::Stop { what }, timing::WRITERS_GIVE_UP);
        Some(
            draft
                .why("what is written after the backup is lost by a restore")
                .by_hand(by_hand)
                .step(),
        )
    }

    pub(super) fn start_writers(&self) -> Option<Step> {
        let by = self.writers.as_ref()?.start.clone();
        let by_hand = vec![by.join(" ")];
        let what = StartWhat::Writers { by };
        Some(
            Draft::new(Effect::Start { what }, timing::WRITERS_GIVE_UP)
                .tries(2)
                .by_hand(by_hand)
                .step(),
        )
    }

    pub(super) fn watch(&self) -> Step {
        Draft::new(
            alluxio(Preparation::Watch { into: name(WRITES) }),
            timing::WORKERS_GIVE_UP,
        )
        .why("nobody may write from here on: the stop is held against these counts")
        .by_hand(vec![format!(
            "curl -s {}/metrics/json/   # the counters of …Ops",
            self.site.master.url
        )])
        .step()
    }

    /// A backup into a folder of its own, and what it must be afterwards.
    pub(super) fn backup(&self, release: &Version, into: &str, after: Vec<Condition>) -> Step {
        let number = (release.major(), release.minor());
        let options = match number {
            number if number >= (2, 8) => vec!["--bypass-delegation".to_owned()],
            number if number >= (2, 2) => vec!["--allow-leader".to_owned()],
            _ => Vec::new(),
        };
        let what = Preparation::Backup {
            release: release.clone(),
            options: options.clone(),
            marked: number >= (2, 4),
            into: name(into),
        };
        Draft::new(alluxio(what), timing::BACKUP_GIVE_UP)
            .usual(timing::BACKUP)
            .tries(2)
            .after_all(after.into_iter().map(expect))
            .by_hand(vec![format!(
                "{}/bin/alluxio fsadmin backup {} --local {}",
                self.home(release),
                self.site.backups.display(),
                options.join(" ")
            )])
            .step()
    }

    pub(super) fn prove(&self, criteria: Criteria, unpersisted: Unpersisted) -> Step {
        let rewrite = if criteria.no_old_fingerprints {
            " --rewrite NEW"
        } else {
            ""
        };
        let what = Preparation::Restorable {
            of: name(BEFORE),
            criteria: Box::new(criteria),
            into: name(RESTORE),
        };
        let persisted = Condition::Persisted {
            of: name(RESTORE),
            unpersisted,
        };
        Draft::new(alluxio(what), timing::BACKUP_GIVE_UP)
            .usual(timing::READ)
            .after(expect(persisted))
            .why("a master learns the same only after its journal is gone")
            .by_hand(vec![format!(
                "upshift inspect backup FILE --source {} --target {}{rewrite}",
                self.site.old.version, self.site.new.version
            )])
            .step()
    }

    /// The first stop is held against what would be lost by it.
    pub(super) fn stop(&self, role: Role, first: bool) -> Step {
        let what = StopWhat::Server {
            server: role.component(),
        };
        let conditions = [Condition::Quiet { since: name(WRITES) }, Condition::RootStore];
        let draft = Draft::new(Effect::Stop { what }, timing::STOP_GIVE_UP)
            .usual(timing::STOP)
            .before_all(conditions.into_iter().filter(|_| first).map(expect))
            .by_hand(vec![format!(
                "kill -TERM PID   # of the {}: not by its class name",
                role.words()
            )]);
        match first {
            true => draft.downtime(Downtime::Begins).step(),
            false => draft.step(),
        }
    }

    pub(super) fn list_blocks(&self) -> Step {
        let what = Preparation::Blocks {
            of: name(RESTORE),
            into: name(BLOCKS),
        };
        Draft::new(alluxio(what), timing::FOLDER_GIVE_UP)
            .why("a master that does not know a block makes its worker delete it within seconds")
            .by_hand(vec!["find TIER -type f -printf '%s %p\\n'".to_owned()])
            .step()
    }

    /// The journal of before is kept: moved where it is replaced, copied where the new release writes on.
    pub(super) fn keep_journal(&self, keep: bool) -> Step {
        let (from, to) = (self.site.journal.clone(), self.site.kept_journal.clone());
        let verb = if keep { "cp -a" } else { "mv" };
        let by_hand = vec![format!("{verb} {} {}", from.display(), to.display())];
        let effect = Effect::Transfer {
            what: Artifact::Folder { from, to, keep },
            into: name(JOURNAL),
        };
        Draft::new(effect, timing::FOLDER_GIVE_UP)
            .why("not formatted over: put back, it is the way back")
            .by_hand(by_hand)
            .step()
    }

    pub(super) fn configure(&self, change: Change) -> Step {
        let effect = Effect::Configure {
            component: Role::Master.component(),
            change,
        };
        Draft::new(effect, timing::FORMAT_GIVE_UP).step()
    }

    pub(super) fn format(&self) -> Step {
        let release = self.site.new.version.clone();
        let by_hand = vec![format!("{}/bin/alluxio formatMasters", self.home(&release))];
        Draft::new(alluxio(Preparation::Format { release }), timing::FORMAT_GIVE_UP)
            .usual(timing::FORMAT)
            .why("masters only: formatting workers would wipe every tier")
            .tries(2)
            .by_hand(by_hand)
            .step()
    }

    pub(super) fn start_restored(&self) -> Step {
        let release = self.site.new.version.clone();
        let by_hand = vec![format!(
            "{}/bin/alluxio-start.sh -N -i FILE master",
            self.home(&release)
        )];
        let what = StartWhat::Restored {
            server: Role::Master.component(),
            release,
            from: name(RESTORE),
        };
        Draft::new(Effect::Start { what }, timing::START_GIVE_UP)
            .usual(timing::START)
            .before(expect(Condition::RootStore))
            .why(
                "every entry must be restored, counted; a try that failed half-way begins on a fresh journal",
            )
            .tries(2)
            .by_hand(by_hand)
            .step()
    }

    pub(super) fn start(&self, role: Role, release: &Version) -> Step {
        let options = match role {
            Role::Worker => self.site.worker_options.join(" "),
            _ => String::new(),
        };
        let by_hand = format!(
            "{}/bin/alluxio-start.sh -N {} {options}",
            self.home(release),
            role.verb()
        );
        let what = StartWhat::Server {
            server: role.component(),
            release: release.clone(),
        };
        let root = (role == Role::Master).then(|| expect(Condition::RootStore));
        Draft::new(Effect::Start { what }, timing::START_GIVE_UP)
            .usual(timing::START)
            .before_all(root)
            .tries(2)
            .by_hand(vec![by_hand.trim_end().to_owned()])
            .step()
    }

    pub(super) fn same_tree(
        &self,
        before: &str,
        after: &str,
        but: impl IntoIterator<Item = Facet>,
    ) -> Condition {
        Condition::SameTree {
            before: name(before),
            after: name(after),
            but: but.into_iter().collect::<BTreeSet<_>>(),
        }
    }

    /// Everything is there, and stays.
    pub(super) fn serving(&self, release: &Version, blocks: bool, hold_for: Millis) -> Step {
        let mut watch = vec![
            Condition::Serving {
                release: release.clone(),
            },
            Condition::RootStore,
        ];
        if self.site.roles.contains(&Role::Worker) {
            watch.push(Condition::Workers);
            if blocks {
                watch.push(Condition::Blocks { of: name(BLOCKS) });
            }
        }
        let gate = Gate::Soak {
            watch: watch.into_iter().map(expect).collect(),
            hold_for,
            every: timing::EVERY,
            fail_after: timing::BAD_SAMPLES,
            blind_for: timing::BLIND,
        };
        Draft::new(Effect::Hold { gate }, timing::WORKERS_GIVE_UP)
            .by_hand(vec!["upshift observe FILE".to_owned()])
            .step()
    }

    pub(super) fn put_back(&self) -> Step {
        let mut replaced = self.site.kept_journal.clone().into_os_string();
        replaced.push(".replaced");
        let what = Preparation::PutBack {
            kept: self.site.kept_journal.clone(),
            journal: self.site.journal.clone(),
            replaced: replaced.into(),
        };
        Draft::new(alluxio(what), timing::FOLDER_GIVE_UP)
            .by_hand(vec![format!(
                "mv {} {}",
                self.site.kept_journal.display(),
                self.site.journal.display()
            )])
            .step()
    }

    pub(super) fn finalize(&self) -> Step {
        let gate = Gate::Finalize { after: None };
        Draft::new(Effect::Hold { gate }, timing::START_GIVE_UP).step()
    }
}
