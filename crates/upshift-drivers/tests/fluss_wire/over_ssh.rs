//! A server on another machine: what its own log says is read over ssh, where it does not come up.

use upshift_drivers::fluss::codes;
use upshift_engine::driver::{Driver as _, Standing};
use upshift_lab::Fabric;
use upshift_model::host::{Host, Reach, Ssh};
use upshift_model::proof::Bindings;

use super::driver::{driver_on, intent, put, start, with_a_log};

const FATAL: &str = "t INFO GlobalConfiguration Loading configuration property: data.dir, /d
t ERROR ServerBase Fatal error occurred while running the TabletServer. Shutting it down...
Caused by: KeeperException
";

#[tokio::test]
async fn a_server_that_never_registers_is_told_by_its_own_log_over_ssh() {
    let fabric = Fabric::start(1, |_| String::new()).expect("an ssh server");
    let ssh = Ssh::new("h0").expect("a name").config(fabric.config());
    let host = Host {
        name: "h0".to_owned(),
        reach: Reach::Ssh(ssh),
    };
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver_on(dir.path(), host).await;
    let log = dir.path().join("server.log");
    put(&log, FATAL);
    let one = with_a_log(dir.path(), "/l/fluss-server-0.9.1-incubating.jar", &log);
    let step = start("0.9.1-incubating");
    let mut waited = intent(&[]);
    waited.deadline = jiff::Timestamp::from_second(-60).expect("a time");
    let stands = driver.standing(&step, &Bindings::default(), Some(&waited)).await;
    let Ok(Standing::Failed(failure)) = stands else {
        panic!("{stands:?}")
    };
    assert_eq!(failure.code, codes::SERVER_DIED);
    let said = failure.far_side.unwrap_or_default();
    let of = format!("kill -TERM {}", one.pid());
    for word in [
        "Fatal error occurred",
        "KeeperException",
        &log.display().to_string(),
        &of,
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }

    // One that may not be read is not taken for a silent one.
    std::fs::remove_file(&log).expect("removed");
    let driver_anew = driver_on(dir.path(), driver.site().hosts[0].clone()).await;
    let stands = driver_anew
        .standing(&step, &Bindings::default(), Some(&waited))
        .await;
    let Ok(Standing::Underway(progress)) = stands else {
        panic!("{stands:?}")
    };
    assert!(progress.what.contains("is not known"), "{}", progress.what);
}
