//! `upshift sim`: one seed told, several counted, and what its exit code says.

use std::path::Path;

use serde_json::Value;

use crate::support::{Ran, upshift};

fn run(words: &[&str]) -> Ran {
    upshift(Path::new("."), words)
}

#[test]
fn a_seed_is_told_from_the_plan_to_the_verdict_and_the_same_every_time() {
    let words = "sim --seed 30 --kind in-place --faults stranger,killed-after-record";
    let words: Vec<&str> = words.split(' ').collect();
    let text = run(&words).exits(0).out;
    assert_eq!(text, run(&words).exits(0).out);
    for said in [
        "drawn: stranger at look 1 of step 3.1\n",
        "FAULT    killed-after-record 6\n",
        "GOING BACK to 1.18.1",
        "nothing lost, nothing doubled",
        "again: upshift sim --seed 30 --kind in-place --faults stranger,killed-after-record",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    let told = run(&[&words[..], &["--json"]].concat()).exits(0).json();
    assert_eq!(told["survived"], true);
    let timeline = told["timeline"].as_array().unwrap();
    let of = |is: &str| timeline.iter().filter(|moment| moment["is"] == is).count();
    assert_eq!(of("record") as u64, told["records"].as_u64().unwrap());
    assert_eq!(of("fault"), 2);
}

#[test]
fn several_seeds_are_counted_in_memory_and_on_disk() {
    let words = [
        "sim",
        "--seed",
        "1",
        "--runs",
        "8",
        "--on-disk-every",
        "4",
        "--json",
    ];
    let told = run(&words).exits(0).json();
    assert_eq!((&told["runs"], &told["on_disk"]), (&8.into(), &2.into()));
    assert_eq!(told["failing"], Value::Array(vec![]));
    let outcomes = told["outcomes"].as_object().unwrap();
    assert_eq!(outcomes.values().filter_map(Value::as_u64).sum::<u64>(), 8);
    assert!(told["records"]["least"].as_u64() >= Some(40), "{told}");
}

#[test]
fn a_plan_without_its_soak_is_caught_with_the_command_that_shows_it() {
    let words = [
        "sim",
        "--seed",
        "1",
        "--runs",
        "2",
        "--kind",
        "in-place",
        "--without",
        "soak",
    ];
    let ran = run(&words).exits(8);
    let replay = "upshift sim --seed 1 --kind in-place --without soak";
    assert!(ran.out.contains(replay), "{}", ran.out);
    let one: Vec<&str> = replay.split(' ').skip(1).collect();
    let told = run(&one).exits(8).out;
    assert!(told.contains("AGAINST IT  "), "{told}");
}

#[test]
fn a_kind_a_fault_or_a_safety_step_that_is_none_is_refused_with_those_that_are() {
    for (words, known) in [
        (["sim", "--kind", "sideways"], "in-place, shadow"),
        (["sim", "--faults", "rain"], "slow, hung"),
        (["sim", "--without", "luck"], "reading, trial"),
    ] {
        let ran = run(&words).exits(2);
        assert!(ran.err.starts_with("UP-CONF-0012  invalid value"), "{}", ran.err);
        assert!(ran.err.contains(known), "{}", ran.err);
    }
}
