//! Every fault that an upgrade of WEKA can meet, as a person at the terminal sees it: the real planner, engine and driver,
//! a cluster that is played in this process, virtual time, and the lines that `upshift apply` and `upshift status` print.
//!
//! A time is that since the beginning. Below `--` is what the cluster was told: each of the vendor's long commands, and how
//! it ended. What a whole look before a hop finds is told by the stories over real servers.

#[expect(dead_code, reason = "the laws of drivers need more of it")]
#[path = "../../upshift-campaign/tests/weka_played/played.rs"]
mod played;
#[path = "weka_faults/seen.rs"]
mod seen;
#[expect(dead_code, reason = "the laws of drivers need more of it")]
#[path = "../../upshift-campaign/tests/weka_played/stage.rs"]
mod stage;

use std::process::Command;

use expect_test::{Expect, expect};
use seen::seen;
use stage::{Came, TO, Trouble, Wishes};
use upshift_campaign::Death;
use upshift_model::record::{Line, Outcome, Record};
use upshift_model::span::Millis;
use upshift_model::weka::Window;

/// It came to its end all the same, with nothing begun beside anything and nothing lost.
#[track_caller]
fn is_whole(came: &Came) {
    assert_eq!(came.outcome, Some(Outcome::Finalized), "{}", came.story);
    assert_eq!(came.state.turned_away, 0, "{}", came.story);
    assert_eq!(came.state.release.as_deref(), Some(TO));
    assert!(came.state.begun.iter().all(|one| one.ended.is_some()));
}

#[track_caller]
fn tells(trouble: Trouble, steps: &[&str], waits: &[&str], expected: &Expect) {
    let came = trouble.lived();
    is_whole(&came);
    expected.assert_eq(&seen(&came, steps, waits));
}

fn fault(name: &str) -> Trouble {
    Trouble {
        faults: vec![name.to_owned()],
        ..Trouble::default()
    }
}

/// A fault that nothing ends by itself: after two minutes without progress a person finds its cause.
fn stands_still(name: &str) -> Trouble {
    Trouble {
        wishes: Wishes {
            no_progress: Some(Millis::from_secs(120)),
            ..Wishes::default()
        },
        ..fault(name)
    }
}

