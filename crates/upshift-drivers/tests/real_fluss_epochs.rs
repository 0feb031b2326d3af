//! The way back from 1.0 that its coordinator closes, on real servers of 0.9.1 (no server of 1.0 is published): the epochs
//! stand in ZooKeeper as the second coordinator of 1.0 leaves them. A coordinator of 0.9.1 then elects no leader, which
//! upshift tells as it is; and with every server stopped and the epochs put back, all is there again.

use std::time::{Duration, Instant};

use upshift_drivers::fluss::rpc::{Canary, prove};
use upshift_drivers::fluss::{Walk, facts, read_tree};
use upshift_formats::fluss::Tree;
use upshift_lab::{Cache, FlussCluster, FlussHome, FlussOptions, Java, Sandbox};
use upshift_model::fluss::{Facts, Light, health};

const PATIENCE: Duration = Duration::from_secs(180);
/// A coordinator elects leaders within a second or two of the first registration.
const WHILE: Duration = Duration::from_secs(8);

struct Scene {
    cluster: FlussCluster,
    home: FlussHome,
    // Ends every process, and so goes last.
    _sandbox: Sandbox,
}

impl Scene {
    fn set() -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::ready(&cache).expect("Java");
        let home = FlussHome::ready(&cache, "0.9.1-incubating").expect("Fluss");
        let sandbox = Sandbox::new(&cache, "real-fluss-epochs").expect("a sandbox");
        let options = FlussOptions {
            tablet_servers: 2,
            replicas: 2,
            min_in_sync: 1,
            ..FlussOptions::default()
        };
        let cluster =
            FlussCluster::start(&home, &java, &sandbox.path("cluster"), &options).expect("a cluster");
        Self {
            cluster,
            home,
            _sandbox: sandbox,
        }
    }

    async fn tree(&self) -> Tree {
        let walk = Walk {
            servers: &self.cluster.zookeeper(),
            root: "/fluss",
            door: None,
        };
        read_tree(walk, |_| ())
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Servers listen before the first of them has written anything.
    async fn begins(&self) {
        let began = Instant::now();
        let servers = self.cluster.zookeeper();
        let walk = Walk {
            servers: &servers,
            root: "/fluss",
            door: None,
        };
        while let Err(error) = read_tree(walk, |_| ()).await {
            assert!(began.elapsed() < PATIENCE, "{error}");
            pause(Duration::from_millis(300)).await;
        }
    }

    async fn facts(&self) -> Facts {
        facts(&self.tree().await, "the lab")
    }

    async fn until(&self, what: &str, wanted: impl Fn(&Facts) -> bool) -> Facts {
        let began = Instant::now();
        loop {
            let facts = self.facts().await;
            if wanted(&facts) {
                return facts;
            }
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}: {facts:?}");
            pause(Duration::from_millis(300)).await;
        }
    }

    fn stop(&mut self) {
        for id in 0..2 {
            self.cluster.stop_tablet_server(id).expect("stopped");
        }
        self.cluster.stop_coordinator().expect("stopped");
    }

    fn start(&mut self) {
        self.cluster.start_coordinator(&self.home).expect("started");
        for id in 0..2 {
            self.cluster.start_tablet_server(id, &self.home).expect("started");
        }
    }

    /// Writes an epoch into the node of every bucket, and with it or without the coordinator's own.
    async fn set_epochs(&self, epoch: i32) {
        let tree = self.tree().await;
        let facts = facts(&tree, "the lab");
        let mut lines = Vec::new();
        for bucket in &facts.buckets {
            let path = format!(
                "/tabletservers/tables/{}/buckets/{}/leader_isr",
                bucket.id.table, bucket.id.bucket
            );
            let data = tree.get(&path).expect("read").expect("a node");
            let mut node: serde_json::Value = serde_json::from_slice(&data.bytes).expect("JSON");
            assert!(node["coordinator_epoch"].is_i64(), "{node}");
            node["coordinator_epoch"] = epoch.into();
            lines.push(format!("set /fluss{path} {node}"));
        }
        assert_eq!(lines.len(), 6);
        lines.push(match epoch {
            0 => "set /fluss/coordinators/epoch 0".to_owned(),
            epoch => format!("create /fluss/coordinators/epoch {epoch}"),
        });
        let said = self.cluster.zookeeper_shell(&self.home, &lines);
        let said = said.unwrap_or_else(|error| panic!("{error}"));
        let seen = self.facts().await.highest_coordinator_epoch().expect("seen");
        assert_eq!(seen, i64::from(epoch), "{said}");
    }
}

async fn pause(time: Duration) {
    tokio::time::interval_at(tokio::time::Instant::now() + time, PATIENCE)
        .tick()
        .await;
}

/// A row is written into and read from every bucket. ZooKeeper knows of a leader before that does itself.
async fn goes_through(canary: &Canary, row: i64) {
    let began = Instant::now();
    while let Err(error) = prove(canary, row).await {
        assert!(began.elapsed() < PATIENCE, "{error}");
        pause(Duration::from_millis(300)).await;
    }
}

fn all_registered(facts: &Facts) -> bool {
    facts.active.known().is_some_and(Option::is_some)
        && facts.tablet_servers.known().is_some_and(|all| all.len() == 2)
}

fn is_green(facts: &Facts) -> bool {
    all_registered(facts) && health(facts).light == Light::Green
}

#[tokio::test]
async fn epochs_of_1_0_leave_0_9_without_leaders_until_they_are_put_back_with_every_server_stopped() {
    let mut scene = Scene::set();
    scene.begins().await;
    scene.until("all servers", all_registered).await;
    let canary = Canary {
        coordinator: scene.cluster.coordinator(),
        database: "somebody".to_owned(),
        buckets: 3,
        replicas: 2,
    };
    canary.make().await.expect("made");
    scene.until("full replicas", is_green).await;
    goes_through(&canary, 1).await;

    scene.stop();
    scene.set_epochs(1).await;
    scene.start();
    scene.until("all servers", all_registered).await;
    pause(WHILE).await;
    let seen = scene.facts().await;
    let told = health(&seen);
    assert_eq!((told.light, told.counts.led), (Light::Red, 0), "{told:?}");
    prove(&canary, 2).await.expect_err("nobody leads");
    assert_eq!(seen.highest_coordinator_epoch(), Ok(1));

    // The repair.
    scene.stop();
    scene.set_epochs(0).await;
    scene.start();
    let back = scene.until("leaders again", is_green).await;
    assert_eq!(health(&back).counts.led, 6);
    // What was written before is where the next row goes, too.
    goes_through(&canary, 3).await;
}
