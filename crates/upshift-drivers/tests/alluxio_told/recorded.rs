//! States as they were recorded, played to the driver: processes that look like the servers, a master that answers what
//! was answered, commands that say and leave what they said and left.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::Value;
use upshift_engine::driver::Standing;
use upshift_model::proof::Bindings;
use upshift_model::record::Baseline;

use super::asked::{Asked, OTHER, Verdict};
use super::world::{LIMIT, Played, World, backup_bound, bound, intent, pause, played_as, put, serving};

/// States of two masters.
pub(crate) const OF_TWO: [&str; 4] = ["leads", "stands-by", "nobody-leads", "took-over"];

/// All states of a release.
pub(crate) struct Recorded {
    release: String,
    scenes: Vec<Value>,
}

/// One of them.
pub(crate) struct Scene<'a> {
    of: &'a Recorded,
    scene: &'a Value,
    world: World,
    _servers: Vec<Played>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/alluxio/told")
        .join(name)
}

impl Recorded {
    pub(crate) fn of(release: &str) -> Self {
        let text = fs::read(fixture(&format!("{release}.json"))).expect("a fixture");
        let told: Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(told["release"], release);
        Self {
            release: release.to_owned(),
            scenes: told["scenes"].as_array().expect("scenes").clone(),
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.scenes
            .iter()
            .map(|scene| scene["name"].as_str().expect("a name"))
    }

    fn scene(&self, name: &str) -> &Value {
        let found = self.scenes.iter().find(|scene| scene["name"] == name);
        found.unwrap_or_else(|| panic!("{} has no {name}", self.release))
    }

    /// How many entries the backup has, as the master told that restored all of it.
    fn entries(&self) -> u64 {
        let log = self.scene("restored")["log"].as_array().expect("a log");
        let count = log.iter().find_map(|line| {
            let (_, rest) = line.as_str()?.split_once("Restored ")?;
            rest.split(' ').next()?.parse().ok()
        });
        count.expect("it tells what it restored")
    }

    /// The state, played.
    pub(crate) fn played(&self, name: &str) -> Scene<'_> {
        let scene = self.scene(name);
        let mut world = World::answering(&answers(scene));
        world.site.from = self.release.parse().expect("a version");
        world.site.to = OTHER.parse().expect("a version");
        let place = &mut world.site.places[0];
        place.old.version = world.site.from.clone();
        place.new.version = world.site.to.clone();
        let root = &scene["master"]["info"]["said"]["body"]["mountPoints"]["/"]["ufsUri"];
        world.site.mounts = [(
            "/".to_owned(),
            root.as_str().unwrap_or("/srv/alluxio/ufs").to_owned(),
        )]
        .into();
        fs::remove_dir_all(world.at("journal")).expect("another journal");
        for name in scene["journal"].as_array().expect("names") {
            let name = name.as_str().expect("a name");
            let path = world.at("journal").join(name);
            match name.ends_with('/') {
                true => fs::create_dir_all(path).expect("a folder"),
                false => put(&path, b""),
            }
        }
        let classes = [
            ("master", "alluxio.master.AlluxioMaster"),
            ("worker", "alluxio.worker.AlluxioWorker"),
        ];
        let runs = scene["runs"].as_array().expect("servers");
        let servers = classes
            .iter()
            .filter(|(server, _)| runs.iter().any(|one| one == server));
        let home = world.place().old.home.clone();
        let servers = servers.map(|(_, class)| played_as(class, &home)).collect();
        Scene {
            of: self,
            scene,
            world,
            _servers: servers,
        }
    }
}

/// A server with the answers of a state; nobody listens where there was none.
fn answers(scene: &Value) -> String {
    let of = |call: &str| -> Option<(u16, String)> {
        let answer = &scene["master"][call];
        let (status, body) = match (answer.get("said"), answer.get("other")) {
            (Some(said), _) => (&said["status"], said["body"].to_string()),
            (_, Some(other)) => (&other["status"], other["body"].as_str().unwrap_or("").to_owned()),
            _ => return None,
        };
        Some((u16::try_from(status.as_u64()?).ok()?, body))
    };
    match (of("info"), of("metrics")) {
        (Some(info), Some(metrics)) => serving([info, metrics]),
        (Some(info), None) => serving([info, (404, String::new())]),
        // One that stands by takes the connection, and hangs up.
        (None, _) if scene["master"]["info"]["nothing"] == "ConnectionReset" => hanging_up(),
        (None, _) => "http://127.0.0.1:1".to_owned(),
    }
}

