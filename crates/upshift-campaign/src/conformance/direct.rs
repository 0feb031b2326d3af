//! Simulated systems as subjects: the direct face of a world model, in virtual time, with the line as what goes wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::ids::StepId;
use upshift_model::plan::Sealed;
use upshift_sim::direct::{Clockwork, Fault, Line, pass};

use super::subject::{Disturbance, Make, Subject};
use crate::case::Setting;
use crate::run::{BEGINS_AT, SETTLES_MS, system_of};
use crate::system::{System, sealed};

/// What the line calls its limit is below this one.
const LIMIT: Duration = Duration::from_secs(60);

struct Simulated {
    system: Arc<dyn System>,
    plan: Sealed,
    line: Arc<Line>,
    time: Clockwork,
    // What the line had let happen when something was last planned for it.
    awaited: Mutex<Option<usize>>,
}

/// Makes subjects of the setting. To be used inside [`in_virtual_time`](crate::in_virtual_time).
///
/// # Panics
/// When the setting has no plan.
pub fn simulated(setting: Setting) -> Box<Make> {
    Box::new(move || {
        let setting = setting.clone();
        Box::pin(async move {
            let time = Clockwork::begin(BEGINS_AT);
            let system = system_of(&setting, time).unwrap_or_else(|why| panic!("no system: {why}"));
            let plan = system.plan().unwrap_or_else(|why| panic!("no plan: {why}"));
            let subject = Simulated {
                system,
                plan: sealed(plan),
                line: Arc::default(),
                time,
                awaited: Mutex::default(),
            };
            Arc::new(subject) as Arc<dyn Subject>
        })
    })
}

const fn fault(how: Disturbance) -> Fault {
    match how {
        Disturbance::CutBefore => Fault::NotReached,
        Disturbance::CutAfter => Fault::AnswerLost,
        Disturbance::Hangs => Fault::Hung,
        Disturbance::DiesBefore => Fault::KilledBefore,
        Disturbance::DiesAfter => Fault::KilledAfter,
    }
}

impl Simulated {
    fn happened(&self) -> usize {
        self.line.happened().len()
    }
}

impl Subject for Simulated {
    fn plan(&self) -> &Sealed {
        &self.plan
    }

    fn clock(&self) -> Clock {
        self.time.clock()
    }

    fn driver(&self) -> Arc<dyn Driver> {
        self.system.driver(&self.plan.plan, &self.line)
    }

    fn counsel(&self) -> Arc<dyn Counsel> {
        self.system.counsel(&self.plan.plan)
    }

    fn touched(&self) -> String {
        format!("{}; {:?}", self.system.picture(), self.system.effects())
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        self.system.effects()
    }

    fn picture(&self) -> BoxFuture<'_, String> {
        Box::pin(async move {
            pass(SETTLES_MS).await;
            self.system.picture()
        })
    }

    fn disturb(&self, step: &StepId, how: Disturbance, nth: u32) {
        // A try of a direct face is one request.
        if nth == 1 {
            self.line.at_next_try(step, fault(how));
            let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
            *awaited = Some(self.happened());
        }
    }

    fn struck(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.line.doomed())
    }

    fn calm(&self) -> bool {
        let awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.line.forget_planned();
        awaited.is_some_and(|before| self.happened() > before)
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    fn is_virtual(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}
