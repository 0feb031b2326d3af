//! The lab's self-checking job: its jar, built from `lab/flink-job`, and its arguments.
//!
//! It submits nothing; how the output is judged is in `output`.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::flink::Home;
use crate::java::Java;
use crate::{pip, process, python};

/// The release that the job is compiled against. One jar runs on 1.16 to 2.3.
pub const COMPILED_AGAINST: &str = "1.18.1";

/// What a job may use: the jars of a release that begin so.
const LIBRARIES: [&str; 4] = ["flink-dist", "flink-cep", "flink-table-api-java", "log4j-api"];

/// The class whose `main` builds the job.
pub const ENTRY_CLASS: &str = "upshift.lab.LabJob";

/// The uids of the job's operators, in their order.
pub const UIDS: [&str; 4] = ["numbers", "counter", "tally", "lines"];

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lab/flink-job/src/upshift/lab");

const OLD_SOURCES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../lab/old-job/src/com/example/old"
);
const OLD_ENTRY_CLASS: &str = "com.example.old.OldJob";
const STRAY_SOURCES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../lab/stray-job/src/com/example/stray"
);
const STRAY_ENTRY_CLASS: &str = "com.example.stray.StrayJob";

const STATE_SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lab/snapshots/job");
/// The class of the jobs whose snapshots are kept as fixtures; those of SQL are in `SqlJob` beside it.
pub const STATE_ENTRY_CLASS: &str = "upshift.lab.state.StateJob";

/// Which operators have a uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uids {
    /// All.
    All,
    /// None.
    None,
}

/// Which job it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The job that goes right.
    Base,
    /// Throws so many seconds after it was restored, at every attempt; never when started afresh.
    FailsAfterRestore(u32),
    /// The counter's state has another type: the restore is accepted and fails when the tasks start.
    Retyped,
    /// The tally, an operator with state, is gone: the restore is refused.
    Removed,
    /// An operator without state stands behind the source: without uids those behind it are renamed.
    Inserted,
    /// The counter's state is a bean with a list: 1.x writes it, 2.x cannot read it.
    Beans,
    /// Another operator stands in the counter's place: without uids it has the counter's id.
    Replaced,
    /// The counter is keyed by text. Its graph can be built; it is not there to be run.
    TextKeys,
    /// The tally is no longer chained behind the counter.
    Rechained,
}

/// The arguments of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The name it runs under.
    pub name: String,
    /// Where it writes.
    pub out: PathBuf,
    /// How many keys; a multiple of 4.
    pub keys: u64,
    /// Records a second.
    pub rate: u32,
    /// Bytes of state a key.
    pub payload: u32,
    /// Parallelism, up to 4.
    pub parallelism: u16,
    /// Max parallelism.
    pub max_parallelism: u16,
    /// Milliseconds between checkpoints.
    pub interval: u32,
    /// `hashmap` or `rocksdb`; `None` leaves it to the cluster.
    pub backend: Option<String>,
    /// Which operators have a uid.
    pub uids: Uids,
    /// Which job it is.
    pub variant: Variant,
}

impl Job {
    /// A small job of two subtasks with all uids.
    pub fn new(name: impl Into<String>, out: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            out: out.into(),
            keys: 1000,
            rate: 2000,
            payload: 0,
            parallelism: 2,
            max_parallelism: 128,
            interval: 1000,
            backend: None,
            uids: Uids::All,
            variant: Variant::Base,
        }
    }

    /// The arguments as the program takes them.
    pub fn args(&self) -> Vec<String> {
        let uids = match self.uids {
            Uids::All => "all",
            Uids::None => "none",
        };
        let variant = match self.variant {
            Variant::Base => "base".to_owned(),
            Variant::FailsAfterRestore(seconds) => format!("fails-after-restore-{seconds}"),
            Variant::Retyped => "retyped".to_owned(),
            Variant::Removed => "removed".to_owned(),
            Variant::Inserted => "inserted".to_owned(),
            Variant::Beans => "beans".to_owned(),
            Variant::Replaced => "replaced".to_owned(),
            Variant::TextKeys => "text-keys".to_owned(),
            Variant::Rechained => "rechained".to_owned(),
        };
        let mut all = vec![
            ("--name", self.name.clone()),
            ("--out", self.out.display().to_string()),
            ("--keys", self.keys.to_string()),
            ("--rate", self.rate.to_string()),
            ("--payload", self.payload.to_string()),
            ("--parallelism", self.parallelism.to_string()),
            ("--maxp", self.max_parallelism.to_string()),
            ("--interval", self.interval.to_string()),
            ("--uids", uids.to_owned()),
            ("--variant", variant),
        ];
        if let Some(backend) = &self.backend {
            all.push(("--backend", backend.clone()));
        }
        all.into_iter().flat_map(|(k, v)| [k.to_owned(), v]).collect()
    }
}

