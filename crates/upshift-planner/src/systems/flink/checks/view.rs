//! The situation as the checks look at it: jobs paired with what runs, the ways that are open, the
//! target's release.
//!
//! It answers questions of lookup only; judging is the checks' business.

use std::collections::BTreeMap;

use jiff::Timestamp;
use upshift_model::finding::Severity;
use upshift_model::flink::{
    ConfFacts, Declaration, DeclaredInstallation, DeclaredJob, Facts, JobDetails, JobFacts, ShadowPorts,
    StrategyWish, Target,
};
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;
use upshift_model::version::Version;
pub(super) use upshift_model::words::{bytes, listed};

use crate::systems::flink::situation::Situation;
use crate::systems::flink::strategy;

/// The strategy that will carry the upgrade out, and whether the planner was free to choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ways {
    /// What will be done.
    pub(super) chosen: Strategy,
    /// A shadow copy is offered by the file and was not insisted on.
    shadow_offered: bool,
}

impl Ways {
    fn of(situation: &Situation<'_>) -> Self {
        let offered = matches!(
            situation.declaration.target,
            Target::Release { shadow: Some(_), .. }
        );
        Self {
            chosen: strategy::choose(situation).0,
            shadow_offered: offered && situation.declaration.strategy == StrategyWish::Auto,
        }
    }

    /// How bad it is when the way in place is barred; none when it is not taken.
    pub(super) fn when_in_place_is_barred(self) -> Option<Severity> {
        match self.chosen {
            Strategy::InPlace => Some(Severity::Red),
            Strategy::Shadow
            | Strategy::JobOnly
            | Strategy::Rolling
            | Strategy::FullStop
            | Strategy::CloneAndSwitch
            | Strategy::DoubleRun
            | Strategy::WithoutState
            | Strategy::Backup
            | Strategy::RestorePoints
            | Strategy::Rehearsal => None,
        }
    }

    /// How bad it is when the shadow copy is barred; yellow where the planner goes in place instead,
    /// none when nobody asked for it.
    pub(super) fn when_shadow_is_barred(self) -> Option<Severity> {
        match (self.chosen, self.shadow_offered) {
            (Strategy::Shadow, _) => Some(Severity::Red),
            (Strategy::InPlace, true) => Some(Severity::Yellow),
            (Strategy::InPlace, false)
            | (
                Strategy::JobOnly
                | Strategy::Rolling
                | Strategy::FullStop
                | Strategy::CloneAndSwitch
                | Strategy::DoubleRun
                | Strategy::WithoutState
                | Strategy::Backup
                | Strategy::RestorePoints
                | Strategy::Rehearsal,
                _,
            ) => None,
        }
    }
}

