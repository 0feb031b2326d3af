//! One change between releases: where it bites, under which conditions, how badly, what is to be done.
//!
//! Whether it bites a system is not decided here.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::need::Need;
use crate::knowledge::release::{Release, Span};
use crate::knowledge::row::Origin;

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in files.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// What of a system a change is about.
    Area {
        /// State, checkpoints and savepoints, serializers, backends.
        State "state",
        /// Options and their defaults.
        Configuration "configuration",
        /// REST and command line.
        RestCli "rest-cli",
        /// The Java that is needed.
        Java "java",
        /// Libraries that are brought along or expected.
        Dependencies "dependencies",
        /// File systems and object stores.
        FileSystems "file-systems",
        /// Connectors, with version lines of their own.
        Connectors "connectors",
        /// SQL, Table API, planner.
        Sql "sql",
        /// Metrics and their names.
        Metrics "metrics",
        /// Where and how processes run.
        Deployment "deployment",
        /// What a job's author programs against.
        Api "api",
        /// Authentication, encryption, permissions.
        Security "security",
        /// Clients of the servers.
        Clients "clients",
        /// Everything else that an operator does by day.
        Operations "operations",
    }
}

words! {
    /// When an operator has to do something about it, in the order of an upgrade.
    Act {
        /// Before the upgrade starts.
        Before "before",
        /// While it goes on.
        During "during",
        /// Once the new release runs.
        After "after",
        /// Nothing is to be done; something will look different.
        LooksDifferent "looks-different",
        /// Nothing is to be done.
        GoodToKnow "good-to-know",
    }
}

words! {
    /// How badly a change bites.
    Weight {
        /// State is lost or wrong, or a job or the cluster does not start, unless it is dealt with.
        Red "red",
        /// Something of his breaks or changes.
        Yellow "yellow",
        /// To be known.
        Note "note",
    }
}

impl Act {
    /// A heading for what is to be done then.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Before => "must be done before",
            Self::During => "must be done during",
            Self::After => "must be done after",
            Self::LooksDifferent => "will look different",
            Self::GoodToKnow => "good to know",
        }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its name within its system.
    pub id: String,
    /// The file that it is written in, below the system's folder of changes.
    pub file: String,
    /// The release where it begins to bite.
    pub since: Release,
    /// The last release that it is true of.
    pub until: Option<Release>,
    /// Releases in which it is mended, the first of each line.
    pub fixed: Vec<Release>,
    /// Whether the move itself provokes it, a restart or a restore: it then bites at every move to a
    /// release that it is true of, not only where it began.
    pub at_every_move: bool,
    /// What it is about.
    pub area: Area,
    /// When something is to be done about it.
    pub act: Act,
    /// How badly it bites.
    pub weight: Weight,
    /// What must all be so for it to bite.
    pub when: Vec<Need>,
    /// What changes.
    pub text: String,
    /// What is to be done; empty where nothing has to be.
    pub advice: String,
    /// Where it was read.
    pub origin: Origin,
    /// What a real run has shown.
    pub provoked: Option<String>,
    /// When the row came into the catalogue.
    pub added: Date,
}

impl Change {
    /// Whether whoever goes from one release to a later one crosses it, or meets it at every move, and
    /// it is still true there.
    /// A release that names a line stands for all of it: the first one left, the last one gone to.
    pub fn is_crossed(&self, from: &Release, to: &Release) -> bool {
        let line_of_engines = self.since.product() == to.product() && from.product() == to.product();
        line_of_engines
            && (self.at_every_move || !self.begun_by(from))
            && (self.begun_by(to) || reaches(to, &self.since))
            && self.is_true_of(to)
    }

    /// Whether a way back from `from` to the earlier `to` takes it back.
    pub fn is_taken_back(&self, from: &Release, to: &Release) -> bool {
        self.since.product() == from.product()
            && from.product() == to.product()
            && self.begun_by(from)
            && self.is_true_of(from)
            && !self.begun_by(to)
    }

    fn begun_by(&self, release: &Release) -> bool {
        let begins = Span {
            since: Some(self.since.clone()),
            until: None,
        };
        begins.contains(release)
    }

    /// Whether no fix has reached the release: neither its own line's nor, where that has none, those
    /// of all earlier ones.
    fn is_true_of(&self, release: &Release) -> bool {
        let valid = Span {
            since: None,
            until: self.until.clone(),
        };
        valid.contains(release) && !self.is_mended_in(release)
    }

    fn is_mended_in(&self, release: &Release) -> bool {
        let of_line: Vec<&Release> = self
            .fixed
            .iter()
            .filter(|fix| fix.line() == release.line())
            .collect();
        match of_line.as_slice() {
            [] => !self.fixed.is_empty() && self.fixed.iter().all(|fix| fix.line() < release.line()),
            fixes => fixes.iter().any(|fix| *fix <= release),
        }
    }
}

/// Whether `bound`, as coarse as it was given, reaches as far as `release`.
fn reaches(bound: &Release, release: &Release) -> bool {
    let up_to = Span {
        since: None,
        until: Some(bound.clone()),
    };
    up_to.contains(release)
}
