//! A look at one moment: the machine, the plan's site and the time, with the questions that standing,
//! attempt and expectation all ask.

use std::path::Path;

use upshift_engine::driver::Fault;
use upshift_model::flink::{
    Cluster as PlannedCluster, Installation, Job as PlannedJob, OLD, Site, Submission,
};
use upshift_model::ids::{BindingName, ComponentId};
use upshift_model::proof::Bindings;

use super::codes::refused;
use crate::flink::{Cluster, Job, Machine, Phase, Role};

/// What is left of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    Manager,
    TaskManagers,
    Nothing,
}

/// See the module.
pub(super) struct Look<'a> {
    pub(super) machine: &'a Machine,
    pub(super) site: &'a Site,
    pub(super) bound: &'a Bindings,
    pub(super) now: i64,
}

impl<'a> Look<'a> {
    pub(super) fn planned(&self, id: &ComponentId) -> Result<&'a PlannedCluster, Fault> {
        let found = self.site.clusters.get(id);
        found.ok_or_else(|| refused(format!("the plan has no cluster {id}")))
    }

    pub(super) fn installation(&self, id: &ComponentId) -> Result<&'a Installation, Fault> {
        let found = self.planned(id)?.installation.as_ref();
        found.ok_or_else(|| refused(format!("the plan knows no installation of cluster {id}")))
    }

    pub(super) fn job(&self, id: &ComponentId) -> Result<&'a PlannedJob, Fault> {
        let found = self.site.jobs.get(id);
        found.ok_or_else(|| refused(format!("the plan has no job {id}")))
    }

    pub(super) fn submission(&self, job: &ComponentId, on: &ComponentId) -> Result<&'a Submission, Fault> {
        let found = self.job(job)?.submissions.get(on);
        found.ok_or_else(|| refused(format!("the plan does not say how {job} is submitted to {on}")))
    }

    /// The configuration directory of whoever answers at the cluster's address.
    pub(super) fn answering(&self, id: &ComponentId) -> Result<Option<&'a Path>, Fault> {
        Ok(self.machine.answering(&self.planned(id)?.rest))
    }

    /// The cluster that answers at the address; a call to one that does not is not reached.
    pub(super) fn cluster(&self, id: &ComponentId) -> Result<(&'a Path, &'a Cluster), Fault> {
        let unreached = || Fault::Transient(format!("cluster {id}: connection refused"));
        let conf = self.answering(id)?.ok_or_else(unreached)?;
        let clusters = self.machine.world.clusters();
        let found = clusters.get(&*conf.to_string_lossy()).ok_or_else(unreached)?;
        Ok((conf, found))
    }

    pub(super) fn left_of(&self, id: &ComponentId) -> Result<Left, Fault> {
        let Some(installation) = &self.planned(id)?.installation else {
            return Ok(Left::Manager);
        };
        let mut processes = self.machine.processes(&installation.conf).peekable();
        if processes.peek().is_none() {
            return Ok(match self.foreign_answer(id)? {
                true => Left::Manager,
                false => Left::Nothing,
            });
        }
        Ok(match processes.any(|p| p.role == Role::JobManager) {
            true => Left::Manager,
            false => Left::TaskManagers,
        })
    }

    /// Whether something answers at the cluster's address that is no cluster of the plan.
    pub(super) fn foreign_answer(&self, id: &ComponentId) -> Result<bool, Fault> {
        let Some(conf) = self.answering(id)? else {
            return Ok(false);
        };
        let installed = self
            .site
            .clusters
            .values()
            .filter_map(|c| c.installation.as_ref());
        let mut confs = installed.map(|i| i.conf.as_path());
        Ok(!confs.any(|planned| planned == conf))
    }

    /// The id under which the job runs on the cluster, as far as the run knows.
    pub(super) fn known_id(&self, job: &ComponentId, on: &ComponentId) -> Result<Option<String>, Fault> {
        let name = job.as_str().strip_prefix("job/").unwrap_or(job.as_str());
        let bound = self.bound.value(&BindingName::new(format!("id/{name}@{on}")));
        let seen = self.job(job)?.running_as.clone();
        Ok(bound
            .map(str::to_owned)
            .or_else(|| seen.filter(|_| on.as_str() == OLD)))
    }

    pub(super) fn expected_id(&self, job: &ComponentId, on: &ComponentId) -> Result<String, Fault> {
        let unknown = || refused(format!("no step has said under which id {job} runs on {on}"));
        self.known_id(job, on)?.ok_or_else(unknown)
    }

    pub(super) fn phase(&self, job: &Job) -> Phase {
        job.phase(self.now)
    }
}
