//! Emulated namespaces for tests, and the driver's client in front of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use upshift_drivers::Clock;
use upshift_drivers::realtime_compute::{
    Deployment, Job, JobState, RealtimeCompute, Savepoint, SavepointState,
};
use upshift_drivers::wire::{NoSecret, Secrets};
use upshift_engine::driver::Fault;
use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::realtime_compute::{Credentials, Service};
use upshift_sim::realtime_compute::{Engine, Injection, Key, Queue, Setup, World};
use upshift_sim::wire::{Emulator, RunsOn};

pub(crate) const OLD: &str = "vvr-8.0.9-flink-1.17";
pub(crate) const NEW: &str = "vvr-8.0.11-flink-1.17";
pub(crate) const MAJOR: &str = "vvr-11.7-jdk11-flink-1.20";

pub(crate) fn setup() -> Setup {
    let key = |token: Option<&str>| Key {
        id: "testAK".to_owned(),
        secret: "testSK".to_owned(),
        token: token.map(str::to_owned),
    };
    Setup {
        workspace: "ws0000000000001".to_owned(),
        namespace: "ns-default".to_owned(),
        keys: vec![key(None), key(Some("testSTSToken"))],
        engines: [NEW, OLD, MAJOR, "vvr-4.0.18-flink-1.13"]
            .map(Engine::stable)
            .to_vec(),
        queues: vec![Queue {
            name: "default-queue".to_owned(),
            cpu: 20.0,
            memory: 80.0,
        }],
        delays: [0; 3],
        origin: 1,
    }
}

pub(crate) fn world(faults: &[&str]) -> World {
    let injections = faults
        .iter()
        .map(|text| text.parse::<Injection>().expect("a fault"));
    World::new(setup(), injections.collect(), None)
}

/// On paper: jobs run by saying so.
pub(crate) fn emulator(world: World) -> Emulator {
    let engines: BTreeMap<_, _> = setup()
        .engines
        .iter()
        .map(|e| (e.version.clone(), RunsOn::Paper))
        .collect();
    Emulator::start(0, world, &engines).expect("a port")
}

pub(crate) fn client(emulator: &Emulator) -> RealtimeCompute {
    client_with(emulator, "SK", "ws0000000000001")
}

pub(crate) fn client_with(emulator: &Emulator, secret: &str, workspace: &str) -> RealtimeCompute {
    let variable = |name: &str| SecretRef::Env(name.to_owned());
    let service = Service {
        endpoint: Endpoint::plain(format!("http://{}", emulator.authority())),
        workspace: workspace.to_owned(),
        namespace: "ns-default".to_owned(),
        credentials: Credentials::References {
            access_key_id: variable("AK"),
            access_key_secret: variable(secret),
            security_token: None,
        },
    };
    let secrets = Secrets::by(|reference| match reference {
        SecretRef::Env(name) if name == "AK" => Ok("testAK".to_owned()),
        SecretRef::Env(name) if name == "SK" => Ok("testSK".to_owned()),
        SecretRef::Env(name) if name == "WRONG" => Ok("another".to_owned()),
        other => Err(NoSecret {
            reference: other.clone(),
            why: "not set".to_owned(),
            absent: true,
        }),
    });
    #[expect(
        clippy::disallowed_methods,
        reason = "the emulator has a clock, too, and compares them"
    )]
    let clock = Clock::by(jiff::Timestamp::now);
    RealtimeCompute::new(&service, secrets, clock).expect("a client")
}

/// A deployment as a person would make it.
pub(crate) fn orders() -> Value {
    json!({
        "name": "orders", "engineVersion": OLD, "executionMode": "STREAMING",
        "deploymentTarget": { "mode": "PER_JOB", "name": "default-queue" },
        "artifact": {
            "kind": "JAR",
            "jarArtifact": { "jarUri": "paper.jar", "entryClass": "", "mainArgs": "--p 1", "additionalDependencies": [] },
        },
        "flinkConf": { "execution.checkpointing.interval": "1s", "taskmanager.numberOfTaskSlots": 2 },
        "streamingResourceSetting": {
            "resourceSettingMode": "BASIC",
            "basicResourceSetting": {
                "parallelism": 2,
                "jobmanagerResourceSettingSpec": { "cpu": 1.0, "memory": "4Gi" },
                "taskmanagerResourceSettingSpec": { "cpu": 1.0, "memory": "4Gi" },
            },
        },
        "labels": { "team": "a" }, "localVariables": [{ "name": "v", "value": "1" }],
    })
}

/// Asks until the answer fits: the emulator learns of its jobs by looking, as the service does. A read
/// that was turned away is asked again.
pub(crate) async fn until<T, F: Future<Output = Result<T, Fault>>>(
    mut ask: impl FnMut() -> F,
    fits: impl Fn(&T) -> bool,
) -> T {
    for _ in 0..400 {
        match ask().await {
            Ok(found) if fits(&found) => return found,
            Ok(_) | Err(Fault::Transient(_)) => {}
            Err(other) => panic!("{other}"),
        }
        pause().await;
    }
    panic!("it never came");
}

#[expect(clippy::disallowed_methods, reason = "a test looks again after a moment")]
pub(crate) async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(25)).await;
}

pub(crate) async fn job_is(client: &RealtimeCompute, id: &str, state: JobState) -> Job {
    let found = until(
        || client.job(id),
        |job| job.as_ref().is_some_and(|j| j.status.current_job_status == state),
    );
    found.await.expect("a job")
}

pub(crate) async fn savepoint_is(client: &RealtimeCompute, id: &str, state: SavepointState) -> Savepoint {
    let found = until(
        || client.savepoint(id),
        |one| one.as_ref().is_some_and(|s| s.status.state == state),
    );
    found.await.expect("a savepoint")
}

/// The deployment with a job that runs.
pub(crate) async fn running(client: &RealtimeCompute) -> (Deployment, String) {
    use upshift_drivers::realtime_compute::{From, Start};
    let made = client.create_deployment(orders()).await.expect("a deployment");
    let start = Start {
        deployment: made.id().to_owned(),
        from: From::Nothing { start_at: None },
        queue: None,
    };
    let job = client.start_job(&start).await.expect("a start");
    job_is(client, &job.job_id, JobState::Running).await;
    (made, job.job_id)
}
