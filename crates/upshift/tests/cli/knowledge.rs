//! Questions to the catalogue: compat, route and matrix, their exit codes and their JSON.

use std::path::Path;

use expect_test::expect_file;
use serde_json::Value;
use upshift_cli::app::output::{self, Present};

use crate::support::{Ran, upshift};

fn run(words: &[&str]) -> Ran {
    upshift(Path::new("."), words)
}

fn put(path: &Path, text: &str) {
    output::write(path, text, Present::Replace).expect("written");
}

fn examples(text: &str, key: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).expect("JSON");
    all[key].as_array().expect("a list").clone()
}

const WEKA: &str = include_str!("../../../../fixtures/compat/weka-vectors.json");
const ENGINES: &str = include_str!("../../../../fixtures/compat/realtime-compute-vectors.json");

#[test]
fn every_example_of_weka_is_answered_at_the_command_line() {
    for case in examples(WEKA, "path") {
        let text = |key: &str| case[key].as_str().expect("text");
        let ran = run(&["compat", "weka", text("frm"), text("to"), "--json"]);
        let expected = match case["direct"].as_bool() {
            Some(true) => ("supported", 0),
            _ => ("unsupported", 3),
        };
        assert_eq!(
            (ran.json()["verdict"].as_str(), ran.code),
            (Some(expected.0), expected.1),
            "{case}"
        );
    }
    for case in examples(WEKA, "client_skew") {
        let text = |key: &str| case[key].as_str().expect("text");
        let backend = text("backend");
        let ran = run(&[
            "compat",
            "weka",
            backend,
            backend,
            "--client",
            text("client"),
            "--json",
        ]);
        let expected = match case["ok"].as_bool() {
            Some(true) => "supported",
            _ => "unsupported",
        };
        assert_eq!(ran.json()["verdict"], expected, "{case}");
    }
    for case in examples(WEKA, "multihop") {
        let text = |key: &str| case[key].as_str().expect("text");
        let ran = run(&["route", "weka", text("frm"), text("to"), "--json"]).exits(0);
        assert_eq!(ran.json()["hops"], case["hops"]);
    }
}

#[test]
fn every_pair_of_engines_is_answered_at_the_command_line() {
    for case in examples(ENGINES, "vectors") {
        let text = |key: &str| case[key].as_str().expect("text");
        let answer = run(&["compat", "realtime-compute", text("from"), text("to"), "--json"]).json();
        for key in ["kind", "state", "recommended_savepoint_format"] {
            assert_eq!(answer[key], case[key], "{key} of {case}");
        }
        let expected = match text("state") {
            "COMPATIBLE" => "supported",
            "UNKNOWN" => "unknown",
            _ => "conditional",
        };
        assert_eq!(answer["verdict"], expected, "{case}");
    }
}

#[test]
fn a_line_of_weka_with_its_clients_goes_cluster_clients_cluster_clients() {
    let ran = run(&["route", "weka", "4.2", "5.1", "--clients", "4.2", "--json"]).exits(0);
    let answer = ran.json();
    let roles: Vec<&str> = answer["order"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|step| step["roles"][0].as_str())
        .collect();
    assert_eq!(roles, ["cluster", "clients", "cluster", "clients"]);
    assert_eq!(answer["verdict"], "supported");
    run(&["route", "weka", "4.2", "5.1", "--clients", "4.2"])
        .exits(0)
        .says("clients go to 4.4.26 before cluster goes to 5.1.25");
    run(&["route", "weka", "4.4.30", "5.1.25"])
        .exits(3)
        .says("what blocks every way")
        .says("what would open one");
}

#[test]
fn a_fact_changes_the_answer_and_one_that_nobody_asks_for_is_refused() {
    let ask = |more: &[&str]| run(&[&["compat", "alluxio", "2.3.0", "2.4.0"], more].concat());
    ask(&[])
        .exits(0)
        .says("conditional")
        .says("--fact journal=ufs|embedded");
    ask(&["--fact", "journal=ufs"]).exits(0).says("supported");
    ask(&["--fact", "journal=embedded", "--fact", "way=in-place"])
        .exits(3)
        .says("unsupported");
    ask(&["--fact", "journal=unknown", "--fact", "way=in-place"])
        .exits(4)
        .says("unknown");
    ask(&["--fact", "journal=paper"])
        .exits(2)
        .says("UP-KNOW-0003  journal cannot be \"paper\": expected ufs, embedded, or unknown");
    ask(&["--fact", "moon=full"]).exits(2).says("UP-KNOW-0003");
}

