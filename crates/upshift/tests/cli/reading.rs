//! What the reading commands say to people.

use upshift_cli::config;

use crate::server::{recorded, serve, with_one_job};
use crate::support::Site;

fn orders() -> Site {
    Site::at(&serve(with_one_job("1.18.1", "orders")))
}

#[test]
fn observe_shows_a_tree_with_what_is_unknown_and_why() {
    let ran = orders().upshift(&["observe", "orders.toml"]).exits(0);
    for line in [
        "Flink 1.18.1 (commit a8c8b1c)\n",
        "  deployment     unknown: its configuration names neither YARN",
        "  slots          4\n",
        "  job orders   bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb4 RUNNING since ",
        "    vertex e5a72f35…  Source: source   RUNNING × 2, at most 128\n",
        "    restarts       0\n",
        "    checkpointing  exactly_once, every 1 s, aligned, backend HashMapStateBackend",
        "  savepoints     directory can be written, ",
    ] {
        assert!(ran.out.contains(line), "{line:?} in\n{}", ran.out);
    }
    assert!(!ran.out.contains("state.savepoints.dir"), "{}", ran.out);
    orders()
        .upshift(&["observe", "orders.toml", "-v"])
        .exits(0)
        .says("    state.savepoints.dir: file:///data/sp\n");
}

#[test]
fn observe_reads_every_release_that_was_recorded() {
    for release in ["1.16.3", "1.18.1", "1.20.5", "2.3.0"] {
        let site = Site::at(&serve(recorded(release)));
        site.upshift(&["observe", "orders.toml"])
            .exits(0)
            .says(&format!("Flink {release} (commit "));
    }
}

#[test]
fn check_shows_the_worst_first_and_ends_with_the_verdict() {
    let ran = orders().rescaled().upshift(&["check", "orders.toml"]).exits(0);
    assert!(
        ran.out
            .starts_with("orders: Flink 1.18.1 → 1.18.1, job only   looked at "),
        "{}",
        ran.out
    );
    let at = |what: &str| {
        ran.out
            .find(what)
            .unwrap_or_else(|| panic!("{what:?} in\n{}", ran.out))
    };
    assert!(
        at("YELLOW   UP-FLINK-0155") < at("waived   UP-FLINK-0110"),
        "{}",
        ran.out
    );
    assert!(
        at("waived   UP-FLINK-0110") < at("accepted: a recording has no process"),
        "{}",
        ran.out
    );
    assert!(at("accepted:") < at("checks (show with -v)"), "{}", ran.out);
    assert!(ran.out.contains("\nVerdict: ready, "), "{}", ran.out);
    assert!(!ran.out.contains("green    UP-"), "{}", ran.out);
}

#[test]
fn check_shows_green_findings_and_sources_when_asked() {
    let ran = orders()
        .rescaled()
        .upshift(&["check", "orders.toml", "-v"])
        .exits(0);
    assert!(ran.out.contains("green    UP-FLINK-0120"), "{}", ran.out);
    assert!(ran.out.contains("         source: "), "{}", ran.out);
    assert!(!ran.out.contains("show with -v"), "{}", ran.out);
}

#[test]
fn what_must_be_seen_and_was_not_exits_4() {
    let site = orders().but("sink =", "parallelism = { current = 2, target = 1 }\nsink =");
    let waive =
        "[[waive]]\ncode = \"UP-FLINK-0132\"\nsubject = \"job orders\"\nreason = \"a recording grows old\"\n";
    let ran = site.with(waive).upshift(&["check", "orders.toml"]).exits(4);
    assert!(ran.out.contains("UNKNOWN  UP-FLINK-0110  "), "{}", ran.out);
    assert!(
        ran.out
            .contains("Verdict: unknown: 1 thing that must be seen was not."),
        "{}",
        ran.out
    );
}

#[test]
fn check_says_where_no_plan_can_be_made_of_the_file() {
    // A copy beside the old cluster, and no address for it.
    let site = orders().to("1.20.5");
    let asked = |words: &[&str]| site.upshift(&[words, &["orders.toml", "--strategy", "shadow"]].concat());
    let ran = asked(&["check"]);
    assert!(
        ran.out.contains("\nNo plan can be made yet: ") && ran.out.contains("explain UP-FLINK-0213\n"),
        "{}{}",
        ran.out,
        ran.err
    );
    assert_eq!(
        asked(&["check", "--json"]).json()["no_plan"]["code"],
        "UP-FLINK-0213"
    );
    asked(&["plan"])
        .exits(2)
        .says("upshift explain UP-FLINK-0213 says what to do");
    let fine = orders().rescaled().upshift(&["check", "orders.toml", "--json"]);
    assert!(fine.exits(0).json().get("no_plan").is_none());
}

