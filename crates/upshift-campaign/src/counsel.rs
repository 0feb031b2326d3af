//! Plans for a simulated Flink run what the program's own counsel plans for a real one.

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver as _;
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::Wave;
use upshift_model::way_back::WayBackOffer;
use upshift_planner::dispatch::{at_home, left_over, unseen, way_back};

use upshift_sim::direct::flink::{FlinkFace, Scene};
use upshift_sim::direct::{Clockwork, Line};
use upshift_sim::flink::Machine;

/// See the module.
pub(crate) struct FlinkCounsel {
    pub(crate) face: FlinkFace,
    pub(crate) machine: Arc<Mutex<Machine>>,
    pub(crate) time: Clockwork,
}

impl Counsel for FlinkCounsel {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        Box::pin(async move {
            let present = self.face.observe().await.ok();
            way_back(run, present.as_ref(), self.time.stamp()).map_err(Failure::from)
        })
    }

    fn restart<'a>(
        &'a self,
        _: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move { Err(unseen(server, "nothing is restarted by itself in a simulation")) })
    }

    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move { left_over(run, self.home(run).as_ref()) })
    }
}

impl FlinkCounsel {
    fn home(&self, run: &RunState) -> Option<Inventory> {
        let line = Arc::new(Line::default());
        let face = Scene::acting(&self.machine, &line, self.time, &at_home(run))?;
        face.seen().ok()
    }
}