/// What runs under a declared job's name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Running<'a> {
    /// Nothing that is not over; the newest that is over, where the server remembers one.
    Nothing { over: Option<&'a JobFacts> },
    /// Exactly one.
    One(&'a JobFacts),
    /// Several: nobody can say which is meant.
    Several(usize),
}

/// Jobs of the cluster that are not over, by name: every check asks for them, for every job.
#[derive(Debug)]
pub(super) struct Live<'a>(BTreeMap<&'a str, Vec<&'a JobFacts>>);

impl<'a> Live<'a> {
    pub(super) fn of(situation: &Situation<'a>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&JobFacts>> = BTreeMap::new();
        let jobs = situation.facts().source.jobs.known().into_iter().flatten();
        for job in jobs.filter(|job| !is_over(job)) {
            by_name.entry(&job.name).or_default().push(job);
        }
        Self(by_name)
    }
}

/// The situation as the checks look at it.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) situation: &'a Situation<'a>,
    pub(super) declared: &'a Declaration,
    pub(super) facts: &'a Facts,
    pub(super) ways: Ways,
    live: &'a Live<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(situation: &'a Situation<'a>, live: &'a Live<'a>) -> Self {
        let declared = situation.declaration;
        Self {
            situation,
            declared,
            facts: situation.facts(),
            ways: Ways::of(situation),
            live,
        }
    }

    /// When the look was taken: ages are counted up to then and not up to now, so that an old look
    /// is not mistaken for a cluster that stands still.
    pub(super) fn looked_at(&self) -> Timestamp {
        self.situation.inventory.taken_at
    }

    /// The installation of the wanted release, where it is one to be started.
    pub(super) fn target_installation(&self) -> Option<&'a DeclaredInstallation> {
        match &self.declared.target {
            Target::Release { installation, .. } => Some(installation),
            Target::RunningCluster { .. } | Target::SameCluster => None,
        }
    }

    /// The ports of a cluster that would start beside the old one.
    pub(super) fn shadow_ports(&self) -> Option<&'a ShadowPorts> {
        match &self.declared.target {
            Target::Release { shadow, .. } => shadow.as_ref(),
            Target::RunningCluster { .. } | Target::SameCluster => None,
        }
    }

    /// The release that the jobs will run on; none when it has to be seen and was not.
    pub(super) fn target_version(&self) -> Option<&'a Version> {
        match &self.declared.target {
            Target::Release { installation, .. } => Some(&installation.version),
            Target::SameCluster => Some(&self.facts.source.version),
            Target::RunningCluster { .. } => self
                .facts
                .target
                .as_ref()
                .and_then(Observed::known)
                .map(|cluster| &cluster.version),
        }
    }

    /// Jobs of the cluster that are not over; none when they were not seen.
    pub(super) fn live_jobs(&self) -> Option<Vec<&'a JobFacts>> {
        let jobs = self.facts.source.jobs.known()?;
        Some(jobs.iter().filter(|job| !is_over(job)).collect())
    }

    /// What runs under the name of `job`; none when the cluster's jobs were not seen.
    pub(super) fn running(&self, job: &DeclaredJob) -> Option<Running<'a>> {
        self.facts.source.jobs.known()?;
        let live = self.live.0.get(job.name.as_str());
        Some(match live.map_or(&[][..], Vec::as_slice) {
            [] => Running::Nothing {
                over: self.newest_over(&job.name),
            },
            [one] => Running::One(one),
            several => Running::Several(several.len()),
        })
    }

    /// Every declared job of which the details were seen.
    pub(super) fn detailed(&self) -> Vec<(&'a DeclaredJob, &'a JobDetails)> {
        let jobs = self.declared.jobs.iter();
        jobs.filter_map(|job| self.details(job).map(|details| (job, details)))
            .collect()
    }

    /// The details of a declared job, where they were seen.
    pub(super) fn details(&self, job: &DeclaredJob) -> Option<&'a JobDetails> {
        match self.running(job) {
            Some(Running::One(seen)) => seen.details.known(),
            Some(Running::Nothing { .. } | Running::Several(_)) | None => None,
        }
    }

    /// The configuration that will be carried over, where it was seen.
    pub(super) fn conf(&self) -> Option<&'a ConfFacts> {
        self.facts.host.current_conf.as_ref().and_then(Observed::known)
    }

    /// The value that the configuration file gives to a key: the last one wins.
    pub(super) fn conf_value(&self, key: &str) -> Option<&'a str> {
        let entries = &self.conf()?.entries;
        entries
            .iter()
            .rev()
            .find(|entry| entry.key == key)
            .map(|entry| entry.value.as_str())
    }

    fn newest_over(&self, name: &str) -> Option<&'a JobFacts> {
        let jobs = self.facts.source.jobs.known()?;
        jobs.iter()
            .filter(|job| job.name == name)
            .max_by_key(|job| job.started_at)
    }
}

/// Whether a job will never run again. Any word that is not known counts as alive, so that it is
/// judged and not overlooked.
fn is_over(job: &JobFacts) -> bool {
    matches!(job.state.as_str(), "FINISHED" | "CANCELED" | "FAILED")
}

/// The subject of findings about a job.
pub(super) fn job(name: &str) -> String {
    format!("job {name}")
}

/// The subject of findings about the cluster that runs now.
pub(super) const OLD_CLUSTER: &str = "cluster";
/// The subject of findings about the cluster that will run.
pub(super) const NEW_CLUSTER: &str = "target cluster";
