//! What must hold of every answer and every route, tried over all releases that are known.

use upshift_planner::knowledge::{About, Answer, Cited, Effect, Facts, Known, Release, Rule, Truth, Verdict};
use upshift_planner::route::{Ground, Outcome};

use crate::support::{LIBRARY, search};

/// Releases of a system, thinned so that every pair of them can be tried.
fn sample(system: Known) -> Vec<Release> {
    let all = LIBRARY.releases(system);
    let step = all.len().div_ceil(10);
    all.into_iter().rev().step_by(step).collect()
}

#[test]
fn going_back_is_never_supported() {
    for system in [
        Known::Flink,
        Known::Fluss,
        Known::RealtimeCompute,
        Known::Alluxio,
        Known::Weka,
    ] {
        let all = LIBRARY.releases(system);
        for from in &all {
            for to in all.iter().filter(|to| *to < from) {
                let answer = LIBRARY.pair(from, to, &Facts::default());
                assert_ne!(
                    answer.verdict,
                    Verdict::Supported,
                    "{system} {from} to {to}: {answer:#?}"
                );
            }
        }
    }
}

#[test]
fn a_route_never_passes_through_a_state_that_its_rules_forbid() {
    for system in Known::ALL {
        let facts = Facts::default();
        let ground = Ground::new(&LIBRARY, system, &facts, false);
        for from in sample(system) {
            for to in sample(system) {
                let clients = (system == Known::Weka || system == Known::Fluss).then(|| from.as_str());
                let Outcome::Found(route) = search(system, from.as_str(), to.as_str(), clients, &[], false)
                else {
                    continue;
                };
                for step in &route.steps {
                    assert!(
                        ground.forbids(&step.state).is_none(),
                        "{system} {from} to {to}: {step:?}"
                    );
                    let moved = step.answer.as_ref().is_none_or(|answer| ground.passes(answer));
                    assert!(moved, "{system} {from} to {to}: {step:?}");
                }
            }
        }
    }
}

#[test]
fn what_passes_strictly_passes_otherwise_too() {
    for system in [Known::Weka, Known::Alluxio] {
        for from in sample(system) {
            for to in sample(system) {
                let at = |strict| search(system, from.as_str(), to.as_str(), None, &[], strict);
                if let Outcome::Found(route) = at(true) {
                    assert_eq!(route.verdict, Verdict::Supported);
                    assert!(matches!(at(false), Outcome::Found(_)), "{system} {from} to {to}");
                }
            }
        }
    }
}

#[test]
fn a_row_more_that_refuses_or_warns_never_makes_an_answer_better() {
    let book = LIBRARY.book(Known::Alluxio);
    let pairs: Vec<&Rule> = book
        .rules
        .iter()
        .filter(|rule| rule.about == About::Pair)
        .collect();
    let facts = Facts::default();
    let cited: Vec<Cited> = pairs.iter().map(|rule| Cited::of(rule, &facts)).collect();
    for some in cited.windows(3) {
        let before = Answer::of(some.to_vec(), Vec::new()).verdict;
        for (effect, truth) in [Effect::Refuses, Effect::Risk, Effect::Note]
            .into_iter()
            .flat_map(|effect| {
                [
                    Truth::Holds,
                    Truth::NotTold,
                    Truth::CannotTell,
                    Truth::DoesNotHold,
                ]
                .map(|truth| (effect, truth))
            })
        {
            let mut more = some.to_vec();
            more.push(Cited {
                effect,
                truth,
                id: "one more".to_owned(),
                ..some[0].clone()
            });
            assert!(
                Answer::of(more, Vec::new()).verdict >= before,
                "{effect:?} {truth:?}"
            );
        }
    }
}
