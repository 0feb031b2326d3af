//! `upshift notes`: what changes on the way, what of it bites, and how that is told.

use std::path::Path;

use serde_json::Value;

use crate::server::{serve, with_one_job};
use crate::support::{Ran, Site, upshift};

fn run(words: &[&str]) -> Ran {
    upshift(Path::new("."), words)
}

fn ids<'a>(answer: &'a Value, list: &str) -> Vec<&'a str> {
    let rows = answer[list].as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_str()).collect()
}

#[test]
fn every_release_on_the_way_is_passed_and_facts_sort_what_it_brought() {
    let facts = [
        "--fact",
        "java=8",
        "--fact",
        "class:org.apache.flink.api.java.DataSet=true",
        "--fact",
        "option:*=",
    ];
    let words = [&["notes", "flink", "1.18.1", "2.0.1", "--json"][..], &facts].concat();
    let answer = run(&words).exits(0).json();
    assert_eq!(
        (answer["verdict"].as_str(), answer["way"].as_str()),
        (Some("act"), Some("up"))
    );
    let bites = ids(&answer, "changes");
    for id in [
        "java-8-dropped",
        "dataset-api-removed",
        "config-yaml-first",
        "exponential-delay-restarts",
    ] {
        assert!(bites.contains(&id), "{id}: {bites:?}");
    }
    assert!(ids(&answer, "folded").contains(&"per-job-mode-removed"));
    assert!(ids(&answer, "unknown").contains(&"scala-api-removed"));
    let text = run(&words[..4].iter().chain(&facts).copied().collect::<Vec<_>>()).exits(0);
    text.says("must be done before")
        .says("seen: Java 8: told so")
        .says("cannot bite this system")
        .says("find out: upshift notes … --fact class:org.apache.flink.api.scala.=true|false");
}

#[test]
fn what_somebody_looked_for_in_vain_makes_the_answer_unknown_where_it_may_lose_state() {
    let ask = |java: &str| run(&["notes", "flink", "1.20.1", "2.0.0", "--json", "--fact", java]);
    assert_eq!(ask("java=unknown").exits(4).json()["verdict"], "unknown");
    assert_eq!(ask("java=17").exits(0).json()["verdict"], "act");
}

#[test]
fn a_way_back_says_what_is_taken_back_and_makes_nothing_up() {
    let ran = run(&["notes", "flink", "2.0.1", "1.20.1"]).exits(4);
    ran.says("this is a way back").says("nobody has written down");
    let answer = run(&["notes", "flink", "2.0.1", "1.20.1", "--json", "--fact", "java=8"]).json();
    assert_eq!(
        (answer["verdict"].as_str(), answer["way"].as_str()),
        (Some("unknown"), Some("down"))
    );
    assert!(ids(&answer, "changes").contains(&"java-8-dropped"));
    let same = run(&["notes", "flink", "2.0.1", "2.0.1", "--json"])
        .exits(0)
        .json();
    assert_eq!(same["verdict"], "clear");
}

#[test]
fn a_release_whose_notes_nobody_read_is_unknown_and_said_so() {
    let answer = run(&["notes", "flink", "2.0.0", "9.1.0", "--json"])
        .exits(4)
        .json();
    assert_eq!(answer["verdict"], "unknown");
    assert!(
        answer["unread"]
            .as_array()
            .is_some_and(|unread| unread.contains(&Value::from("9.1.0")))
    );
    run(&["notes", "flink", "2.0.0", "9.1.0"]).says("the notes of 9.1.0 were not read");
}

#[test]
fn what_came_into_the_catalogue_since_a_day_is_listed() {
    let all = run(&["notes", "--since", "2026-11-27", "--json"]).exits(0).json();
    assert!(ids(&all, "changes").contains(&"java-8-dropped"));
    let none = run(&["notes", "--since", "2999-01-01", "--json"]).exits(0).json();
    assert_eq!(
        (ids(&none, "changes").len(), none["verdict"].as_str()),
        (0, Some("nothing new"))
    );
    run(&["notes", "--since", "yesterday"]).exits(2);
}

#[test]
fn words_that_name_nothing_are_refused() {
    run(&["notes", "flink", "latest", "2.0"])
        .exits(2)
        .says("UP-KNOW-0002");
    run(&["notes", "flonk", "1.0", "2.0"])
        .exits(2)
        .says("UP-KNOW-0001");
    run(&["notes", "flink"]).exits(2);
    for fact in [
        "moon=full",
        "java=old",
        "class:a.B=maybe",
        "planet:x=true",
        "java",
    ] {
        run(&["notes", "flink", "1.20", "2.0", "--fact", fact])
            .exits(2)
            .says("UP-KNOW-0003");
    }
}

#[test]
fn a_system_that_is_looked_at_answers_for_its_options_and_what_it_cannot_show_stays_open() {
    let site = Site::at(&serve(with_one_job("1.18.1", "orders"))).to("1.20.5");
    let ask = |more: &[&str]| {
        let words = [
            &[
                "notes",
                "flink",
                "1.18.1",
                "2.0.1",
                "--system",
                "orders.toml",
                "--json",
            ],
            more,
        ]
        .concat();
        site.upshift(&words).json()
    };
    let answer = ask(&[]);
    assert!(
        ids(&answer, "changes").contains(&"exponential-delay-restarts"),
        "{answer}"
    );
    let folded = answer["folded"].as_array().into_iter().flatten();
    let per_job = folded
        .clone()
        .find(|row| row["id"] == "per-job-mode-removed")
        .expect("ruled out");
    let because = per_job["because"][0].as_str().unwrap_or_default();
    assert!(because.contains("the configuration that runs has"), "{because}");
    assert!(ids(&answer, "unknown").contains(&"scala-api-removed"));
    assert!(ids(&answer, "folded").contains(&"python-3.7-dropped"));
    let told = ask(&["--fact", "option:restart-strategy.type=fixed-delay"]);
    assert!(
        ids(&told, "folded").contains(&"exponential-delay-restarts"),
        "a person's word counts"
    );
    site.upshift(&["notes", "weka", "4.2", "4.4", "--system", "orders.toml"])
        .exits(2)
        .says("UP-CONF-0009");
}

#[test]
fn the_matrix_page_leads_to_what_changes_with_each_release() {
    let page = run(&["matrix", "flink", "--format", "html"]).exits(0).out;
    assert!(page.contains("<a href=\"#notes-2.0\">2.0</a>"), "{page}");
    assert!(page.contains("<h2 id=\"notes-2.0\">"), "{page}");
    assert!(page.contains("java-8-dropped"), "{page}");
}

#[test]
fn the_rows_are_counted() {
    let stats = run(&["knowledge", "stats", "--json"]).exits(0).json();
    let systems = stats["systems"].as_array().into_iter().flatten();
    let sum: u64 = systems.filter_map(|system| system["changes"].as_u64()).sum();
    assert!(sum > 0 && stats["changes"].as_u64() == Some(sum), "{stats}");
    run(&["knowledge", "stats"])
        .exits(0)
        .says("changes between releases are known")
        .says("by area");
}
