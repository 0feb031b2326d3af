//! The operator graph of a job as wanted: which operator ids the new jar will have, how they were
//! learned, and how much of the graph that way can tell.
//!
//! It holds no judgement. Whether a snapshot's operators are all there is the planner's question;
//! here is only the answer that a list which may be incomplete can give to it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::observed::Observed;
use crate::version::Version;

/// All that is known of one job's graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobGraphs {
    /// What the uids of the system file say; none where it names none.
    pub declared: Option<JobGraph>,
    /// What the jar as wanted says, read in the way that the system file allows. Unknown, with how to
    /// find out, where none is allowed or none worked.
    pub wanted: Observed<JobGraph>,
    /// What the jar that runs now says; none where nobody was asked. On snapshots of 1.x it gives the
    /// operators their names.
    pub running: Option<Observed<JobGraph>>,
}

/// The operators of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobGraph {
    /// How it was learned.
    pub origin: GraphOrigin,
    /// How much of the graph is here.
    pub extent: GraphExtent,
    /// The operators, in the order in which the origin gave them; ids are unique.
    pub operators: Vec<GraphOperator>,
}

/// How a graph was learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GraphOrigin {
    /// From uids that the system file names. Nobody looked into the jar.
    DeclaredUids,
    /// From a cluster's `/jars/:id/plan`, which ran the jar's `main` in its job manager.
    ClusterPlan {
        /// The cluster's address.
        rest: String,
        /// The release that built the graph.
        version: Version,
    },
    /// From a JVM on this machine that ran the jar's `main` up to `execute`, with the libraries of a
    /// release.
    Probe {
        /// `FLINK_HOME` of the release.
        home: PathBuf,
        /// The release that built the graph.
        version: Version,
        /// The feature number of the Java.
        java: u32,
        /// Whether it ran cut off from every network.
        offline: bool,
    },
}

/// How much of a job's graph is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GraphExtent {
    /// Operators that somebody named; there may be others, and these may be gone.
    Named,
    /// The head of every chain; what is chained behind a head is not known.
    Heads,
    /// Every operator.
    All,
}

/// One operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphOperator {
    /// 32 hex digits: the id under which its state is written, and found.
    pub id: String,
    /// A second id under which its state is found (`setUidHash`), and never written.
    pub also: Option<String>,
    /// What the id was made from.
    pub id_from: IdFrom,
    /// Its uid, where it has one and the origin tells it.
    pub uid: Option<String>,
    /// Its name; of a chain known only by its head: the names of all its operators, as the server
    /// joins them.
    pub name: Option<String>,
    /// Parallelism; none where the origin does not tell it, or it is left to the cluster.
    pub parallelism: Option<u32>,
    /// Max parallelism; none where the origin does not tell it, or it is left to Flink's rule.
    pub max_parallelism: Option<u32>,
    /// Where it stands in its chain; none where the origin does not tell.
    pub place: Option<ChainPlace>,
    /// The class of the key serializer's snapshot, as a state header names it; none where the
    /// operator has no keyed state or the origin does not tell.
    pub key_serializer: Option<String>,
}

/// What an operator id was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdFrom {
    /// From a uid: it stays as long as the uid does.
    Uid,
    /// From the operator's place in the graph: any change of the graph may change it.
    Place,
    /// The origin does not tell.
    Untold,
}

/// Where an operator stands in its chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainPlace {
    /// The first of a chain, or alone.
    Head,
    /// Chained behind another.
    Member {
        /// The operator id of the chain's head.
        head: String,
    },
}

/// Whether an operator is in a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InGraph {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// What is known of the graph does not tell.
    Untold,
}

impl GraphOperator {
    /// Whether it takes the state written under this id.
    pub fn takes(&self, id: &str) -> bool {
        let same = |own: &String| own.eq_ignore_ascii_case(id);
        same(&self.id) || self.also.as_ref().is_some_and(same)
    }

