//! The laws of drivers, tried on the driver of WEKA before the played cluster: each try made twice, once more when it is
//! done, cut, hung, and with a process that dies in it.
//!
//! A whole look takes servers, and is held to its law by the stories over real ones.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use futures::future::BoxFuture;
use upshift_campaign::conformance::{Disturbance, Make, Subject, refuses};
use upshift_campaign::{Wish, in_virtual_time};
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::ids::StepId;
use upshift_model::inventory::Inventory;
use upshift_model::plan::Sealed;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::Step;
use upshift_sim::direct::{Clockwork, pass};

use crate::played::Played;
use crate::stage::{BEGINS_AT, Planner, TOKEN, Trouble, Wishes, driver, plan_of, spec};
use crate::support::{all, broken, table};

struct Cluster {
    far: Arc<Played>,
    plan: Sealed,
    time: Clockwork,
}

/// The driver but for its whole look.
struct Looked(Arc<dyn Driver>);

impl Driver for Looked {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Fault>> {
        Box::pin(async { Err(Fault::Transient("servers are not played here".to_owned())) })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        self.0.standing(step, bound, intent)
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        self.0.attempt(step, bound, intent)
    }
}

fn trouble() -> Trouble {
    Trouble {
        // So that each kind of step is there.
        faults: vec!["client-target-set".to_owned()],
        wishes: Wishes {
            by_token: true,
            leave_clients: vec!["cl002".to_owned()],
            ..Wishes::default()
        },
        ..Trouble::default()
    }
}

fn cluster() -> Box<Make> {
    Box::new(|| {
        Box::pin(async {
            let plan = plan_of(trouble()).await;
            let time = Clockwork::begin(BEGINS_AT);
            let far = Arc::new(Played::new(spec(&trouble()), time));
            Arc::new(Cluster { far, plan, time }) as Arc<dyn Subject>
        })
    })
}

impl Subject for Cluster {
    fn plan(&self) -> &Sealed {
        &self.plan
    }

    fn clock(&self) -> Clock {
        self.time.clock()
    }

    fn driver(&self) -> Arc<dyn Driver> {
        Arc::new(Looked(driver(&self.plan, &self.far, self.time)))
    }

    fn counsel(&self) -> Arc<dyn Counsel> {
        Arc::new(Planner)
    }

    fn touched(&self) -> String {
        format!("{} calls that would change something", self.far.changes())
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        let state = self.far.world().state;
        let begun = state.begun.iter();
        let begun = begun.map(|one| format!("{}: upgrade {}", one.release, one.words.join(" ")));
        let mut all = BTreeMap::new();
        for what in begun.chain(state.changes) {
            *all.entry(what).or_default() += 1;
        }
        all.insert("turned away".to_owned(), u64::from(state.turned_away));
        all
    }

    fn picture(&self) -> BoxFuture<'_, String> {
        Box::pin(async {
            pass(60_000).await;
            let state = self.far.world().state;
            format!(
                "{:?}, clients {:?}, overrides {:?}, for clients {:?}, phase {:?}",
                state.release, state.clients, state.overrides, state.client_target, state.phase
            )
        })
    }

    fn disturb(&self, _: &StepId, how: Disturbance, nth: u32) {
        self.far.disturb(how, nth);
    }

    fn struck(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.far.struck())
    }

    fn calm(&self) -> bool {
        self.far.calm()
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn is_virtual(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<String> {
        vec![TOKEN.to_owned()]
    }
}

fn keeps_the_laws(wanted: &Expect) {
    let all = in_virtual_time(all(&*cluster(), Wish::Upgrade, &Disturbance::ALL));
    let broken = broken(&all);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    wanted.assert_eq(&table(&all));
}

#[test]
fn two_hops_with_clients() {
    keeps_the_laws(&expect![[r#"
        nothing goes wrong: 0 of 12
        each try twice: 12 of 12
        each try once more when it is done: 12 of 12
        request 1 of each try cut before it happened: 12 of 12
        request 2 of each try cut before it happened: 2 of 12
        request 1 of each try cut before the answer: 12 of 12
        request 2 of each try cut before the answer: 2 of 12
        request 1 of each try hung: 12 of 12
        request 2 of each try hung: 2 of 12
        request 1 of each try died before it happened: 12 of 12
        request 2 of each try died before it happened: 2 of 12
        request 1 of each try died before the answer: 12 of 12
        request 2 of each try died before the answer: 2 of 12
    "#]]);
}

#[test]
fn what_is_no_business_of_weka_is_refused() {
    let known = ["stage a package", "upgrade backends"];
    let refused = in_virtual_time(async { refuses(&*cluster()().await, &known).await });
    assert!(refused.is_empty(), "{refused:?}");
}
