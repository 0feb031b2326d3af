//! Drivers that break one law each, before a far side that keeps all: every one is caught, by its own law.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use upshift_campaign::conformance::{Disturbance, Law, Make, Subject, Walk, refuses, simulated, walk};
use upshift_campaign::{Setting, Wish, in_virtual_time};
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::ids::{AttemptKey, RunId, StepId};
use upshift_model::inventory::Inventory;
use upshift_model::plan::Sealed;
use upshift_model::proof::{Bindings, Proof};
use upshift_model::record::Intent;
use upshift_model::step::Step;
use upshift_sim::rolling::Shape;

const SECRET: &str = "hunter2-of-the-canary";

/// What is wrong with a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// A look sends what should be tried.
    LooksAct,
    /// A look over everything does, too.
    ObserveActs,
    /// A repeat asks who is there now, and takes him.
    ForgetsTheBaseline,
    /// A lost answer is taken as the end of it.
    BelievesWhatItSent,
    /// What was not heard of counts as not sent.
    CallsItNotSent,
    /// And as sent.
    CallsItSent,
    /// What was not heard of has failed.
    CallsItFailed,
    /// What it cannot do is passed over.
    Ignores,
    /// It waits for ever.
    Waits,
    /// It tells the secret.
    Tells,
}

struct Flawed {
    inner: Arc<dyn Driver>,
    flaw: Flaw,
    kept: Mutex<Option<(Step, Bindings, Intent)>>,
    unheard: Mutex<BTreeSet<StepId>>,
}

impl Flawed {
    async fn acts_on_its_own(&self) {
        let kept = self.kept.lock().expect("a lock").take();
        if let Some((step, bound, intent)) = kept {
            self.inner.attempt(&step, &bound, &intent).await.ok();
        }
    }

    async fn with_another_baseline(&self, step: &Step, bound: &Bindings, mut intent: Intent) -> Intent {
        // The look gives up where something was done already; so does not who asks who is there now.
        let mut step = step.clone();
        step.before.clear();
        if let Ok(Standing::Ready(baseline)) = self.inner.standing(&step, bound, None).await {
            intent.baseline = baseline;
        }
        intent
    }
}

impl Driver for Flawed {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Fault>> {
        Box::pin(async {
            if self.flaw == Flaw::ObserveActs {
                self.acts_on_its_own().await;
            }
            self.inner.observe().await
        })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async move {
            let answer = self.inner.standing(step, bound, intent).await;
            if let (Some(intent), Flaw::LooksAct, Ok(Standing::Ready(_))) = (intent, self.flaw, &answer) {
                self.inner.attempt(step, bound, intent).await.ok();
            }
            if let Ok(Standing::Ready(baseline)) = &answer {
                let intent = Intent {
                    key: AttemptKey::derive(&RunId::new("its own"), &step.id, 1),
                    baseline: baseline.clone(),
                    deadline: jiff::Timestamp::MAX,
                    attempt: 1,
                };
                *self.kept.lock().expect("a lock") = Some((step.clone(), bound.clone(), intent));
            }
            let unheard = intent.is_some() && self.unheard.lock().expect("a lock").contains(&step.id);
            match self.flaw {
                Flaw::BelievesWhatItSent if unheard => Ok(Standing::Done(Proof::of(["sent".to_owned()]))),
                Flaw::CallsItFailed if unheard => {
                    self.unheard.lock().expect("a lock").remove(&step.id);
                    Ok(Standing::Failed(upshift_model::record::Failure {
                        code: upshift_model::ids::Code::from("UP-SIM-0002".to_owned()),
                        what: "no answer".to_owned(),
                        far_side: None,
                    }))
                }
                Flaw::Ignores if matches!(answer, Err(Fault::Refused(_))) => {
                    Ok(Standing::Done(Proof::of(["nothing to do".to_owned()])))
                }
                Flaw::Tells => answer.map(|standing| match standing {
                    Standing::Done(mut proof) => {
                        proof.facts.push(format!("signed with {SECRET}"));
                        Standing::Done(proof)
                    }
                    other => other,
                }),
                _ => answer,
            }
        })
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let intent = match self.flaw {
                Flaw::ForgetsTheBaseline => self.with_another_baseline(step, bound, intent.clone()).await,
                _ => intent.clone(),
            };
            let answer = self.inner.attempt(step, bound, &intent).await;
            if matches!(answer, Err(Fault::Ambiguous(_))) {
                self.unheard.lock().expect("a lock").insert(step.id.clone());
            }
            match (self.flaw, answer) {
                (Flaw::CallsItNotSent, Err(Fault::Ambiguous(text))) => Err(Fault::Transient(text)),
                (Flaw::CallsItSent, Err(Fault::Ambiguous(_))) => Ok(()),
                (Flaw::Ignores, Err(Fault::Refused(_))) => Ok(()),
                (Flaw::Waits, Err(Fault::Ambiguous(_))) => std::future::pending().await,
                (_, answer) => answer,
            }
        })
    }
}

