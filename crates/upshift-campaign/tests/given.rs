//! A plan and an inventory from outside: the world is theirs, and the oracle judges it like any other.

use std::sync::{Arc, Mutex};

use upshift_campaign::{
    BEGINS_AT, Case, Course, Given, MemoryStore, Setting, Strike, Told, Trouble, Wanted, in_virtual_time,
    of_case, of_given, strikes,
};
use upshift_model::digest::Digest;
use upshift_model::inventory::{Facts, Inventory};
use upshift_model::observed::Observed;
use upshift_model::record::{Outcome, Record};
use upshift_model::step::{Effect, StopWhat};
use upshift_sim::direct::flink::{Scene, Way};
use upshift_sim::direct::{Clockwork, Fault, Place, Planned, When};

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::default())
}

/// What a person has in hand after `upshift observe` and `upshift plan`.
fn in_hand(way: Way) -> Given {
    let scene = Scene::new(way);
    let told = in_virtual_time(of_case(Case::calm(Setting::Flink(scene.clone())), store()));
    let Record::Opened { plan, .. } = &told.lines[0].entry().record else {
        panic!("a run begins with its plan");
    };
    let inventory = in_virtual_time(async {
        let time = Clockwork::begin(BEGINS_AT);
        let machine = Arc::new(Mutex::new(scene.machine(time.now())));
        scene.looking(&machine, time).seen().expect("a scene can be seen")
    });
    Given {
        plan: (**plan).clone(),
        inventory,
    }
}

fn rehearsed(given: Given, planned: Vec<Planned>) -> Told {
    let case = Case {
        trouble: Trouble {
            planned,
            deaths: Vec::new(),
        },
        ..Case::calm(Setting::Given(Box::new(given)))
    };
    in_virtual_time(of_case(case, store()))
}

#[test]
fn a_plan_of_each_kind_goes_through_on_the_world_of_its_inventory() {
    for way in Way::ALL {
        let told = rehearsed(in_hand(way), Vec::new());
        assert_eq!(told.flaws, [""; 0], "{way:?}");
        assert_eq!(told.outcome, Some(Outcome::Finalized), "{way:?}");
        assert_eq!(told.subjects, 3);
    }
}

/// Of which the simulator knows no more than what the plan says.
fn with_jars_of_his_own(plan: &mut serde_json::Value) {
    let values: Vec<&mut serde_json::Value> = match plan {
        serde_json::Value::Object(fields) => {
            if let Some(digest) = fields.get_mut("jar_sha256") {
                *digest = Digest::of_bytes(b"his own").to_string().into();
            }
            fields.values_mut().collect()
        }
        serde_json::Value::Array(items) => items.iter_mut().collect(),
        _ => return,
    };
    values.into_iter().for_each(with_jars_of_his_own);
}

/// Once every gate held, somebody goes back: the longest way back that there is.
#[test]
fn a_plan_of_each_kind_leads_back_to_the_system_of_its_inventory() {
    for way in Way::ALL {
        let mut plan = serde_json::to_value(&in_hand(way).plan.plan).unwrap();
        with_jars_of_his_own(&mut plan);
        let plan: upshift_model::plan::Plan = serde_json::from_value(plan).unwrap();
        let given = Given {
            plan: plan.seal(),
            ..in_hand(way)
        };
        let told = in_virtual_time(of_case(Course::Back.calm(&given), store()));
        let halted = told.lines.iter().find_map(|line| match &line.entry().record {
            Record::Halted { halt, .. } => Some(&halt.failure),
            _ => None,
        });
        assert_eq!(halted, None, "{way:?}");
        assert_eq!(told.flaws, [""; 0], "{way:?}");
        assert_eq!(told.outcome, Some(Outcome::RolledBack), "{way:?}");
        let struck = strikes(Course::Back, &told, Fault::ALL);
        let steps = Course::Back.steps(&told).count();
        assert!(
            steps >= 4 && struck.len() > 10 * steps,
            "{way:?}: {steps} steps, {} strikes",
            struck.len()
        );
        let of_it = |strike: &Strike| {
            strike
                .step()
                .is_none_or(|step| step.as_str().starts_with("back."))
        };
        assert!(struck.iter().all(of_it), "{way:?}");
    }
}

