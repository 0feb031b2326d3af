//! The single steps: what is done, what must hold before and after, and the same as commands.

use std::collections::BTreeSet;

use upshift_model::alluxio::{
    ClientSwitch, Condition, Criteria, Facet, JournalFolder, Place, Preparation, Role, Server, Site,
    Unpersisted, Writers,
};
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
/// Where a master's own copy of what will be restored is bound.
const COPY: &str = "backup/copy";
pub(super) const BLOCKS: &str = "blocks";
const JOURNAL: &str = "journal/kept";
/// Where the ends of the masters' journals are bound.
const ENDS: &str = "journal/end";

/// What all steps are made of.
pub(crate) struct Hands<'a> {
    pub(crate) site: &'a Site,
    pub(crate) writers: Option<Writers>,
    /// Applications that get another client, by their names.
    pub(crate) clients: Vec<(String, ClientSwitch)>,
}

pub(super) fn name(text: &str) -> BindingName {
    BindingName::new(text)
}

pub(super) fn expect(condition: Condition) -> Expectation {
    Expectation::Alluxio(condition)
}

fn configured(server: &Server, made: bool) -> Expectation {
    expect(Condition::Configured {
        server: server.id.clone(),
        made,
    })
}

pub(super) fn alluxio(what: Preparation) -> Effect {
    Effect::Prepare {
        what: Prepared::Alluxio(what),
    }
}

