//! What a file means: every key, defaults that follow from other keys, and the reference page.

use std::path::{Path, PathBuf};

use expect_test::expect_file;
use upshift_cli::config::{self, EXAMPLE};
use upshift_model::endpoint::{Auth, SecretRef};
use upshift_model::flink::{Archive, FormWish, ProbeAsk, ProbeExpect, RunAs, Sink, StrategyWish, Target};
use upshift_model::policy::{OnFailedGate, OnLaneFailure};
use upshift_model::span::Millis;

use crate::support::{SMALLEST, TOP, bad, good, told};

#[test]
fn the_reference_page_says_what_the_structs_say() {
    expect_file!["../../../../docs/reference/system-file.md"].assert_eq(&config::reference());
    expect_file!["../../../../docs/reference/system-file-fluss.md"].assert_eq(&config::fluss_reference());
    expect_file!["../../../../docs/reference/system-file-weka.md"].assert_eq(&config::weka_reference());
    expect_file!["../../../../docs/reference/system-file-alluxio.md"].assert_eq(&config::alluxio_reference());
    expect_file!["../../../../docs/reference/system-file-realtime-compute.md"]
        .assert_eq(&config::realtime_compute_reference());
}

#[test]
fn the_example_has_every_key_and_no_other() {
    good(EXAMPLE);
    let page = config::reference();
    let keys = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|l| l.split_once('`'));
    for (key, _) in keys {
        let written =
            |key: &str| EXAMPLE.contains(&format!("{key} = ")) || EXAMPLE.contains(&format!("[{key}]"));
        let refused = ["ssh", "local", "bearer", "basic"];
        assert!(written(key) || refused.contains(&key), "the example lacks {key}");
    }
}

#[test]
fn every_key_of_a_full_file_is_read() {
    let d = good(EXAMPLE);
    assert_eq!(d.name.as_str(), "orders");
    assert_eq!(d.rest.url, "https://flink.example:8081");
    assert_eq!(d.rest.ca, Some(PathBuf::from("/home/ann/certs/ca.pem")));
    let password = SecretRef::File("/home/ann/secrets/flink".into());
    assert_eq!(
        d.rest.auth,
        Some(Auth::Basic {
            user: "upshift".into(),
            password
        })
    );
    assert_eq!(d.savepoints, "file:///srv/savepoints");
    assert_eq!(
        (d.form, d.trial_savepoint, d.recent),
        (FormWish::Auto, true, Millis::from_secs(86_400))
    );
    assert_eq!(
        (d.strategy, d.soak),
        (StrategyWish::Shadow, Millis::from_secs(900))
    );
    assert_eq!(d.finalize_after, Some(Millis::from_secs(43_200)));
    assert!(!d.require_uids);
    let p = &d.policy;
    assert_eq!(
        (p.on_failed_gate, p.on_lane_failure),
        (OnFailedGate::Ask, OnLaneFailure::All)
    );
    assert_eq!(
        (p.replay_limit, p.max_downtime),
        (Millis::from_secs(300), Some(Millis::from_secs(120)))
    );
    assert_eq!(p.keep_restore_points, Some(Millis::from_secs(604_800)));
    assert_eq!(p.notify, ["/usr/local/bin/page", "--team", "orders"]);
    let waiver = &d.waivers[0];
    assert_eq!(
        (waiver.code.as_str(), waiver.subject.as_str()),
        ("UP-CONF-0003", "job orders-enrichment")
    );
    assert_eq!(waiver.reason, "two operators hold no state");
    assert_eq!(waiver.words(), "two operators hold no state (by ann) [CHG-4711]");
    assert_eq!(waiver.until, Some(jiff::civil::date(2026, 12, 31)));
}

#[test]
fn the_installations_of_a_full_file() {
    let d = good(EXAMPLE);
    let old = d.current.expect("an installation");
    assert_eq!(
        (old.version.as_str(), old.home.as_path()),
        ("1.18.1", Path::new("/srv/flink-1.18.1"))
    );
    assert_eq!(
        (old.conf.as_path(), old.archive),
        (Path::new("/srv/conf/orders"), None)
    );
    assert_eq!(old.logs, Some("/var/log/flink/orders".into()));
    assert_eq!(old.pids, Some("/run/flink/orders".into()));
    assert_eq!((old.task_managers, old.run_as), (2, RunAs::Local));
    let Target::Release {
        installation: new,
        shadow,
    } = d.target
    else {
        panic!("a release")
    };
    assert_eq!(
        (new.version.as_str(), new.home.as_path()),
        ("1.20.5", Path::new("/srv/flink-1.20.5"))
    );
    assert_eq!(new.conf, Path::new("/srv/conf/orders-1.20.5"));
    assert_eq!(new.logs, Some("/var/log/flink/orders-1.20.5".into()));
    assert_eq!(new.pids, Some("/run/flink/orders-new".into()));
    assert_eq!(
        (old.java_home, new.java_home.clone()),
        (new.java_home, Some("/usr/lib/jvm/java-17".into()))
    );
    let uri = "file:///srv/dist/flink-1.20.5.tgz".to_owned();
    assert_eq!(
        new.archive,
        Some(Archive {
            uri,
            sha512: "0".repeat(128)
        })
    );
    let shadow = shadow.expect("a shadow");
    assert_eq!(
        (shadow.rpc_port, shadow.blob_port, shadow.rest.port()),
        (6124, 6125, Some(8181))
    );
    assert_eq!(
        shadow.rest.auth,
        Some(Auth::Bearer {
            token: SecretRef::Env("FLINK_TOKEN".into())
        })
    );
}

