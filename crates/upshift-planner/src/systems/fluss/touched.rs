//! What the steps of a run have touched so far, and so what a way back has to take back.

use upshift_model::fluss::{Act, Part, ServerId, Site};
use upshift_model::step::{Effect, Step};

use super::stops::stopped;

/// In the order in which it was touched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touched {
    pub(crate) servers: Vec<ServerId>,
    /// Whether the tiering service was stopped or started.
    pub(crate) tiering: bool,
    /// Applications that got another client after the servers. Those that got it before go on with it: it was tried with
    /// the older servers, too.
    pub(crate) clients: Vec<String>,
}

impl Touched {
    /// Takes in a step.
    pub(crate) fn take(&mut self, step: &Step, site: &Site) {
        self.servers.extend(stopped(step, site));
        if let Effect::Fluss {
            what: Act::Run { part },
        } = &step.effect
        {
            match part {
                Part::StopTiering | Part::StartTiering { .. } => self.tiering = true,
                Part::Switch { client, .. } if !self.servers.is_empty() => self.clients.push(client.clone()),
                Part::Switch { .. } => {}
            }
        }
    }
}
