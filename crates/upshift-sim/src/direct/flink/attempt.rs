//! One try of a step on the simulated world: one arm an effect, one change each.

use upshift_engine::driver::Fault;
use upshift_model::flink::Site;
use upshift_model::ids::ComponentId;
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::step::{
    Artifact, Change, ConfigEdit, Effect, Preparation, Releasable, StartWhat, Step, StopWhat,
};

use super::codes::{self, failure, refused};
use super::look::Look;
use super::standing;
use crate::flink::{Conf, Machine, NotRun, SavepointAsked, Submission};

/// `whole` is false for a try that is cut off in its middle.
pub(super) fn attempt(
    machine: &mut Machine,
    site: &Site,
    bound: &Bindings,
    (step, intent): (&Step, &Intent),
    whole: bool,
    now: i64,
) -> Result<(), Fault> {
    let mut hands = Hands {
        machine,
        site,
        bound,
        now,
    };
    match &step.effect {
        Effect::TakeRestorePoint { on, .. } => hands.save(on, intent, false),
        Effect::Stop {
            what: StopWhat::JobInto { on, .. },
        } => hands.save(on, intent, true),
        Effect::Stop {
            what: StopWhat::JobCancel { job, on, id },
        } => {
            let found = {
                let look = hands.look();
                let (conf, cluster) = look.cluster(on)?;
                let found = standing::find_to_cancel(&look, cluster, job, id)?;
                let found = found.map_err(Fault::Refused)?;
                found.map(|(id, _)| (conf.display().to_string(), id.clone()))
            };
            // One that is over, or not there, needs no cancelling.
            found.map(|(conf, id)| hands.machine.world.cancel(&conf, &id, now).ok());
            Ok(())
        }
        Effect::Stop {
            what: StopWhat::Cluster { .. },
        }
        | Effect::Release {
            what: Releasable::ClusterProcesses { .. },
        } => {
            let told = standing::processes_before(intent);
            let some = if whole { told.len() } else { told.len() / 2 };
            told.into_iter()
                .take(some)
                .for_each(|pid| hands.machine.terminate(pid, now));
            Ok(())
        }
        Effect::Start {
            what: StartWhat::Cluster { cluster, .. },
        } => hands.start_cluster(cluster, whole),
        Effect::Start {
            what: StartWhat::Job {
                job, on, jar, from, ..
            },
        } => {
            let jar = jar
                .as_ref()
                .and_then(|jar| bound.value(jar))
                .ok_or_else(|| refused(format!("no jar of {job} was uploaded to {on}")))?;
            let from = match from {
                Some(slot) => {
                    let point = bound
                        .slot(slot)
                        .ok_or_else(|| refused(format!("nothing fills {slot}")))?;
                    Some(point.location.clone())
                }
                None => None,
            };
            hands.run(job, on, jar, from.as_deref(), intent)
        }
        Effect::Prepare {
            what: Preparation::Unpack { component },
        } => hands.unpack(component, whole),
        Effect::Configure { change, .. } => hands.configure(change, whole),
        Effect::Transfer {
            what: Artifact::Jar { job, to },
            ..
        } => hands.upload(job, to, intent),
        Effect::Release {
            what: Releasable::UploadedJar { cluster, jar },
        } => {
            let conf = hands.conf_of(cluster)?;
            bound
                .value(jar)
                .map(|id| hands.machine.world.delete_jar(&conf, id));
            Ok(())
        }
        Effect::AdoptCheckpoint { .. }
        | Effect::Transfer {
            what: Artifact::Folder { .. },
            ..
        }
        | Effect::Prepare { .. }
        | Effect::Prove { .. }
        | Effect::Weka { .. }
        | Effect::Fluss { .. }
        | Effect::Stop {
            what: StopWhat::Server { .. } | StopWhat::Writers { .. },
        }
        | Effect::Start {
            what: StartWhat::Server { .. } | StartWhat::Restored { .. } | StartWhat::Writers { .. },
        }
        | Effect::Release { .. }
        | Effect::Hold { .. } => Err(refused(format!("step {} has nothing to be tried", step.id))),
    }
}

struct Hands<'a> {
    machine: &'a mut Machine,
    site: &'a Site,
    bound: &'a Bindings,
    now: i64,
}