#[test]
fn the_jobs_and_probes_of_a_full_file() {
    let d = good(EXAMPLE);
    let job = &d.jobs[0];
    assert_eq!(job.name, "orders-enrichment");
    assert_eq!(job.current.jar, Path::new("/home/ann/jars/orders-1.18.jar"));
    assert_eq!(job.target.jar, Path::new("/home/ann/jars/orders-1.20.jar"));
    assert_eq!(job.current.entry_class.as_deref(), Some("com.example.Orders"));
    assert_eq!(
        (&job.current.args, &job.target.args),
        (&job.target.args, &vec!["--rate".into(), "4".into()])
    );
    assert_eq!(
        (job.current.parallelism, job.target.parallelism),
        (Some(4), Some(8))
    );
    assert_eq!(
        (job.current.max_parallelism, job.target.max_parallelism),
        (Some(128), Some(128))
    );
    assert_eq!(job.uids, ["source", "dedupe", "window", "sink"]);
    assert_eq!(
        (job.sink, job.may_use_checkpoint, job.stateless),
        (Sink::Idempotent, false, false)
    );
    assert_eq!(job.source_retention, Some(Millis::from_secs(604_800)));
    assert_eq!(job.transaction_timeout, Some(Millis::from_secs(900)));

    let wishes: Vec<_> = d
        .probes
        .iter()
        .map(|(name, probe)| (name.as_str(), probe.expect.clone()))
        .collect();
    let wanted = [
        ("orders per minute", ProbeExpect::AtLeastRatioOfBaselineMilli(900)),
        ("lag", ProbeExpect::AtMostMilli(1_000_000)),
        ("rate", ProbeExpect::AtLeastMilli(12_500)),
        ("health", ProbeExpect::Text("ok".into())),
    ];
    assert_eq!(wishes, wanted);
    assert_eq!(
        (d.probes[0].1.timeout, d.probes[1].1.timeout),
        (Millis::from_secs(5), Millis::from_secs(10))
    );
    assert_eq!(
        d.probes[1].1.ask,
        ProbeAsk::Command(vec!["/usr/local/bin/lag".into(), "orders".into()])
    );
}

#[test]
fn a_smallest_file_means_the_same_cluster_and_cautious_defaults() {
    let d = good(SMALLEST);
    assert_eq!((d.current, d.target), (None, Target::SameCluster));
    assert_eq!(d.savepoints, "file:///srv/sp");
    assert_eq!((d.form, d.trial_savepoint), (FormWish::Auto, true));
    assert_eq!(
        (d.strategy, d.soak, d.finalize_after),
        (StrategyWish::Auto, Millis::from_secs(900), None)
    );
    assert_eq!(d.policy.on_failed_gate, OnFailedGate::Ask);
    assert_eq!(
        (d.policy.max_downtime, d.policy.keep_restore_points),
        (None, None)
    );
    assert!(d.jobs.is_empty() && d.probes.is_empty() && d.waivers.is_empty() && d.policy.notify.is_empty());
}

#[test]
fn defaults_are_what_the_reference_shows() {
    let spelt = format!(
        "{TOP}[state]\nsavepoints = \"/srv/sp\"\nformat = \"auto\"\ntrial_savepoint = true\nrecent = \"1d\"\n\
         [policy]\nstrategy = \"auto\"\nsoak = \"15m\"\non_failed_gate = \"ask\"\non_lane_failure = \"all\"\n\
         replay_limit = \"5m\"\nrequire_uids = false\nallow_running_jar_on_target = false\n"
    );
    assert_eq!(good(&spelt), good(SMALLEST));
}

#[test]
fn the_target_home_and_its_folders_follow_from_the_current_ones() {
    let d = good(&format!(
        "{SMALLEST}[installation]\ncurrent = {{ version = \"1.18.1\", home = \"/srv/flink-1.18.1\" }}\n\
         target = {{ version = \"1.20.5\" }}\n"
    ));
    assert_eq!(
        d.current.expect("an installation").conf,
        Path::new("/srv/flink-1.18.1/conf")
    );
    let Target::Release { installation, .. } = d.target else {
        panic!("a release")
    };
    assert_eq!(installation.home, Path::new("/srv/flink-1.20.5"));
    assert_eq!(installation.conf, Path::new("/srv/flink-1.20.5-conf"));
    assert_eq!(
        (installation.logs, installation.pids, installation.task_managers),
        (None, None, 1)
    );
}

#[test]
fn a_running_cluster_may_be_the_target() {
    let d = good(&format!(
        "{SMALLEST}[target]\nrest = \"http://127.0.0.1:8181/\"\n"
    ));
    let Target::RunningCluster { rest } = d.target else {
        panic!("a running cluster")
    };
    assert_eq!(rest.url, "http://127.0.0.1:8181");
}

#[test]
fn a_code_in_lower_case_is_that_code() {
    let d = good(&format!(
        "{SMALLEST}[[waive]]\ncode = \"up-conf-0003\"\nsubject = \"x\"\nreason = \"y\"\n"
    ));
    assert_eq!(d.waivers[0].code.as_str(), "UP-CONF-0003");
}

#[test]
fn a_file_is_found_by_its_path_or_the_way_to_a_first_one_is_named() {
    let missing = config::load(Path::new("/no/such/orders.toml")).expect_err("no file");
    let text = told(missing);
    assert!(
        text.starts_with("UP-CONF-0001  /no/such/orders.toml the system file cannot be read"),
        "{text}"
    );
    assert!(text.contains("upshift init flink"), "{text}");
    assert_eq!(bad("x = ").len(), 1);
}
