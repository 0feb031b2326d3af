//! The driver: what it is told of the namespace, and the trait that the engine calls. How a look, a standing and an
//! attempt come about is in the modules of those names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Progress, Standing};
use upshift_model::ids::{AttemptKey, BindingName, ComponentId, StepId, SystemName};
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::realtime_compute::{Deployed, Place, Select, Site};
use upshift_model::record::{Failure, Intent};
use upshift_model::span::Millis;
use upshift_model::step::{ForeignId, Step};

use super::client::RealtimeCompute;
use super::documents::Deployment;
use super::mark::Mark;
use super::observe::{Wanted, observe};
use super::{attempt, codes, standing};
use crate::Clock;
use crate::wire::objects::Objects;

/// Whether something is looked for still whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looking {
    /// It was certainly not sent.
    NeverSent,
    /// It is.
    On,
    /// It was not seen in all that time.
    Over,
}

/// Deployments of a plan that can be looked at and changed.
#[derive(Debug)]
pub struct RealtimeComputeDriver {
    pub(super) client: RealtimeCompute,
    pub(super) system: SystemName,
    pub(super) site: Site,
    pub(super) objects: Objects,
    clock: Clock,
    memory: Mutex<Memory>,
}

/// What this process knows of its own tries. Nothing of it is needed: without it more is waited for.
#[derive(Debug, Default)]
struct Memory {
    /// Tries that were certainly not sent, and were never sent before.
    unsent: BTreeSet<AttemptKey>,
    /// Tries that may have arrived.
    sent: BTreeSet<AttemptKey>,
    /// Tickets that tries were given.
    tickets: BTreeMap<AttemptKey, String>,
    /// When something was first missed.
    missed: BTreeMap<StepId, jiff::Timestamp>,
}