#[test]
fn words_that_name_nothing_are_no_answer() {
    run(&["compat", "wekka", "4.4.6", "5.0.1.101"])
        .exits(2)
        .says("UP-KNOW-0001  no system is called \"wekka\"; did you mean weka?");
    run(&["matrix", "postgres"]).exits(2).says("UP-KNOW-0001");
    for command in ["compat", "route"] {
        let ran = run(&[command, "flink", "latest", "2.0", "--json"]).exits(4);
        assert_eq!(ran.json()["verdict"], "unknown");
        assert!(ran.out.contains("UP-KNOW-0002"), "{}", ran.out);
    }
}

#[test]
fn the_age_of_the_rows_comes_with_every_answer() {
    let answer = run(&["compat", "fluss", "0.7.0", "0.8.0", "--json"]).json();
    assert!(answer["knowledge"]["date"].is_string());
    let old = answer["knowledge"]["old"].as_bool().expect("told");
    assert_eq!(answer["knowledge"].get("code").is_some(), old);
    assert_eq!(upshift_cli::codes::OLD_CATALOGUE.as_str(), "UP-KNOW-0004");
}

#[test]
fn the_whole_matrix_of_each_system_is_as_it_was_reviewed() {
    for system in ["flink", "fluss", "realtime-compute", "alluxio", "weka"] {
        let ran = run(&["matrix", system]).exits(0);
        let path = format!("{}/tests/cli/matrix/{system}.txt", env!("CARGO_MANIFEST_DIR"));
        expect_file![path].assert_eq(&ran.out);
    }
}

