//! A job on a cluster: a function of the time since it was submitted, of its manner, and of what was
//! done to it.

use std::sync::{Arc, LazyLock};

use upshift_model::flink::SnapshotOperator;

use super::manner::{JobManner, Restoring};
use super::state::Lineage;

/// One vertex of a job's graph, or one operator of it: a thing whose state is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vertex {
    /// The operator id of the chain's head.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The uid of the chain's head, or what people call it by.
    pub uid: String,
    /// What a reader finds of it in a snapshot; none where it is like those of the stand-in's job.
    pub found: Option<SnapshotOperator>,
}

impl Vertex {
    /// One of which nothing more is known.
    pub const fn named(id: String, name: String, uid: String) -> Self {
        Self {
            id,
            name,
            uid,
            found: None,
        }
    }
}

/// The vertices of a job. The same for all jobs of one name.
pub type Graph = Arc<[Vertex]>;

/// The graph of the job whose metadata the stand-in writes: uids `source`, and `counter` with `tally`
/// and `writer` chained behind it. Every job has it of which nothing else is said.
pub static GRAPH: LazyLock<Graph> = LazyLock::new(|| {
    let vertex =
        |id: &str, name: &str, uid: &str| Vertex::named(id.to_owned(), name.to_owned(), uid.to_owned());
    [
        vertex("e5a72f353fc1e6bbf3bd96a41384998c", "Source: source", "source"),
        vertex(
            "0da08f51eaa85fc298e176a139b3649a",
            "counter -> tally -> writer",
            "counter",
        ),
    ]
    .into()
});

/// Parallelism and max parallelism in that metadata.
pub const PARALLELISM: (u32, u32) = (1, 2);

/// How a job came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// By a stop with savepoint.
    Finished,
    /// It was cancelled.
    Canceled,
    /// For this cause.
    Failed(String),
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// Milliseconds.
    pub submitted_at: i64,
    /// The restore point that it says it was restored from.
    pub restored_from: Option<String>,
    /// The state that it began with.
    pub state: Lineage,
    /// How it behaves.
    pub manner: JobManner,
    /// When and how it ended.
    pub over: Option<(i64, Over)>,
    /// Its newest savepoint here: when it was triggered and completed, where it lies, whether it was a
    /// stop's.
    pub saved: Option<(i64, i64, String, bool)>,
}

/// Where it is at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named by the server's own words")]
pub enum Phase {
    Created,
    Running,
    Restarting,
    Finished,
    Canceled,
    Failed,
}

impl Phase {
    /// Whether it is over for good.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Canceled | Self::Failed)
    }

    /// The server's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Running => "RUNNING",
            Self::Restarting => "RESTARTING",
            Self::Finished => "FINISHED",
            Self::Canceled => "CANCELED",
            Self::Failed => "FAILED",
        }
    }
}

impl Job {
    /// When all its tasks run; none when they never will.
    pub(super) const fn runs_from(&self) -> Option<i64> {
        match self.manner.restoring {
            Restoring::Hangs => None,
            _ => Some(self.submitted_at + self.manner.starts_in),
        }
    }

    /// The record of its source up to which it has written output.
    pub fn position(&self, now: i64) -> i64 {
        let until = self.over.as_ref().map_or(now, |(at, _)| (*at).min(now));
        match self.runs_from() {
            Some(from) if until > from => until.max(self.state.until),
            _ => self.state.until,
        }
    }

    /// The record that its newest checkpoint covers.
    pub(super) fn covered(&self, now: i64) -> i64 {
        self.checkpoint(now)
            .map_or(self.state.until, |(_, at)| at.max(self.state.until))
    }

    /// Its state as a snapshot at this time has it.
    pub(super) fn state_at(&self, until: i64) -> Lineage {
        Lineage {
            until,
            ..self.state.clone()
        }
    }

    /// Where it is.
    pub fn phase(&self, now: i64) -> Phase {
        match &self.over {
            Some((_, Over::Finished)) => return Phase::Finished,
            Some((_, Over::Canceled)) => return Phase::Canceled,
            Some((_, Over::Failed(_))) => return Phase::Failed,
            None => {}
        }
        match self.runs_from() {
            Some(from) if now >= from => match self.restarts(now) {
                n if n % 2 == 1 => Phase::Restarting,
                _ => Phase::Running,
            },
            _ => Phase::Created,
        }
    }

    /// Ends by itself, if it is of that kind and the time has come.
    pub(super) fn advance(&mut self, now: i64) {
        if self.over.is_none()
            && let Restoring::Fails(cause) = &self.manner.restoring
            && let Some(at) = self.runs_from().filter(|at| now >= *at)
        {
            self.over = Some((at, Over::Failed(cause.clone())));
        }
    }

    /// Restarts until now: one every so often, and it is down for as long as it was up.
    pub fn restarts(&self, now: i64) -> i64 {
        match (&self.manner.restoring, self.runs_from()) {
            (Restoring::Restarts { after, .. }, Some(from)) if now > from => (now - from) / (*after).max(1),
            _ => 0,
        }
    }

    /// The causes of its restarts, or of its end.
    pub fn exceptions(&self, now: i64) -> Vec<(i64, &str)> {
        match (&self.manner.restoring, &self.over) {
            (_, Some((at, Over::Failed(cause)))) => vec![(*at, cause)],
            (Restoring::Restarts { after, cause }, _) if self.restarts(now) > 0 => {
                vec![(self.submitted_at + self.manner.starts_in + after, cause)]
            }
            _ => Vec::new(),
        }
    }

    /// Number and completion of its newest checkpoint.
    pub fn checkpoint(&self, now: i64) -> Option<(i64, i64)> {
        let from = self.runs_from()?;
        let until = self.over.as_ref().map_or(now, |(at, _)| *at).min(now);
        let number = (until - from) / self.manner.checkpoints_every.max(1);
        (number > 0).then(|| (number, from + number * self.manner.checkpoints_every))
    }
}
