//! What the tests act on: a folder with two homes, a journal, a tier and a root store, and a master that answers what it
//! is told.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use upshift_drivers::Clock;
use upshift_drivers::alluxio::AlluxioDriver;
use upshift_engine::driver::{Driver as _, Fault, Standing};
use upshift_model::alluxio::{
    Condition, Installation, JournalFolder, Place, Preparation, Role, RootStore, Server, Site, THIS_MACHINE,
};
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::host::{Host, Reach};
use upshift_model::ids::{AttemptKey, BindingName, Code, RunId, StepId};
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Baseline, Intent};
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Preparation as Prepared, Step};

/// Longer than a program of a test takes on a loaded machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn fixture(folder: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/alluxio/backups");
    let files = fs::read_dir(dir.join(folder)).expect("a folder");
    let mut files = files.map(|entry| entry.expect("an entry").path());
    files
        .find(|path| path.extension().is_some_and(|end| end == "gz"))
        .expect("a backup")
}

pub(crate) fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::File::create(path)
        .and_then(|mut file| file.write_all(bytes))
        .expect("written");
}

/// Everything below one folder: two homes, a journal, a tier, a root store, and a master that answers what it is told.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) site: Site,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::answering("http://127.0.0.1:1")
    }

    pub(crate) fn answering(master: &str) -> Self {
        let dir = TempDir::new().expect("a folder");
        let at = |name: &str| dir.path().join(name);
        for name in ["old/bin", "new/bin", "new/conf", "new/logs", "tier", "ours"] {
            fs::create_dir_all(at(name)).expect("a folder");
        }
        put(&at("root/file"), b"x");
        put(&at("journal/BlockMaster/v1/logs/0x0-0x1"), b"");
        let installation = |version: &str, home: &str| Installation {
            version: version.parse().expect("a version"),
            home: at(home),
            master_log: at(home).join("logs/master.log"),
        };
        let device = std::os::unix::fs::MetadataExt::dev(&fs::metadata(at("root")).expect("facts"));
        let server = |role: Role| Server {
            id: role.component(),
            role,
            host: THIS_MACHINE.to_owned(),
            web: (role == Role::Master).then(|| Endpoint::plain(master)),
        };
        let place = Place {
            host: THIS_MACHINE.to_owned(),
            old: installation("2.7.3", "old"),
            new: installation("2.9.6", "new"),
            journal: Some(JournalFolder {
                folder: at("journal"),
                kept: at("journal.kept"),
            }),
            tiers: vec![at("tier")],
            root_store: Some(RootStore {
                path: at("root"),
                device,
                names: 1,
            }),
            pinned: None,
        };
        let site = Site {
            masters: vec![Endpoint::plain(master)],
            leader: Endpoint::plain(master),
            from: place.old.version.clone(),
            to: place.new.version.clone(),
            embedded: false,
            hosts: vec![Host {
                name: THIS_MACHINE.to_owned(),
                reach: Reach::Local,
            }],
            places: vec![place],
            servers: vec![server(Role::Worker), server(Role::Master)],
            backups: at("ours"),
            mounts: BTreeMap::from([("/".to_owned(), "/srv/alluxio/ufs".to_owned())]),
            mount_terms: BTreeMap::new(),
            workers: 1,
            saved_tiers: None,
            worker_options: vec!["NoMount".to_owned()],
        };
        Self { dir, site }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.site.places[0]
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a driver of a test takes its time from the machine"
    )]
    pub(crate) fn driver(&self) -> AlluxioDriver {
        let clock = Clock::by(jiff::Timestamp::now);
        AlluxioDriver::for_plan("lake".into(), &self.site, clock)
    }

    /// A program of a home.
    pub(crate) fn program(&self, name: &str, text: &str) {
        let path = self.at(name);
        put(&path, format!("#!/bin/sh\n{text}\n").as_bytes());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
    }

    pub(crate) fn stands(
        &self,
        step: &Step,
        bound: &Bindings,
        intent: Option<&Intent>,
    ) -> Result<Standing, Fault> {
        let driver = self.driver();
        runtime().block_on(driver.standing(step, bound, intent))
    }

    pub(crate) fn attempts(&self, step: &Step, bound: &Bindings, intent: &Intent) -> Result<(), Fault> {
        let driver = self.driver();
        runtime().block_on(driver.attempt(step, bound, intent))
    }

    /// Tries a step once and waits for what comes of it.
    pub(crate) fn tried(&self, step: &Step, bound: &Bindings) -> Standing {
        let baseline = match self.stands(step, bound, None).expect("it can be seen") {
            Standing::Ready(baseline) => baseline,
            other => return other,
        };
        let intent = intent(baseline);
        self.attempts(step, bound, &intent).expect("it can be tried");
        let begun = Instant::now();
        loop {
            match self.stands(step, bound, Some(&intent)).expect("it can be seen") {
                Standing::Underway(_) | Standing::Waiting(_) if begun.elapsed() < LIMIT => pause(),
                other => return other,
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a program is waited for")]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

pub(crate) fn step(effect: Effect) -> Step {
    Step {
        id: StepId::new("1.1"),
        effect,
        before: Vec::new(),
        after: Vec::new(),
        why: Vec::new(),
        usual: None,
        give_up: Millis::from_secs(1),
        tries: 1,
        downtime: Downtime::None,
        by_hand: Vec::new(),
    }
}

pub(crate) fn prepare(what: Preparation) -> Step {
    step(Effect::Prepare {
        what: Prepared::Alluxio(what),
    })
}

/// One sample of a gate that watches this.
pub(crate) fn watch(condition: Condition) -> Step {
    step(Effect::Hold {
        gate: Gate::Soak {
            watch: vec![Expectation::Alluxio(condition)],
            hold_for: Millis::ZERO,
            every: Millis(1),
            fail_after: 1,
            blind_for: Millis::from_secs(1),
        },
    })
}

pub(crate) fn intent(baseline: Baseline) -> Intent {
    // The mark of a start outlives the test: each has one of its own.
    let run = RunId::new(format!("{}-{:?}", std::process::id(), Instant::now()));
    Intent {
        key: AttemptKey::derive(&run, &StepId::new("1.1"), 1),
        attempt: 1,
        baseline,
        deadline: jiff::Timestamp::UNIX_EPOCH,
    }
}

pub(crate) fn bound(values: &[(&str, String)]) -> Bindings {
    let mut bound = Bindings::default();
    let binds = values.iter().map(|(name, value)| Binding::Value {
        name: BindingName::new(*name),
        value: value.clone(),
    });
    let binds = binds.collect();
    bound.absorb(&Proof {
        facts: Vec::new(),
        binds,
    });
    bound
}

pub(crate) fn backup_bound(name: &str, file: &Path, entries: Option<u64>) -> Bindings {
    let digest = Digest::of_bytes(&fs::read(file).expect("a file"));
    let mut values = vec![
        (format!("{name}.file"), file.display().to_string()),
        (format!("{name}.sha256"), digest.hex().to_owned()),
    ];
    values.extend(entries.map(|entries| (format!("{name}.entries"), entries.to_string())));
    let values: Vec<(&str, String)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    bound(&values)
}

#[track_caller]
pub(crate) fn code(standing: Standing) -> Code {
    match standing {
        Standing::Failed(failure) | Standing::Contradicted(failure) => failure.code,
        other => panic!("{other:?}"),
    }
}

/// A master on a thread of its own that answers what was recorded of one, changed as told.
pub(crate) fn master(change: impl Fn(&mut Value, &mut Value) + Send + Sync + 'static) -> String {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/alluxio/rest");
    let body = |name: &str| -> Value {
        let text = fs::read(dir.join(format!("2.9.6-master-{name}.json"))).expect("a fixture");
        serde_json::from_slice::<Value>(&text).expect("JSON")["body"].clone()
    };
    let (mut info, mut metrics) = (body("info"), body("metrics"));
    change(&mut info, &mut metrics);
    serving([info, metrics].map(|body| (200, body.to_string())))
}

/// Somebody who answers these two, to the question for information and to that for metrics.
pub(crate) fn serving(answers: [(u16, String); 2]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answers = Arc::new(answers);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
            let first = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines
                .next()
                .and_then(Result::ok)
                .is_some_and(|line| !line.is_empty())
            {}
            let (status, text) = &answers[usize::from(first.contains("/metrics"))];
            let head = format!(
                "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                text.len()
            );
            // Whoever went away meanwhile is told nothing.
            let told = stream.write_all(head.as_bytes());
            told.and_then(|()| stream.write_all(text.as_bytes())).ok();
        }
    });
    format!("http://{address}")
}

/// Ends when the test does.
pub(crate) struct Played(pub(crate) Child);

impl Drop for Played {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            self.0.wait().expect("it ends");
        }
    }
}

/// A process that looks like a master of a home.
pub(crate) fn played(home: &Path) -> Played {
    played_as("alluxio.master.AlluxioMaster", home)
}

/// The same of another server.
pub(crate) fn played_as(class: &str, home: &Path) -> Played {
    let child = Command::new("/bin/sh")
        .args(["-c", "while :; do sleep 1; done", class])
        .arg(format!("-Dalluxio.home={}", home.display()))
        .stdin(Stdio::null())
        .spawn()
        .expect("it starts");
    Played(child)
}
