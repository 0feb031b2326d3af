//! Clients: in batches of the vendor's command, or one by one, by commands on each.

use std::collections::BTreeSet;

use upshift_model::policy::OnLaneFailure;
use upshift_model::step::Wave;
use upshift_model::version::Version;
use upshift_model::weka::{ClientWay, Condition, Site};

use super::error::PlanError;
use super::plan::{one, undisturbed};
use super::site::unseen;
use super::steps;
use crate::build::{lane, wave};
use crate::systems::weka::situation::Situation;

/// The clients of a plan.
pub(super) struct Clients<'a> {
    s: &'a Situation<'a>,
    site: &'a Site,
    /// Numbers of those that are left alone.
    left: BTreeSet<u64>,
}

impl<'a> Clients<'a> {
    pub(super) fn of(s: &'a Situation<'a>, site: &'a Site) -> Result<Self, PlanError> {
        let mut left = BTreeSet::new();
        if s.declaration.clients {
            let ids: BTreeSet<u64> = site.clients.iter().map(|client| client.id).collect();
            for client in s.facts.cluster.client_containers() {
                let id = client.id.ok_or_else(|| unseen("the number of every client"))?;
                if !ids.contains(&id) {
                    left.insert(id);
                }
            }
        }
        Ok(Self { s, site, left })
    }

    pub(super) fn ids(&self) -> BTreeSet<u64> {
        self.site.clients.iter().map(|client| client.id).collect()
    }

    /// Whether none is left alone.
    pub(super) fn are_all(&self) -> bool {
        self.left.is_empty()
    }

    /// The waves that bring all of them to a release.
    ///
    /// # Errors
    /// When what stateless clients take was not seen.
    pub(super) fn waves(&self, release: &Version) -> Result<Vec<Option<Wave>>, PlanError> {
        let ids = self.ids();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let declared = self.s.declaration;
        let title = format!("clients {release}");
        let there = Condition::ClientsAre {
            release: release.clone(),
            ids: ids.clone(),
        };
        let after = vec![there, Condition::Fine, undisturbed(self.s)];
        let settles = steps::hold(declared.hold, after);
        let held = self.s.facts.cluster.client_target.known();
        let held = held.ok_or_else(|| unseen("client-target-version"))?;
        // Where it is set, nobody but a command changes it.
        let target = held.as_ref().map(|former| steps::client_target(release, former));
        Ok(match declared.client_way {
            ClientWay::Batches => {
                let go = steps::clients(declared, self.site, release, (ids, &self.left));
                let steps = target.into_iter().chain([go, settles]);
                vec![one(&title, steps.collect())]
            }
            ClientWay::Locally => {
                let mut all: Vec<_> = self.site.clients.iter().collect();
                all.sort();
                let several = !declared.other_client_targets.is_empty();
                let lanes = all.into_iter().map(|client| {
                    let go = steps::client(declared, self.site, release, client, several);
                    lane(None, vec![go])
                });
                let width = usize::try_from(declared.client_batch).unwrap_or(usize::MAX);
                let settled = format!("clients {release} settle");
                vec![
                    target.and_then(|step| one(&format!("client target {release}"), vec![step])),
                    wave(&title, lanes.collect(), width, OnLaneFailure::All),
                    one(&settled, vec![settles]),
                ]
            }
        })
    }
}
