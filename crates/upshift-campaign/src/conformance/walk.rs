//! One run from its first step to its end, with something done to every try, held against a run without.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use upshift_engine::driver::Driver;
use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, Listener, open_run, read_run};
use upshift_engine::request::{Ask, Request};
use upshift_engine::store::{Holder, Store};
use upshift_model::ids::RunId;
use upshift_model::record::{HaltKind, Line, Outcome};
use upshift_model::run_state::{Phase, RunState};
use upshift_planner::dispatch;

use super::law::{Breach, Law};
use super::subject::{Disturbance, Make, Subject};
use super::watched::Watched;
use crate::memory::MemoryStore;
use crate::person::{Person, Wish};

/// What is done to each try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Nothing; the whole system is looked at before each.
    Calm,
    /// It is made twice with one key.
    Twice,
    /// Once its step is done, it is made once more, and the one before it, too.
    Again,
    /// The so-manieth of its requests goes wrong.
    Disturbed(Disturbance, u32),
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calm => f.write_str("nothing goes wrong"),
            Self::Twice => f.write_str("each try twice"),
            Self::Again => f.write_str("each try once more when it is done"),
            Self::Disturbed(how, nth) => write!(f, "request {nth} of each try {how}"),
        }
    }
}

/// What came of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Which.
    pub walk: Walk,
    /// Steps that were tried.
    pub tries: usize,
    /// Those at which what should go wrong did.
    pub struck: usize,
    /// What was done, each with how often.
    pub effects: BTreeMap<String, u64>,
    /// How it all looked at the end.
    pub picture: String,
    /// Laws that were broken.
    pub breaches: Vec<Breach>,
}

impl Tried {
    /// Holds it against a run in which nothing went wrong.
    #[must_use]
    pub fn against(mut self, calm: &Self) -> Self {
        for (what, found, wanted) in [
            (
                "what was done",
                format!("{:?}", self.effects),
                format!("{:?}", calm.effects),
            ),
            ("the end", self.picture.clone(), calm.picture.clone()),
        ] {
            if found != wanted {
                self.breaches.push(Breach {
                    law: Law::OneEffect,
                    step: None,
                    what: format!("{what} is {found}, expected {wanted}"),
                });
            }
        }
        self
    }
}

/// So often a run that waited for too long is told to go on.
const RESUMES: usize = 3;

/// A run that is not over by then never will be.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Walks a fresh world through, with a person who accepts or who goes back when asked.
///
/// # Panics
/// When the store in memory takes no run.
pub async fn walk(make: &Make, walk: Walk, wish: Wish) -> Tried {
    let subject = make().await;
    let watched = Arc::new(Watched::new(Arc::clone(&subject), walk));
    let store = Arc::new(MemoryStore::default());
    let run = RunId::new(format!("walk-{}", subject.plan().digest.short()));
    let key = dispatch::system_key(&subject.plan().plan);
    let (plan, clock) = (subject.plan().clone(), subject.clock());
    let opened = open_run(&*store, &clock, &run, &key, plan, Person::who()).await;
    opened.expect("a store in memory takes a run");
    let mut ended = carried(&subject, &watched, &store, &run, wish).await;
    // A call may hang for as long as its step has: a person says that it goes on.
    for _ in 0..RESUMES {
        let (_, state) = read_run(&*store, &run).await.expect("a store in memory is read");
        if !matches!(&state.phase, Phase::Halted { halt, .. } if halt.kind == HaltKind::TimedOut) {
            break;
        }
        let word = Request {
            ask: Ask::Resume,
            by: Person::who(),
        };
        store
            .post(&run, &word)
            .await
            .expect("a store in memory takes a word");
        ended = carried(&subject, &watched, &store, &run, wish).await;
    }
    let wanted = match wish {
        Wish::BackAtTheEnd => Outcome::RolledBack,
        _ => Outcome::Finalized,
    };
    let (lines, state) = read_run(&*store, &run).await.expect("a store in memory is read");
    if ended != Some(Ended::Closed(wanted)) {
        let what = format!("{ended:?}, {:?}", state.phase);
        watched.breach(Law::ComesToItsEnd, None, what);
    }
    for line in &lines {
        watched.hears(None, &format!("{:?}", line.entry().record));
    }
    let picture = subject.picture().await;
    let (tries, struck) = watched.counts();
    Tried {
        walk,
        tries,
        struck,
        effects: subject.effects(),
        picture,
        breaches: watched.breaches(),
    }
}

/// One process from the beginning to the end.
async fn carried(
    subject: &Arc<dyn Subject>,
    watched: &Arc<Watched>,
    store: &Arc<MemoryStore>,
    run: &RunId,
    wish: Wish,
) -> Option<Ended> {
    let (person, inbox, asks) = (Person::with(wish), Arc::clone(store), run.clone());
    let listener: Listener = Arc::new(move |line: &Line, state: &RunState| {
        if let Some(word) = person.hears(line, state) {
            let heard = futures::FutureExt::now_or_never(inbox.post(&asks, &word));
            heard
                .expect("a store in memory makes nobody wait")
                .expect("it takes a word");
        }
    });
    let holder = Holder {
        pid: 1,
        host: "simulated".to_owned(),
        user: "ada".to_owned(),
        since: subject.clock().now(),
    };
    let kept: Arc<dyn Store> = Arc::clone(store) as Arc<dyn Store>;
    let journal = Journal::claim(kept, subject.clock(), run, &holder, listener).await;
    let driver: Arc<dyn Driver> = Arc::clone(watched) as Arc<dyn Driver>;
    let engine = Engine::new(journal.expect("nobody else has it"), driver, subject.counsel());
    let carried = tokio::time::timeout(PATIENCE, engine.carry_on()).await;
    carried.ok().and_then(Result::ok)
}
