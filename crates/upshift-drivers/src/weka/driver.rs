//! The driver: what it is told of the cluster, and the trait that the engine calls. How a standing and an attempt come
//! about is in the modules of those names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use jiff::Timestamp;
use upshift_engine::driver::{Driver, Fault, Progress, Standing};
use upshift_model::ids::SystemName;
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::span::Millis;
use upshift_model::step::Step;
use upshift_model::version::Version;
use upshift_model::weka::Site;

use super::far::{Far, Wire};
use super::observe::{host, observe};
use super::{attempt, codes, standing};
use crate::Clock;
use crate::wire::Secrets;
use crate::wire::hosts::{Hosts, Settings};

/// A WEKA cluster that a plan is carried out on.
#[derive(Debug)]
pub struct WekaDriver {
    system: SystemName,
    releases: (Version, Version),
    pub(super) site: Site,
    pub(super) far: Arc<dyn Far>,
    pub(super) secrets: Secrets,
    clock: Clock,
    progress: Mutex<Option<(String, Timestamp)>>,
}

impl WekaDriver {
    /// A driver for a run of a plan that leads from one release to the other.
    ///
    /// # Errors
    /// When a name or an address of a backend is none that ssh takes.
    pub fn for_plan(
        system: SystemName,
        site: &Site,
        releases: (&Version, &Version),
        secrets: Secrets,
        clock: Clock,
    ) -> Result<Self, Fault> {
        let declared = site.declaration(&system, releases, Vec::new());
        let clients = site.clients.iter().map(|client| (&client.host, &client.address));
        // A server that is both is reached once.
        let clients = clients.filter(|(name, _)| !site.backends.contains_key(*name));
        let named: BTreeMap<&String, &String> = site.backends.iter().chain(clients).collect();
        let all = named
            .into_iter()
            .map(|(name, address)| host(&declared, name, address));
        let all: Result<Vec<_>, _> = all.collect();
        let all = all.map_err(|error| refused(error.to_string()))?;
        let settings = Settings {
            per_host: Some(site.server_deadline.as_duration()),
            ..Settings::default()
        };
        let hosts = Hosts::new(all, settings).map_err(|error| refused(error.to_string()))?;
        let wire = Wire::new(hosts, site.server_deadline.as_duration());
        Ok(Self::over(
            system,
            site,
            releases,
            (secrets, clock),
            Arc::new(wire),
        ))
    }

    /// A driver that reaches its servers in another way.
    pub fn over(
        system: SystemName,
        site: &Site,
        releases: (&Version, &Version),
        (secrets, clock): (Secrets, Clock),
        far: Arc<dyn Far>,
    ) -> Self {
        Self {
            far,
            system,
            releases: (releases.0.clone(), releases.1.clone()),
            site: site.clone(),
            secrets,
            clock,
            progress: Mutex::default(),
        }
    }

    /// Backends that can be asked about the cluster, the one that carries the upgrade out first.
    pub(super) fn backends(&self) -> Vec<String> {
        let runner = &self.site.runner.host;
        let others = self.site.backends.keys().filter(|name| *name != runner);
        std::iter::once(runner).chain(others).cloned().collect()
    }

    /// Minutes since midnight, UTC.
    pub(super) fn minute(&self) -> u16 {
        let now = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC);
        let part = |part: i8| u16::from(part.unsigned_abs());
        part(now.hour()) * 60 + part(now.minute())
    }

    /// Progress, and for how long there was none, where that is too long.
    pub(super) fn progress(&self, what: String) -> Progress {
        let now = self.clock.now();
        let mut last = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match last.as_ref() {
            Some((known, since)) if *known == what => *since,
            _ => {
                *last = Some((what.clone(), now));
                now
            }
        };
        let stood = Millis::between(since, now);
        match stood >= self.site.no_progress {
            false => Progress::of(what),
            true => Progress::of(format!(
                "no progress for {stood} ({}): {what}",
                codes::NO_PROGRESS
            )),
        }
    }

    pub(super) fn not_known(&self, step: &Step) -> Fault {
        refused(format!("step {} is none that is carried out on WEKA", step.id))
    }
}

pub(super) fn refused(what: String) -> Fault {
    Fault::Refused(failure(codes::NOT_IN_THE_PLAN, what))
}

pub(super) fn failure(code: upshift_model::ids::Code, what: String) -> Failure {
    Failure {
        code,
        what,
        far_side: None,
    }
}

impl Driver for WekaDriver {
    fn observe<'a>(&'a self) -> BoxFuture<'a, Result<Inventory, Fault>> {
        Box::pin(async {
            let declared =
                self.site
                    .declaration(&self.system, (&self.releases.0, &self.releases.1), Vec::new());
            let seen = observe(&declared, &Secrets::none(), &self.clock).await;
            seen.map_err(|error| Fault::Transient(error.to_string()))
        })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        _: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(standing::standing(self, step, intent))
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        _: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(attempt::attempt(self, step, intent))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use upshift_engine::driver::{Driver as _, Fault};
    use upshift_model::ids::{StepId, SystemName};
    use upshift_model::proof::Bindings;
    use upshift_model::span::Millis;
    use upshift_model::step::{Canary, Downtime, Effect, Step};
    use upshift_model::weka::{Runner, Site, Source};

    use super::WekaDriver;
    use crate::Clock;
    use crate::weka::codes::{NO_PROGRESS, NOT_IN_THE_PLAN};
    use crate::wire::Secrets;

    fn driver(no_progress: Millis) -> WekaDriver {
        let site = Site {
            guid: "g".to_owned(),
            entry: vec!["be0".to_owned()],
            ssh_config: None,
            ssh_user: None,
            server_deadline: Millis::from_secs(1),
            runner: Runner {
                host: "be0".to_owned(),
                container: "drives0".to_owned(),
                port: None,
            },
            source: Source::Server { from: None },
            no_progress,
            backends: BTreeMap::from([("be0".to_owned(), "127.0.0.1".to_owned())]),
            clients: Vec::new(),
            look_at_clients: false,
            other_client_targets: Vec::new(),
        };
        let (from, to) = ("4.4.26".parse().unwrap(), "5.1.25".parse().unwrap());
        let clock = Clock::by(|| jiff::Timestamp::UNIX_EPOCH);
        WekaDriver::for_plan(SystemName::new("s"), &site, (&from, &to), Secrets::none(), clock).unwrap()
    }

    #[test]
    fn a_step_of_another_system_is_refused_before_anything_is_asked() {
        let driver = driver(Millis::from_secs(60));
        let step = Step {
            id: StepId::new("1.1"),
            effect: Effect::Prove {
                what: Canary {
                    name: "x".to_owned(),
                    parts: 1,
                    copies: 1,
                },
            },
            before: Vec::new(),
            after: Vec::new(),
            why: Vec::new(),
            usual: None,
            give_up: Millis::from_secs(1),
            tries: 1,
            downtime: Downtime::None,
            by_hand: Vec::new(),
        };
        let told = futures::executor::block_on(driver.standing(&step, &Bindings::default(), None));
        assert!(matches!(told, Err(Fault::Refused(failure)) if failure.code == NOT_IN_THE_PLAN));
    }

    #[test]
    fn what_has_not_moved_for_long_is_said_to_stand_still() {
        let patient = driver(Millis::from_secs(60));
        assert_eq!(patient.progress("3 of 9".to_owned()).what, "3 of 9");
        let told = driver(Millis::ZERO).progress("3 of 9".to_owned()).what;
        assert!(
            told.contains("no progress for") && told.contains(NO_PROGRESS.as_str()),
            "{told}"
        );
    }
}
