//! The driver: a machine, a line to it, and the trait that the engine calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::flink::Site;
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::Step;

use super::look::Look;
use super::observe::{self, Asked};
use super::{attempt, codes, standing, strike};
use crate::direct::line::{LATE_MS, Line, Passage};
use crate::direct::time::{Clockwork, pass};
use crate::flink::Machine;

/// A simulated Flink system.
#[derive(Clone)]
pub struct FlinkFace {
    machine: Arc<Mutex<Machine>>,
    line: Arc<Line>,
    time: Clockwork,
    site: Option<Arc<Site>>,
    asked: Arc<Asked>,
}

impl FlinkFace {
    /// A face that looks at what `asked` names and acts on what `site` names, if anything.
    pub(super) fn new(
        machine: Arc<Mutex<Machine>>,
        line: Arc<Line>,
        time: Clockwork,
        site: Option<Arc<Site>>,
        asked: Arc<Asked>,
    ) -> Self {
        Self {
            machine,
            line,
            time,
            site,
            asked,
        }
    }

    /// The machine, as it is now.
    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        machine.advance(self.time.now());
        machine
    }

    /// The time of this world, in milliseconds.
    pub fn now(&self) -> i64 {
        self.time.now()
    }

    /// Looks without the line: for whoever judges.
    pub fn seen(&self) -> Result<Inventory, Fault> {
        observe::observe(&self.machine(), &self.asked, self.time.now())
    }

    fn site(&self) -> Result<&Site, Fault> {
        self.site
            .as_deref()
            .ok_or_else(|| codes::refused("this face was made to look only"))
    }

    fn strike(&self, fault: crate::direct::Fault, step: &Step, bound: &Bindings) {
        if let Some(site) = self.site.as_deref() {
            let now = self.time.now();
            strike::strike(&mut self.machine(), site, bound, step, fault, now);
        }
    }

    fn stands(&self, step: &Step, bound: &Bindings, intent: Option<&Intent>) -> Result<Standing, Fault> {
        let machine = self.machine();
        let look = Look {
            machine: &machine,
            site: self.site()?,
            bound,
            now: self.time.now(),
        };
        standing::standing(&look, step, intent)
    }

    fn acts(&self, step: &Step, bound: &Bindings, intent: &Intent, whole: bool) -> Result<(), Fault> {
        let site = self.site()?;
        let now = self.time.now();
        attempt::attempt(&mut self.machine(), site, bound, (step, intent), whole, now)
    }
}

impl Driver for FlinkFace {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Fault>> {
        Box::pin(async { self.seen() })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async move {
            let strike = |fault| self.strike(fault, step, bound);
            self.line.look(&step.id, self.time.now(), strike).await?;
            self.stands(step, bound, intent)
        })
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let strike = |fault| self.strike(fault, step, bound);
            let passage = self.line.act(&step.id, self.time.now(), strike).await?;
            if passage == Passage::Late {
                let (face, step, bound, intent) = (self.clone(), step.clone(), bound.clone(), intent.clone());
                tokio::spawn(async move {
                    pass(LATE_MS).await;
                    // Nobody hears the answer.
                    face.acts(&step, &bound, &intent, true).ok();
                });
                return self.line.answer(passage).await;
            }
            let answer = self.acts(step, bound, intent, passage != Passage::Partly);
            self.line.answer(passage).await?;
            answer
        })
    }
}
