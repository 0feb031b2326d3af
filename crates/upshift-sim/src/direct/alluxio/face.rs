//! The driver: a cluster, a line to it, and the trait that the engine calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::alluxio::Site;
use upshift_model::ids::SystemName;
use upshift_model::inventory::{Facts, INVENTORY_FORMAT, Inventory};
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::Step;

use super::codes::refused;
use super::standing::Look;
use super::{attempt, observe, strike};
use crate::alluxio::World;
use crate::direct::line::{LATE_MS, Line, Passage};
use crate::direct::time::{Clockwork, pass};

/// A simulated Alluxio system.
#[derive(Clone)]
pub struct AlluxioFace {
    world: Arc<Mutex<World>>,
    line: Arc<Line>,
    time: Clockwork,
    site: Option<Arc<Site>>,
}

impl AlluxioFace {
    /// A face of this world; without a site it only looks.
    pub fn new(world: Arc<Mutex<World>>, line: Arc<Line>, time: Clockwork, site: Option<Site>) -> Self {
        Self {
            world,
            line,
            time,
            site: site.map(Arc::new),
        }
    }

    /// The world, as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.time.now());
        world
    }

    /// What one look sees.
    pub fn seen(&self) -> Inventory {
        let facts = observe::facts(&self.world());
        Inventory {
            format: INVENTORY_FORMAT,
            system: SystemName::new("simulated"),
            taken_at: self.time.stamp(),
            facts: Facts::Alluxio(Box::new(facts)),
            gaps: Vec::new(),
        }
    }

    fn site(&self) -> Result<&Site, Fault> {
        let site = self.site.as_deref();
        site.ok_or_else(|| refused("this driver can only look"))
    }

    fn acts(&self, bound: &Bindings, tried: (&Step, &Intent), whole: bool, asked: i64) -> Result<(), Fault> {
        let site = self.site()?;
        attempt::attempt(&mut self.world(), site, bound, tried, whole, asked)
    }
}

impl Driver for AlluxioFace {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Fault>> {
        Box::pin(async { Ok(self.seen()) })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async move {
            let strike = |fault| strike::strike(&mut self.world(), self.site.as_deref(), step, fault);
            self.line.look(&step.id, self.time.now(), strike).await?;
            let site = self.site()?;
            let look = Look {
                world: &self.world(),
                site,
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
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let strike = |fault| strike::strike(&mut self.world(), self.site.as_deref(), step, fault);
            let asked = self.time.now();
            let passage = self.line.act(&step.id, asked, strike).await?;
            if passage == Passage::Late {
                let (face, step, intent) = (self.clone(), step.clone(), intent.clone());
                let bound = bound.clone();
                tokio::spawn(async move {
                    pass(LATE_MS).await;
                    // Nobody hears the answer.
                    face.acts(&bound, (&step, &intent), true, asked).ok();
                });
                return self.line.answer(passage).await;
            }
            let answer = self.acts(bound, (step, intent), passage != Passage::Partly, asked);
            self.line.answer(passage).await?;
            answer
        })
    }
}
