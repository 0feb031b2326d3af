//! What is brought to the hosts before the first stop: its steps, what servers are held to, and what the check of plugins
//! makes of it.

use upshift_model::expect::Expectation;
use upshift_model::fluss::{Act, Condition, Staged, THIS_MACHINE};
use upshift_model::step::{Effect, Step};

use super::plans::{named, plan};
use super::*;

fn jar(to: &str, sha256: &str) -> Staged {
    Staged {
        from: "/srv/dist/paimon.jar".into(),
        to: format!("/opt/fluss/{to}").into(),
        sha256: sha256.to_owned(),
        archive: false,
    }
}

fn is_held(step: &&Step) -> bool {
    let host = THIS_MACHINE.to_owned();
    step.before
        .contains(&Expectation::Fluss(Condition::Staged { host }))
}

#[test]
fn it_is_brought_there_first_of_all_and_every_stop_and_start_is_held_to_it() {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    let none = plan(&world);
    assert!(none.steps().all(|step| !matches!(
        step.effect,
        Effect::Fluss {
            what: Act::Stage { .. }
        }
    )));
    assert_eq!(none.steps().filter(is_held).count(), 0);
    world.declaration.staged = vec![jar("plugins/paimon/paimon.jar", "aa")];
    world.process(1).plugins = Observed::Known(BTreeMap::from([("paimon".to_owned(), 1)]));
    let plan = plan(&world);
    let first = plan.steps().next().expect("steps");
    let Effect::Fluss {
        what: Act::Stage { host, plugins },
    } = &first.effect
    else {
        panic!("{:?}", first.effect)
    };
    assert_eq!(host, THIS_MACHINE);
    assert_eq!(plugins.iter().collect::<Vec<_>>(), ["paimon"]);
    assert!(
        first.by_hand.join("\n").contains("sha256sum -c"),
        "{:?}",
        first.by_hand
    );
    // Four servers, each stopped and started once.
    assert_eq!(plan.steps().filter(is_held).count(), 8);
    // Nothing is taken away on the way back, and nothing is held to it.
    let back = plan.ways_back.iter().flatten().flat_map(|wave| &wave.lanes);
    let mut back = back.flat_map(|lane| &lane.steps);
    assert!(back.all(|step| !is_held(&step)));
}

fn there(home: Home) -> HostFacts {
    HostFacts {
        target_home: Some(Observed::Known(home)),
        ..host()
    }
}

#[test]
fn jars_that_are_brought_count_as_there_and_others_in_their_place_do_not() {
    let mut world = measured();
    world.declaration.target_home = Some("/opt/fluss".into());
    let mut empty = home("0.9.1-incubating");
    empty.plugins.insert("paimon".to_owned(), 0);
    world.system.hosts = vec![there(empty)];
    world.process(1).plugins = Observed::Known(BTreeMap::from([("paimon".to_owned(), 1)]));
    world.is(&codes::PLUGINS, Severity::Red);
    world.declaration.staged = vec![jar("plugins/paimon/paimon.jar", "aa")];
    world.is(&codes::PLUGINS, Severity::Green);
    let mut other = home("0.9.1-incubating");
    other.plugins.insert("paimon".to_owned(), 1);
    other
        .jars
        .insert("plugins/paimon/paimon.jar".to_owned(), "bb".to_owned());
    world.system.hosts = vec![there(other)];
    says(
        &world.is(&codes::PLUGINS, Severity::Red),
        "plugins/paimon/paimon.jar on this machine has sha256 bb",
    );
}

#[test]
fn a_release_that_is_brought_as_an_archive_need_not_be_there_and_what_it_holds_is_not_known() {
    let mut world = measured();
    world.declaration.target_home = Some("/opt/fluss".into());
    let gone = HostFacts {
        target_home: Some(Observed::Unknown(gap())),
        ..host()
    };
    world.system.hosts = vec![gone];
    world.is_unknown(&codes::HOME, Severity::Red);
    world.declaration.staged = vec![Staged {
        from: "/srv/dist/fluss.tgz".into(),
        to: "/opt/fluss".into(),
        sha256: "cc".to_owned(),
        archive: true,
    }];
    says(
        &world.is(&codes::HOME, Severity::Green),
        "unpacked before the first server",
    );
    world.is_unknown(&codes::PLUGINS, Severity::Yellow);
}
