//! Commands that change the cluster or one of its servers at once: packages, overrides, tasks, units, restarts, and a
//! client's own upgrade. Those that take long, step by step, are in the module of upgrades.

use super::answer::Answer;
use super::fault::Fault;
use super::status;
use super::world::{EACH, Place, World};

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A package comes to this server: all of it, or what a client needs.
    Fetch {
        /// Which release.
        release: String,
        /// Whether it is only what a client needs.
        for_clients: bool,
        /// Where from.
        from: Option<String>,
    },
    /// The agent of this server is of that release from now on.
    Agent(String),
    /// The containers of this client become of the cluster's release.
    UpgradeHere,
    /// An override is set.
    Override {
        /// Its key.
        key: String,
    },
    /// One is taken away.
    NoOverride(u64),
    /// What stateless clients take is set.
    ClientTarget(String),
    /// A task is paused, goes on, or is given up.
    Task {
        /// `pause`, `resume`, `abort`.
        verb: String,
        /// Its number.
        id: u64,
    },
    /// A filesystem, or a snapshot of it, is deleted.
    Delete {
        /// The filesystem.
        filesystem: String,
        /// The snapshot.
        snapshot: Option<String>,
    },
    /// Units of this server are stopped, and do not start by themselves any more.
    Quiet,
    /// Containers of this server stop.
    Stop,
    /// They start.
    Start,
}

impl Change {
    /// The change that the words of a program are, where they are one.
    pub fn parse(program: &str, args: &[String]) -> Option<Self> {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let value = |name: &str| {
            let at = words.iter().position(|word| *word == name)?;
            words.get(at + 1).map(|word| (*word).to_owned())
        };
        let number = |word: &str| word.parse().ok();
        match (program, words.as_slice()) {
            ("systemctl", ["disable", "--now", ..]) => Some(Self::Quiet),
            ("weka" | "wekactl", ["version", "get", release, ..]) if !release.starts_with('-') => {
                Some(Self::Fetch {
                    release: (*release).to_owned(),
                    for_clients: words.contains(&"--client-only"),
                    from: value("--from"),
                })
            }
            ("weka" | "wekactl", ["version", "set", "--agent-only", release]) => {
                Some(Self::Agent((*release).to_owned()))
            }
            ("weka" | "wekactl", ["local", "upgrade", ..]) => Some(Self::UpgradeHere),
            ("weka" | "wekactl", ["local", "stop"]) => Some(Self::Stop),
            ("weka" | "wekactl", ["local", "start"]) => Some(Self::Start),
            ("weka" | "wekactl", ["debug", "override", "add", ..]) => {
                Some(Self::Override { key: value("--key")? })
            }
            ("weka" | "wekactl", ["debug", "override", "remove", "--id", id]) => {
                Some(Self::NoOverride(number(id)?))
            }
            ("weka" | "wekactl", ["cluster", "client-target-version", "set", release]) => {
                Some(Self::ClientTarget((*release).to_owned()))
            }
            ("weka" | "wekactl", ["cluster", "task", verb @ ("pause" | "resume" | "abort"), id]) => {
                Some(Self::Task {
                    verb: (*verb).to_owned(),
                    id: number(id)?,
                })
            }
            ("weka" | "wekactl", ["fs", "delete", filesystem, "--force"]) => Some(Self::Delete {
                filesystem: (*filesystem).to_owned(),
                snapshot: None,
            }),
            ("weka" | "wekactl", ["fs", "snapshot", "delete", filesystem, snapshot, "--force"]) => {
                Some(Self::Delete {
                    filesystem: (*filesystem).to_owned(),
                    snapshot: Some((*snapshot).to_owned()),
                })
            }
            _ => None,
        }
    }

    /// Makes it. The cluster counts what was made.
    pub fn make(&self, world: &mut World, place: Place) -> Answer {
        let made = self.tried(world, place);
        if let Ok(said) = &made {
            let name = world.hostname(place);
            world.state.changes.push(format!("{name}: {said}"));
        }
        match made {
            Ok(said) => Answer::text(format!("{said}\n")),
            Err(why) => Answer::failed(1, format!("error: {why}\n")),
        }
    }

