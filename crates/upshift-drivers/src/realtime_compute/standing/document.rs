//! Deployments: whether a copy is there, which engine one names, whether one is gone.

use upshift_engine::driver::{Fault, Standing};
use upshift_model::ids::{BindingName, ComponentId};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::Baseline;
use upshift_model::step::ForeignId;
use upshift_model::version::Version;

use super::{Look, contradicted};
use crate::realtime_compute::client::refused;
use crate::realtime_compute::codes;
use crate::realtime_compute::documents::Deployment;
use crate::realtime_compute::mark::Mark;

impl Look<'_> {
    /// The copy is known by its name and by our mark; both have to fit.
    pub(super) async fn copied(
        &self,
        of: &ComponentId,
        to: &ComponentId,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let named = self.driver.client.deployments_named(to.as_str()).await?;
        let mark = self.intent.map(|intent| Mark::of(&intent.key));
        let is_ours = |label: Option<&str>| mark.as_ref().is_some_and(|mark| label == Some(mark.as_str()));
        let (ours, others): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|one| is_ours(one.label(Mark::LABEL)));
        if !others.is_empty() {
            return Ok(contradicted(format!(
                "a deployment {to} is there that this run did not make"
            )));
        }
        let Some(copy) = ours.first() else {
            return Ok(self.missing());
        };
        if ours.len() > 1 {
            let what = format!("{} deployments {to} bear the mark of one try", ours.len());
            return Err(refused(codes::DOUBLED, what));
        }
        self.is_whole((of, to), copy, into).await
    }

    /// A copy that was seen in a list, read back whole: a list may tell less.
    pub(super) async fn is_whole(
        &self,
        (of, to): (&ComponentId, &ComponentId),
        copy: &Deployment,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let deployed = self.driver.deployed(of)?;
        let wanted = &deployed.new;
        let Some(copy) = self.driver.client.deployment(copy.id()).await? else {
            return Ok(self.missing());
        };
        if !copy.engine_version().eq_ignore_ascii_case(wanted.as_str()) {
            let what = format!("{to} was made, and names {} as its engine", copy.engine_version());
            return Ok(contradicted(what));
        }
        if let Some(program) = &deployed.program
            && copy.jar() != Some(program.jar.as_str())
        {
            let what = format!(
                "{to} was made, and runs {} as its jar",
                copy.jar().unwrap_or("none")
            );
            return Ok(contradicted(what));
        }
        let fact = format!("{to} is there as {} on {}", copy.id(), copy.engine_version());
        Ok(Standing::Done(Proof::of([fact]).with(Binding::Value {
            name: into.clone(),
            value: copy.id().to_owned(),
        })))
    }

    /// Which engine a deployment names.
    pub(super) async fn named(
        &self,
        of: &ComponentId,
        from: &Version,
        to: &Version,
    ) -> Result<Standing, Fault> {
        let id = &self.driver.deployed(of)?.id;
        let Some(seen) = self.driver.client.deployment(id).await? else {
            return Ok(contradicted(format!("{of} is not there")));
        };
        let engine = seen.engine_version();
        if engine.eq_ignore_ascii_case(to.as_str()) {
            return Ok(Standing::Done(Proof::of([format!("{of} names {engine}")])));
        }
        Ok(match engine.eq_ignore_ascii_case(from.as_str()) {
            true => Standing::Ready(Baseline::default()),
            false => contradicted(format!(
                "{of} names {engine} as its engine, neither {from} nor {to}"
            )),
        })
    }

    /// Whether a deployment is gone.
    pub(super) async fn deleted(&self, name: &ComponentId, id: &ForeignId) -> Result<Standing, Fault> {
        let gone = |what: String| Ok(Standing::Done(Proof::of([what])));
        let Some(id) = self.driver.foreign(name, id, self.bound).await? else {
            // One that was asked for and not seen yet may still come.
            return match self.driver.may_come_late(self.step) {
                Some(progress) => Ok(Standing::Waiting(progress)),
                None => gone(format!("there is no {name} of this run")),
            };
        };
        if self.driver.client.deployment(&id).await?.is_none() {
            return gone(format!("{name} ({id}) is gone"));
        }
        let jobs = self.driver.client.jobs(&id).await?;
        let live = jobs.iter().find(|job| !job.status.current_job_status.is_over());
        Ok(match live {
            Some(job) => contradicted(format!(
                "{name} has a job that is {}: it is not deleted",
                job.status.current_job_status
            )),
            None => Standing::Ready(Baseline::default()),
        })
    }
}