impl RealtimeComputeDriver {
    /// A driver for a run of a plan.
    pub fn for_plan(client: RealtimeCompute, system: SystemName, site: &Site, clock: Clock) -> Self {
        let client = match site.calls_per_second {
            Some(budget) => client.paced(budget),
            None => client,
        };
        let objects = Objects::new(site.objects.as_ref().clone(), client.secrets().clone());
        Self {
            objects,
            client,
            system,
            site: site.clone(),
            clock,
            memory: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The deployment that a job of the plan is moved with.
    ///
    /// # Errors
    /// [`Fault::Refused`] when the plan has none of that name.
    pub(super) fn place(&self, name: &ComponentId) -> Result<Place<'_>, Fault> {
        self.site.place(name).ok_or_else(|| self.not_in_the_plan(name))
    }

    pub(super) fn deployed(&self, name: &ComponentId) -> Result<&Deployed, Fault> {
        self.place(name).map(Place::deployed)
    }

    fn not_in_the_plan(&self, name: &ComponentId) -> Fault {
        refusal(format!("the plan of this run does not have {name}"))
    }

    pub(super) fn not_known(&self, step: &Step) -> Fault {
        refusal(format!(
            "step {} is none that is carried out on Realtime Compute",
            step.id
        ))
    }

    /// The id of the deployment in a place; none where a copy is not there. A copy whose making was never seen to its
    /// end is known by its name and by our label.
    pub(super) async fn id_of(&self, place: &ComponentId, bound: &Bindings) -> Result<Option<String>, Fault> {
        if let Place::Original(of) = self.place(place)? {
            return Ok(Some(of.id.clone()));
        }
        let name = BindingName::new(format!("deployment/{place}"));
        if let Some(id) = bound.value(&name) {
            return Ok(Some(id.to_owned()));
        }
        let named = self.client.deployments_named(place.as_str()).await?;
        let draft = bound.value(&standing::draft_of(place));
        let is_ours =
            |one: &Deployment| one.label(Mark::LABEL).is_some() || (draft.is_some() && one.draft() == draft);
        let ours = named.iter().find(|one| is_ours(one));
        Ok(ours.map(|one| one.id().to_owned()))
    }

    /// The same where the plan says where the id is.
    pub(super) async fn foreign(
        &self,
        place: &ComponentId,
        id: &ForeignId,
        bound: &Bindings,
    ) -> Result<Option<String>, Fault> {
        match id {
            ForeignId::Seen(id) => Ok(Some(id.clone())),
            ForeignId::Bound(_) => self.id_of(place, bound).await,
        }
    }

    /// Whether what a try asked for may show only later: lists lag, and a request may be on its way still. None when
    /// it was certainly not sent, or enough time has passed that it may be asked for again.
    pub(super) fn may_come(&self, step: &Step, intent: &Intent) -> Option<Progress> {
        if self.memory().unsent.contains(&intent.key) {
            return None;
        }
        let patience = jiff::SignedDuration::from_millis(i64::try_from(step.give_up.0).unwrap_or(i64::MAX));
        let sent = intent.deadline.saturating_sub(patience).ok()?;
        self.lags(Millis::between(sent, self.clock.now()))
    }

    /// How long something is looked for that must not be asked for twice: three quarters of what its step is given, so
    /// that the look is over before the step is.
    pub(super) fn is_looked_for(&self, step: &Step, intent: &Intent) -> Looking {
        if self.memory().unsent.contains(&intent.key) {
            return Looking::NeverSent;
        }
        let rest = jiff::SignedDuration::from_millis(i64::try_from(step.give_up.0 / 4).unwrap_or(i64::MAX));
        match intent.deadline.saturating_sub(rest) {
            Ok(until) if self.clock.now() < until => Looking::On,
            _ => Looking::Over,
        }
    }

    /// The same for something that another step may have asked for: the time runs from when it was first missed.
    pub(super) fn may_come_late(&self, step: &Step) -> Option<Progress> {
        let now = self.clock.now();
        let missed = *self.memory().missed.entry(step.id.clone()).or_insert(now);
        self.lags(Millis::between(missed, now))
    }

    fn lags(&self, waited: Millis) -> Option<Progress> {
        let lag = self.site.lists_lag;
        (waited < lag).then(|| {
            Progress::of(format!(
                "not seen yet: it is looked for for {lag} before it counts as not sent"
            ))
        })
    }

    /// Keeps the ticket that a try was given. The last one counts: each is for the same draft.
    pub(super) fn keep_ticket(&self, intent: &Intent, ticket: String) {
        self.memory().tickets.insert(intent.key.clone(), ticket);
    }

    /// The ticket of a try, where this very process was given it.
    pub(super) fn ticket(&self, intent: &Intent) -> Option<String> {
        self.memory().tickets.get(&intent.key).cloned()
    }

    /// A draft of this name that upshift made, where its making was never seen to its end.
    pub(super) async fn draft_named(&self, name: &ComponentId) -> Result<Option<String>, Fault> {
        let all = self.client.drafts().await?;
        let mut ours = all
            .iter()
            .filter(|one| one.name() == name.as_str() && one.label(Mark::LABEL).is_some());
        Ok(ours.next().map(|one| one.id().to_owned()))
    }

    fn remember(&self, intent: &Intent, said: &Result<(), Fault>) {
        let mut memory = self.memory();
        let is_new = !memory.sent.contains(&intent.key);
        match said {
            Err(Fault::Transient(_)) if is_new => memory.unsent.insert(intent.key.clone()),
            Ok(()) | Err(Fault::Ambiguous(_) | Fault::Transient(_)) => {
                memory.unsent.remove(&intent.key);
                memory.sent.insert(intent.key.clone())
            }
            Err(Fault::Refused(_)) => is_new,
        };
    }

    async fn look(&self) -> Result<Inventory, Fault> {
        let site = &self.site;
        let copies = site.deployments.values().filter_map(|one| one.clone.as_ref());
        let names = site.deployments.keys().chain(copies);
        let select = Select {
            names: names.map(ToString::to_string).collect(),
            ..Select::default()
        };
        let copy_of = |name: &str| {
            let of = site.deployments.get(&ComponentId::from(name));
            of.and_then(|of| of.clone.as_ref()).map(ToString::to_string)
        };
        let wanted = Wanted {
            system: &self.system,
            service: &site.service,
            select: &select,
            copy_of: &copy_of,
            objects: self.objects.clone(),
            probes: site
                .probes
                .iter()
                .map(|(name, probe)| (name.clone(), probe.clone()))
                .collect(),
            programs: site
                .deployments
                .iter()
                .filter_map(|(name, of)| Some((name.to_string(), of.program.clone()?)))
                .collect(),
            // No code of a jar is run to look at it during a run; what a savepoint holds is a gate's question.
            graph: None,
            reads_state: false,
        };
        observe(&self.client, &wanted, self.clock.now()).await
    }
}

fn refusal(what: String) -> Fault {
    Fault::Refused(failure(codes::NOT_IN_THE_PLAN, what))
}

pub(super) fn failure(code: upshift_model::ids::Code, what: String) -> Failure {
    Failure {
        code,
        what,
        far_side: None,
    }
}

impl Driver for RealtimeComputeDriver {
    fn observe<'a>(&'a self) -> BoxFuture<'a, Result<Inventory, Fault>> {
        Box::pin(self.look())
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(standing::standing(self, step, bound, intent))
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let said = attempt::attempt(self, step, bound, intent).await;
            self.remember(intent, &said);
            said
        })
    }
}