    fn tried(&self, world: &mut World, place: Place) -> Result<String, String> {
        match self {
            Self::Fetch {
                release,
                for_clients,
                from,
            } => fetch(world, place, (release, *for_clients), from.as_deref()),
            Self::Agent(release) => agent(world, place, release),
            Self::UpgradeHere => upgrade_here(world, place),
            Self::Override { key } => {
                world.state.last_override += 1;
                world
                    .state
                    .overrides
                    .insert(world.state.last_override, key.clone());
                Ok(format!("override {key} is set"))
            }
            Self::NoOverride(id) => {
                let gone = world.state.overrides.remove(id);
                gone.map(|key| format!("override {key} is gone"))
                    .ok_or_else(|| format!("there is no override {id}"))
            }
            Self::ClientTarget(release) => {
                // It has to be there for clients to fetch.
                if !world.packages(place).contains(release) {
                    return Err(format!("version {release} is not here"));
                }
                world.state.client_target = Some(release.clone());
                Ok(format!("client-target-version is {release}"))
            }
            Self::Task { verb, id } => task(world, verb, *id),
            Self::Delete { filesystem, snapshot } => delete(world, filesystem, snapshot.as_deref()),
            Self::Quiet if world.hits(Fault::UnitStays, place) => Err("the unit does not end".to_owned()),
            Self::Quiet => {
                world.state.quiet.insert(place_number(world, place));
                Ok("units are stopped and disabled".to_owned())
            }
            Self::Stop => {
                world.state.stopped.insert(place_number(world, place));
                Ok("containers are stopped".to_owned())
            }
            Self::Start => {
                let number = place_number(world, place);
                world.state.stopped.remove(&number);
                world.state.combining.insert(number);
                Ok("containers are started".to_owned())
            }
        }
    }
}

/// Servers by one number: backends first.
pub(super) fn place_number(world: &World, place: Place) -> usize {
    match place {
        Place::Backend(number) => number,
        Place::Client(number) => world.backends() + number,
    }
}

fn fetch(
    world: &mut World,
    place: Place,
    (release, for_clients): (&str, bool),
    from: Option<&str>,
) -> Result<String, String> {
    // An installer brings the package with it.
    let installs = from == Some("installer");
    if world.has(Fault::FetchFails) && !installs {
        return Err("the distribution server does not answer".to_owned());
    }
    // A backend gives what it has to whoever asks; the site asks for a token.
    let by_backend = from.is_some_and(|from| !from.contains('@') && from.ends_with(":14000"));
    let by_token = from.is_some_and(|from| from.starts_with("https://canary-token@"));
    if world.has(Fault::TokenAsked) && !installs && !by_backend && !by_token {
        return Err("401 from the site: no valid token".to_owned());
    }
    let number = place_number(world, place);
    let packages = match for_clients {
        true => &mut world.state.client_packages,
        false => &mut world.state.packages,
    };
    packages.entry(number).or_default().insert(release.to_owned());
    Ok(format!("package {release} is here"))
}

fn agent(world: &mut World, place: Place, release: &str) -> Result<String, String> {
    let number = place_number(world, place);
    let there = |packages: &std::collections::BTreeMap<usize, std::collections::BTreeSet<String>>| {
        packages.get(&number).is_some_and(|own| own.contains(release))
    };
    if !there(&world.state.client_packages) && !there(&world.state.packages) {
        return Err(format!("version {release} is not here"));
    }
    world.state.agents.insert(number, release.to_owned());
    Ok(format!("the agent is of {release}"))
}

fn upgrade_here(world: &mut World, place: Place) -> Result<String, String> {
    let Place::Client(client) = place else {
        return Err("this is no client".to_owned());
    };
    let number = place_number(world, place);
    let release = world.version().to_owned();
    if world.state.agents.get(&number) != Some(&release) {
        return Err(format!("the agent is not of {release}"));
    }
    if world.hits(Fault::ClientFails, place) {
        return Err("the container did not come up".to_owned());
    }
    world.state.clients.insert(client, release.clone());
    Ok(format!("containers are of {release}"))
}

fn task(world: &mut World, verb: &str, id: u64) -> Result<String, String> {
    let all = status::tasks(world);
    let named = format!("CWTaskId<{id}>");
    let kind = all.iter().find(|task| task["id"] == named);
    let kind = kind.and_then(|task| task["type"].as_str()).map(str::to_owned);
    let kind = kind.ok_or_else(|| format!("there is no task {id}"))?;
    match verb {
        "pause" => {
            world.state.paused.insert(id);
        }
        "resume" => {
            world.state.paused.remove(&id);
        }
        _ if kind.starts_with("STOW_DOWNLOAD") => return Err(format!("{kind} cannot be aborted")),
        _ => {
            world.state.ended_tasks.insert(id);
        }
    }
    Ok(format!("{verb} of task {id}, {kind}"))
}

fn delete(world: &mut World, filesystem: &str, snapshot: Option<&str>) -> Result<String, String> {
    let name = match snapshot {
        Some(snapshot) => format!("{filesystem}/{snapshot}"),
        None => filesystem.to_owned(),
    };
    if !world.state.deleted.insert(name.clone()) {
        return Err(format!("there is no {name}"));
    }
    Ok(format!("{name} is deleted"))
}

/// The container numbers of a backend whose containers are stopped.
pub(super) fn is_stopped(world: &World, container: usize) -> bool {
    world.state.stopped.contains(&(container / EACH))
}
