//! Properties over generated versions, facts and rows of one's own.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use upshift_planner::knowledge::{Fact, Facts, Known, Library, Release, Verdict};
use upshift_planner::route::{Ground, Outcome, Wish, route};

use crate::support::{LIBRARY, release};

fn systems() -> impl Strategy<Value = Known> {
    select(Known::ALL.to_vec())
}

/// A version as the system writes it, of small numbers so that many are near one another.
fn versions(system: Known) -> BoxedStrategy<Release> {
    let numbers = |most: usize| proptest::collection::vec(0_u32..4, 2..=most);
    let dotted = |numbers: Vec<u32>| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    let tails: &[&str] = match system {
        Known::Flink => &["", "-SNAPSHOT", "-rc1"],
        Known::Fluss => &["", "-incubating", "-SNAPSHOT", "-incubating-rc1"],
        Known::Alluxio => &["", "-RC1", "-SNAPSHOT"],
        Known::Weka => &["", "-2", "-hcfs", "-hotfix"],
        Known::RealtimeCompute => &["-flink-1.17", "-jdk11-flink-1.20", "-flink-1.13"],
    };
    let head: &[&str] = match system {
        Known::RealtimeCompute => &["vvr-", "vera-"],
        Known::Flink => &[""],
        Known::Fluss | Known::Alluxio | Known::Weka => &["", "v"],
    };
    let most = match system {
        Known::Flink | Known::Weka => 4,
        Known::Fluss | Known::Alluxio | Known::RealtimeCompute => 3,
    };
    (select(head.to_vec()), numbers(most), select(tails.to_vec()))
        .prop_map(move |(head, numbers, tail)| release(system, &format!("{head}{}{tail}", dotted(numbers))))
        .boxed()
}

/// Some facts, told or looked for in vain.
fn facts() -> impl Strategy<Value = Vec<String>> {
    let one = (select(Fact::ALL.to_vec()), any::<Index>(), 0_u8..8).prop_map(|(fact, at, blind)| {
        let value = match blind {
            0 => "unknown",
            _ => at.get(fact.values()),
        };
        (fact.word(), value)
    });
    proptest::collection::vec(one, 0..12).prop_map(|all| {
        let distinct: BTreeMap<&str, &str> = all.into_iter().collect();
        distinct
            .iter()
            .map(|(fact, value)| format!("{fact}={value}"))
            .collect()
    })
}

fn read(facts: &[String]) -> Facts {
    Facts::parse(facts).expect("facts")
}

/// A system, two of its known releases, clients of one of them or none.
fn wishes() -> impl Strategy<Value = (Known, Wish)> {
    (systems(), any::<[Index; 3]>(), any::<bool>()).prop_map(|(system, at, with_clients)| {
        let all = LIBRARY.releases(system);
        let clients = matches!(system, Known::Fluss | Known::Alluxio | Known::Weka) && with_clients;
        let wish = Wish {
            from: at[0].get(&all).clone(),
            to: at[1].get(&all).clone(),
            clients: clients.then(|| at[2].get(&all).clone()),
        };
        (system, wish)
    })
}

/// A rule that refuses, warns or notes, over some range of a system's releases.
fn tightening(system: Known) -> impl Strategy<Value = String> {
    let ends = any::<[Index; 4]>();
    let about = select(vec!["pair", "client", "beside", "need"]);
    let effect = select(vec!["refuses", "risk", "note"]);
    let when = proptest::option::of((select(Fact::ALL.to_vec()), any::<Index>()));
    (about, effect, ends, when, any::<bool>()).prop_map(move |(about, effect, ends, when, wide)| {
        let all = LIBRARY.releases(system);
        let span = |a: &Index, b: &Index| {
            let (a, b) = (a.get(&all), b.get(&all));
            format!("[\"{}\", \"{}\"]", a.min(b), a.max(b))
        };
        let range = match wide {
            true => String::new(),
            false => format!("from = {}\nto = {}\n", span(&ends[0], &ends[1]), span(&ends[2], &ends[3])),
        };
        let when = when.map_or_else(String::new, |(fact, at)| {
            format!("when = [{{ fact = \"{}\", is = \"{}\" }}]\n", fact.word(), at.get(fact.values()))
        });
        format!(
            "date = \"2026-11-27\"\n[[rule]]\nid = \"one-more\"\nabout = \"{about}\"\n{range}{when}effect = \"{effect}\"\n\
             text = \"made up\"\nsource = \"made up\"\nconfidence = \"inferred\"\n"
        )
    })
}

