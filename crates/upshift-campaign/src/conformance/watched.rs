//! A driver under the eyes of the laws: each look is held against what it may not change, each try is treated as the
//! walk wants it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::ids::StepId;
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::Step;

use super::law::{Breach, Law};
use super::subject::{Disturbance, Subject};
use super::walk::Walk;

/// See the module.
pub(super) struct Watched {
    subject: Arc<dyn Subject>,
    walk: Walk,
    driver: Mutex<Arc<dyn Driver>>,
    seen: Mutex<Seen>,
    // What goes wrong must hit the try that it is meant for, and what a look changes be told from what another lane
    // does meanwhile: one call at a time.
    trying: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Seen {
    breaches: Vec<Breach>,
    tries: BTreeSet<StepId>,
    struck: BTreeSet<StepId>,
    // Steps of which nothing has happened though they were tried.
    unsent: BTreeSet<StepId>,
    // Steps whose answer nobody heard.
    unheard: BTreeSet<StepId>,
    sent: BTreeMap<StepId, Sent>,
    // What was done last.
    done: Option<Sent>,
}

type Sent = (Step, Bindings, Intent);

impl Watched {
    pub(super) fn new(subject: Arc<dyn Subject>, walk: Walk) -> Self {
        let driver = Mutex::new(subject.driver());
        Self {
            subject,
            walk,
            driver,
            seen: Mutex::default(),
            trying: tokio::sync::Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn driver(&self) -> Arc<dyn Driver> {
        let driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&driver)
    }

    /// Steps that were tried, and those at which the disturbance came.
    pub(super) fn counts(&self) -> (usize, usize) {
        let seen = self.seen();
        (seen.tries.len(), seen.struck.len())
    }

    pub(super) fn breaches(&self) -> Vec<Breach> {
        self.seen().breaches.clone()
    }

    pub(super) fn breach(&self, law: Law, step: Option<&StepId>, what: impl Into<String>) {
        let breach = Breach {
            law,
            step: step.cloned(),
            what: what.into(),
        };
        let mut seen = self.seen();
        if !seen.breaches.contains(&breach) {
            seen.breaches.push(breach);
        }
    }

    pub(super) fn hears(&self, step: Option<&StepId>, told: &str) {
        for secret in self.subject.secrets() {
            if told.contains(&secret) {
                let what = told.replace(&secret, "[the secret]");
                self.breach(Law::NoSecretIsTold, step, what);
            }
        }
    }

    async fn look(&self) -> Result<Inventory, Fault> {
        let _alone = self.trying.lock().await;
        let before = self.subject.touched();
        let answer = self.driver().observe().await;
        let after = self.subject.touched();
        if before != after {
            self.breach(
                Law::LooksChangeNothing,
                None,
                format!("before `observe`: {before}; after: {after}"),
            );
        }
        self.hears(None, &format!("{answer:?}"));
        answer
    }

    async fn stands(
        &self,
        step: &Step,
        bound: &Bindings,
        intent: Option<&Intent>,
    ) -> Result<Standing, Fault> {
        let _alone = self.trying.lock().await;
        let before = self.subject.touched();
        let answer = self.driver().standing(step, bound, intent).await;
        let after = self.subject.touched();
        if before != after {
            let what = format!("before: {before}; after: {after}");
            self.breach(Law::LooksChangeNothing, Some(&step.id), what);
        }
        self.hears(Some(&step.id), &format!("{answer:?}"));
        if let Ok(standing) = &answer {
            self.is_honest(step, standing);
        }
        if matches!(answer, Ok(Standing::Done(_))) && self.walk == Walk::Again {
            self.again(step).await;
        }
        answer
    }

    fn is_honest(&self, step: &Step, standing: &Standing) {
        let (unsent, unheard) = {
            let seen = self.seen();
            (seen.unsent.contains(&step.id), seen.unheard.contains(&step.id))
        };
        let what = match standing {
            Standing::Done(proof) if unsent => format!("done, and nothing was sent: {proof:?}"),
            Standing::Failed(failure) if unheard => format!("failed, and the answer was lost: {failure:?}"),
            Standing::Contradicted(failure) if unsent || unheard => {
                format!("somebody else's doing, and nobody else was there: {failure:?}")
            }
            _ => return,
        };
        self.breach(Law::StandingIsHonest, Some(&step.id), what);
    }

    /// A process that was given up sends what it had in hand, now that it is done; and what it had in hand before.
    async fn again(&self, step: &Step) {
        let sent = self.seen().sent.remove(&step.id);
        let Some(sent) = sent else { return };
        let earlier = self.seen().done.replace(sent.clone());
        for (step, bound, intent) in [Some(sent), earlier].into_iter().flatten() {
            let answer = self.driver().attempt(&step, &bound, &intent).await;
            self.hears(Some(&step.id), &format!("{answer:?}"));
            self.seen().struck.insert(step.id);
        }
    }

    async fn tries(&self, step: &Step, bound: &Bindings, intent: &Intent) -> Result<(), Fault> {
        let _alone = self.trying.lock().await;
        let first = {
            let mut seen = self.seen();
            seen.unsent.remove(&step.id);
            seen.unheard.remove(&step.id);
            let sent = (step.clone(), bound.clone(), intent.clone());
            seen.sent.insert(step.id.clone(), sent);
            seen.tries.insert(step.id.clone())
        };
        let answer = match self.walk {
            Walk::Twice if first => {
                let answer = self.driver().attempt(step, bound, intent).await;
                let second = self.driver().attempt(step, bound, intent).await;
                self.hears(Some(&step.id), &format!("{second:?}"));
                self.seen().struck.insert(step.id.clone());
                answer
            }
            Walk::Disturbed(how, nth) if first => self.disturbed((how, nth), step, bound, intent).await,
            Walk::Calm | Walk::Again | Walk::Twice | Walk::Disturbed(..) => {
                self.driver().attempt(step, bound, intent).await
            }
        };
        self.hears(Some(&step.id), &format!("{answer:?}"));
        answer
    }

    async fn disturbed(
        &self,
        (how, nth): (Disturbance, u32),
        step: &Step,
        bound: &Bindings,
        intent: &Intent,
    ) -> Result<(), Fault> {
        let before = self.subject.effects();
        self.subject.disturb(&step.id, how, nth);
        let driver = self.driver();
        let trying = driver.attempt(step, bound, intent);
        let answer = match how.kills() {
            true => self.killed(trying).await,
            false => Some(self.in_time(step, trying).await),
        };
        let came = self.subject.calm();
        if !came {
            return answer.unwrap_or_else(|| Err(Fault::Ambiguous("it died by itself".to_owned())));
        }
        {
            let mut seen = self.seen();
            seen.struck.insert(step.id.clone());
            if how.has_happened() {
                seen.unheard.insert(step.id.clone());
            } else if nth == 1 && self.subject.effects() == before {
                seen.unsent.insert(step.id.clone());
            }
        }
        let Some(answer) = answer else {
            // Whoever takes over has another driver, and no answer.
            *self.driver.lock().unwrap_or_else(PoisonError::into_inner) = self.subject.driver();
            return Err(Fault::Ambiguous("the process died".to_owned()));
        };
        self.is_unsure(how, step, &answer);
        answer
    }

    fn is_unsure(&self, how: Disturbance, step: &Step, answer: &Result<(), Fault>) {
        let fits = match answer {
            Err(Fault::Ambiguous(_)) => true,
            Err(Fault::Transient(_)) => how == Disturbance::CutBefore,
            Ok(()) | Err(Fault::Refused(_)) => false,
        };
        if !fits {
            let what = format!("it {how}, and the try said {answer:?}");
            self.breach(Law::NoAnswerIsAmbiguous, Some(&step.id), what);
        }
    }

    /// The try, until the process dies in it; none when it did.
    async fn killed(&self, trying: BoxFuture<'_, Result<(), Fault>>) -> Option<Result<(), Fault>> {
        tokio::select! {
            biased;
            () = self.subject.struck() => None,
            answer = trying => Some(answer),
        }
    }

    /// The try. While the far side hangs, the clock goes as fast as it can.
    async fn in_time(&self, step: &Step, mut trying: BoxFuture<'_, Result<(), Fault>>) -> Result<(), Fault> {
        if !matches!(self.walk, Walk::Disturbed(Disturbance::Hangs, _)) {
            return trying.await;
        }
        let real = !self.subject.is_virtual();
        if real {
            tokio::select! {
                biased;
                () = self.subject.struck() => {}
                answer = &mut trying => return answer,
            }
            tokio::time::pause();
        }
        let limit = self.subject.limit();
        let answer = tokio::time::timeout(limit, trying).await;
        if real {
            tokio::time::resume();
        }
        answer.unwrap_or_else(|_| {
            let what = format!("it still waits after {} s", limit.as_secs());
            self.breach(Law::WithinTheLimit, Some(&step.id), what);
            Err(Fault::Ambiguous("nobody waits for it any more".to_owned()))
        })
    }
}

impl Driver for Watched {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Fault>> {
        Box::pin(self.look())
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(self.stands(step, bound, intent))
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            if self.walk == Walk::Calm {
                // What it sees is not of interest here; that it changes nothing is.
                self.look().await.ok();
            }
            self.tries(step, bound, intent).await
        })
    }
}