#[test]
fn a_matrix_is_a_table_of_pairs_and_a_page_that_needs_nothing_else() {
    let csv = run(&["matrix", "fluss", "--format", "csv"]).exits(0).out;
    assert!(csv.starts_with("from,to,verdict\n"), "{csv}");
    assert!(csv.contains("0.7.0,0.8.0-incubating,supported\n"), "{csv}");
    let page = run(&["matrix", "fluss", "--format", "html"]).exits(0).out;
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    for outside in ["http://", "https://", "src=", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let json = run(&["matrix", "fluss", "--json"]).exits(0).json();
    let lines = csv.lines().count() - 1;
    assert_eq!(json["pairs"].as_array().map(Vec::len), Some(lines));
    assert!(json["verdict"].is_string());
}

#[test]
fn every_row_can_be_listed_with_the_facts_that_rules_ask_for() {
    for system in ["flink", "fluss", "realtime-compute", "alluxio", "weka"] {
        let all = run(&["knowledge", "list", system, "--json"]).exits(0).json();
        assert_eq!(all["verdict"], "supported");
        for part in ["rules", "releases", "facts"] {
            assert!(
                all[part].as_array().is_some_and(|rows| !rows.is_empty()),
                "{system} {part}"
            );
        }
        for row in all["rules"].as_array().into_iter().flatten() {
            assert!(
                row["source"].as_str().is_some_and(|source| !source.is_empty()),
                "{row}"
            );
        }
    }
    run(&["knowledge", "list", "fluss", "--about", "beside"])
        .exits(0)
        .says("refuses old-coordinator-0.6");
    run(&["knowledge", "list", "fluss", "--about", "weather"])
        .exits(2)
        .says("UP-KNOW-0005  no rule is about \"weather\"");
    run(&["knowledge", "list", "flnik"])
        .exits(2)
        .says("did you mean flink?");
}

#[test]
fn options_that_change_are_counted_and_listed_where_asked() {
    let pair = ["compat", "fluss", "0.8.0", "0.9.1"];
    run(&pair)
        .exits(0)
        .says("deprecated from now on: 3")
        .says("list them with --options");
    let listed = run(&[&pair[..], &["--options"]].concat()).exits(0);
    listed
        .says("kv.snapshot.num-retained: 1 before, 2 now")
        .says("    server.io-pool.size");
    let alluxio = run(&["compat", "alluxio", "1.8.1", "2.9.6", "--json"]).json();
    let renamed = alluxio["options"]["renamed"].as_array().expect("a list").clone();
    let port = renamed
        .iter()
        .find(|row| row["key"] == "alluxio.worker.data.port")
        .expect("renamed");
    assert_eq!(
        (port["now"].as_str(), port["still_read"].as_bool()),
        (Some("alluxio.worker.rpc.port"), Some(false))
    );
    let unread = run(&["compat", "alluxio", "2.8.0", "2.9.6", "--json"]).json();
    assert!(unread["options"].is_null());
}

#[test]
fn a_version_that_no_list_names_is_told_as_such() {
    run(&["compat", "flink", "1.18.7", "1.20.5"])
        .says("no release that is known is called 1.18.7; of its line these are: 1.18.0, 1.18.1");
    let dates = run(&["compat", "flink", "1.18.1", "1.20.5", "--json"]).json();
    assert_eq!(dates["releases"][0]["released"], "2024-01-19");
    run(&["compat", "flink", "9.1", "9.2"]).exits(4).says("unknown");
}

#[test]
fn rows_of_ones_own_are_checked_and_laid_over_the_rest() {
    let dir = tempfile::tempdir().expect("a scratch folder");
    let weka = dir.path().join("weka");
    std::fs::create_dir(&weka).expect("a folder");
    let lay = |text: &str| put(&weka.join("rules.toml"), text);
    let row = "date = \"2026-11-21\"\n[[rule]]\nid = \"not-here\"\nabout = \"pair\"\nto = [\"5.0.1.101\", \"5.0.1.101\"]\n\
               effect = \"refuses\"\ntext = \"not in our rooms\"\nsource = \"our change board\"\nconfidence = \"inferred\"\n";
    lay(row);
    let here = |words: &[&str]| upshift(dir.path(), words);
    here(&["knowledge", "check", "."])
        .exits(0)
        .says("weka/rules.toml: 1 rows");
    let checked = here(&["knowledge", "check", ".", "--json"]).exits(0).json();
    assert_eq!(checked["verdict"], "supported");
    here(&["compat", "weka", "4.4.6", "5.0.1.101"]).exits(0);
    here(&["compat", "weka", "4.4.6", "5.0.1.101", "--overlay", "."])
        .exits(3)
        .says("not in our rooms");
    lay(&row.replace("refuses", "allows"));
    here(&["knowledge", "check", "."])
        .exits(2)
        .says("UP-KNOW-0005")
        .says("rule not-here loosens what is known");
    lay(&row.replace("about", "abuot"));
    here(&["knowledge", "check", "."])
        .exits(2)
        .says("unknown field `abuot`");
    here(&["knowledge", "check", "nowhere"])
        .exits(2)
        .says("UP-KNOW-0005");
}

#[test]
fn the_vendors_table_of_weka_is_taken_over_into_a_folder() {
    let dir = tempfile::tempdir().expect("a scratch folder");
    let here = |words: &[&str]| upshift(dir.path(), words);
    let table = "{\"5.1.31\": {\"min\": [\"4.4.6\", \"5.0\"], \"max\": [\"4.4.35\", \"5.1.27\"]}}";
    put(&dir.path().join("upgrade_path.json"), table);
    here(&["knowledge", "import", "weka", "upgrade_path.json"])
        .exits(0)
        .says("{ min = \"4.4.6\", max = \"4.4.35\" }");
    here(&["knowledge", "import", "weka", "upgrade_path.json", "-o", "own"]).exits(0);
    here(&["knowledge", "check", "own"]).exits(0);
    here(&["compat", "weka", "4.4.30", "5.1.31"]).exits(4);
    here(&["compat", "weka", "4.4.30", "5.1.31", "--overlay", "own"])
        .exits(0)
        .says("supported");
    here(&["knowledge", "import", "fluss", "upgrade_path.json"])
        .exits(2)
        .says("UP-KNOW-0005");
    put(&dir.path().join("other.json"), "[1]");
    here(&["knowledge", "import", "weka", "other.json"])
        .exits(2)
        .says("it is not the vendor's table");
}
