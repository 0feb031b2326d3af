//! The same states of the simulated cluster.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use upshift_engine::driver::{Driver as _, Standing};
use upshift_model::alluxio::Site;
use upshift_model::proof::Bindings;
use upshift_model::record::{Baseline, Intent};
use upshift_sim::alluxio::{Backup, Journal, MASTER, Server, Shape, Tree, WORKER, World as Cluster};
use upshift_sim::direct::Clockwork;
use upshift_sim::direct::alluxio::AlluxioFace;

use super::asked::{Asked, OTHER, Verdict};
use super::world::{World, bound, intent};

/// The states, and what is asked in each.
pub(crate) const STATES: [(&str, &[Asked]); 13] = {
    use Asked::{
        Backup, Format, Quiet, Restored, Serving, ServingOther, StartMaster, StartOther, StopMaster,
        StopWorker, Watch, Workers,
    };
    [
        (
            "formatted",
            &[
                Format,
                StartMaster,
                Serving,
                Watch,
                StopMaster,
                StopWorker,
                Workers,
            ],
        ),
        (
            "runs",
            &[
                StartMaster,
                StartOther,
                Serving,
                ServingOther,
                Watch,
                Quiet,
                StopMaster,
                StopWorker,
                Workers,
            ],
        ),
        ("written", &[Serving, Quiet, Workers]),
        ("backed-up", &[Backup, Serving]),
        ("not-backed-up", &[Backup, Serving]),
        ("worker-silent", &[StopWorker, Workers, Serving, StopMaster]),
        ("worker-lost", &[StopWorker, Workers, Serving]),
        ("stopped", &[StopMaster, Serving, Workers, Watch, StartMaster]),
        ("restored", &[Restored, Serving]),
        ("skipped", &[Restored, Serving]),
        ("restarted", &[StartMaster, Serving, Quiet]),
        ("died", &[Restored, Serving, StopMaster]),
        ("swallowed", &[Restored, Serving]),
    ]
};

/// The simulated cluster in one state.
struct Simulated {
    face: AlluxioFace,
    release: &'static str,
    bound: Bindings,
    tried: Option<(Asked, Intent)>,
}

/// Longer than servers take to come and go.
const SOME_TIME: Duration = Duration::from_secs(20);
/// Longer than a master counts on a worker that it does not hear of.
const LONG: Duration = Duration::from_secs(400);
const BACKUP: &str = "/srv/backup";

/// What it answers in a state.
pub(crate) fn verdicts(name: &str, release: &'static str, questions: &[Asked]) -> Vec<Verdict> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut simulated = Simulated::new(release).await;
        simulated.bring(name).await;
        let mut all = Vec::new();
        for question in questions {
            all.push(simulated.asked(*question).await);
        }
        all
    })
}

fn site(release: &str) -> Site {
    let mut site = World::new().site;
    site.from = release.parse().expect("a version");
    site.to = OTHER.parse().expect("a version");
    let place = &mut site.places[0];
    place.old.version = site.from.clone();
    place.new.version = site.to.clone();
    site
}

impl Simulated {
    async fn new(release: &'static str) -> Self {
        let shape = Shape {
            releases: (release, OTHER),
            ..Shape::default()
        };
        let site = site(release);
        let journal = site.places[0].journal.as_ref().expect("a journal");
        let time = Clockwork::begin(0);
        let cluster = Cluster::new(&shape, &journal.folder.display().to_string(), time.now());
        let cluster = Arc::new(Mutex::new(cluster));
        let mut simulated = Self {
            face: AlluxioFace::new(cluster, Arc::default(), time, Some(site)),
            release,
            bound: Bindings::default(),
            tried: None,
        };
        simulated.face.world().writers(true, "before all");
        let step = Asked::Watch.step(release);
        let noted = simulated.face.standing(&step, &Bindings::default(), None).await;
        let Ok(Standing::Done(proof)) = noted else {
            panic!("counts are noted: {noted:?}");
        };
        simulated.bound.absorb(&proof);
        simulated
    }

    async fn asked(&self, question: Asked) -> Verdict {
        let intent = self
            .tried
            .as_ref()
            .filter(|(of, _)| *of == question)
            .map(|(_, intent)| intent);
        let step = question.step(self.release);
        Verdict::of(self.face.standing(&step, &self.bound, intent).await)
    }

    async fn tries(&mut self, what: Asked) {
        let intent = intent(Baseline::default());
        let step = what.step(self.release);
        self.face
            .attempt(&step, &self.bound, &intent)
            .await
            .expect("it is tried");
        self.tried = Some((what, intent));
    }

    async fn stop(&self, server: Server) {
        let pid = self
            .face
            .world()
            .processes
            .get(&server)
            .map(|process| process.pid);
        let now = self.face.world().now();
        if let Some(pid) = pid {
            self.face.world().terminate(server, pid, now);
        }
        tokio::time::advance(SOME_TIME).await;
    }

    async fn stop_all(&self) {
        self.stop(WORKER).await;
        self.stop(MASTER).await;
    }

    fn fresh_journal(&self) {
        let journal = self.face.world().journal.clone();
        let moved = self.face.world().move_journal(0, &journal, "/srv/kept", false);
        moved.expect("it is moved");
        self.face.world().format(0, "fresh");
    }

    /// A start from a backup, which is damaged as told.
    async fn restores(&mut self, damage: impl FnOnce(&mut Backup)) {
        self.stop_all().await;
        let tree = self.face.world().tree().expect("a tree").clone();
        self.fresh_journal();
        let entries = tree.len() as u64;
        let mut backup = Backup {
            tree,
            told: entries,
            version: 0,
            done_at: 0,
            old_fingerprints: false,
            ends_masters: false,
        };
        damage(&mut backup);
        self.face.world().backups.insert(BACKUP.to_owned(), backup);
        let values = [
            ("restore.file", BACKUP.to_owned()),
            ("restore.entries", entries.to_string()),
        ];
        self.bound.values.extend(bound(&values).values);
        self.tries(Asked::Restored).await;
    }

    async fn bring(&mut self, name: &str) {
        match name {
            "formatted" => {
                self.stop_all().await;
                self.fresh_journal();
            }
            "runs" => {}
            "written" => {
                let now = self.face.world().now();
                self.face.world().stranger = Some((now, now + 2_000));
            }
            "backed-up" => self.tries(Asked::Backup).await,
            "not-backed-up" => {
                self.face.world().stillborn = true;
                self.tries(Asked::Backup).await;
            }
            "worker-silent" => self.stop(WORKER).await,
            "worker-lost" => {
                self.stop(WORKER).await;
                tokio::time::advance(LONG).await;
            }
            "stopped" => self.stop_all().await,
            "restored" => self.restores(|_| {}).await,
            "skipped" => {
                self.restores(|_| {}).await;
                let tree = Some(Tree::from([(1, true)]));
                let journal = self.face.world().journal.clone();
                self.face
                    .world()
                    .journals
                    .insert(journal, Journal { tree, entries: 1 });
            }
            "restarted" => {
                self.stop_all().await;
                self.face.world().start(MASTER, self.release, None, "again");
            }
            "died" => self.restores(|backup| backup.ends_masters = true).await,
            "swallowed" => {
                self.restores(|backup| {
                    backup.tree.pop_last();
                })
                .await;
            }
            other => panic!("no state is called {other}"),
        }
        tokio::time::advance(SOME_TIME).await;
    }
}
