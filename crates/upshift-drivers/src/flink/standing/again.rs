//! Whether a step that was tried before is asked anew what it expects before it.
//!
//! Between an intent and its repeat a process died or an answer was lost, and the world went on: a job that
//! nobody named may run by now on the cluster that is to be stopped. So the question is asked again, unless a
//! try has left something that the repeat completes: half an effect of our own would not meet it.

use upshift_engine::driver::Fault;
use upshift_model::flink::Installation;
use upshift_model::ids::ComponentId;
use upshift_model::record::Intent;
use upshift_model::step::{Effect, Preparation, Releasable, StartWhat, StopWhat};

use super::super::launch;
use super::{Look, processes_before};

impl Look<'_> {
    /// To be asked of a step that is ready.
    pub(super) fn is_untouched(&self) -> Result<bool, Fault> {
        let Some(intent) = self.intent else {
            return Ok(true);
        };
        match &self.step.effect {
            Effect::Stop {
                what: StopWhat::Cluster { cluster },
            }
            | Effect::Release {
                what: Releasable::ClusterProcesses { cluster },
            } => all_there(self.installation_of(cluster)?, intent),
            Effect::Start {
                what: StartWhat::Cluster { cluster, .. },
            } => match self.installation_of(cluster)? {
                Some(installation) => Ok(launch::processes(&installation.conf)?.is_empty()),
                None => Ok(true),
            },
            // What was unpacked in part takes room until the repeat takes it away.
            Effect::Prepare {
                what: Preparation::Unpack { .. },
            } => Ok(false),
            _ => Ok(true),
        }
    }

    fn installation_of(&self, cluster: &ComponentId) -> Result<Option<&Installation>, Fault> {
        Ok(self.driver.cluster(cluster)?.1.installation.as_ref())
    }
}

/// Whether every process that was to end runs on and was not told yet, as far as the kernel shows it.
fn all_there(installation: Option<&Installation>, intent: &Intent) -> Result<bool, Fault> {
    let Some(installation) = installation else {
        return Ok(true);
    };
    let now = launch::processes(&installation.conf)?;
    let before = processes_before(intent, &installation.conf);
    let alive = |was: &upshift_model::flink::FlinkProcess| {
        now.iter()
            .any(|is| (is.pid, is.started_ticks) == (was.pid, was.started_ticks) && !launch::is_ending(is))
    };
    Ok(before.iter().all(alive))
}
