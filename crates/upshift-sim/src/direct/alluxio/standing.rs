//! Where the simulated cluster stands on a step: one arm an effect, decided as the real driver decides it.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::codes::CUT_ENTRY;
use upshift_model::alluxio::{Criteria, Preparation, Role as Told, Site};
use upshift_model::gate::Gate;
use upshift_model::ids::{BindingName, ComponentId};
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Baseline, Intent};
use upshift_model::step::{Artifact, Effect, Preparation as Prepared, StartWhat, Step, StopWhat};
use upshift_model::version::Version;

use super::codes::{self, failure, refused};
use super::condition::{Seen, backup, counts, evaluate};
use super::observe::master;
use crate::alluxio::{Keeping, Restored, Role, Server, World};

const PID: &str = "pid";

/// The process that a stop is about.
pub(super) fn pid_before(intent: &Intent) -> Option<u32> {
    intent.baseline.0.get(PID)?.parse().ok()
}

/// What a try writes lies here.
pub(super) fn file_of(site: &Site, intent: &Intent) -> String {
    format!("{}/{}", site.backups.display(), intent.key)
}

/// Where a backup is written again.
pub(super) fn copy_of(file: &str) -> String {
    format!("{file}.restorable")
}

/// Where a backup is brought to from a master's host.
pub(super) fn fetched_to(file: &str, into: &BindingName) -> String {
    format!("{file}.fetched-as-{into}")
}

/// Where a master's own copy of a backup lies.
pub(super) fn copied_to(world: &World, host: usize, file: &str) -> String {
    world.file_key(host, &format!("{file}.copy"))
}

/// A server of the plan: what it is, and the number of its host.
pub(super) fn server(site: &Site, id: &ComponentId) -> Result<Server, Fault> {
    let (found, _) = site
        .server(id)
        .ok_or_else(|| refused(format!("the plan has no {id}")))?;
    let role = match found.role {
        Told::Master => Role::Master,
        Told::Worker => Role::Worker,
        other => return Err(refused(format!("no {} is here", other.words()))),
    };
    let host = site.places.iter().position(|place| place.host == found.host);
    let host = host.ok_or_else(|| refused(format!("the plan has no host {}", found.host)))?;
    Ok((role, host))
}

fn part(name: &BindingName, of: &str) -> BindingName {
    BindingName::new(format!("{name}.{of}"))
}

/// A part of what is bound under one name.
pub(super) fn bound_part<'b>(bound: &'b Bindings, name: &BindingName, of: &str) -> Option<&'b str> {
    bound.value(&part(name, of))
}

/// One look at one step.
pub(super) struct Look<'a> {
    pub(super) world: &'a World,
    pub(super) site: &'a Site,
    pub(super) step: &'a Step,
    pub(super) bound: &'a Bindings,
    pub(super) intent: Option<&'a Intent>,
}

fn ready() -> Standing {
    Standing::Ready(Baseline::default())
}

fn done(what: impl Into<String>) -> Standing {
    Standing::Done(Proof::of([what.into()]))
}