#[test]
fn plan_shows_the_tree_and_writes_nothing_unless_asked() {
    let site = orders().rescaled();
    let ran = site
        .upshift(&["plan", "orders.toml"])
        .exits(0)
        .says("not written: name a file with -o");
    for part in [
        "orders: Flink 1.18.1, job only\n",
        "  wave 1  prepare",
        "point of no return",
        "Verdict: ready",
    ] {
        assert!(ran.out.contains(part), "{part:?} in\n{}", ran.out);
    }
    let ran = site
        .upshift(&["plan", "orders.toml", "-o", "orders.plan", "--exit-code"])
        .exits(5);
    assert!(ran.err.contains("upshift apply orders.plan"), "{}", ran.err);
    assert!(site.path("orders.plan").exists());
}

#[test]
fn a_plan_that_changes_nothing_is_none() {
    let site = orders().with(crate::support::RECORDED);
    site.upshift(&["plan", "orders.toml", "-o", "orders.plan", "--exit-code"])
        .exits(0)
        .says("nothing to do: 1.18.1 runs already and no job differs");
    assert!(!site.path("orders.plan").exists());
}

#[test]
fn diff_shows_the_configuration_as_it_is_carried_over_and_no_secret() {
    let site = orders().to("1.20.5");
    let by_file = site.upshift(&["diff", "orders.toml"]).exits(0);
    assert!(
        by_file
            .out
            .contains("-state.backend: hashmap\n+state.backend.type: hashmap\n"),
        "{}",
        by_file.out
    );
    assert!(
        by_file.out.contains("# state.backend → state.backend.type: "),
        "{}",
        by_file.out
    );
    assert!(!by_file.out.contains("hunter2"), "{}", by_file.out);
    site.upshift(&["plan", "orders.toml", "-o", "orders.plan"])
        .exits(3);
    assert_eq!(site.upshift(&["diff", "orders.plan"]).exits(0).out, by_file.out);
    let plan = std::fs::read_to_string(site.path("orders.plan")).expect("a plan");
    assert!(!plan.contains("hunter2"), "no secret in a plan");
}

#[test]
fn init_writes_a_file_that_waits_only_for_what_a_cluster_cannot_tell() {
    let site = orders();
    let rest = serve(with_one_job("1.18.1", "orders"));
    let words = [
        "init",
        "flink",
        "--rest",
        &rest,
        "--name",
        "orders",
        "-o",
        "first.toml",
    ];
    site.upshift(&words).exits(0).says("upshift check first.toml");
    let text = std::fs::read_to_string(site.path("first.toml")).expect("a file");
    for line in [
        &format!("rest = \"{rest}\"\n"),
        "savepoints = \"file:///data/sp\"   # state.savepoints.dir of the cluster\n",
        "name = \"orders\"   # bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb4, RUNNING\n",
        "# jar = \"/path/to/job.jar\"\n",
        "# max_parallelism = 128   # as the state was written\n",
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
    let missing = site.upshift(&["check", "first.toml"]).exits(2);
    assert_eq!(
        missing.err.matches("UP-CONF-0004  first.toml:").count(),
        1,
        "{}",
        missing.err
    );
    let filled = text.replace("# jar =", "jar =");
    config::parse(&filled, "first.toml", site.dir.path()).expect("nothing else is missing");
    site.upshift(&words)
        .exits(2)
        .says("UP-CONF-0013  first.toml is there already");
}

#[test]
fn every_commented_key_of_a_first_file_is_a_key() {
    let site = orders();
    let rest = serve(with_one_job("1.18.1", "orders"));
    let text = site.upshift(&["init", "flink", "--rest", &rest]).exits(0).out;
    let is_key = |line: &str| {
        let key = line.split_once(" = ").map(|(key, _)| key);
        let plain = |key: &str| key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        line.starts_with('[') || key.is_some_and(plain)
    };
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| is_key(rest))
                .unwrap_or(line)
                .to_owned()
        })
        .collect();
    // A target needs a version and a digest, and folders may be many.
    lines.retain(|line| !line.starts_with("target = ") && !line.starts_with("config = "));
    let shadow = lines
        .iter()
        .position(|line| line == "[shadow]")
        .expect("a shadow");
    lines.drain(shadow..shadow + 4);
    config::parse(&lines.join("\n"), "first.toml", site.dir.path())
        .unwrap_or_else(|troubles| panic!("{troubles:?}\n{}", lines.join("\n")));
}
