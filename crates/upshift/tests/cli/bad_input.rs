//! Bad input: each ends with a code, its exit code, what to do next, and nothing half-done.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};

use crate::server::{Answers, recorded, serve, with_one_job};
use crate::support::Site;

fn orders() -> Site {
    Site::at(&serve(with_one_job("1.18.1", "orders")))
}

#[test]
fn an_address_where_nobody_listens() {
    let gone = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let rest = format!("http://{}", gone.local_addr().expect("an address"));
    drop(gone);
    for words in [
        &["observe", "orders.toml"][..],
        &["check", "orders.toml"],
        &["plan", "orders.toml", "-o", "p"],
    ] {
        let site = Site::at(&rest);
        let ran = site.upshift(words).exits(4);
        assert!(
            ran.err
                .starts_with(&format!("UP-CONF-0015  {rest} nothing was learned: ")),
            "{}",
            ran.err
        );
        assert!(
            ran.err.contains(&format!("next      curl -sS {rest}/config\n")),
            "{}",
            ran.err
        );
        assert!(ran.err.contains("\nexit 4: "), "{}", ran.err);
        assert!(!site.path("p").exists());
    }
    Site::at(&rest)
        .upshift(&["init", "flink", "--rest", &rest, "-o", "new.toml"])
        .exits(4);
}

