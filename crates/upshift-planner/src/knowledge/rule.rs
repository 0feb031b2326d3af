//! Rows that say one thing about upgrades of one system: which releases they speak of, under which
//! conditions, what they mean, and where they were read.
//!
//! A rule speaks; what several rules come to together is in `weigh`.

use serde::{Deserialize, Serialize};

use super::fact::Condition;
use super::release::{Release, Span};
use super::row::Origin;

/// What a rule is about, and so who asks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// One release replaced by another.
    Pair,
    /// Something that changes with a release: told to whoever crosses it.
    Enters,
    /// A client against a server.
    Client,
    /// Two kinds of server side by side: the one that leads (`from`) and the other (`to`).
    Beside,
    /// What must be so of the system itself before an upgrade.
    Need,
    /// How an upgrade goes on: order, steps, ways back.
    Procedure,
    /// A general truth that no question about two releases asks.
    Topic,
}

impl About {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pair,
        Self::Enters,
        Self::Client,
        Self::Beside,
        Self::Need,
        Self::Procedure,
        Self::Topic,
    ];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pair => "pair",
            Self::Enters => "enters",
            Self::Client => "client",
            Self::Beside => "beside",
            Self::Need => "need",
            Self::Procedure => "procedure",
            Self::Topic => "topic",
        }
    }
}

/// What a rule means where it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It may not be done.
    Refuses,
    /// It may be done; something may go wrong.
    Risk,
    /// It may be done.
    Allows,
    /// To be known.
    Note,
}

impl Effect {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refuses => "refuses",
            Self::Risk => "risk",
            Self::Allows => "allows",
            Self::Note => "note",
        }
    }
}

/// Which way a pair goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To a later release.
    Up,
    /// To an earlier one.
    Down,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name within its system.
    pub id: String,
    /// Who asks it.
    pub about: About,
    /// The releases that are left, or the server's for a client.
    pub from: Span,
    /// The releases that are gone to, or the client's.
    pub to: Span,
    /// The release with which it begins, for what changes.
    pub since: Option<Release>,
    /// The last release that it is true of.
    pub until: Option<Release>,
    /// Which way it speaks of; both where none is named.
    pub direction: Option<Direction>,
    /// What else must be so.
    pub when: Vec<Condition>,
    /// What it means.
    pub effect: Effect,
    /// What it says.
    pub text: String,
    /// What can be done; empty where nothing has to be.
    pub advice: String,
    /// A page that tells more.
    pub code: Option<String>,
    /// Where it was read.
    pub origin: Origin,
}

impl Rule {
    /// Whether it speaks of the move from one release to another.
    pub fn speaks_of(&self, from: &Release, to: &Release) -> bool {
        let way = match self.direction {
            None => true,
            Some(Direction::Up) => from < to,
            Some(Direction::Down) => to < from,
        };
        way && match self.about {
            About::Enters => self.crossed(from, to),
            About::Pair | About::Need => self.from.contains(from) && self.to.contains(to) && self.valid(to),
            About::Client | About::Beside | About::Procedure | About::Topic => false,
        }
    }

    /// Whether it speaks of a client's release against a server's.
    pub fn speaks_of_client(&self, server: &Release, client: &Release) -> bool {
        self.about == About::Client && self.from.contains(server) && self.to.contains(client)
    }

    /// Whether it speaks of two kinds of server side by side.
    pub fn speaks_of_beside(&self, leading: &Release, other: &Release) -> bool {
        self.about == About::Beside && self.from.contains(leading) && self.to.contains(other)
    }

    /// Whether it speaks of how the move is carried out.
    pub fn guides(&self, from: &Release, to: &Release) -> bool {
        let way = match self.direction {
            None | Some(Direction::Up) => from < to,
            Some(Direction::Down) => to < from,
        };
        self.about == About::Procedure && way && self.from.contains(from) && self.to.contains(to)
    }

    fn crossed(&self, from: &Release, to: &Release) -> bool {
        let begins = Span {
            since: self.since.clone(),
            until: None,
        };
        !begins.contains(from) && begins.contains(to) && self.valid(to)
    }

    fn valid(&self, release: &Release) -> bool {
        let valid = Span {
            since: None,
            until: self.until.clone(),
        };
        valid.contains(release)
    }
}
