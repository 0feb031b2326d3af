//! Commands of an upgrade: what they refuse, and what they do step by step, one container at a time.
//!
//! The process that plays such a command takes each step by itself, so that it can be killed between any two.

use std::collections::BTreeSet;

use super::answer::Answer;
use super::fault::Fault;
use super::state::{Begun, Event, Phase};
use super::status;
use super::world::{CONTAINERS, EACH, Place, World, numbers};

/// A command of an upgrade, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    release: String,
    words: Vec<String>,
    work: Work,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Work {
    /// All backends, from the phase that it resumes.
    Backends { resumes: Option<Phase>, prepared: usize },
    /// The package to all backends, and no more.
    Distributes { prepared: usize },
    /// Clients in batches.
    Clients { batches: Vec<Vec<usize>>, failed: bool },
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stepped {
    /// A line is said, and more is to come.
    Said(String),
    /// Nothing moves, for ever.
    Stalls,
    /// It is over.
    Over(Answer),
}

impl Upgrade {
    /// The command, where the words are of one: `local run --container C --in R upgrade …`.
    ///
    /// # Errors
    /// With the answer of a command that is refused.
    pub fn parse(world: &World, place: Place, args: &[String]) -> Option<Result<Self, Answer>> {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let [a, b, rest @ ..] = words.as_slice() else {
            return None;
        };
        let at = rest.iter().position(|word| *word == "upgrade")?;
        (["local", "run"] == [*a, *b]).then(|| Self::of(world, place, &rest[..at], &rest[at + 1..]))
    }

    fn of(world: &World, place: Place, before: &[&str], words: &[&str]) -> Result<Self, Answer> {
        let value = |list: &[&str], names: &[&str]| {
            let at = list.iter().position(|word| names.contains(word))?;
            list.get(at + 1).map(|word| (*word).to_owned())
        };
        let no = |why: &str| Answer::failed(1, format!("error: {why}\n"));
        let container = value(before, &["--container", "-C"]).unwrap_or_default();
        let release = value(before, &["--in"]).ok_or_else(|| no("no version is named"))?;
        let Place::Backend(backend) = place else {
            return Err(no("this is no backend"));
        };
        if !CONTAINERS.iter().any(|(name, ..)| *name == container) {
            return Err(no(&format!("no container {container} here")));
        }
        if !world.packages(place).contains(&release) {
            return Err(no(&format!(
                "version {release} is not prepared on {}",
                world.hostname(place)
            )));
        }
        debug_assert!(backend < world.backends(), "a server of the cluster");
        // The option that only distributes has two names, of which a release knows one.
        let distributes = match numbers(&release) >= [5, 0, 0, 0] {
            true => ["--distribute-version", "--prepare-only"],
            false => ["--prepare-only", "--distribute-version"],
        };
        if words.contains(&distributes[1]) {
            return Err(no(&format!("unrecognized option {}", distributes[1])));
        }
        let work = match words.contains(&"--mode=clients-upgrade") {
            true => clients(
                world,
                value(words, &["--clients-to-upgrade"]),
                value(words, &["--client-rolling-batch-size"]),
            )
            .map_err(|why| no(&why))?,
            false if words.contains(&distributes[0]) => Work::Distributes { prepared: 0 },
            false => Work::Backends {
                resumes: Phase::ALL
                    .into_iter()
                    .find(|phase| words.contains(&phase.option())),
                prepared: 0,
            },
        };
        Ok(Self {
            release,
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            work,
        })
    }

    /// Begins it, unless something is in its way. `alive` says whether an earlier command's process runs.
    ///
    /// # Errors
    /// With the answer of a command that is refused.
    pub fn begin(&self, world: &mut World, pid: u32, alive: impl Fn(u32) -> bool) -> Result<(), Answer> {
        let no = |why: String| Err(Answer::failed(1, format!("error: {why}\n")));
        let runs = world
            .state
            .begun
            .iter()
            .any(|begun| begun.ended.is_none() && alive(begun.pid));
        if runs {
            world.state.turned_away += 1;
            return no("another upgrade is in progress".to_owned());
        }
        if let Some(why) = self.in_its_way(world) {
            return no(why);
        }
        world.state.begun.push(Begun {
            words: self.words.clone(),
            release: self.release.clone(),
            pid,
            ended: None,
        });
        Ok(())
    }

    fn in_its_way(&self, world: &World) -> Option<String> {
        let blocks = ["STOW_", "FILESYSTEM_SQUASH", "SNAPSHOT_PREFETCH"];
        let tasks = status::tasks(world);
        let mut kinds = tasks.iter().filter_map(|task| task["type"].as_str());
        if kinds.any(|kind| blocks.iter().any(|begin| kind.starts_with(begin))) {
            return Some("background tasks that block an upgrade are running".to_owned());
        }
        match (&self.work, world.state.phase) {
            (Work::Clients { .. } | Work::Distributes { .. }, Some(_)) => {
                Some("the cluster is being upgraded".to_owned())
            }
            (Work::Clients { .. } | Work::Distributes { .. }, None) => None,
            (Work::Backends { resumes: None, .. }, Some(phase)) => Some(format!(
                "the cluster is in the middle of {}",
                phase.word(world.spec.seed)
            )),
            (
                Work::Backends {
                    resumes: Some(of), ..
                },
                phase,
            ) if phase != Some(*of) => Some("the cluster is not in that phase".to_owned()),
            (Work::Backends { resumes: None, .. }, None) => {
                let hurt = world.has(Fault::Rebuilding) || world.has(Fault::Degraded);
                let converting = world.is_converting();
                match (hurt, converting, world.has(Fault::TwoProtocols)) {
                    (true, ..) => Some("data is not fully protected".to_owned()),
                    (_, true, _) => Some("metadata is still being converted".to_owned()),
                    (_, _, true) => Some("a server has more than one protocol".to_owned()),
                    _ => None,
                }
            }
            (Work::Backends { .. }, _) => None,
        }
    }

    /// One step.
    pub fn step(&mut self, world: &mut World) -> Stepped {
        let stepped = match &mut self.work {
            Work::Clients { batches, failed } => client_step(world, &self.release, batches, failed),
            Work::Distributes { prepared } if *prepared < world.backends() => {
                prepare(world, &self.release, prepared)
            }
            Work::Distributes { .. } => Stepped::Over(Answer::text("the version is distributed\n")),
            Work::Backends { resumes, prepared } => match (world.state.phase, resumes.is_some()) {
                (None, false) if *prepared < world.backends() => prepare(world, &self.release, prepared),
                (None, _) => enter(world, Phase::Drives),
                (Some(phase), _) => backend_step(world, &self.release, phase),
            },
        };
        if let Stepped::Over(answer) = &stepped
            && let Some(begun) = world.state.begun.last_mut()
        {
            begun.ended = Some(answer.code);
        }
        stepped
    }
}

fn clients(world: &World, ids: Option<String>, size: Option<String>) -> Result<Work, String> {
    let size: usize = size
        .map_or(Ok(1), |size| size.parse())
        .map_err(|_| "no batch size".to_owned())?;
    let all = world.spec.clients.len();
    let first = world.backends() * EACH;
    let wanted: Vec<usize> = match ids {
        None => (0..all).collect(),
        Some(ids) => ids
            .split(',')
            .map(|id| {
                let id: usize = id.parse().map_err(|_| format!("{id} is no client"))?;
                id.checked_sub(first)
                    .filter(|at| *at < all)
                    .ok_or_else(|| format!("{id} is no client"))
            })
            .collect::<Result<_, String>>()?,
    };
    Ok(Work::Clients {
        batches: wanted.chunks(size.max(1)).rev().map(<[usize]>::to_vec).collect(),
        failed: false,
    })
}

/// A client that fails does not stop its batch; later batches are not begun.
fn client_step(
    world: &mut World,
    release: &str,
    batches: &mut Vec<Vec<usize>>,
    failed: &mut bool,
) -> Stepped {
    match batches.last_mut() {
        Some(batch) if !batch.is_empty() => {
            let client = batch.remove(0);
            let name = world.hostname(Place::Client(client));
            match world.hits(Fault::ClientFails, Place::Client(client)) {
                true => {
                    *failed = true;
                    Stepped::Said(format!("{name}: the container did not come up"))
                }
                false => {
                    world.state.clients.insert(client, release.to_owned());
                    Stepped::Said(format!("{name}: upgraded"))
                }
            }
        }
        Some(_) if !*failed => {
            batches.pop();
            Stepped::Said("the batch is over".to_owned())
        }
        Some(_) => Stepped::Over(Answer::failed(1, "error: a client of the batch failed\n")),
        None => Stepped::Over(Answer::text("all clients are upgraded\n")),
    }
}

/// Every server gets the package and makes it ready; nothing is switched yet.
fn prepare(world: &mut World, release: &str, prepared: &mut usize) -> Stepped {
    let backend = *prepared;
    let name = world.hostname(Place::Backend(backend));
    if world.hits(Fault::NduPrepareFails, Place::Backend(backend)) {
        return Stepped::Over(Answer::failed(
            1,
            format!("error: {name}: the driver could not be built\n"),
        ));
    }
    let there: &mut BTreeSet<String> = world.state.packages.entry(backend).or_default();
    there.insert(release.to_owned());
    *prepared += 1;
    Stepped::Said(format!("{name}: prepared"))
}

fn enter(world: &mut World, phase: Phase) -> Stepped {
    world.state.phase = Some(phase);
    happens(world, format!("{}Started", phase.event()));
    Stepped::Said(format!("{} begins", phase.word(world.spec.seed)))
}

fn happens(world: &mut World, kind: String) {
    let at_ms = world.now_ms;
    world.state.events.push(Event { kind, at_ms });
}

/// The next container of the phase, or the next phase, or the end.
fn backend_step(world: &mut World, release: &str, phase: Phase) -> Stepped {
    let slot = Phase::ALL
        .iter()
        .position(|known| *known == phase)
        .expect("one of all");
    let is_left = |id: &usize| world.state.containers.get(id).map(String::as_str) != Some(release);
    let next = (0..world.backends()).find(|backend| is_left(&(backend * EACH + slot)));
    let Some(backend) = next else {
        happens(world, format!("{}Finished", phase.event()));
        return match Phase::ALL.get(slot + 1) {
            Some(next) => enter(world, *next),
            None => finish(world, release),
        };
    };
    let place = Place::Backend(backend);
    let fault = match phase {
        Phase::Drives => Fault::NduDrivesFails,
        Phase::Computes => Fault::NduComputesFails,
        Phase::Frontends => Fault::NduFrontendsFails,
    };
    let name = world.hostname(place);
    if world.hits(fault, place) {
        let why = format!("error: {name}: {} did not become ready\n", CONTAINERS[slot].0);
        return Stepped::Over(Answer::failed(1, why));
    }
    if phase == Phase::Computes && world.hits(Fault::NduStalls, place) {
        return Stepped::Stalls;
    }
    world
        .state
        .containers
        .insert(backend * EACH + slot, release.to_owned());
    Stepped::Said(format!("{name}: {} is on {release}", CONTAINERS[slot].0))
}

fn finish(world: &mut World, release: &str) -> Stepped {
    world.state.phase = None;
    world.state.containers.clear();
    world.state.release = Some(release.to_owned());
    world.state.upgraded_ms = world.now_ms;
    world.state.converting_until = match world.has(Fault::ConversionStalls) {
        true => u64::MAX,
        false => world.now_ms + world.spec.conversion_ms,
    };
    Stepped::Over(Answer::text(format!("the cluster is upgraded to {release}\n")))
}
