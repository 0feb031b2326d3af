//! Clusters whose scripts or processes do not do what they should. The scripts are stand-ins; what
//! the releases' own do is tested with the releases.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use upshift_engine::driver::Standing;
use upshift_model::expect::Expectation;
use upshift_model::flink::Installation;
use upshift_model::ids::Code;
use upshift_model::record::Baseline;
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};

use crate::server::{Server, ok};
use crate::world::{TRIGGERED, World, contradicted, failed, intent, jobs, old, put, ready, refused, step};

fn start() -> Step {
    let release = "1.20.5".parse().unwrap();
    step(Effect::Start {
        what: StartWhat::Cluster {
            cluster: old(),
            release,
            slots: 2,
        },
    })
}

fn stop() -> Step {
    step(Effect::Stop {
        what: StopWhat::Cluster { cluster: old() },
    })
}

/// A home whose scripts are this text.
fn scripted(world: &World, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    for name in ["jobmanager.sh", "taskmanager.sh"] {
        let path = world.path("home/bin").join(name);
        put(&path, format!("#!/bin/sh\n{text}\n").as_bytes());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// An address at which nobody listens.
fn nobody() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    format!("http://{free}")
}

#[tokio::test]
async fn a_script_that_fails_is_quoted() {
    let mut world = World::at(&nobody());
    world.install(None);
    scripted(&world, "echo '[ERROR] no java here' >&2; exit 1");
    let baseline = ready(world.look(&start(), None).await);
    let failure = refused(world.attempt(&start(), &intent(baseline)).await);
    assert_eq!(failure.code, Code::new("UP-FLINK-0313"));
    assert_eq!(failure.far_side.as_deref(), Some("[ERROR] no java here"));
}

#[tokio::test]
async fn a_process_that_ends_at_once_fails_the_start_with_its_last_words() {
    let mut world = World::at(&nobody());
    world.install(None);
    scripted(
        &world,
        r#"log="$FLINK_LOG_DIR/flink-x-standalonesession-0-h"; : > "$log.out"
        printf '%s\n' '2026-11-21 02:46:06,499 ERROR org.apache.flink.runtime.entrypoint.ClusterEntrypoint        [] - Could not start cluster entrypoint.' \
            '  at a.b(C.java)' 'Caused by: java.net.BindException: Address already in use' '  at a.b(C.java)' \
            '2026-11-21 02:46:06,624 ERROR org.apache.flink.runtime.util.ClusterUncaughtExceptionHandler [] - Thread dump: ' \
            'Caused by: java.lang.ClassNotFoundException: x' > "$log.log""#,
    );
    let begun = intent(ready(world.look(&start(), None).await));
    world.attempt(&start(), &begun).await.unwrap();
    let standing = world.look(&start(), Some(&begun)).await;
    assert_eq!(failed(&standing).code, Code::new("UP-FLINK-0311"));
    let said = failed(&standing).far_side.clone().unwrap();
    assert_eq!(said, "BindException: Address already in use");
}

#[tokio::test]
async fn a_start_that_was_never_made_may_be_made() {
    let mut world = World::at(&nobody());
    world.install(None);
    scripted(&world, "exit 0");
    let begun = intent(ready(world.look(&start(), None).await));
    // upshift ended between writing this down and starting anything.
    assert_eq!(ready(world.look(&start(), Some(&begun)).await), begun.baseline);
}

#[tokio::test]
async fn scripts_that_are_still_at_work_are_waited_for_though_upshift_was_killed() {
    let mut world = World::at(&nobody());
    world.install(None);
    scripted(&world, "exec 9<&-; sleep 3");
    let begun = intent(ready(world.look(&start(), None).await));
    let step = start();
    // Dropping the attempt is what a kill does to it: the script goes on by itself.
    let cut = tokio::time::timeout(
        std::time::Duration::from_millis(400),
        world.attempt(&step, &begun),
    )
    .await;
    assert!(cut.is_err(), "the script should still be at work");
    let standing = world.look(&step, Some(&begun)).await;
    assert!(matches!(standing, Standing::Underway(_)), "{standing:?}");
}

#[tokio::test]
async fn an_address_that_answers_without_a_process_of_the_cluster_is_somebody_elses() {
    let server = Server::answering(|_| {
        ok(r#"{"taskmanagers":1,"slots-total":4,"slots-available":4,"jobs-running":0,"flink-version":"1.20.5"}"#)
    })
    .await;
    let mut world = World::at(&server.url);
    world.install(None);
    for step in [start(), stop()] {
        let standing = world.look(&step, None).await;
        assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0314"));
    }
    // A process that was told to end a moment ago loses its command line before its sockets.
    let told = |ago: i64| {
        let at = (TRIGGERED + 1_000 - ago).to_string();
        intent(Baseline([("own_now_ms".to_owned(), at)].into()))
    };
    let standing = world.look(&stop(), Some(&told(10))).await;
    assert!(matches!(standing, Standing::Underway(_)), "{standing:?}");
    let standing = world.look(&stop(), Some(&told(10_000))).await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0314"));
}

#[tokio::test]
async fn a_cluster_of_which_nothing_is_left_is_stopped() {
    let mut world = World::at(&nobody());
    world.install(None);
    for begun in [None, Some(intent(Baseline::default()))] {
        let standing = world.look(&stop(), begun.as_ref()).await;
        assert!(matches!(standing, Standing::Done(_)), "{standing:?}");
    }
}

/// What the kernel shows as the job manager of the cluster; it ends with its standard input.
struct JobManager(std::process::Child);

impl JobManager {
    fn of(installation: &Installation) -> Self {
        std::fs::create_dir_all(&installation.conf).unwrap();
        let child = std::process::Command::new("sh")
            .args(["-c", "read until_the_end; :"])
            .arg("org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint")
            .arg("--configDir")
            .arg(&installation.conf)
            .stdin(std::process::Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for JobManager {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

/// The intent is durable and the process that wrote it is gone: before a signal is sent in its place, the jobs of
/// the cluster are looked at once more.
#[tokio::test]
async fn a_stop_is_not_repeated_while_a_job_runs_that_nobody_named() {
    let named = Arc::new(AtomicBool::new(true));
    let here = Arc::clone(&named);
    let server = Server::answering(move |_| match here.load(Ordering::SeqCst) {
        true => ok(r#"{"jobs":[]}"#),
        false => ok(jobs("57575757575757575757575757575757", "RUNNING", 1)),
    })
    .await;
    let mut world = World::at(&server.url);
    let manager = JobManager::of(&world.install(None));
    let mut stop = stop();
    stop.before.push(Expectation::NoOtherJobs {
        cluster: old(),
        named: BTreeSet::new(),
    });

    // The JVM would have heard by now.
    let mut baseline = ready(world.look(&stop, None).await);
    baseline.0.insert("own_now_ms".to_owned(), "0".to_owned());
    let begun = intent(baseline);
    let again = world.look(&stop, Some(&begun)).await;
    assert!(matches!(again, Standing::Ready(_)), "{again:?}");

    named.store(false, Ordering::SeqCst);
    let now = world.look(&stop, Some(&begun)).await;
    assert_eq!(contradicted(&now).code, Code::new("UP-FLINK-0323"));

    // One of the cluster's processes has ended by the first try: the repeat completes what was begun.
    let mut half = begun.clone();
    half.baseline
        .0
        .insert("process/4194304".to_owned(), "task-manager/1".to_owned());
    let now = world.look(&stop, Some(&half)).await;
    assert!(matches!(now, Standing::Ready(_)), "{now:?}");
    drop(manager);
}