#[test]
fn an_address_where_something_else_answers() {
    let page = (200, "<html>It works!</html>".to_owned());
    let paths = ["/overview", "/config", "/jobs/overview"];
    let answers: Answers = paths
        .iter()
        .map(|path| ((*path).to_owned(), page.clone()))
        .collect();
    for rest in [serve(answers), serve(BTreeMap::new())] {
        let ran = Site::at(&rest).upshift(&["check", "orders.toml"]).exits(2);
        assert!(ran.err.starts_with("UP-FLINK-04"), "{}", ran.err);
        assert!(
            ran.err
                .contains("expected  the REST address of a Flink job manager"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_job_that_does_not_run() {
    let site = Site::at(&serve(recorded("1.18.1")));
    site.upshift(&["check", "orders.toml"])
        .exits(3)
        .says("RED      UP-FLINK-0120  ");
    site.upshift(&["plan", "orders.toml", "-o", "p"])
        .exits(3)
        .says("\nUP-FLINK-0120  ");
    assert!(!site.path("p").exists(), "no plan can be laid out");
}

#[test]
fn a_job_name_that_two_jobs_have() {
    let site =
        Site::at(&serve(recorded("1.18.1"))).but("name = \"orders\"\njar", "name = \"lab-base-all\"\njar");
    site.upshift(&["check", "orders.toml"])
        .exits(3)
        .says("RED      UP-FLINK-0121  ");
}

#[test]
fn a_jar_that_is_not_there() {
    let site = orders().but("jars/orders.jar", "jars/other.jar");
    let ran = site
        .upshift(&["check", "orders.toml"])
        .exits(3)
        .says("RED      UP-FLINK-0170  ");
    assert!(ran.out.contains("jars/other.jar"), "{}", ran.out);
}

#[test]
fn a_target_that_is_older_than_what_runs() {
    orders()
        .to("1.17.2")
        .upshift(&["check", "orders.toml"])
        .exits(3)
        .says("RED      UP-FLINK-0101  ");
}

#[test]
fn a_savepoint_directory_that_is_not_there() {
    let site = orders().but("savepoints = \"sp\"", "savepoints = \"no-such-directory\"");
    site.upshift(&["check", "orders.toml"])
        .exits(3)
        .says("RED      UP-FLINK-0140  ");
}

#[test]
fn a_plan_that_was_edited_cut_off_or_is_none() {
    let site = orders().rescaled();
    site.upshift(&["plan", "orders.toml", "-o", "orders.plan"])
        .exits(0);
    let plan = std::fs::read_to_string(site.path("orders.plan")).expect("a plan");
    site.put(
        "edited.plan",
        plan.replace("\"tries\": 1", "\"tries\": 9").as_bytes(),
    );
    site.put("cut.plan", &plan.as_bytes()[..plan.len() / 2]);
    site.put(
        "newer.plan",
        plan.replacen("\"format\": 1", "\"format\": 9", 1).as_bytes(),
    );
    site.put("other.plan", b"{\"hello\": 1}");
    for (file, code) in [
        ("edited.plan", "UP-PLAN-0003"),
        ("cut.plan", "UP-PLAN-0001"),
        ("newer.plan", "UP-PLAN-0002"),
        ("other.plan", "UP-PLAN-0001"),
    ] {
        for command in ["diff", "apply"] {
            let ran = site.upshift(&["--state-dir", "state", command, file]).exits(2);
            assert!(
                ran.err.starts_with(&format!("{code}  {file} ")),
                "{command}: {}",
                ran.err
            );
            assert!(ran.err.contains("upshift plan FILE -o PLAN"), "{}", ran.err);
        }
    }
    site.upshift(&["--state-dir", "state", "apply", "no-such.plan"])
        .exits(2)
        .says("UP-PLAN-0001  no-such.plan ");
}

#[test]
fn a_system_that_changed_since_the_plan() {
    let site = orders().rescaled();
    site.upshift(&["plan", "orders.toml", "-o", "orders.plan"])
        .exits(0);
    site.put("jars/orders.jar", &crate::support::jar("com.example.Changed"));
    let ran = site
        .upshift(&["diff", "orders.plan"])
        .exits(7)
        .says("UP-PLAN-0004  ");
    assert!(ran.out.contains("jars/orders.jar had digest "), "{}", ran.out);
    let json = site.upshift(&["diff", "orders.plan", "--json"]).exits(7).json();
    assert_eq!(
        (json["exit"].as_u64(), json["drift"].as_array().map(Vec::len)),
        (Some(7), Some(1))
    );
}

#[test]
fn a_secret_that_is_not_there_is_said_before_anything_is_sent() {
    let site = Site::at("http://127.0.0.1:1").but(
        "rest = \"http://127.0.0.1:1\"",
        "rest = { url = \"http://127.0.0.1:1\", auth = { bearer = \"env:UPSHIFT_TEST_NO_SUCH_TOKEN\" } }",
    );
    let ran = site.upshift(&["observe", "orders.toml"]).exits(2);
    assert!(
        ran.err
            .starts_with("UP-CONF-0008  no secret at `env:UPSHIFT_TEST_NO_SUCH_TOKEN`"),
        "{}",
        ran.err
    );
}

#[test]
fn options_are_held_to_the_rules_of_the_file() {
    let site = orders();
    let rest = "http://127.0.0.1:1";
    let init = |words: &[&str]| site.upshift(&[&["init", "flink"], words].concat()).exits(2);
    init(&["--rest", "127.0.0.1:1"]).says("UP-CONF-0012  --rest cannot be \"127.0.0.1:1\"");
    init(&["--rest", rest, "--name", "or ders"]).says("UP-CONF-0012  --name cannot be \"or ders\"");
    let said =
        init(&["--rest", rest, "--bearer", "hunter2"]).says("UP-CONF-0007  --bearer is not a reference");
    assert!(!said.err.contains("hunter2"), "{}", said.err);
    let said = init(&["--rest", "http://ann:hunter2@127.0.0.1:1"])
        .says("UP-CONF-0007  --rest holds a user or a password");
    assert!(!said.err.contains("hunter2"), "{}", said.err);
}

#[test]
fn an_output_file_that_cannot_be_written() {
    let site = orders().rescaled();
    let ran = site
        .upshift(&["plan", "orders.toml", "-o", "no/such/folder/orders.plan"])
        .exits(2);
    assert!(
        ran.err
            .starts_with("UP-CONF-0013  no/such/folder/orders.plan cannot be written: "),
        "{}",
        ran.err
    );
}
