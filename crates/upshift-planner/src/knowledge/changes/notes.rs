//! What changes on the way from one release to another, for what is known of one system.
//!
//! Every release on the way is passed, not only the ends. What cannot bite the system is folded away
//! with what says so; what cannot be decided is told as open. A way back is answered, too: which
//! changes are taken back, and nothing is made up about what that does.

use serde::Serialize;

use super::book::Changes;
use super::change::{Change, Weight};
use super::sight::Sight;
use super::weigh::{self, Weighed};
use crate::knowledge::fact::Truth;
use crate::knowledge::release::Release;

/// Which way a pair of releases goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// To a later release.
    Up,
    /// To an earlier one.
    Down,
    /// To the same.
    Nowhere,
    /// To a line of engines that does not continue the other.
    Across,
}

/// What notes come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing on the way asks for anything.
    Clear,
    /// What bites depends on what was not told.
    Depends,
    /// Something bites.
    Act,
    /// A release on the way was never read, or something that may lose state cannot be decided.
    Unknown,
}

/// A change on the way, and whether it bites.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// The change.
    pub change: &'a Change,
    /// Whether all that it needs is so.
    pub truth: Truth,
    /// What decides it, or all that is open.
    pub because: Vec<Weighed>,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Notes<'a> {
    /// Which way it goes.
    pub way: Way,
    /// What bites, by what is to be done and how badly; on a way back, what is taken back.
    pub bites: Vec<Told<'a>>,
    /// What cannot be decided.
    pub open: Vec<Told<'a>>,
    /// What cannot bite this system.
    pub folded: Vec<Told<'a>>,
    /// Releases on the way whose notes nobody has read.
    pub unread: Vec<Release>,
}

impl Changes {
    /// What changes from one release to another; `known` are the releases that may lie between.
    pub fn notes(&self, from: &Release, to: &Release, known: &[Release], sight: &Sight) -> Notes<'_> {
        let way = way(from, to);
        let met = |change: &&Change| match way {
            Way::Up => change.is_crossed(from, to),
            Way::Down => change.is_taken_back(from, to),
            Way::Nowhere | Way::Across => false,
        };
        let mut notes = Notes {
            way,
            bites: Vec::new(),
            open: Vec::new(),
            folded: Vec::new(),
            unread: self.unread(way, from, to, known),
        };
        for change in self.rows().iter().filter(met) {
            let (truth, because) = weigh::all(&change.when, sight);
            let told = Told {
                change,
                truth,
                because,
            };
            match truth {
                Truth::Holds => notes.bites.push(told),
                Truth::NotTold | Truth::CannotTell => notes.open.push(told),
                Truth::DoesNotHold => notes.folded.push(told),
            }
        }
        // Rows come by release and name; within what is to be done, what is worst comes first.
        for list in [&mut notes.bites, &mut notes.open] {
            list.sort_by_key(|told| (told.change.act, told.change.weight));
        }
        notes
    }

    /// The releases of a way whose notes no file stands for: those that are known by name, and the
    /// end itself.
    fn unread(&self, way: Way, from: &Release, to: &Release, known: &[Release]) -> Vec<Release> {
        let (low, high) = match way {
            Way::Up => (from, to),
            Way::Down => (to, from),
            Way::Nowhere | Way::Across => return Vec::new(),
        };
        let mut passed: Vec<&Release> = known
            .iter()
            .filter(|release| release.product() == high.product() && low < *release && *release <= high)
            .collect();
        if !passed.contains(&high) {
            passed.push(high);
        }
        passed.retain(|release| !self.have_read(release) && release.line() != low.line());
        passed.dedup_by_key(|release| release.line());
        passed.into_iter().cloned().collect()
    }
}

impl Notes<'_> {
    /// What it all comes to. What a way back does to a system that relies on what it takes back
    /// nobody has written down.
    pub fn outcome(&self) -> Outcome {
        let blind = |told: &Told<'_>| told.truth == Truth::CannotTell && told.change.weight == Weight::Red;
        let weighty = |told: &Told<'_>| told.change.weight != Weight::Note;
        let taken_back = self.bites.iter().chain(&self.open).any(weighty) && self.way == Way::Down;
        if self.way == Way::Across || taken_back || !self.unread.is_empty() || self.open.iter().any(blind) {
            Outcome::Unknown
        } else if self.bites.iter().any(weighty) {
            Outcome::Act
        } else if self.open.iter().any(weighty) {
            Outcome::Depends
        } else {
            Outcome::Clear
        }
    }
}

impl Outcome {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Depends => "depends",
            Self::Act => "act",
            Self::Unknown => "unknown",
        }
    }
}

fn way(from: &Release, to: &Release) -> Way {
    if from.product() != to.product() {
        return Way::Across;
    }
    match from.cmp(to) {
        std::cmp::Ordering::Less => Way::Up,
        std::cmp::Ordering::Equal => Way::Nowhere,
        std::cmp::Ordering::Greater => Way::Down,
    }
}