/// The jar of the job, compiled when the cache holds none of these very sources.
pub fn job_jar(cache: &Cache, java: &Java) -> Result<PathBuf, FetchError> {
    compiled(cache, java, Path::new(SOURCES), "lab-job", ENTRY_CLASS)
}

/// The jar of a job that uses what 2.0 took away. It is there to be looked at, not to be run.
pub fn old_job_jar(cache: &Cache, java: &Java) -> Result<PathBuf, FetchError> {
    compiled(cache, java, Path::new(OLD_SOURCES), "old-job", OLD_ENTRY_CLASS)
}

/// The jar of the jobs whose snapshots are kept as fixtures.
pub fn state_job_jar(cache: &Cache, java: &Java) -> Result<PathBuf, FetchError> {
    compiled(
        cache,
        java,
        Path::new(STATE_SOURCES),
        "state-job",
        STATE_ENTRY_CLASS,
    )
}

/// The jar of a `main` that never comes to `execute`: `exit` ends the JVM, `sleep FILE` writes its process id
/// and waits for an hour.
pub fn stray_job_jar(cache: &Cache, java: &Java) -> Result<PathBuf, FetchError> {
    compiled(
        cache,
        java,
        Path::new(STRAY_SOURCES),
        "stray-job",
        STRAY_ENTRY_CLASS,
    )
}

fn compiled(
    cache: &Cache,
    java: &Java,
    sources: &Path,
    name: &str,
    entry: &str,
) -> Result<PathBuf, FetchError> {
    let _lock = cache.lock("job")?;
    let home = Home::ready(cache, COMPILED_AGAINST)?;
    let sources = self::sources(sources)?;
    let dir = cache.path("job");
    let jar = dir.join(format!("{name}-{}.jar", &fingerprint(&sources)?[..12]));
    if jar.is_file() {
        return Ok(jar);
    }
    build_beside(&cache.path("job-classes"), |classes| {
        java.compile(cache, &sources, &home.jars(&LIBRARIES)?, classes)?;
        fs::create_dir_all(&dir).map_err(FetchError::io("make", &dir))?;
        let partial = jar.with_extension("partial");
        python::jar(classes, &partial, entry)?;
        fs::rename(&partial, &jar).map_err(FetchError::io("rename into place", &jar))
    })?;
    Ok(jar)
}

/// A copy of the job's jar under another name and with another digest, for tests that need "the new jar".
pub fn job_jar_copy(jar: &Path, to: &Path) -> Result<(), FetchError> {
    let data = fs::read(jar).map_err(FetchError::io("read", jar))?;
    // A zip archive's end record closes with the length of a comment and the comment: give it one of four bytes.
    let mut copy = data;
    copy.truncate(copy.len().saturating_sub(2));
    copy.extend_from_slice(&[4, 0, b'c', b'o', b'p', b'y']);
    process::put(to, &copy).map_err(FetchError::io("write", to))
}

fn sources(dir: &Path) -> Result<Vec<PathBuf>, FetchError> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).map_err(FetchError::io("list", dir))? {
        let path = entry.map_err(FetchError::io("list", dir))?.path();
        if path.extension().is_some_and(|e| e == "java") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

fn fingerprint(sources: &[PathBuf]) -> Result<String, FetchError> {
    let mut hash = Sha256::new();
    hash.update(COMPILED_AGAINST);
    for path in sources {
        hash.update(fs::read(path).map_err(FetchError::io("read", path))?);
    }
    Ok(pip::hex(&hash.finalize()))
}
