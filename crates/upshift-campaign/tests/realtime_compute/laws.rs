//! The laws of drivers, tried on this one: with the emulated service before it, and a wire between that can be cut.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use futures::future::BoxFuture;
use upshift_campaign::Wish;
use upshift_campaign::conformance::{Disturbance, Make, Subject, refuses};
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::endpoint::Endpoint;
use upshift_model::ids::StepId;
use upshift_model::plan::Sealed;
use upshift_model::policy::Strategy;

use crate::proxy::Proxy;
use crate::stage::{Planner, Stage, driver, now};
use crate::support::{all, broken, table};

struct Service {
    stage: Stage,
    proxy: Proxy,
    plan: Sealed,
}

/// A service with one deployment, moved in this way.
fn service(strategy: Strategy) -> Box<Make> {
    Box::new(move || {
        Box::pin(async move {
            let mut stage = Stage::new().await;
            stage.declaration.strategy = strategy;
            let proxy = Proxy::before(stage.emulator.authority());
            stage.declaration.service.endpoint = Endpoint::plain(format!("http://{}", proxy.authority()));
            let plan = stage.plan().await;
            Arc::new(Service { stage, proxy, plan }) as Arc<dyn Subject>
        })
    })
}

impl Subject for Service {
    fn plan(&self) -> &Sealed {
        &self.plan
    }

    fn clock(&self) -> Clock {
        Clock::new(now)
    }

    fn driver(&self) -> Arc<dyn Driver> {
        driver(&self.plan.plan)
    }

    fn counsel(&self) -> Arc<dyn Counsel> {
        Arc::new(Planner(self.driver()))
    }

    fn touched(&self) -> String {
        format!("{} requests that change something", self.proxy.changes())
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        let inside = self.stage.emulator.inside();
        [
            ("deployments", inside.deployments),
            ("savepoints", inside.savepoints),
            ("jobs", inside.jobs),
        ]
        .map(|(what, n)| (what.to_owned(), n as u64))
        .into()
    }

    fn picture(&self) -> BoxFuture<'_, String> {
        Box::pin(self.stage.picture())
    }

    fn disturb(&self, _: &StepId, how: Disturbance, nth: u32) {
        self.proxy.disturb(how, nth);
    }

    fn struck(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.proxy.struck())
    }

    fn calm(&self) -> bool {
        self.proxy.calm()
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn is_virtual(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<String> {
        vec!["testSK".to_owned()]
    }
}

async fn keeps_the_laws(strategy: Strategy, wish: Wish, wanted: &Expect) {
    let all = all(&*service(strategy), wish, &Disturbance::ALL).await;
    let broken = broken(&all);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    wanted.assert_eq(&table(&all));
}

#[tokio::test]
async fn a_clone_is_switched_to() {
    keeps_the_laws(
        Strategy::CloneAndSwitch,
        Wish::Upgrade,
        &expect![[r#"
        nothing goes wrong: 0 of 7
        each try twice: 7 of 7
        each try once more when it is done: 7 of 7
        request 1 of each try cut before it happened: 7 of 7
        request 1 of each try cut before the answer: 7 of 7
        request 1 of each try hung: 7 of 7
        request 1 of each try died before it happened: 7 of 7
        request 1 of each try died before the answer: 7 of 7
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_clone_is_switched_to_and_back() {
    keeps_the_laws(
        Strategy::CloneAndSwitch,
        Wish::BackAtTheEnd,
        &expect![[r#"
        nothing goes wrong: 0 of 6
        each try twice: 6 of 6
        each try once more when it is done: 6 of 6
        request 1 of each try cut before it happened: 6 of 6
        request 1 of each try cut before the answer: 6 of 6
        request 1 of each try hung: 6 of 6
        request 1 of each try died before it happened: 6 of 6
        request 1 of each try died before the answer: 6 of 6
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_deployment_is_moved_in_place_and_back() {
    keeps_the_laws(
        Strategy::InPlace,
        Wish::BackAtTheEnd,
        &expect![[r#"
        nothing goes wrong: 0 of 7
        each try twice: 7 of 7
        each try once more when it is done: 7 of 7
        request 1 of each try cut before it happened: 7 of 7
        request 1 of each try cut before the answer: 7 of 7
        request 1 of each try hung: 7 of 7
        request 1 of each try died before it happened: 7 of 7
        request 1 of each try died before the answer: 7 of 7
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_business_of_a_service_is_refused() {
    let subject = service(Strategy::CloneAndSwitch)().await;
    let known = [
        "take a restore point",
        "stop a job",
        "start a job",
        "clone",
        "name another release",
        "delete a deployment",
    ];
    let refused = refuses(&*subject, &known).await;
    assert!(refused.is_empty(), "{refused:?}");
}