impl Look<'_> {
    pub(super) fn stands(&self) -> Result<Standing, Fault> {
        match self.effect()? {
            Standing::Ready(baseline) => {
                if let Some(in_the_way) = self.in_the_way() {
                    return Ok(in_the_way);
                }
                for expectation in &self.step.before {
                    match evaluate(self.world, expectation, self.bound)? {
                        Seen::Met(_) => {}
                        Seen::NotYet(what) => return Ok(Standing::Waiting(Progress::of(what))),
                        Seen::Bad(failure) => return Ok(Standing::Contradicted(failure)),
                    }
                }
                Ok(Standing::Ready(baseline))
            }
            Standing::Done(mut proof) => {
                let mut bound = self.bound.clone();
                bound.absorb(&proof);
                for expectation in &self.step.after {
                    match evaluate(self.world, expectation, &bound)? {
                        Seen::Met(fact) => proof.facts.push(fact),
                        Seen::NotYet(what) => return Ok(Standing::Underway(Progress::of(what))),
                        Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
                    }
                }
                Ok(Standing::Done(proof))
            }
            other => Ok(other),
        }
    }

    fn effect(&self) -> Result<Standing, Fault> {
        match &self.step.effect {
            Effect::Stop {
                what: StopWhat::Server { server },
            } => self.stopped(self::server(self.site, server)?),
            Effect::Stop {
                what: StopWhat::Writers { .. },
            }
            | Effect::Start {
                what: StartWhat::Writers { .. },
            } => Ok(match self.is_begun() {
                true => done("the program has ended with 0"),
                false => ready(),
            }),
            Effect::Start {
                what: StartWhat::Server { server, release },
            } => self.started(self::server(self.site, server)?, release, None),
            Effect::Start {
                what:
                    StartWhat::Restored {
                        server,
                        release,
                        from,
                    },
            } => self.started(self::server(self.site, server)?, release, Some(from)),
            Effect::Prepare {
                what: Prepared::Alluxio(what),
            } => self.prepared(what),
            Effect::Transfer {
                what: Artifact::Folder { of, from, to, keep },
                into,
            } => {
                let (_, host) = server(self.site, of)?;
                let is_there = |path: &std::path::Path| {
                    let key = self.world.journal_key(host, &path.display().to_string());
                    self.world.journals.contains_key(&key)
                };
                Ok(match (is_there(from), is_there(to)) {
                    (there, true) if there == *keep => self.bind(into, to.display().to_string()),
                    (true, false) => ready(),
                    _ => Standing::Contradicted(failure(codes::FOLDER, "two folders, or none")),
                })
            }
            Effect::Configure { component, .. } => Ok(match self.is_configured(component)? {
                true => done("the configuration is carried over"),
                false => ready(),
            }),
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => {
                let mut met = Vec::new();
                for expectation in watch {
                    match evaluate(self.world, expectation, self.bound)? {
                        Seen::Met(fact) => met.push(fact),
                        Seen::NotYet(what) => return Ok(Standing::Waiting(Progress::of(what))),
                        Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
                    }
                }
                Ok(Standing::Done(Proof::of(met)))
            }
            other => Err(refused(format!("Alluxio knows no {other:?}"))),
        }
    }

    /// A server that runs over the folders which the step is about to touch.
    fn in_the_way(&self) -> Option<Standing> {
        let role = match &self.step.effect {
            Effect::Transfer {
                what: Artifact::Folder { .. },
                ..
            }
            | Effect::Prepare {
                what: Prepared::Alluxio(Preparation::PutBack { .. }),
            } => Role::Master,
            Effect::Prepare {
                what: Prepared::Alluxio(Preparation::SaveTiers { .. } | Preparation::ReturnTiers { .. }),
            } => Role::Worker,
            _ => return None,
        };
        let mut running = self.world.processes.keys();
        running.any(|(is, _)| *is == role).then(|| {
            let what = format!("a {role:?} runs over the folders that are in hand");
            Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what))
        })
    }

    fn is_begun(&self) -> bool {
        self.intent
            .is_some_and(|intent| self.world.is_begun(intent.key.as_hex()))
    }

    fn bind(&self, into: &BindingName, value: String) -> Standing {
        let binding = Binding::Value {
            name: into.clone(),
            value: value.clone(),
        };
        Standing::Done(Proof::of([value]).with(binding))
    }

    fn is_configured(&self, component: &ComponentId) -> Result<bool, Fault> {
        let (_, host) = server(self.site, component)?;
        Ok(self.world.configured.contains(&host))
    }

    fn stopped(&self, server: Server) -> Result<Standing, Fault> {
        let role = server.0;
        let Some(process) = self.world.processes.get(&server) else {
            return Ok(done(format!("no {role:?} runs")));
        };
        let Some(intent) = self.intent else {
            let noted = [(PID.to_owned(), process.pid.to_string())];
            return Ok(Standing::Ready(Baseline(noted.into())));
        };
        if pid_before(intent) != Some(process.pid) {
            let what = format!("process {}, a {role:?}, was started meanwhile", process.pid);
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
        }
        Ok(match process.ends_at {
            Some(_) => Standing::Underway(Progress::of("waiting for its end")),
            None => Standing::Ready(intent.baseline.clone()),
        })
    }

    fn started(
        &self,
        server: Server,
        release: &Version,
        from: Option<&BindingName>,
    ) -> Result<Standing, Fault> {
        let role = server.0;
        let Some(process) = self.world.processes.get(&server) else {
            return Ok(match self.is_begun() {
                true => Standing::Failed(failure(
                    codes::SERVER_DIED,
                    format!("the {role:?} did not stay up"),
                )),
                false => ready(),
            });
        };
        if process.release != release.as_str() {
            let what = format!("the {role:?} is of {}, {release} was wanted", process.release);
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        if role == Role::Worker {
            return Ok(done("the worker runs"));
        }
        let Some(master) = master(self.world) else {
            return Ok(Standing::Underway(Progress::of("no master answers yet")));
        };
        if master.version != release.as_str() {
            let what = format!("the master answers as {}, {release} was wanted", master.version);
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        let Some(from) = from else {
            return Ok(done(format!("a master answers as {release}")));
        };
        let wanted = bound_part(self.bound, from, "entries").and_then(|told| told.parse::<u64>().ok());
        // Its own log is read since this try: what another one skipped is not in it.
        let own = self.world.leader == Some(server.1);
        let restored = self
            .world
            .memory
            .as_ref()
            .map_or(Restored::Nothing, |memory| memory.restored);
        Ok(match (restored, wanted) {
            (Restored::Entries(count), Some(wanted)) if count == wanted => {
                done(format!("{count} entries were restored"))
            }
            (Restored::Skipped, Some(_)) if !own => {
                Standing::Underway(Progress::of("nothing says what was restored"))
            }
            (Restored::Nothing, Some(_)) => {
                Standing::Underway(Progress::of("nothing says what was restored"))
            }
            (restored, wanted) => {
                let what = format!("the master restored {restored:?} of {wanted:?} entries");
                Standing::Contradicted(failure(codes::NOT_RESTORED, what))
            }
        })
    }

    fn prepared(&self, what: &Preparation) -> Result<Standing, Fault> {
        match what {
            Preparation::Watch { into } => {
                let now = counts(self.world).ok_or_else(codes::away)?;
                Ok(self.bind(into, now))
            }
            Preparation::JournalEnd { into } => {
                let end = self.world.entries().ok_or_else(codes::away)?;
                Ok(self.bind(into, end.to_string()))
            }
            Preparation::Backup { into, .. } => Ok(self.taken(into)),
            Preparation::Restorable { of, criteria, into } => self.proven(of, criteria, into),
            Preparation::Fetch { of, into } => self.fetched(of, into),
            Preparation::Copy { of, server, into } => self.copied(of, server, into),
            Preparation::SaveTiers { .. } => Ok(match &self.world.saved {
                Some(saved) if *saved == self.world.tier => done("all of the tiers are copied"),
                Some(_) => Standing::Contradicted(failure(codes::TIERS, "it is no copy of the tiers")),
                None => ready(),
            }),
            Preparation::ReturnTiers { .. } => Ok(match &self.world.saved {
                Some(saved) if !saved.is_subset(&self.world.tier) => ready(),
                Some(_) => done("all of the copy lies in the tiers"),
                None => done("no tiers were copied"),
            }),
            Preparation::Persist { .. }
            | Preparation::FormatWorker { .. }
            | Preparation::ClassPath { .. }
            | Preparation::Restart { .. } => Err(refused(
                "a cluster that keeps its files where they are has nothing of the kind",
            )),
            Preparation::Blocks { into, .. } => {
                let file = self.intent.map(|intent| file_of(self.site, intent));
                Ok(match file.filter(|file| self.world.lists.contains_key(file)) {
                    Some(file) => self.bind(into, file),
                    None => ready(),
                })
            }
            Preparation::Format { server, .. } => self.formatted(self::server(self.site, server)?.1),
            Preparation::PutBack { server, kept, .. } => {
                let (_, host) = self::server(self.site, server)?;
                let is_there = |path: &str| {
                    self.world
                        .journals
                        .contains_key(&self.world.journal_key(host, path))
                };
                let kept = is_there(&kept.display().to_string());
                Ok(match (kept, is_there(&self.world.journal)) {
                    (true, _) => ready(),
                    (false, true) => done("the journal of before is in its place"),
                    (false, false) => Standing::Contradicted(failure(codes::FOLDER, "there is no journal")),
                })
            }
        }
    }

    fn formatted(&self, host: usize) -> Result<Standing, Fault> {
        let embedded = self.world.shape.keeping == Keeping::Embedded;
        Ok(match self.world.journal_of(host) {
            // An empty folder is a fresh one of an embedded journal: only its own try says that it was formatted.
            Some(journal) if journal.tree.is_none() && (!embedded || self.is_begun()) => {
                done("it is formatted and holds nothing")
            }
            Some(journal) if journal.tree.is_some() => {
                Standing::Contradicted(failure(codes::FOLDER, "it holds something"))
            }
            _ if self.is_begun() => Standing::Failed(failure(codes::NOT_FORMATTED, "it is not formatted")),
            _ => ready(),
        })
    }

    /// A backup of this very try.
    fn taken(&self, into: &BindingName) -> Standing {
        let Some(intent) = self.intent else {
            return ready();
        };
        let path = file_of(self.site, intent);
        let lies = self.world.lies(&path);
        let found = lies.and_then(|(_, file)| Some((self.world.backups.get(&file)?, file)));
        let Some((backup, file)) = found else {
            return match self.is_begun() {
                true => Standing::Failed(failure(codes::NO_BACKUP, "the master wrote no backup")),
                false => Standing::Ready(intent.baseline.clone()),
            };
        };
        if backup.done_at > self.world.now() {
            return Standing::Underway(Progress::of("the master writes the backup"));
        }
        let bind = |of: &str, value: String| Binding::Value {
            name: part(into, of),
            value,
        };
        let mut proof = Proof::of([format!("{file} is whole, its command says")])
            .with(bind("file", file))
            .with(bind("sha256", backup.version.to_string()));
        // 1.x tells no number.
        if !self.site.from.as_str().starts_with('1') || into.as_str() != "backup/before" {
            proof = proof.with(bind("entries", backup.told.to_string()));
        }
        Standing::Done(proof)
    }

    /// A backup at another place: the same by its digest.
    fn brought(&self, of: &BindingName, to: String, into: &BindingName) -> Result<Standing, Fault> {
        let source = backup(self.world, of, self.bound)?;
        let Some(there) = self.world.backups.get(&to) else {
            return Ok(ready());
        };
        let sha = bound_part(self.bound, of, "sha256").map(str::to_owned);
        let sha = sha.unwrap_or_else(|| source.version.to_string());
        if there.version.to_string() != sha {
            return Ok(Standing::Contradicted(failure(
                codes::OTHER_BACKUP,
                "it is another file",
            )));
        }
        let bind = |of: &str, value: String| Binding::Value {
            name: part(into, of),
            value,
        };
        let mut proof = Proof::of([format!("{to} is the one that was taken")])
            .with(bind("file", to))
            .with(bind("sha256", sha));
        if let Some(entries) = bound_part(self.bound, of, "entries") {
            proof = proof.with(bind("entries", entries.to_owned()));
        }
        Ok(Standing::Done(proof))
    }

    fn fetched(&self, of: &BindingName, into: &BindingName) -> Result<Standing, Fault> {
        let file = bound_part(self.bound, of, "file").ok_or_else(|| refused("no backup is bound"))?;
        self.brought(of, fetched_to(file, into), into)
    }

    fn copied(&self, of: &BindingName, id: &ComponentId, into: &BindingName) -> Result<Standing, Fault> {
        let file = bound_part(self.bound, of, "file").ok_or_else(|| refused("no backup is bound"))?;
        let (_, host) = server(self.site, id)?;
        let to = copied_to(self.world, host, file);
        if self.world.is_closed(&to) {
            return Ok(Standing::Contradicted(failure(
                codes::NOT_COPIED,
                "its master cannot read it",
            )));
        }
        self.brought(of, to, into)
    }

    /// Read as a whole, and judged: what a master would swallow is seen here.
    fn proven(&self, of: &BindingName, criteria: &Criteria, into: &BindingName) -> Result<Standing, Fault> {
        let before = backup(self.world, of, self.bound)?;
        let sha = bound_part(self.bound, of, "sha256");
        if sha != Some(before.version.to_string().as_str()) {
            return Ok(Standing::Failed(failure(
                codes::OTHER_BACKUP,
                "it is another file by now",
            )));
        }
        if !before.is_whole() {
            return Ok(Standing::Failed(failure(
                CUT_ENTRY.as_str(),
                "its last entry is cut",
            )));
        }
        let file = bound_part(self.bound, of, "file").unwrap_or_default();
        let file = match criteria.no_old_fingerprints && before.old_fingerprints {
            true => copy_of(file),
            false => file.to_owned(),
        };
        let Some(backup) = self.world.backups.get(&file) else {
            return Ok(ready());
        };
        let only = backup.tree.values().filter(|persisted| !**persisted).count();
        let bind = |of: &str, value: String| Binding::Value {
            name: part(into, of),
            value,
        };
        let proof = Proof::of([format!("{file} can be restored")])
            .with(bind("file", file))
            .with(bind("sha256", backup.version.to_string()))
            .with(bind("entries", backup.told.to_string()))
            .with(bind("in_workers_only", only.to_string()));
        Ok(Standing::Done(proof))
    }
}