fn laid(system: Known, rules: &str) -> Library {
    let mut library = LIBRARY.clone();
    let files = BTreeMap::from([(format!("{}/rules.toml", system.word()), rules.to_owned())]);
    library.lay(&files).expect("a rule that tightens can be laid");
    library
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_is_total_over_whatever_can_be_written(
        (a, b, c) in systems().prop_flat_map(|system| (versions(system), versions(system), versions(system)))
    ) {
        prop_assert!(a.cmp(&a).is_eq());
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        if a <= b && b <= c {
            prop_assert!(a <= c, "{} {} {}", a, b, c);
        }
        let again = Release::parse(a.system(), a.as_str());
        prop_assert_eq!(again.as_ref(), Ok(&a));
    }

    #[test]
    fn going_back_is_never_supported_whatever_is_told((system, wish) in wishes(), facts in facts()) {
        let (low, high) = ((&wish.from).min(&wish.to), (&wish.from).max(&wish.to));
        prop_assume!(low < high);
        let answer = LIBRARY.pair(high, low, &read(&facts));
        prop_assert!(answer.verdict > Verdict::Supported, "{} {} to {} {:?}: {:#?}", system, high, low, facts, answer);
        if system == Known::Weka {
            prop_assert_eq!(answer.verdict, Verdict::Unsupported);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_route_passes_only_moves_and_states_that_its_rules_allow(
        (system, wish) in wishes(), facts in facts(), strict in any::<bool>()
    ) {
        let facts = read(&facts);
        let ground = Ground::new(&LIBRARY, system, &facts, strict);
        if let Outcome::Found(found) = route(&LIBRARY, &wish, &facts, strict) {
            for step in &found.steps {
                prop_assert!(ground.forbids(&step.state).is_none(), "{:?}", step);
                prop_assert!(step.answer.as_ref().is_none_or(|answer| ground.passes(answer)), "{:?}", step);
            }
            prop_assert!(!strict || found.verdict == Verdict::Supported);
            prop_assert_eq!(found.hops.last(), Some(&wish.to));
        }
    }

    #[test]
    fn a_rule_that_tightens_opens_no_route_and_makes_no_answer_better(
        ((system, wish), rule) in wishes().prop_flat_map(|(system, wish)| (Just((system, wish)), tightening(system))),
        facts in facts(),
    ) {
        let (library, facts) = (laid(system, &rule), read(&facts));
        let before = LIBRARY.pair(&wish.from, &wish.to, &facts).verdict;
        let after = library.pair(&wish.from, &wish.to, &facts).verdict;
        prop_assert!(after >= before, "{} {:?} to {:?}: {}", system, before, after, rule);
        if let Outcome::Blocked(_) = route(&LIBRARY, &wish, &facts, false) {
            let opened = matches!(route(&library, &wish, &facts, false), Outcome::Found(_));
            prop_assert!(!opened, "{} {:?}: {}", system, wish, rule);
        }
    }
}

#[test]
fn the_order_agrees_with_the_examples() {
    let text = include_str!("../../../../fixtures/compat/weka-vectors.json");
    let all: Value = serde_json::from_str(text).expect("JSON");
    for case in all["path"].as_array().into_iter().flatten() {
        let at = |key: &str| release(Known::Weka, case[key].as_str().expect("text"));
        assert!(case["direct"] != true || at("frm") < at("to"), "{case}");
    }
    for case in all["multihop"].as_array().into_iter().flatten() {
        let hops = case["hops"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let hops: Vec<Release> = hops.map(|hop| release(Known::Weka, hop)).collect();
        assert!(hops.is_sorted(), "{case}");
    }
    let text = include_str!("../../../../fixtures/compat/realtime-compute-vectors.json");
    let all: Value = serde_json::from_str(text).expect("JSON");
    for case in all["vectors"].as_array().into_iter().flatten() {
        let read = |key: &str| Release::parse(Known::RealtimeCompute, case[key].as_str().expect("text"));
        if let (Ok(from), Ok(to)) = (read("from"), read("to")) {
            let kind = case["kind"].as_str().expect("text");
            assert!(!kind.ends_with("_UPGRADE") || from < to, "{case}");
            assert!(!kind.ends_with("_DOWNGRADE") || to < from, "{case}");
        }
    }
}
