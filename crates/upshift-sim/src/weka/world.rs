//! The cluster itself: its servers, what is wrong with them, and who is who.

use std::collections::BTreeSet;

use super::fault::{Fault, NoSuchFault};
use super::spec::Spec;
use super::state::State;

/// The containers of a backend: name, role, port of its API.
pub(super) const CONTAINERS: [(&str, &str, u16); 3] = [
    ("drives0", "DRIVES", 14000),
    ("compute0", "COMPUTE", 14300),
    ("frontend0", "FRONTEND", 14200),
];
/// Containers of a backend.
pub(super) const EACH: usize = CONTAINERS.len();

/// A server of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A backend, by its number.
    Backend(usize),
    /// A client, by its number.
    Client(usize),
}

/// A cluster.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) spec: Spec,
    faults: BTreeSet<(Fault, Place)>,
    /// What upgrades have made of it.
    pub state: State,
    /// Now, in milliseconds since 1970.
    pub now_ms: u64,
}

impl World {
    /// The cluster that is asked for.
    ///
    /// # Errors
    /// When a fault has a name that is none.
    pub fn new(spec: Spec) -> Result<Self, NoSuchFault> {
        let mut faults = BTreeSet::new();
        for named in &spec.faults {
            let (word, at) = named.split_once('@').unwrap_or((named, ""));
            let fault: Fault = word.parse()?;
            let none = || NoSuchFault(named.clone());
            let place = match at.strip_prefix('c') {
                Some(number) => Place::Client(number.parse().map_err(|_| none())?),
                None if at.is_empty() => Place::Backend(1.min(spec.backends.len().saturating_sub(1))),
                None => Place::Backend(at.parse().map_err(|_| none())?),
            };
            faults.insert((fault, place));
        }
        Ok(Self {
            spec,
            faults,
            state: State::default(),
            now_ms: 0,
        })
    }

    /// The same as upgrades have made it, now.
    #[must_use]
    pub fn after(mut self, state: State, now_ms: u64) -> Self {
        self.state = state;
        self.now_ms = now_ms;
        self
    }

    /// The release that the cluster is of.
    pub(super) fn version(&self) -> &str {
        self.state.release.as_deref().unwrap_or(&self.spec.version)
    }

    /// How long one step of an upgrade takes.
    pub fn step(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.spec.step_ms)
    }

    /// Whether metadata is being converted.
    pub(super) fn is_converting(&self) -> bool {
        self.has(Fault::Converting) || self.now_ms < self.state.converting_until
    }

    /// Releases whose package is on a server.
    pub(super) fn packages(&self, place: Place) -> BTreeSet<String> {
        let mut all = BTreeSet::from([self.version().to_owned()]);
        if !self.hits(Fault::NoPackage, place) {
            all.insert(self.spec.target.clone());
        }
        if let Place::Backend(backend) = place {
            all.extend(self.state.packages.get(&backend).into_iter().flatten().cloned());
        }
        all
    }

    /// The release of a container of a backend.
    pub(super) fn container_release(&self, backend: usize, slot: usize) -> String {
        let own = self.state.containers.get(&(backend * EACH + slot));
        own.cloned().unwrap_or_else(|| self.release_of(backend))
    }

    /// Whether the cluster has the fault, anywhere.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.iter().any(|(known, _)| *known == fault)
    }

    /// Whether this server has it.
    pub fn hits(&self, fault: Fault, place: Place) -> bool {
        self.faults.contains(&(fault, place))
    }

    /// Whether this backend has it.
    pub(super) fn backend_hit(&self, fault: Fault, backend: usize) -> bool {
        self.hits(fault, Place::Backend(backend))
    }

    /// Which server a name of the environment means.
    pub fn place(&self, name: &str) -> Option<Place> {
        let find = |nodes: &[super::spec::Node]| nodes.iter().position(|node| node.name == name);
        let backend = find(&self.spec.backends).map(Place::Backend);
        backend.or_else(|| find(&self.spec.clients).map(Place::Client))
    }

    pub(super) fn backends(&self) -> usize {
        self.spec.backends.len()
    }

    pub(super) fn hostname(&self, place: Place) -> String {
        match place {
            Place::Backend(number) => format!("be{number:03}"),
            Place::Client(number) => format!("cl{number:03}"),
        }
    }

    pub(super) fn address(&self, place: Place) -> &str {
        let node = match place {
            Place::Backend(number) => self.spec.backends.get(number),
            Place::Client(number) => self.spec.clients.get(number),
        };
        node.map_or("", |node| &node.address)
    }

    /// The release as `status` and containers say it.
    pub(super) fn release(&self) -> String {
        match self.has(Fault::Hotfix) {
            true => format!("{}-qafix", self.version()),
            false => self.version().to_owned(),
        }
    }

    pub(super) fn release_of(&self, backend: usize) -> String {
        match self.backend_hit(Fault::MixedVersions, backend) {
            true => self.spec.target.clone(),
            false => self.release(),
        }
    }

    pub(super) fn client_release(&self, client: usize) -> String {
        match client {
            0 if self.has(Fault::OldClient) => "4.1.2.36".to_owned(),
            0 if self.has(Fault::NewClient) => "9.9.1".to_owned(),
            _ => self
                .state
                .clients
                .get(&client)
                .unwrap_or(&self.spec.version)
                .clone(),
        }
    }

    /// The first numbers of the release.
    pub(super) fn numbers(&self) -> [u32; 4] {
        numbers(self.version())
    }

    /// From 6.0 on another program answers to the name `weka`.
    pub(super) fn is_new_cli(&self) -> bool {
        self.numbers() >= [6, 0, 0, 0]
    }
}

pub(super) fn numbers(version: &str) -> [u32; 4] {
    let core = version.split('-').next().unwrap_or_default();
    let mut found = [0; 4];
    for (slot, part) in found.iter_mut().zip(core.split('.')) {
        *slot = part.parse().unwrap_or(0);
    }
    found
}
