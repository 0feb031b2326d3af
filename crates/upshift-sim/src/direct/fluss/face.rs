//! The driver: a cluster, a line to it, and the trait that the engine calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::fluss::Site;
use upshift_model::ids::SystemName;
use upshift_model::inventory::{Facts, INVENTORY_FORMAT, Inventory};
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::Step;

use super::codes::refused;
use super::lag::Watch;
use super::standing::Look;
use super::{attempt, observe, strike};
use crate::direct::line::{LATE_MS, Line, Passage};
use crate::direct::time::{Clockwork, pass};
use crate::fluss::World;

/// A simulated Fluss system.
#[derive(Clone)]
pub struct FlussFace {
    world: Arc<Mutex<World>>,
    line: Arc<Line>,
    time: Clockwork,
    site: Option<Arc<Site>>,
    watch: Arc<Watch>,
}

impl FlussFace {
    /// A face of this world; without a site it only looks.
    pub fn new(world: Arc<Mutex<World>>, line: Arc<Line>, time: Clockwork, site: Option<Site>) -> Self {
        Self {
            world,
            line,
            time,
            site: site.map(Arc::new),
            watch: Arc::default(),
        }
    }

    /// The world, as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.time.now());
        world
    }

    /// What one look sees.
    ///
    /// # Errors
    /// While the metadata cannot be read.
    pub fn seen(&self) -> Result<Inventory, Fault> {
        let now = self.time.stamp();
        let system = observe::system(&self.world(), now)?;
        Ok(Inventory {
            format: INVENTORY_FORMAT,
            system: SystemName::new("simulated"),
            taken_at: now,
            facts: Facts::Fluss(Box::new(system)),
            gaps: Vec::new(),
        })
    }

    fn site(&self) -> Result<&Site, Fault> {
        let site = self.site.as_deref();
        site.ok_or_else(|| refused("this driver can only look"))
    }

    fn strike(&self, fault: crate::direct::Fault, step: &Step) {
        if let Some(site) = &self.site {
            strike::strike(&mut self.world(), site, step, fault);
        }
    }

    fn acts(&self, step: &Step, intent: &Intent, whole: bool, asked: i64) -> Result<(), Fault> {
        let site = self.site()?;
        attempt::attempt(&mut self.world(), site, (step, intent), whole, asked)
    }
}

impl Driver for FlussFace {
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
            let strike = |fault| self.strike(fault, step);
            self.line.look(&step.id, self.time.now(), strike).await?;
            let site = self.site()?;
            let (world, watch) = (&*self.world(), &*self.watch);
            let look = Look {
                world,
                site,
                watch,
                step,
                bound,
                intent,
            };
            look.stands()
        })
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        _: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let strike = |fault| self.strike(fault, step);
            let asked = self.time.now();
            let passage = self.line.act(&step.id, asked, strike).await?;
            if passage == Passage::Late {
                let (face, step, intent) = (self.clone(), step.clone(), intent.clone());
                tokio::spawn(async move {
                    pass(LATE_MS).await;
                    // Nobody hears the answer.
                    face.acts(&step, &intent, true, asked).ok();
                });
                return self.line.answer(passage).await;
            }
            let answer = self.acts(step, intent, passage != Passage::Partly, asked);
            self.line.answer(passage).await?;
            answer
        })
    }
}