impl Hands<'_> {
    /// A home where a server runs, as a person types it.
    pub(super) fn home(&self, server: &Server, release: &Version) -> String {
        let place = self.site.place(&server.host);
        let home = place.and_then(|place| place.installation(release));
        home.map_or_else(|| "HOME".to_owned(), |of| of.home.display().to_string())
    }

    /// Commands, and on which machine they are typed where there are several.
    pub(super) fn typed(&self, server: &Server, commands: Vec<String>) -> Vec<String> {
        let on = (self.site.places.len() > 1).then(|| format!("# on {}", server.host));
        on.into_iter().chain(commands).collect()
    }

    /// The name under which something of one server is bound, where there are several of its kind.
    pub(super) fn name_of(&self, text: &str, server: &Server) -> BindingName {
        match self.site.of(server.role).count() {
            0 | 1 => name(text),
            _ => BindingName::new(format!("{text}/{}", server.host)),
        }
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
            self.site.leader.url
        )])
        .step()
    }

    /// Before the counts are noted, for it changes the tree; and before anything is read-only, which would keep it from it.
    pub(super) fn persist(&self, release: &Version) -> Step {
        let by_hand = self.site.first_master().map(|(server, _)| {
            let command = format!("{}/bin/alluxio fs persist /", self.home(server, release));
            self.typed(server, vec![command])
        });
        let what = Preparation::Persist {
            release: release.clone(),
        };
        Draft::new(alluxio(what), timing::BACKUP_GIVE_UP)
            .why("what is in workers only is lost with them")
            .tries(2)
            .by_hand(by_hand.into_iter().flatten().collect())
            .step()
    }

    /// A backup into a folder of its own, brought here where it lies on another machine; and what it must be afterwards.
    pub(super) fn backup(&self, release: &Version, into: &str, after: Vec<Condition>) -> Vec<Step> {
        let after = after.into_iter().map(expect);
        if self.site.masters_are_here() {
            return vec![self.written(release, into).after_all(after).step()];
        }
        let written = format!("{into}/written");
        let fetch = Preparation::Fetch {
            of: name(&written),
            into: name(into),
        };
        let fetch = Draft::new(alluxio(fetch), timing::FOLDER_GIVE_UP)
            .why("whichever master wrote it: it is read here")
            .tries(3)
            .after_all(after)
            .by_hand(vec![format!(
                "scp HOST:FILE {}   # and compare sha256sum",
                self.site.backups.display()
            )]);
        vec![self.written(release, &written).step(), fetch.step()]
    }

    fn written(&self, release: &Version, into: &str) -> Draft {
        let number = (release.major(), release.minor());
        let alone = self.site.of(Role::Master).count() == 1;
        // Where there are standbys the cluster's own configuration decides who writes it.
        let options = match number {
            number if number >= (2, 8) && alone => vec!["--bypass-delegation".to_owned()],
            number if number >= (2, 2) => vec!["--allow-leader".to_owned()],
            _ => Vec::new(),
        };
        let what = Preparation::Backup {
            release: release.clone(),
            options: options.clone(),
            marked: number >= (2, 4),
            into: name(into),
        };
        let by_hand = self.site.first_master().map(|(server, _)| {
            let command = format!(
                "{}/bin/alluxio fsadmin backup {} --local {}",
                self.home(server, release),
                self.site.backups.display(),
                options.join(" ")
            );
            self.typed(server, vec![command])
        });
        Draft::new(alluxio(what), timing::BACKUP_GIVE_UP)
            .usual(timing::BACKUP)
            .tries(2)
            .by_hand(by_hand.into_iter().flatten().collect())
    }

    /// What will be restored, on every master's machine; none where one master reads it where it lies.
    pub(super) fn copies(&self) -> Vec<Step> {
        if !self.are_copied() {
            return Vec::new();
        }
        let one = |server: &Server| {
            let what = Preparation::Copy {
                of: name(RESTORE),
                server: server.id.clone(),
                into: self.name_of(COPY, server),
            };
            Draft::new(alluxio(what), timing::FOLDER_GIVE_UP)
                .why("whichever master comes to lead restores it from its own disk")
                .tries(3)
                .by_hand(vec![format!(
                    "scp FILE {}:{}   # and compare sha256sum",
                    server.host,
                    self.site.backups.display()
                )])
                .step()
        };
        self.site.of(Role::Master).map(one).collect()
    }

    /// What will be restored is still what was proven: here, and on the hosts of these masters.
    fn unaltered(&self, on: impl Fn(&Server) -> bool) -> Vec<Expectation> {
        let here = Condition::Unaltered {
            of: name(RESTORE),
            on: None,
        };
        let masters = self.site.of(Role::Master).filter(|_| self.are_copied());
        let copies = masters
            .filter(|server| on(server))
            .map(|server| Condition::Unaltered {
                of: self.name_of(COPY, server),
                on: Some(server.id.clone()),
            });
        std::iter::once(here).chain(copies).map(expect).collect()
    }

    fn are_copied(&self) -> bool {
        self.site.of(Role::Master).count() > 1 || !self.site.masters_are_here()
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
                self.site.from, self.site.to
            )])
            .step()
    }

    /// The first stop is held against what would be lost by it.
    /// So is a master's: between the two somebody may write who needs no worker.
    pub(super) fn stop(&self, server: &Server, first: bool, held: bool) -> Step {
        let what = StopWhat::Server {
            server: server.id.clone(),
        };
        let conditions = [Condition::Quiet { since: name(WRITES) }, Condition::RootStore];
        let asks = first || (held && server.role == Role::Master && self.can_be_written(server));
        let command = format!(
            "kill -TERM PID   # of the {}: not by its class name",
            server.role.words()
        );
        let mut draft = Draft::new(Effect::Stop { what }, timing::STOP_GIVE_UP)
            .usual(timing::STOP)
            .before_all(conditions.into_iter().filter(|_| asks).map(expect))
            .before_all(self.configured().into_iter().filter(|_| first))
            .before_all(self.tier_room().filter(|_| first).map(expect))
            .by_hand(self.typed(server, vec![command]));
        if server.role == Role::Master && self.site.of(Role::Master).count() > 1 {
            draft = draft.why(match server.web.as_ref() == Some(&self.site.leader) {
                true => "it leads: the last of the masters",
                false => "it stands by: before the one that leads, so that none takes over",
            });
        }
        match first {
            true => draft.downtime(Downtime::Begins).step(),
            false => draft.step(),
        }
    }

    /// On every host: what the wanted release will be started with is what was seen, or is made of it.
    fn configured(&self) -> Vec<Expectation> {
        let of = |place: &Place| self.site.servers.iter().find(|server| server.host == place.host);
        let servers = self.site.places.iter().filter_map(of);
        servers.map(|server| configured(server, false)).collect()
    }

    /// Masters with an embedded journal take nothing any more once half of them are stopped, and soon none of them leads
    /// and can be asked.
    fn can_be_written(&self, server: &Server) -> bool {
        let masters: Vec<&Server> = self.site.of(Role::Master).collect();
        let stopped = masters.iter().take_while(|master| master.id != server.id).count();
        !self.site.embedded || (masters.len() - stopped) * 2 > masters.len()
    }

    /// Behind the last step that asks whether anybody writes only what the journals themselves tell is known.
    pub(super) fn journals_end(&self) -> Step {
        Draft::new(
            alluxio(Preparation::JournalEnd { into: name(ENDS) }),
            timing::WORKERS_GIVE_UP,
        )
        .why("the backup holds what stands before it; what comes behind it is told by name")
        .by_hand(self.journals("ls -l"))
        .step()
    }

    /// Directories made, and files renamed or deleted, in the moment before the masters' end.
    pub(super) fn nothing_written(&self) -> Step {
        let condition = Condition::NothingWritten {
            since: name(ENDS),
            of: name(RESTORE),
        };
        self.asked_once(condition)
            .why("nothing is replaced yet: the way back from here loses nothing")
            .by_hand(self.journals("upshift inspect journal"))
            .step()
    }

    fn journals(&self, verb: &str) -> Vec<String> {
        let places = self.site.places.iter();
        let all = places.filter_map(|place| Some((place, place.journal.as_ref()?)));
        let several = self.site.places.len() > 1;
        let one = |(place, journal): (&Place, &JournalFolder)| match several {
            true => format!("{verb} {}   # on {}", journal.folder.display(), place.host),
            false => format!("{verb} {}", journal.folder.display()),
        };
        all.map(one).collect()
    }

    /// A gate on what was written down: looking again does not change it.
    pub(super) fn asked_once(&self, condition: Condition) -> Draft {
        let gate = Gate::Soak {
            watch: vec![expect(condition)],
            hold_for: Millis::ZERO,
            every: timing::EVERY,
            fail_after: 1,
            blind_for: timing::BLIND,
        };
        Draft::new(Effect::Hold { gate }, timing::WORKERS_GIVE_UP)
    }

    /// The old journal holds all of the backup that was taken of it, and what somebody wrote after that.
    pub(super) fn tree_is_back(&self) -> Step {
        let but = [Facet::DefaultAccess].into_iter().collect();
        let condition = Condition::SameTree {
            before: name(BEFORE),
            after: name(BACK),
            but,
            more: true,
        };
        self.asked_once(condition).step()
    }

    /// The client of a release on the class path of every application that is switched.
    pub(super) fn class_paths(&self, back: bool) -> Vec<Step> {
        let one = |(client, switch): &(String, ClientSwitch)| {
            let by = if back {
                &switch.class_path_back
            } else {
                &switch.class_path
            };
            let by_hand = vec![by.join(" ")];
            let what = Preparation::ClassPath {
                client: client.clone(),
                switch: switch.clone(),
                back,
            };
            Draft::new(alluxio(what), timing::WRITERS_GIVE_UP)
                .why("while it is stopped: a JVM that runs keeps the client that it loaded")
                .tries(2)
                .by_hand(by_hand)
                .step()
        };
        self.clients.iter().map(one).collect()
    }

    /// Every application that is switched, started again and seen to have loaded the client.
    pub(super) fn restarts(&self, release: &Version) -> Vec<Step> {
        let one = |(client, switch): &(String, ClientSwitch)| {
            let what = Preparation::Restart {
                client: client.clone(),
                by: switch.restart.clone(),
            };
            let loaded = Condition::Loaded {
                client: client.clone(),
                process: switch.process.clone(),
                release: release.clone(),
            };
            Draft::new(alluxio(what), timing::WRITERS_GIVE_UP)
                .after(expect(loaded))
                .tries(2)
                .by_hand(vec![switch.restart.join(" ")])
                .step()
        };
        self.clients.iter().map(one).collect()
    }

    /// The journal of before is kept: moved where it is replaced, copied where the new release writes on.
    pub(super) fn keep_journal(&self, server: &Server, journal: &JournalFolder, keep: bool) -> Step {
        let (from, to) = (journal.folder.clone(), journal.kept.clone());
        let verb = if keep { "cp -a" } else { "mv" };
        let command = format!("{verb} {} {}", from.display(), to.display());
        let effect = Effect::Transfer {
            what: Artifact::Folder {
                of: server.id.clone(),
                from,
                to,
                keep,
            },
            into: self.name_of(JOURNAL, server),
        };
        // Copied, it stays what the new release starts from. A journal that masters share is moved once for all of them.
        let held = match keep {
            true => Vec::new(),
            false => self.unaltered(|master| !self.site.embedded || master.host == server.host),
        };
        Draft::new(effect, timing::FOLDER_GIVE_UP)
            .before_all(held)
            .why("not formatted over: put back, it is the way back")
            .by_hand(self.typed(server, vec![command]))
            .step()
    }

    pub(super) fn configure(&self, server: &Server, change: Change) -> Step {
        let effect = Effect::Configure {
            component: server.id.clone(),
            change,
        };
        Draft::new(effect, timing::FORMAT_GIVE_UP).step()
    }

    pub(super) fn format(&self, server: &Server, place: &Place) -> Step {
        let release = self.site.to.clone();
        let command = format!("{}/bin/alluxio formatMasters", place.new.home.display());
        let what = Preparation::Format {
            server: server.id.clone(),
            release,
        };
        Draft::new(alluxio(what), timing::FORMAT_GIVE_UP)
            .usual(timing::FORMAT)
            .why("masters only: formatting workers would wipe every tier")
            .tries(2)
            .by_hand(self.typed(server, vec![command]))
            .step()
    }

    pub(super) fn start_restored(&self, server: &Server) -> Step {
        let release = self.site.to.clone();
        let command = format!(
            "{}/bin/alluxio-start.sh -N -i FILE master",
            self.home(server, &release)
        );
        let from = match self.are_copied() {
            true => self.name_of(COPY, server),
            false => name(RESTORE),
        };
        let what = StartWhat::Restored {
            server: server.id.clone(),
            release,
            from,
        };
        Draft::new(Effect::Start { what }, timing::START_GIVE_UP)
            .usual(timing::START)
            .before(expect(Condition::RootStore))
            .before(configured(server, true))
            .before_all(self.unaltered(|master| master.id == server.id))
            .why(
                "every entry must be restored, counted; a try that failed half-way begins on a fresh journal",
            )
            .tries(2)
            .by_hand(self.typed(server, vec![command]))
            .step()
    }

    pub(super) fn start(&self, server: &Server, release: &Version) -> Step {
        let role = server.role;
        let options = match role {
            Role::Worker => self.site.worker_options.join(" "),
            _ => String::new(),
        };
        let by_hand = format!(
            "{}/bin/alluxio-start.sh -N {} {options}",
            self.home(server, release),
            role.verb()
        );
        let what = StartWhat::Server {
            server: server.id.clone(),
            release: release.clone(),
        };
        let root = (role == Role::Master).then(|| expect(Condition::RootStore));
        Draft::new(Effect::Start { what }, timing::START_GIVE_UP)
            .usual(timing::START)
            .before_all(root)
            .before_all((*release == self.site.to).then(|| configured(server, true)))
            .tries(2)
            .by_hand(self.typed(server, vec![by_hand.trim_end().to_owned()]))
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
            more: false,
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
        if self.site.of(Role::Worker).count() > 0 {
            watch.push(Condition::Workers);
        }
        let held = self.site.of(Role::Worker).filter(|_| blocks);
        watch.extend(held.map(|server| Condition::Blocks {
            server: server.id.clone(),
            of: self.name_of(BLOCKS, server),
        }));
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

    pub(super) fn put_back(&self, server: &Server, journal: &JournalFolder) -> Step {
        let mut replaced = journal.kept.clone().into_os_string();
        replaced.push(".replaced");
        let what = Preparation::PutBack {
            server: server.id.clone(),
            kept: journal.kept.clone(),
            journal: journal.folder.clone(),
            replaced: replaced.into(),
        };
        let command = format!("mv {} {}", journal.kept.display(), journal.folder.display());
        Draft::new(alluxio(what), timing::FOLDER_GIVE_UP)
            .by_hand(self.typed(server, vec![command]))
            .step()
    }

    pub(super) fn finalize(&self) -> Step {
        let gate = Gate::Finalize { after: None };
        Draft::new(Effect::Hold { gate }, timing::START_GIVE_UP).step()
    }
}