    /// Whether it takes the state written under this id wherever it stands in the graph: by its uid,
    /// or by the second id that it was given.
    pub fn is_pinned_to(&self, id: &str) -> bool {
        let second = self
            .also
            .as_ref()
            .is_some_and(|also| also.eq_ignore_ascii_case(id));
        second || (self.id_from == IdFrom::Uid && self.id.eq_ignore_ascii_case(id))
    }
}

impl JobGraph {
    /// The operator that takes the state written under this id (32 hex digits).
    pub fn operator(&self, id: &str) -> Option<&GraphOperator> {
        self.operators.iter().find(|operator| operator.takes(id))
    }

    /// Whether an operator is in the job. Only a whole graph can say that one is not, and a graph of
    /// declared uids says nothing about the jar.
    pub fn holds(&self, id: &str) -> InGraph {
        match (self.operator(id), self.extent) {
            (_, GraphExtent::Named) | (None, GraphExtent::Heads) => InGraph::Untold,
            (Some(_), _) => InGraph::Yes,
            (None, GraphExtent::All) => InGraph::No,
        }
    }
}

impl JobGraphs {
    /// Whether an operator is in the jar as wanted. What the jar says comes first; where it is
    /// silent, the author's word that an operator with this uid is there is believed.
    pub fn holds(&self, id: &str) -> InGraph {
        let read = self
            .wanted
            .known()
            .map_or(InGraph::Untold, |graph| graph.holds(id));
        match read {
            InGraph::Untold if self.declared(id).is_some() => InGraph::Yes,
            told => told,
        }
    }

    /// What is known of the operator in the jar as wanted: from the jar, else from the system file.
    pub fn operator(&self, id: &str) -> Option<&GraphOperator> {
        self.wanted
            .known()
            .and_then(|graph| graph.operator(id))
            .or_else(|| self.declared(id))
    }

    fn declared(&self, id: &str) -> Option<&GraphOperator> {
        self.declared.as_ref().and_then(|graph| graph.operator(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(extent: GraphExtent, ids: &[&str]) -> JobGraph {
        JobGraph {
            origin: GraphOrigin::DeclaredUids,
            extent,
            operators: ids
                .iter()
                .map(|id| GraphOperator {
                    id: (*id).to_owned(),
                    also: None,
                    id_from: IdFrom::Untold,
                    uid: None,
                    name: None,
                    parallelism: None,
                    max_parallelism: None,
                    place: None,
                    key_serializer: None,
                })
                .collect(),
        }
    }

    #[test]
    fn only_a_whole_graph_says_that_an_operator_is_gone() {
        assert_eq!(graph(GraphExtent::All, &["aa"]).holds("bb"), InGraph::No);
        assert_eq!(graph(GraphExtent::Heads, &["aa"]).holds("bb"), InGraph::Untold);
        assert_eq!(graph(GraphExtent::Heads, &["aa"]).holds("AA"), InGraph::Yes);
        assert_eq!(graph(GraphExtent::Named, &["aa"]).holds("aa"), InGraph::Untold);
    }

    #[test]
    fn the_jar_is_believed_before_the_system_file() {
        let mut graphs = JobGraphs {
            declared: Some(graph(GraphExtent::Named, &["cc"])),
            wanted: Observed::Known(graph(GraphExtent::All, &["aa"])),
            running: None,
        };
        assert_eq!(graphs.holds("cc"), InGraph::No);
        graphs.wanted = Observed::Known(graph(GraphExtent::Heads, &["aa"]));
        assert_eq!(graphs.holds("cc"), InGraph::Yes);
        assert_eq!(graphs.holds("dd"), InGraph::Untold);
        graphs.wanted = Observed::unknown("the graph", "nobody asked");
        assert_eq!(graphs.holds("cc"), InGraph::Yes);
        assert_eq!(graphs.holds("aa"), InGraph::Untold);
    }
}