struct WithAFlaw {
    inner: Arc<dyn Subject>,
    flaw: Flaw,
}

impl Subject for WithAFlaw {
    fn plan(&self) -> &Sealed {
        self.inner.plan()
    }

    fn clock(&self) -> Clock {
        self.inner.clock()
    }

    fn driver(&self) -> Arc<dyn Driver> {
        Arc::new(Flawed {
            inner: self.inner.driver(),
            flaw: self.flaw,
            kept: Mutex::default(),
            unheard: Mutex::default(),
        })
    }

    fn counsel(&self) -> Arc<dyn Counsel> {
        self.inner.counsel()
    }

    fn touched(&self) -> String {
        self.inner.touched()
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        self.inner.effects()
    }

    fn picture(&self) -> BoxFuture<'_, String> {
        self.inner.picture()
    }

    fn disturb(&self, step: &StepId, how: Disturbance, nth: u32) {
        self.inner.disturb(step, how, nth);
    }

    fn struck(&self) -> BoxFuture<'_, ()> {
        self.inner.struck()
    }

    fn calm(&self) -> bool {
        self.inner.calm()
    }

    fn limit(&self) -> Duration {
        self.inner.limit()
    }

    fn is_virtual(&self) -> bool {
        self.inner.is_virtual()
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned()]
    }
}

fn with(flaw: Flaw) -> Box<Make> {
    let sound = Arc::new(simulated(Setting::Rolling(Shape::default())));
    Box::new(move || {
        let sound = Arc::clone(&sound);
        Box::pin(async move {
            let inner = sound().await;
            Arc::new(WithAFlaw { inner, flaw }) as Arc<dyn Subject>
        })
    })
}

/// Laws that the walk finds broken.
fn laws(flaw: Flaw, by: Walk) -> BTreeSet<Law> {
    let sound = simulated(Setting::Rolling(Shape::default()));
    in_virtual_time(async {
        let calm = walk(&*sound, Walk::Calm, Wish::Upgrade).await;
        assert!(calm.breaches.is_empty(), "{:?}", calm.breaches);
        let tried = walk(&*with(flaw), by, Wish::Upgrade).await.against(&calm);
        tried.breaches.iter().map(|breach| breach.law).collect()
    })
}

fn is_caught(flaw: Flaw, by: Walk, law: Law) {
    let broken = laws(flaw, by);
    assert!(broken.contains(&law), "{flaw:?} by {by}: {broken:?}");
}

#[test]
fn a_look_that_acts() {
    let by = Walk::Disturbed(Disturbance::CutBefore, 1);
    is_caught(Flaw::LooksAct, by, Law::LooksChangeNothing);
    is_caught(Flaw::ObserveActs, Walk::Calm, Law::LooksChangeNothing);
}

#[test]
fn a_repeat_that_takes_whoever_is_there() {
    is_caught(Flaw::ForgetsTheBaseline, Walk::Again, Law::OneEffect);
}

#[test]
fn a_look_that_believes_what_was_sent() {
    let by = Walk::Disturbed(Disturbance::Hangs, 1);
    is_caught(Flaw::BelievesWhatItSent, by, Law::StandingIsHonest);
}

#[test]
fn a_look_that_calls_a_lost_answer_a_failure() {
    let by = Walk::Disturbed(Disturbance::CutAfter, 1);
    is_caught(Flaw::CallsItFailed, by, Law::StandingIsHonest);
}

#[test]
fn a_try_that_calls_a_lost_answer_something_else() {
    for how in [Disturbance::CutAfter, Disturbance::Hangs] {
        let by = Walk::Disturbed(how, 1);
        is_caught(Flaw::CallsItNotSent, by, Law::NoAnswerIsAmbiguous);
        is_caught(Flaw::CallsItSent, by, Law::NoAnswerIsAmbiguous);
    }
}

#[test]
fn a_try_that_waits_for_ever() {
    let by = Walk::Disturbed(Disturbance::Hangs, 1);
    is_caught(Flaw::Waits, by, Law::WithinTheLimit);
}

#[test]
fn a_driver_that_tells_a_secret() {
    is_caught(Flaw::Tells, Walk::Calm, Law::NoSecretIsTold);
}

#[test]
fn a_driver_that_passes_over_what_it_cannot_do() {
    let make = with(Flaw::Ignores);
    let breaches = in_virtual_time(async { refuses(&*make().await, &["start a cluster"]).await });
    assert!(breaches.len() > 10, "{breaches:?}");
    assert!(breaches.iter().all(|breach| breach.law == Law::ForeignIsRefused));
}
