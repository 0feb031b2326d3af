//! Drafts: whether one was saved as another, what the service says of it, whether its deployment came about.
//!
//! A ticket is known to the process alone that was given it. Whoever comes after it validates again, which changes
//! nothing; a deployment is known by the draft that it names, so its ticket is not needed to find it.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::ids::{BindingName, ComponentId};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Intent};

use super::{Look, contradicted};
use crate::realtime_compute::answers::Ticket;
use crate::realtime_compute::client::refused;
use crate::realtime_compute::codes;
use crate::realtime_compute::driver::{Looking, failure};
use crate::realtime_compute::mark::Mark;

impl Look<'_> {
    /// The draft that bears the mark of the try, on the wanted engine.
    pub(super) async fn saved_as(
        &self,
        of: &ComponentId,
        to: &ComponentId,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let Some(draft) = self.driver.client.draft_marked(&Mark::of(&intent.key)).await? else {
            return Ok(self.missing());
        };
        let wanted = &self.driver.deployed(of)?.new;
        // Read back whole: a list may tell less.
        let Some(draft) = self.driver.client.draft(draft.id()).await? else {
            return Ok(self.missing());
        };
        let (name, engine) = (draft.name(), draft.engine_version());
        if name != to.as_str() || !engine.eq_ignore_ascii_case(wanted.as_str()) {
            return Ok(contradicted(format!(
                "draft {to} was made, and is {name} on {engine} now"
            )));
        }
        let fact = format!("draft {to} is there as {} on {engine}", draft.id());
        Ok(Standing::Done(Proof::of([fact]).with(Binding::Value {
            name: into.clone(),
            value: draft.id().to_owned(),
        })))
    }

    /// What the service says of a draft: by the ticket that this try was given.
    pub(super) async fn validated(&self, draft: &BindingName) -> Result<Standing, Fault> {
        let id = self.draft_id(draft)?;
        let Some(ticket) = self.intent.and_then(|intent| self.driver.ticket(intent)) else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let told = self.driver.client.validation(&ticket).await?;
        Ok(match verdict(told, &ticket, "validate") {
            Verdict::Open(what) => Standing::Underway(Progress::of(what)),
            Verdict::No(what, why) => Standing::Failed(no(what, why)),
            Verdict::Yes => Standing::Done(Proof::of([format!("the service validates draft {id}")])),
        })
    }

    /// The deployment that came of our draft: it names the draft, and the draft is ours.
    pub(super) async fn deployed(
        &self,
        of: &ComponentId,
        to: &ComponentId,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let draft = self.draft_id(&super::draft_of(to))?;
        let named = self.driver.client.deployments_named(to.as_str()).await?;
        let (ours, others): (Vec<_>, Vec<_>) = named.into_iter().partition(|one| one.draft() == Some(draft));
        if !others.is_empty() {
            return Ok(contradicted(format!(
                "a deployment {to} is there that this run did not make"
            )));
        }
        match ours.as_slice() {
            [] => self.comes(draft).await,
            [copy] => self.is_whole((of, to), copy, into).await,
            all => {
                let what = format!("{} deployments {to} name the draft of one try", all.len());
                Err(refused(codes::DOUBLED, what))
            }
        }
    }

    /// What has become of a deployment that is not there.
    async fn comes(&self, draft: &str) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let Some(ticket) = self.driver.ticket(intent) else {
            return Ok(self.without_ticket(intent, draft));
        };
        let told = self.driver.client.deploy_result(&ticket).await?;
        Ok(match verdict(told, &ticket, "deploy") {
            Verdict::Open(what) => Standing::Underway(Progress::of(what)),
            Verdict::No(what, why) => Standing::Failed(no(what, why)),
            Verdict::Yes => Standing::Underway(Progress::of(format!(
                "draft {draft} was deployed by the service's word, and its deployment is not seen yet"
            ))),
        })
    }

    /// A deployment takes the service minutes, and without its ticket nobody can tell one that goes on from one that
    /// never began: it is looked for, and never asked for again unless a person says so.
    fn without_ticket(&self, intent: &Intent, draft: &str) -> Standing {
        match self.driver.is_looked_for(self.step, intent) {
            Looking::NeverSent => Standing::Ready(Baseline::default()),
            Looking::On => Standing::Waiting(Progress::of(format!(
                "whether draft {draft} is being deployed is not known, for its ticket was lost: its deployment is looked for"
            ))),
            Looking::Over => Standing::Failed(failure(
                codes::DRAFT_LOST,
                format!(
                    "draft {draft} may have been deployed: its ticket was lost, and no deployment of it was seen"
                ),
            )),
        }
    }

    /// Whether a draft of ours is gone.
    pub(super) async fn draft_deleted(
        &self,
        name: &ComponentId,
        id: &BindingName,
    ) -> Result<Standing, Fault> {
        let done = |what: String| Ok(Standing::Done(Proof::of([what])));
        let id = match self.bound.value(id) {
            Some(id) => Some(id.to_owned()),
            None => self.driver.draft_named(name).await?,
        };
        let Some(id) = id else {
            // One that was asked for and not seen yet may still come.
            return match self.driver.may_come_late(self.step) {
                Some(progress) => Ok(Standing::Waiting(progress)),
                None => done(format!("there is no draft {name} of this run")),
            };
        };
        match self.driver.client.draft(&id).await? {
            None => done(format!("draft {name} ({id}) is gone")),
            Some(_) => Ok(Standing::Ready(Baseline::default())),
        }
    }

    fn draft_id(&self, name: &BindingName) -> Result<&str, Fault> {
        let id = self.bound.value(name);
        id.ok_or_else(|| refused(codes::NOT_IN_THE_PLAN, format!("nothing is bound as {name}")))
    }
}

enum Verdict {
    Open(String),
    Yes,
    No(String, Option<String>),
}

fn verdict(told: Option<Ticket>, ticket: &str, what: &str) -> Verdict {
    match told {
        None => Verdict::No(format!("the service knows no ticket {ticket} any more"), None),
        Some(told) if !told.is_finished() => Verdict::Open(format!(
            "ticket {ticket} to {what} is {}",
            told.ticket_status.as_deref().unwrap_or("without a word")
        )),
        Some(told) if told.success == Some(true) => Verdict::Yes,
        Some(told) => Verdict::No(format!("the service does not {what} the new draft"), told.message),
    }
}

fn no(what: String, why: Option<String>) -> upshift_model::record::Failure {
    let why = why.map(|why| crate::wire::shorten(&crate::wire::redact_text(&why), 600));
    upshift_model::record::Failure {
        far_side: why.filter(|why| !why.is_empty()),
        ..failure(codes::DRAFT_REFUSED, what)
    }
}
