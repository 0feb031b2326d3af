//! The servers of ZooKeeper, each by itself: which release it is of, and whether it serves.

use serde::{Deserialize, Serialize};

use crate::observed::Observed;

/// A server of ZooKeeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeper {
    /// `HOST:PORT`, as the system file names it.
    pub address: String,
    /// What it says of itself.
    pub state: Observed<KeeperState>,
}

/// What a server of ZooKeeper says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeeperState {
    /// It serves.
    Serves {
        /// Its release: `3.8.3`.
        version: String,
        /// `standalone`, `leader`, `follower`, `observer`, `read-only`.
        mode: String,
    },
    /// It runs and does not serve: it belongs to no quorum.
    DoesNotServe,
}

impl KeeperState {
    /// Major and minor number of its release; none where it does not serve, or names none.
    pub fn line(&self) -> Option<(u32, u32)> {
        let Self::Serves { version, .. } = self else {
            return None;
        };
        let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
        Some((numbers.next()??, numbers.next()??))
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Serves { version, mode } => format!("{version}, {mode}"),
            Self::DoesNotServe => "does not serve: it belongs to no quorum".to_owned(),
        }
    }
}