fn hanging_up() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || listener.incoming().for_each(drop));
    format!("http://{address}")
}

impl Scene<'_> {
    pub(crate) fn asked(&self, question: Asked) -> Verdict {
        let step = question.step(&self.of.release);
        match question {
            Asked::Backup => self.backup(),
            Asked::Restored => self.restored(),
            Asked::Quiet => {
                let before = self.of.played("runs");
                let noted =
                    before
                        .world
                        .stands(&Asked::Watch.step(&self.of.release), &Bindings::default(), None);
                let Ok(Standing::Done(proof)) = noted else {
                    panic!("counts are noted: {noted:?}");
                };
                let mut all = Bindings::default();
                all.absorb(&proof);
                Verdict::of(self.world.stands(&step, &all, None))
            }
            _ => Verdict::of(self.world.stands(&step, &Bindings::default(), None)),
        }
    }

    /// Tries it with a command that says and leaves what the recorded one did.
    fn backup(&self) -> Verdict {
        let command = &self.scene["command"];
        let said = self.world.at("said");
        put(&said, command["said"].as_str().expect("words").as_bytes());
        let backup = fixture(&format!("{}-backup.gz", self.of.release));
        let left = command["left"].as_array().expect("names").iter();
        let left: String = left
            .map(|name| {
                let name = name.as_str().expect("a name");
                match name.ends_with(".gz") {
                    true => format!("cp {} \"$3/{name}\"\n", backup.display()),
                    false => format!(": > \"$3/{name}\"\n"),
                }
            })
            .collect();
        let text = format!("{left}cat {}\nexit {}", said.display(), command["code"]);
        self.world.program("old/bin/alluxio", &text);
        Verdict::of(Ok(self
            .world
            .tried(&Asked::Backup.step(&self.of.release), &Bindings::default())))
    }

    /// A start that was tried: what started the server has ended, its log has what the recorded one gained.
    fn restored(&self) -> Verdict {
        let step = Asked::Restored.step(&self.of.release);
        let file = fixture(&format!("{}-backup.gz", self.of.release));
        let mut all = backup_bound("restore", &file, None);
        let entries = bound(&[("restore.entries", self.of.entries().to_string())]);
        all.values.extend(entries.values);
        let log: Vec<&str> = self.scene["log"]
            .as_array()
            .expect("lines")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let lines = self.world.at("lines");
        put(
            &lines,
            log.iter()
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .as_bytes(),
        );
        let command = &self.scene["command"];
        let text = format!(
            "cat {} >> {}\nexit {}",
            lines.display(),
            self.world.place().old.master_log.display(),
            command["code"]
        );
        fs::create_dir_all(self.world.at("old/logs")).expect("a folder");
        self.world.program("old/bin/alluxio-start.sh", &text);
        let intent = intent(Baseline([("log_bytes".to_owned(), "0".to_owned())].into()));
        // What lies in the journal is what the start left there: the folder was fresh before.
        let journal = (self.world.at("journal"), self.world.at("journal.now"));
        fs::rename(&journal.0, &journal.1).expect("moved");
        put(&journal.0.join("BlockMaster/v1/_format_1"), b"");
        self.world.attempts(&step, &all, &intent).expect("it is begun");
        fs::remove_dir_all(&journal.0).expect("removed");
        fs::rename(&journal.1, &journal.0).expect("moved");
        let begun = std::time::Instant::now();
        loop {
            let said = self.world.stands(&step, &all, Some(&intent));
            match said {
                Ok(Standing::Underway(_)) if begun.elapsed() < LIMIT => pause(),
                other => return Verdict::of(other),
            }
        }
    }
}