#[test]
fn names_ids_operators_and_addresses_are_those_of_the_inventory() {
    let given = in_hand(Way::RunningCluster);
    let text = serde_json::to_string(&(&given.plan.plan, &given.inventory)).unwrap();
    // The target on another machine, on the port that the source has on its own.
    let text = text
        .replace("127.0.0.1:8181", "flink.example:8081")
        .replace("file:/srv/checkpoints", "s3://state/checkpoints")
        .replace("file:///srv/savepoints", "s3://state/savepoints")
        .replace(
            "0da08f51eaa85fc298e176a139b3649a",
            "a4d1e3f9c7b25680a4d1e3f9c7b25680",
        )
        .replace("5eed0", "0af17");
    let (plan, inventory): (upshift_model::plan::Plan, Inventory) = serde_json::from_str(&text).unwrap();
    let given = Given {
        plan: plan.seal(),
        inventory,
    };
    let told = rehearsed(given, Vec::new());
    assert_eq!(told.flaws, [""; 0]);
    assert_eq!(told.outcome, Some(Outcome::Finalized));
    let proofs: String = told.lines.iter().map(|line| line.text()).collect();
    assert!(
        proofs.contains("s3://state/savepoints/savepoint-0af17"),
        "{proofs}"
    );
}

#[test]
fn a_fault_at_a_step_of_his_own_plan_is_survived_or_told() {
    let given = in_hand(Way::Shadow);
    let is_stop = |effect: &Effect| {
        matches!(
            effect,
            Effect::Stop {
                what: StopWhat::JobInto { .. }
            }
        )
    };
    let stop = given.plan.plan.steps().find(|step| is_stop(&step.effect));
    let stop = stop.unwrap().id.clone();
    let at = |fault, when| Planned {
        fault,
        place: Place {
            step: stop.clone(),
            when,
        },
    };
    let told = rehearsed(given.clone(), vec![at(Fault::KilledAfter, When::Act(1))]);
    assert_eq!(told.flaws, [""; 0]);
    assert_eq!((told.outcome, told.processes), (Some(Outcome::Finalized), 2));
    // A savepoint without the state of an operator is found before anything starts from it.
    let told = rehearsed(given, vec![at(Fault::StateLacking, When::Look(1))]);
    assert_eq!(told.flaws, [""; 0]);
    assert_eq!(told.outcome, Some(Outcome::RolledBack));
}

#[test]
fn an_inventory_that_says_little_is_filled_with_what_is_likely() {
    let mut given = in_hand(Way::InPlace);
    let Facts::Flink(facts) = &mut given.inventory.facts else {
        panic!("of Flink")
    };
    let nobody = || Observed::unknown("everything", "nobody looked");
    facts.snapshots.clear();
    facts.graphs.clear();
    facts.source.task_managers = nobody();
    facts.source.jobs = Observed::unknown("jobs", "nobody looked");
    let told = rehearsed(given, Vec::new());
    // The gate asks for operators that nobody can simulate then: it says so, and nothing is lost.
    assert_eq!(told.flaws, [""; 0]);
}

#[test]
fn faults_are_drawn_for_it_and_the_same_seed_draws_the_same() {
    let of = |seed| {
        let given = in_hand(Way::Shadow);
        in_virtual_time(of_given(seed, given, &Wanted::default(), store()))
    };
    for seed in 1..=12 {
        let told = of(seed);
        assert_eq!(told.flaws, [""; 0], "seed {seed}");
        assert_eq!(told.lines, of(seed).lines, "seed {seed}");
    }
}
