//! What is in a job's state: whose history it holds, up to where, and which operators still have theirs.
//!
//! Every source here gives one record a millisecond, so a position in it is a time. A job that starts from
//! a snapshot begins where the snapshot ends; what an earlier job had processed beyond that is processed
//! again. So a lost, doubled or foreign state shows in numbers and not in the eye of a test.

use super::job::{Graph, Vertex};
use super::trigger::Contents;

/// A job's state, as it lies in a snapshot or was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The job whose history it is.
    pub job: String,
    /// The vertices of that job.
    pub graph: Graph,
    /// Which of them have their state in it.
    pub vertices: Vec<bool>,
    /// Up to which record of the source.
    pub until: i64,
}

impl Lineage {
    /// The whole history of a job.
    pub fn whole(job: &str, graph: Graph, until: i64) -> Self {
        Self {
            job: job.to_owned(),
            vertices: vec![true; graph.len()],
            graph,
            until,
        }
    }

    /// A job that starts from nothing.
    pub fn nothing(job: &str, graph: Graph) -> Self {
        Self {
            job: job.to_owned(),
            vertices: vec![false; graph.len()],
            graph,
            until: i64::MIN,
        }
    }

    /// The same without the state of its last vertex.
    pub fn lacking_the_last(mut self) -> Self {
        if let Some(last) = self.vertices.last_mut() {
            *last = false;
        }
        self
    }

    /// Vertices whose state is in it.
    pub fn held(&self) -> impl Iterator<Item = &Vertex> {
        let held = self.graph.iter().zip(&self.vertices);
        held.filter(|(_, held)| **held).map(|(vertex, _)| vertex)
    }

    /// Whether it is this job's history with nothing missing.
    pub fn is_whole_of(&self, job: &str) -> bool {
        self.job == job && self.vertices.iter().all(|held| *held)
    }

    /// Uids of the operators whose state is not in it.
    pub fn missing(&self) -> Vec<String> {
        let held = self.vertices.iter();
        let lost = self.graph.iter().zip(held).filter(|(_, held)| !**held);
        lost.map(|(vertex, _)| vertex.uid.clone()).collect()
    }
}

/// A savepoint or a retained checkpoint on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What lies in its directory.
    pub contents: Contents,
    /// The state in it.
    pub state: Lineage,
    /// Id of the job it was taken of.
    pub taken_of: String,
    /// Release that wrote it.
    pub release: String,
    /// Counts up each time somebody writes over it.
    pub written: u32,
}

impl Snapshot {
    /// Whether a job can be restored from it.
    pub const fn is_whole(&self) -> bool {
        self.contents.is_whole()
    }
}

/// How far a job of one name has got, and how its last instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The record up to which output was written.
    pub until: i64,
    /// Whether somebody stopped or cancelled that instance; otherwise it ended by itself.
    pub by_order: bool,
}

/// Something that went wrong with a job's state when an instance of it started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mishap {
    /// When.
    pub at: i64,
    /// The job's name.
    pub job: String,
    /// The instance that started.
    pub id: String,
    /// The release it started on.
    pub release: String,
    /// What.
    pub what: Wrong,
}

/// Kinds of mishap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Another instance of the job was alive.
    Doubled {
        /// Its id.
        other: String,
    },
    /// Operators started without their state.
    Lost {
        /// Their uids.
        operators: Vec<String>,
    },
    /// The state is another job's.
    Foreign {
        /// Whose.
        of: String,
    },
    /// Records whose output was written already are processed again.
    Replayed {
        /// How many: one a millisecond.
        records: i64,
        /// Whether the instance before was stopped by somebody, or ended by itself.
        by_order: bool,
    },
}
