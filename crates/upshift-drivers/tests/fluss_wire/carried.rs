//! `server.yaml` for the wanted release: written once, never over what somebody else put there, and held against its
//! digest before the server is started with it.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use upshift_drivers::fluss::{FlussDriver, codes};
use upshift_engine::driver::{Driver as _, Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Condition, server_yaml_of};
use upshift_model::proof::{Bindings, Proof};
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::step::{Change, ConfigEdit, Effect, Step};

use super::driver::{driver_with, id, intent, start, step};

const OLD: &str = "zookeeper.address: zk:2181\ntablet-server.id: 0\ndata.dir: /data/0\nclient.security.sasl.password: hunter2\nold.name: 4\n";
const NEW: &str = "zookeeper.address: zk:2181\ntablet-server.id: 0\ndata.dir: /data/0\nclient.security.sasl.password: hunter2\nnew.name: 4\n";

fn write(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    let mut out = std::fs::File::create(file).expect("a file");
    out.write_all(text.as_bytes()).expect("written");
}

struct Case {
    folder: tempfile::TempDir,
    driver: FlussDriver,
}

impl Case {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (old, new) = (folder.path().join("old"), folder.path().join("opt/new"));
        write(&old.join("server.yaml"), OLD);
        let rights = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(old.join("server.yaml"), rights).expect("set");
        let driver = driver_with(&old, &new, &["true"]).await;
        Self { folder, driver }
    }

    fn old(&self) -> PathBuf {
        self.folder.path().join("old/server.yaml")
    }

    fn new_file(&self) -> PathBuf {
        self.folder.path().join("opt/new/server.yaml")
    }

    fn step(&self) -> Step {
        let folder = |file: PathBuf| file.parent().expect("a folder").to_owned();
        step(Effect::Configure {
            component: id(),
            change: Change::CarryOver {
                from: folder(self.old()),
                from_file: "server.yaml".to_owned(),
                from_digest: Digest::of_bytes(OLD.as_bytes()),
                to: folder(self.new_file()),
                to_file: "server.yaml".to_owned(),
                edits: vec![ConfigEdit::Rename {
                    from: "old.name".to_owned(),
                    to: "new.name".to_owned(),
                    why: "0.9.1 reads it under this name".to_owned(),
                }],
            },
        })
    }

    async fn stands(&self, step: &Step, bound: &Bindings, intent: Option<&Intent>) -> Standing {
        let stands = self.driver.standing(step, bound, intent).await;
        stands.unwrap_or_else(|fault| panic!("{fault}"))
    }

    async fn carried(&self) -> Standing {
        self.stands(&self.step(), &Bindings::default(), None).await
    }

    async fn is_refused(&self, why: &str) {
        refused(self.carried().await, why);
        // Whoever tries all the same changes nothing.
        let before = std::fs::read(self.new_file()).ok();
        let tried = self
            .driver
            .attempt(&self.step(), &Bindings::default(), &intent(&[]))
            .await;
        assert!(matches!(tried, Err(Fault::Ambiguous(_))), "{tried:?}");
        assert_eq!(std::fs::read(self.new_file()).ok(), before);
    }
}

fn refused(stands: Standing, why: &str) {
    let Standing::Contradicted(Failure { code, what, .. }) = stands else {
        panic!("{stands:?}")
    };
    assert_eq!(code, codes::OTHER_FILE);
    assert!(what.contains(why), "{what}");
    assert!(!what.contains("hunter2"), "{what}");
}

fn bindings(proof: &Proof) -> Bindings {
    let mut bound = Bindings::default();
    bound.absorb(proof);
    bound
}

#[tokio::test]
async fn the_file_is_written_once_with_the_rights_of_the_old_one_and_shows_no_secret() {
    let case = Case::new().await;
    assert!(matches!(case.carried().await, Standing::Ready(_)));
    let intent = intent(&[]);
    for _ in 0..2 {
        // A repeat under the same key finds it there.
        let tried = case
            .driver
            .attempt(&case.step(), &Bindings::default(), &intent)
            .await;
        assert!(matches!(tried, Ok(()) | Err(Fault::Ambiguous(_))), "{tried:?}");
    }
    assert_eq!(std::fs::read_to_string(case.new_file()).expect("there"), NEW);
    assert_eq!(std::fs::read_to_string(case.old()).expect("there"), OLD);
    let mode = std::fs::metadata(case.new_file())
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    let names = std::fs::read_dir(case.new_file().parent().expect("a folder")).expect("listed");
    assert_eq!(names.count(), 1, "nothing is left beside it");
    let Standing::Done(proof) = case
        .stands(&case.step(), &Bindings::default(), Some(&intent))
        .await
    else {
        panic!("it is there")
    };
    assert!(!format!("{proof:?}").contains("hunter2"));
    assert_eq!(
        bindings(&proof).value(&server_yaml_of(&id())),
        Some(Digest::of_bytes(NEW.as_bytes()).hex())
    );
}

#[tokio::test]
async fn what_somebody_else_put_there_stays_and_is_refused_where_it_is_of_another_server() {
    let case = Case::new().await;
    write(&case.new_file(), &NEW.replace("/data/0", "/tmp/fluss-data"));
    case.is_refused("data.dir is /tmp/fluss-data there, and /data/0 in the old one")
        .await;
    write(&case.new_file(), &format!("{NEW}an.option: of mine\n"));
    assert!(
        matches!(case.carried().await, Standing::Done(_)),
        "prepared beforehand"
    );
    let case = Case::new().await;
    write(&case.old(), &format!("{OLD}a: change\n"));
    case.is_refused("has changed since the plan was made").await;
}

#[tokio::test]
async fn a_server_is_not_started_with_a_file_that_somebody_changed_since() {
    let case = Case::new().await;
    write(&case.new_file(), NEW);
    let Standing::Done(proof) = case.carried().await else {
        panic!("it is there")
    };
    let bound = bindings(&proof);
    let mut start = start("0.9.1-incubating");
    start.before = vec![Expectation::Fluss(Condition::CarriedOver { server: id() })];
    assert_eq!(
        case.stands(&start, &bound, None).await,
        Standing::Ready(Baseline::default())
    );
    refused(
        case.stands(&start, &Bindings::default(), None).await,
        "what it held when the run began is not known",
    );
    write(&case.new_file(), &NEW.replace("new.name: 4", "new.name: 5"));
    refused(case.stands(&start, &bound, None).await, "somebody has changed it");
    std::fs::remove_file(case.new_file()).expect("removed");
    refused(case.stands(&start, &bound, None).await, "it is gone");
}