#[test]
fn nothing_goes_wrong() {
    let all = ["2.1", "2.2", "2.3", "3.1", "5.1", "5.2", "6.1", "7.1", "8.1"];
    tells(
        Trouble::default(),
        &all,
        &["phase", "converted"],
        &expect![[r#"
            00:00:01  2.1      set the override rpc.exception.version to 1 …
            00:00:01  2.1      done in 0 ms: override rpc.exception.version is set
            00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
            00:00:02  2.2      phase DrivePhase, 0 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; command 1 runs on be000
            00:00:02  2.2      phase DrivePhase, 2 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; command 1 runs on be000
            00:00:02  2.2      phase ComputeRollingPhase, 3 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; command 1 runs on be000
            00:00:03  2.2      phase ComputeRollingPhase, 4 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; command 1 runs on be000
            00:00:03  2.2      phase ComputeRollingPhase, 6 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; command 1 runs on be000
            00:00:03  2.2      phase FrontendPhase, 7 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; command 1 runs on be000
            00:00:03  2.2      phase FrontendPhase, 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; command 1 runs on be000
            00:00:04  2.2      done in 2.4 s: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:00:04.036Z
            00:00:04  2.3      metadata is being converted: RUNNING
            00:00:06  2.3      for 1 s: every backend's container is up on 4.4.26 · no conversion of metadata goes on · the cluster is OK, all is active, no data lacks a copy · nobody began what has to wait for the end: done: everything watched held for 1 s of observed time (+4)
            00:00:06  3.1      3 clients to 4.4.26, 2 at a time …
            00:00:06  3.1      done in 931 ms: 3 of 3 clients are up on 4.4.26
            00:00:09  5.1      non-disruptive upgrade of all backends to 5.1.25: drives, computes, frontends …
            00:00:10  5.1      phase DrivePhase, 0 of 9 containers of backends are up on 5.1.25; last event DrivesUpgradeStarted at 2026-02-01T00:00:10.273Z; command 1 runs on be000
            00:00:10  5.1      phase DrivePhase, 2 of 9 containers of backends are up on 5.1.25; last event DrivesUpgradeStarted at 2026-02-01T00:00:10.273Z; command 1 runs on be000
            00:00:10  5.1      phase ComputeRollingPhase, 3 of 9 containers of backends are up on 5.1.25; last event ComputeUpgradeStarted at 2026-02-01T00:00:10.792Z; command 1 runs on be000
            00:00:11  5.1      phase ComputeRollingPhase, 4 of 9 containers of backends are up on 5.1.25; last event ComputeUpgradeStarted at 2026-02-01T00:00:10.792Z; command 1 runs on be000
            00:00:11  5.1      phase ComputeRollingPhase, 6 of 9 containers of backends are up on 5.1.25; last event ComputeUpgradeStarted at 2026-02-01T00:00:10.792Z; command 1 runs on be000
            00:00:11  5.1      phase FrontendPhase, 7 of 9 containers of backends are up on 5.1.25; last event FrontendUpgradeStarted at 2026-02-01T00:00:11.418Z; command 1 runs on be000
            00:00:11  5.1      phase FrontendPhase, 9 of 9 containers of backends are up on 5.1.25; last event FrontendUpgradeStarted at 2026-02-01T00:00:11.418Z; command 1 runs on be000
            00:00:12  5.1      done in 2.4 s: 9 of 9 containers of backends are up on 5.1.25; last event FrontendUpgradeFinished at 2026-02-01T00:00:12.003Z
            00:00:12  5.2      metadata is being converted: RUNNING
            00:00:14  5.2      for 1 s: every backend's container is up on 5.1.25 · no conversion of metadata goes on · the cluster is OK, all is active, no data lacks a copy · nobody began what has to wait for the end: done: everything watched held for 1 s of observed time (+4)
            00:00:14  6.1      3 clients to 5.1.25, 2 at a time …
            00:00:14  6.1      done in 931 ms: 3 of 3 clients are up on 5.1.25
            00:00:16  7.1      for 1 s: every backend's container is up on 5.1.25 · no conversion of metadata goes on · the cluster is OK, all is active, no data lacks a copy · nobody began what has to wait for the end · 3 clients are up on 5.1.25 · no alert tells of releases that differ: done: everything watched held for 1 s of observed time (+6)
            00:00:16  8.1      WAITING FOR A PERSON: every gate held
                        next: upshift finalize run    accepts; there is no way back
            00:00:17  8.1      accepted: the way back is closed, by ada
            00:00:17  8.1      a person says finalize: done: accepted by ada
            --
            4.4.26 --prepare-only -> 0
            4.4.26  -> 0
            4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
            5.1.25 --distribute-version -> 0
            5.1.25  -> 0
            5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        "#]],
    );
}

#[test]
fn the_package_cannot_be_had() {
    tells(
        fault("fetch-fails"),
        &["1.3"],
        &[],
        &expect![[r#"
        00:00:01  1.3      fetch the whole package of 4.4.26 and make it ready …
        00:00:01  1.3      try 1 failed: command 1 on be000 ended with status 1; be000 has 4.2.10 [UP-WEKA-0512]
                    the system said: error: the distribution server does not answer
        00:00:01  1.3      HALTED, a step failed: command 1 on be000 ended with status 1; be000 has 4.2.10 [UP-WEKA-0512]
                    the system said: error: the distribution server does not answer
                    next: upshift resume run      once the cause is gone
                    next: upshift journal runbook run    what is left, as commands to type by hand
                    next: upshift explain UP-WEKA-0512
        00:00:01           going on, by ada
        00:00:01  1.3      fetch the whole package of 4.4.26 and make it ready (try 2) …
        00:00:01  1.3      done in 0 ms: the package of 4.4.26 is on be000
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

/// A copy for clients alone does not count as the package: it is fetched whole.
#[test]
fn a_copy_for_clients_alone_is_no_package() {
    let trouble = Trouble {
        copy: true,
        ..Trouble::default()
    };
    let came = trouble.clone().lived();
    let fetched = "be000: package 4.4.26 is here".to_owned();
    assert!(came.state.changes.contains(&fetched), "{:?}", came.state.changes);
    tells(
        trouble,
        &["1.3"],
        &[],
        &expect![[r#"
        00:00:01  1.3      fetch the whole package of 4.4.26 and make it ready …
        00:00:01  1.3      done in 0 ms: the package of 4.4.26 is on be000
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn a_server_cannot_be_made_ready() {
    tells(
        fault("ndu-prepare-fails@1"),
        &["1.4"],
        &[],
        &expect![[r#"
        00:00:01  1.4      bring the package of 4.4.26 to all backends, and make it ready …
        00:00:01  1.4      try 1 failed: command 1 on be000 ended with status 1; the package of 4.4.26 is on 1 of 3 backends [UP-WEKA-0512]
                    the system said: be000: prepared
                    the system said: error: be001: the driver could not be built
        00:00:01  1.4      HALTED, a step failed: command 1 on be000 ended with status 1; the package of 4.4.26 is on 1 of 3 backends [UP-WEKA-0512]
                    the system said: be000: prepared
                    the system said: error: be001: the driver could not be built
                    next: upshift resume run      once the cause is gone
                    next: upshift journal runbook run    what is left, as commands to type by hand
                    next: upshift explain UP-WEKA-0512
        00:00:01           going on, by ada
        00:00:01  1.4      bring the package of 4.4.26 to all backends, and make it ready (try 2) …
        00:00:01  1.4      done in 612 ms: the package of 4.4.26 is on 3 of 3 backends
        --
        4.4.26 --prepare-only -> 1
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn a_container_with_drives_does_not_come_up() {
    tells(
        fault("ndu-drives-fails@1"),
        &["2.2"],
        &[],
        &expect![[r#"
        00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
        00:00:02  2.2      try 1 failed: command 1 on be000 ended with status 1; phase DrivePhase, 1 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; once the cause is gone, upshift resume goes on with --ndu-drives-phase [UP-WEKA-0513]
                    the system said: be000: prepared
                    the system said: be001: prepared
                    the system said: be002: prepared
                    the system said: DrivePhase begins
                    the system said: be000: drives0 is on 4.4.26
                    the system said: error: be001: drives0 did not become ready
        00:00:02  2.2      HALTED, a step failed: command 1 on be000 ended with status 1; phase DrivePhase, 1 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; once the cause is gone, upshift resume goes on with --ndu-drives-phase [UP-WEKA-0513]
                    the system said: be000: prepared
                    the system said: be001: prepared
                    the system said: be002: prepared
                    the system said: DrivePhase begins
                    the system said: be000: drives0 is on 4.4.26
                    the system said: error: be001: drives0 did not become ready
                    next: upshift resume run      once the cause is gone
                    next: upshift journal runbook run    what is left, as commands to type by hand
                    next: upshift explain UP-WEKA-0513
        00:00:02           going on, by ada
        00:00:02  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends (try 2) …
        00:00:04  2.2      done in 1.6 s: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:00:04.172Z
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 1
        4.4.26 --ndu-drives-phase -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn a_container_that_computes_does_not_come_up() {
    tells(
        fault("ndu-computes-fails@2"),
        &["2.2"],
        &[],
        &expect![[r#"
        00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
        00:00:03  2.2      try 1 failed: command 1 on be000 ended with status 1; phase ComputeRollingPhase, 5 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; once the cause is gone, upshift resume goes on with --ndu-computes-phase [UP-WEKA-0513]
                    the system said: be000: prepared
                    the system said: be001: prepared
                    the system said: be002: prepared
                    the system said: DrivePhase begins
                    the system said: be000: drives0 is on 4.4.26
                    the system said: be001: drives0 is on 4.4.26
                    the system said: be002: drives0 is on 4.4.26
                    the system said: ComputeRollingPhase begins
                    the system said: be000: compute0 is on 4.4.26
                    the system said: be001: compute0 is on 4.4.26
                    the system said: error: be002: compute0 did not become ready
        00:00:03  2.2      HALTED, a step failed: command 1 on be000 ended with status 1; phase ComputeRollingPhase, 5 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; once the cause is gone, upshift resume goes on with --ndu-computes-phase [UP-WEKA-0513]
                    the system said: be000: prepared
                    the system said: be001: prepared
                    the system said: be002: prepared
                    the system said: DrivePhase begins
                    the system said: be000: drives0 is on 4.4.26
                    the system said: be001: drives0 is on 4.4.26
                    the system said: be002: drives0 is on 4.4.26
                    the system said: ComputeRollingPhase begins
                    the system said: be000: compute0 is on 4.4.26
                    the system said: be001: compute0 is on 4.4.26
                    the system said: error: be002: compute0 did not become ready
                    next: upshift resume run      once the cause is gone
                    next: upshift journal runbook run    what is left, as commands to type by hand
                    next: upshift explain UP-WEKA-0513
        00:00:03           going on, by ada
        00:00:03  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends (try 2) …
        00:00:04  2.2      done in 939 ms: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:00:04.213Z
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 1
        4.4.26 --ndu-computes-phase -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn a_frontend_does_not_come_up() {
    tells(
        fault("ndu-frontends-fails@0"),
        &["2.2"],
        &[],
        &expect![[r#"
        00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
        00:00:03  2.2      try 1 failed: command 1 on be000 ended with status 1; phase FrontendPhase, 6 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; once the cause is gone, upshift resume goes on with --ndu-frontends-phase [UP-WEKA-0513]
                    the system said: be000: prepared
                    the system said: be001: prepared
                    the system said: be002: prepared
                    the system said: DrivePhase begins
                    the system said: be000: drives0 is on 4.4.26
                    the system said: be001: drives0 is on 4.4.26
                    the system said: be002: drives0 is on 4.4.26
                    the system said: ComputeRollingPhase begins
                    the system said: be000: compute0 is on 4.4.26
                    the system said: be001: compute0 is on 4.4.26
                    the system said: be002: compute0 is on 4.4.26
                    the system said: FrontendPhase begins
                    the system said: error: be000: frontend0 did not become ready
        00:00:03  2.2      HALTED, a step failed: command 1 on be000 ended with status 1; phase FrontendPhase, 6 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; once the cause is gone, upshift resume goes on with --ndu-frontends-phase [UP-WEKA-0513]
                    the system said: be000: prepared
                    the system said: be001: prepared
                    the system said: be002: prepared
                    the system said: DrivePhase begins
                    the system said: be000: drives0 is on 4.4.26
                    the system said: be001: drives0 is on 4.4.26
                    the system said: be002: drives0 is on 4.4.26
                    the system said: ComputeRollingPhase begins
                    the system said: be000: compute0 is on 4.4.26
                    the system said: be001: compute0 is on 4.4.26
                    the system said: be002: compute0 is on 4.4.26
                    the system said: FrontendPhase begins
                    the system said: error: be000: frontend0 did not become ready
                    next: upshift resume run      once the cause is gone
                    next: upshift journal runbook run    what is left, as commands to type by hand
                    next: upshift explain UP-WEKA-0513
        00:00:03           going on, by ada
        00:00:03  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends (try 2) …
        00:00:04  2.2      done in 626 ms: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:00:04.213Z
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 1
        4.4.26 --ndu-frontends-phase -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn the_upgrade_stands_still() {
    tells(
        stands_still("ndu-stalls@1"),
        &["2.2"],
        &["no progress"],
        &expect![[r#"
            00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
            00:02:03  2.2      no progress for 2 m (UP-WEKA-0515): phase ComputeRollingPhase, 4 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; command 1 runs on be000
            00:02:03  2.2      done in 2 m 01 s: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:02:03.61Z
            --
            4.4.26 --prepare-only -> 0
            4.4.26  -> 0
            4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
            5.1.25 --distribute-version -> 0
            5.1.25  -> 0
            5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        "#]],
    );
}

#[test]
fn the_conversion_of_metadata_stands_still() {
    tells(
        stands_still("conversion-stalls"),
        &["2.3"],
        &["no progress", "converted"],
        &expect![[r#"
            00:00:04  2.3      metadata is being converted: RUNNING
            00:02:04  2.3      no progress for 2 m (UP-WEKA-0515): metadata is being converted: RUNNING
            00:02:05  2.3      for 1 s: every backend's container is up on 4.4.26 · no conversion of metadata goes on · the cluster is OK, all is active, no data lacks a copy · nobody began what has to wait for the end: done: everything watched held for 1 s of observed time (+4)
            --
            4.4.26 --prepare-only -> 0
            4.4.26  -> 0
            4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
            5.1.25 --distribute-version -> 0
            5.1.25  -> 0
            5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        "#]],
    );
}

#[test]
fn a_client_does_not_come_up() {
    tells(
        fault("client-fails@c1"),
        &["3.1"],
        &[],
        &expect![[r#"
        00:00:06  3.1      3 clients to 4.4.26, 2 at a time …
        00:00:06  3.1      try 1 failed: command 1 on be000 ended with status 1; 1 of 3 clients are up on 4.4.26: client 10 is UP on 4.2.10, client 11 is UP on 4.2.10 [UP-WEKA-0514]
                    the system said: cl000: upgraded
                    the system said: cl001: the container did not come up
                    the system said: error: a client of the batch failed
        00:00:06  3.1      HALTED, a step failed: command 1 on be000 ended with status 1; 1 of 3 clients are up on 4.4.26: client 10 is UP on 4.2.10, client 11 is UP on 4.2.10 [UP-WEKA-0514]
                    the system said: cl000: upgraded
                    the system said: cl001: the container did not come up
                    the system said: error: a client of the batch failed
                    next: upshift resume run      once the cause is gone
                    next: upshift journal runbook run    what is left, as commands to type by hand
                    next: upshift explain UP-WEKA-0514
        00:00:06           going on, by ada
        00:00:06  3.1      3 clients to 4.4.26, 2 at a time (try 2) …
        00:00:07  3.1      done in 653 ms: 3 of 3 clients are up on 4.4.26
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 1
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

/// The command says that all went well, and a client is seen on an old release all the same: what is seen is believed.
#[test]
fn a_client_stays_behind() {
    tells(
        stands_still("old-client"),
        &["3.1"],
        &["up on 4.4.26: client", "no progress"],
        &expect![[r#"
        00:00:06  3.1      3 clients to 4.4.26, 2 at a time …
        00:00:06  3.1      0 of 3 clients are up on 4.4.26: client 9 is UP on 4.1.2.36, client 10 is UP on 4.2.10, client 11 is UP on 4.2.10; command 1 runs on be000
        00:00:06  3.1      1 of 3 clients are up on 4.4.26: client 9 is UP on 4.1.2.36, client 11 is UP on 4.2.10; command 1 runs on be000
        00:00:06  3.1      2 of 3 clients are up on 4.4.26: client 9 is UP on 4.1.2.36; command 1 runs on be000
        00:00:06  3.1      2 of 3 clients are up on 4.4.26: client 9 is UP on 4.1.2.36; command 1 has ended well
        00:02:07  3.1      no progress for 2 m (UP-WEKA-0515): 2 of 3 clients are up on 4.4.26: client 9 is UP on 4.1.2.36; command 1 has ended well
        00:02:07  3.1      done in 2 m 01 s: 3 of 3 clients are up on 4.4.26
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn data_lacks_a_copy_before_anything_is_begun() {
    tells(
        stands_still("degraded"),
        &["1.2"],
        &["lack a copy"],
        &expect![[r#"
        00:00:00  1.2      the cluster is PARTIALLY_PROTECTED, 4096 MiB lack a copy, 0 MiB cannot be read
        00:02:00  1.2      no progress for 2 m (UP-WEKA-0515): the cluster is PARTIALLY_PROTECTED, 4096 MiB lack a copy, 0 MiB cannot be read
        00:02:01  1.2      for 1 s: the cluster is OK, all is active, no data lacks a copy · nobody upgrades it, no task runs that an upgrade does not start beside · no conversion of metadata goes on: done: everything watched held for 1 s of observed time (+3)
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn somebody_uploads_a_snapshot_meanwhile() {
    let trouble = Trouble {
        late: vec!["task-upload".to_owned()],
        ..Trouble::default()
    };
    tells(
        trouble,
        &["2.2", "2.3"],
        &["meanwhile"],
        &expect![[r#"
        00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
        00:00:02  2.2      phase DrivePhase, 0 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; meanwhile task STOW_UPLOAD runs (UP-WEKA-0516); command 1 runs on be000
        00:00:02  2.2      phase DrivePhase, 2 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; meanwhile task STOW_UPLOAD runs (UP-WEKA-0516); command 1 runs on be000
        00:00:02  2.2      phase ComputeRollingPhase, 3 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; meanwhile task STOW_UPLOAD runs (UP-WEKA-0516); command 1 runs on be000
        00:00:03  2.2      phase ComputeRollingPhase, 4 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; meanwhile task STOW_UPLOAD runs (UP-WEKA-0516); command 1 runs on be000
        00:00:03  2.2      phase ComputeRollingPhase, 6 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; meanwhile task STOW_UPLOAD runs (UP-WEKA-0516); command 1 runs on be000
        00:00:03  2.2      phase FrontendPhase, 7 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; meanwhile task STOW_UPLOAD runs (UP-WEKA-0516); command 1 runs on be000
        00:00:03  2.2      phase FrontendPhase, 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; meanwhile task STOW_UPLOAD runs (UP-WEKA-0516); command 1 runs on be000
        00:00:04  2.2      done in 2.4 s: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:00:04.036Z
        00:00:05  2.3      HALTED, somebody else changed the system: task STOW_UPLOAD runs [UP-WEKA-0516]
                    next: upshift resume run      once the cause is gone
                    next: upshift journal runbook run    what is left, as commands to type by hand
                    next: upshift explain UP-WEKA-0516
        00:00:05           going on, by ada
        00:00:06  2.3      for 1 s: every backend's container is up on 4.4.26 · no conversion of metadata goes on · the cluster is OK, all is active, no data lacks a copy · nobody began what has to wait for the end: done: everything watched held for 1 s of observed time (+4)
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

#[test]
fn somebody_else_upgrades() {
    tells(
        fault("upgrade-running"),
        &["1.2"],
        &["bad sample 1 "],
        &expect![[r#"
        00:00:00  1.2      bad sample 1 of 12 that fail the gate: an upgrade is in phase DrivePhase, which no command of this plan began
        00:00:05  1.2      WAITING FOR A PERSON: a gate failed: an upgrade is in phase DrivePhase, which no command of this plan began [UP-WEKA-0511]
                    next: upshift answer run continue    goes on in spite of it; its time starts anew
                    next: upshift abandon run            leaves everything as it is
        00:00:05  1.2      going on in spite of the failed gate, by ada
        00:00:06  1.2      for 1 s: the cluster is OK, all is active, no data lacks a copy · nobody upgrades it, no task runs that an upgrade does not start beside · no conversion of metadata goes on: done: everything watched held for 1 s of observed time (+3)
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

/// upshift dies right after it has begun the upgrade; whoever takes over finds the command and begins no other.
#[test]
fn somebody_takes_over() {
    let begins = |line: &Line| {
        let entry = line.entry();
        let is = matches!(&entry.record, Record::Attempted { step, .. } if step.as_str() == "2.2");
        is.then_some(entry.seq)
    };
    let undisturbed = Trouble::default().lived();
    let record = undisturbed.lines.iter().find_map(begins).expect("it is begun");
    let trouble = Trouble {
        deaths: vec![(record, Death::Before)],
        ..Trouble::default()
    };
    let came = trouble.lived();
    is_whole(&came);
    assert_eq!(came.died.len(), 1);
    expect![[r#"
        00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
        00:00:01  2.2      0 of 9 containers of backends are up on 4.4.26; command 1 runs on be000
        00:00:02  2.2      phase DrivePhase, 0 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; command 1 runs on be000
        00:00:02  2.2      phase DrivePhase, 2 of 9 containers of backends are up on 4.4.26; last event DrivesUpgradeStarted at 2026-02-01T00:00:02.306Z; command 1 runs on be000
        00:00:02  2.2      phase ComputeRollingPhase, 3 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; command 1 runs on be000
        00:00:03  2.2      phase ComputeRollingPhase, 4 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; command 1 runs on be000
        00:00:03  2.2      phase ComputeRollingPhase, 6 of 9 containers of backends are up on 4.4.26; last event ComputeUpgradeStarted at 2026-02-01T00:00:02.825Z; command 1 runs on be000
        00:00:03  2.2      phase FrontendPhase, 7 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; command 1 runs on be000
        00:00:03  2.2      phase FrontendPhase, 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeStarted at 2026-02-01T00:00:03.451Z; command 1 runs on be000
        00:00:04  2.2      done in 2.4 s: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:00:04.036Z
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]].assert_eq(&seen(&came, &["2.2"], &["command 1 runs"]));
}

/// The backend that carries the upgrade out is not reached for two minutes, in the middle of it.
#[test]
fn the_backend_that_carries_it_out_is_not_reached() {
    let trouble = Trouble {
        gone: Some(("be000", 3_000..123_000)),
        ..Trouble::default()
    };
    tells(
        trouble,
        &["2.2"],
        &["not reached"],
        &expect![[r#"
        00:00:01  2.2      non-disruptive upgrade of all backends to 4.4.26: drives, computes, frontends …
        00:00:03  2.2      cannot see the system: be000 is not reached
        00:02:03  2.2      done in 2 m 01 s: 9 of 9 containers of backends are up on 4.4.26; last event FrontendUpgradeFinished at 2026-02-01T00:00:04.125Z
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]],
    );
}

/// Clients wait for their time, those that are left alone are named to the command, and nothing is begun too early.
#[test]
fn clients_wait_for_their_window_and_one_is_left_alone() {
    let trouble = Trouble {
        wishes: Wishes {
            leave_clients: vec!["cl002".to_owned()],
            client_window: Some(Window { from: 2, to: 10 }),
            ..Wishes::default()
        },
        ..Trouble::default()
    };
    tells(
        trouble,
        &["3.1", "6.1", "7.1"],
        &["the time for it"],
        &expect![[r#"
            00:00:06  3.1      the time for it is 00:02 to 00:10 UTC
            00:02:00  3.1      2 clients to 4.4.26, 2 at a time …
            00:02:01  3.1      done in 653 ms: 2 of 2 clients are up on 4.4.26
            00:02:08  6.1      2 clients to 5.1.25, 2 at a time …
            00:02:09  6.1      done in 653 ms: 2 of 2 clients are up on 5.1.25
            00:02:11  7.1      for 1 s: every backend's container is up on 5.1.25 · no conversion of metadata goes on · the cluster is OK, all is active, no data lacks a copy · nobody began what has to wait for the end · 2 clients are up on 5.1.25: done: everything watched held for 1 s of observed time (+5)
            --
            4.4.26 --prepare-only -> 0
            4.4.26  -> 0
            4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10 --drop-host 11 --from backends -> 0
            5.1.25 --distribute-version -> 0
            5.1.25  -> 0
            5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10 --drop-host 11 --from backends -> 0
        "#]],
    );
}

/// What stateless clients take stays as it was set, whatever the cluster becomes: it is set before clients go.
#[test]
fn what_stateless_clients_take_is_set_before_clients_go() {
    let came = fault("client-target-set").lived();
    is_whole(&came);
    expect![[r#"
        00:00:06  3.1      set client-target-version to 4.4.26 …
        00:00:06  3.1      done in 0 ms: client-target-version is 4.4.26 (+1)
        00:00:14  6.1      set client-target-version to 5.1.25 …
        00:00:14  6.1      done in 0 ms: client-target-version is 5.1.25 (+1)
        --
        4.4.26 --prepare-only -> 0
        4.4.26  -> 0
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
        5.1.25 --distribute-version -> 0
        5.1.25  -> 0
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends -> 0
    "#]].assert_eq(&seen(&came, &["3.1", "6.1"], &[]));
    let set = came
        .state
        .changes
        .iter()
        .filter(|change| change.contains("client-target"));
    expect![[r#"
        [
            "be000: client-target-version is 4.4.26",
            "be000: client-target-version is 5.1.25",
        ]
    "#]]
    .assert_debug_eq(&set.collect::<Vec<_>>());
}

#[track_caller]
fn upshift(words: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_upshift"))
        .args(words)
        .env("NO_COLOR", "1")
        .output()
        .expect("upshift runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    format!("{said}exit code {}\n", ran.status.code().expect("a code"))
}

/// Released after the freeze of the wanted release: dates do not tell it, the vendor's table does.
#[test]
fn a_release_from_after_the_freeze_is_refused() {
    expect![[r#"
        WEKA 4.4.30 → 5.1.25: unsupported
        what blocks every way
          refuses 4.4.30 is newer than the last source that 5.1.25 takes (4.4.21.2 to 4.4.26): its code was frozen before
                  do: upgrade to a build of the same line whose range holds the source; `upshift route weka` finds one
                  from: source range: the vendor's published upgrade path table and its history (vendor)
          refuses 4.4.31.6 is newer than the last source that 5.1.25 takes (4.4.21.2 to 4.4.26): its code was frozen before
                  do: upgrade to a build of the same line whose range holds the source; `upshift route weka` finds one
                  from: source range: the vendor's published upgrade path table and its history (vendor)
          refuses 4.4.32 is newer than the last source that 5.1.25 takes (4.4.21.2 to 4.4.26): its code was frozen before
                  do: upgrade to a build of the same line whose range holds the source; `upshift route weka` finds one
                  from: source range: the vendor's published upgrade path table and its history (vendor)
          refuses 4.4.33 is newer than the last source that 5.1.25 takes (4.4.21.2 to 4.4.26): its code was frozen before
                  do: upgrade to a build of the same line whose range holds the source; `upshift route weka` finds one
                  from: source range: the vendor's published upgrade path table and its history (vendor)
          servers come as far as 4.4.30, 4.4.31.6, 4.4.32, 4.4.33
        what would open one
          to 5.1.20 instead there is one
          a row of the vendor for 5.1.25 that takes 4.4.30, or a build between the two
          clients were left out: name theirs with --clients VERSION
        knowledge of 2026-11-27
        exit code 3
    "#]].assert_eq(&upshift(&["route", "weka", "4.4.30", "5.1.25"]));
}