impl Hands<'_> {
    const fn look(&self) -> Look<'_> {
        Look {
            machine: self.machine,
            site: self.site,
            bound: self.bound,
            now: self.now,
        }
    }

    fn conf_of(&self, on: &ComponentId) -> Result<String, Fault> {
        Ok(self.look().cluster(on)?.0.display().to_string())
    }

    fn save(&mut self, on: &ComponentId, intent: &Intent, stops: bool) -> Result<(), Fault> {
        let conf = self.conf_of(on)?;
        let asked = SavepointAsked {
            job: standing::job_before(intent)?,
            trigger: intent.key.as_hex(),
            root: &self.site.savepoints,
            stops,
        };
        self.machine.world.save(&conf, &asked, self.now);
        Ok(())
    }

    fn start_cluster(&mut self, id: &ComponentId, whole: bool) -> Result<(), Fault> {
        let look = self.look();
        let installation = look.installation(id)?;
        let (conf, release) = (
            installation.conf.clone(),
            look.planned(id)?.version.as_str().to_owned(),
        );
        let lacking = standing::missing(self.machine, installation);
        let some = if whole { lacking.len() } else { 1 };
        for role in lacking.into_iter().take(some) {
            self.machine.start(role, &conf, &release, self.now);
        }
        Ok(())
    }

    fn run(
        &mut self,
        job: &ComponentId,
        on: &ComponentId,
        jar: &str,
        from: Option<&str>,
        intent: &Intent,
    ) -> Result<(), Fault> {
        let conf = self.conf_of(on)?;
        let name = &self.look().job(job)?.name.clone();
        let submission = Submission {
            jar,
            id: intent.key.as_hex(),
            name,
            from,
        };
        match self.machine.world.run(&conf, &submission, self.now) {
            // An earlier request of the same try arrived after all.
            Ok(()) | Err(NotRun::Duplicate) => Ok(()),
            Err(other) => Err(Fault::Refused(Failure {
                far_side: Some(other.cause()),
                ..failure(codes::SUBMIT_REFUSED, format!("cluster {on} did not take {job}"))
            })),
        }
    }

    fn no_room(&self) -> Result<(), Fault> {
        match self.machine.is_full(self.now) {
            true => Err(Fault::Refused(failure(codes::NO_ROOM, "no space left on device"))),
            false => Ok(()),
        }
    }

    fn unpack(&mut self, id: &ComponentId, whole: bool) -> Result<(), Fault> {
        self.no_room()?;
        let home = self.look().installation(id)?.home.clone();
        let release = self.look().planned(id)?.version.as_str().to_owned();
        // It is unpacked beside and moved into place: a part of it is nothing.
        if whole {
            self.machine.homes.insert(home, release);
        }
        Ok(())
    }

    fn configure(&mut self, change: &Change, whole: bool) -> Result<(), Fault> {
        self.no_room()?;
        let Change::CarryOver {
            from,
            to,
            to_file,
            edits,
            ..
        } = change;
        let gone = || Fault::Refused(failure(codes::FILE_CHANGED, "the old configuration is gone"));
        let source = self.machine.confs.get(from).ok_or_else(gone)?;
        let mut entries = source.entries.clone();
        for edit in edits {
            match edit {
                ConfigEdit::Rename { from, to, .. } => {
                    let value = entries.remove(from);
                    value.map(|value| entries.insert(to.clone(), value));
                }
                ConfigEdit::Drop { key, .. } => {
                    entries.remove(key);
                }
                ConfigEdit::Set { key, value, .. } => {
                    entries.insert(key.clone(), value.clone());
                }
            }
        }
        let conf = Conf {
            file: to_file.clone(),
            entries,
            is_whole: whole,
        };
        self.machine.confs.insert(to.clone(), conf);
        Ok(())
    }

    fn upload(&mut self, job: &ComponentId, to: &ComponentId, intent: &Intent) -> Result<(), Fault> {
        let conf = self.conf_of(to)?;
        let name = standing::upload_name(&intent.key, self.look().submission(job, to)?);
        let look = self.look();
        if !look.cluster(to)?.1.jars.values().any(|there| *there == name) {
            self.machine.world.upload(&conf, &name);
        }
        Ok(())
    }
}
