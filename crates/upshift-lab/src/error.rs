//! What can go wrong, one enum per operation: fetching, running a cluster, talking to it, reading the job's output.
//!
//! It holds no recovery: in the lab everything that goes wrong fails the test or the chore that asked.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Something needed could not be found, fetched, checked or built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It is not in the cache, and the caller asked not to fetch.
    #[error("{what} is not in the cache {}; get it with `{get}`", cache.display())]
    Missing {
        /// What is missing.
        what: String,
        /// Where it was looked for.
        cache: PathBuf,
        /// The command that fetches it.
        get: String,
    },
    /// No digest is pinned for this version.
    #[error("no release {version} is pinned in lab/pins.toml; pinned are {}", known.join(", "))]
    NotPinned {
        /// What was asked for.
        version: String,
        /// What is there.
        known: Vec<String>,
    },
    /// The pins cannot be read.
    #[error("lab/pins.toml cannot be read")]
    Pins(#[source] toml::de::Error),
    /// A file is not the one that was pinned.
    #[error("{} has SHA-256 {found}, pinned is {expected}; delete it and fetch again", file.display())]
    Digest {
        /// The file.
        file: PathBuf,
        /// What is pinned.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A program that was needed could not be run.
    #[error("cannot run `{program}`: {advice}")]
    NoProgram {
        /// The program.
        program: String,
        /// How to get it.
        advice: String,
        /// Why it could not be run.
        #[source]
        source: io::Error,
    },
    /// A program ended badly.
    #[error("`{command}` failed ({status}):\n{said}")]
    Command {
        /// What was run.
        command: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        said: String,
    },
    /// Nothing of what was expected was in an archive.
    #[error("{} holds nothing that matches {pattern}", archive.display())]
    EmptyArchive {
        /// The archive.
        archive: PathBuf,
        /// What was looked for.
        pattern: String,
    },
    /// There is no cache directory to be had.
    #[error("no cache directory: set UPSHIFT_CACHE, XDG_CACHE_HOME or HOME")]
    NoCache,
    /// No Java, and none that can be fetched for this platform.
    #[error(
        "no JDK 17 to 21 found (JAVA_HOME, PATH), and none is pinned for {platform}; install one and set JAVA_HOME"
    )]
    NoJava {
        /// The platform.
        platform: String,
    },
    /// The file system said no.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl FetchError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// A cluster could not be started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// A script of the release failed.
    #[error("`{script}` failed ({status}):\n{said}")]
    Script {
        /// Which script.
        script: String,
        /// How it ended.
        status: String,
        /// What it wrote.
        said: String,
    },
    /// It did not come up.
    #[error("no free task slot on {url} after {after:?}; the logs are in {}:\n{tail}", logs.display())]
    NotUp {
        /// Where it should have answered.
        url: String,
        /// How long it was waited for.
        after: Duration,
        /// Where its logs are.
        logs: PathBuf,
        /// The last lines of them.
        tail: String,
    },
    /// A server does not listen.
    #[error("nothing listens on port {port} after {after:?}; the logs are in {}:\n{tail}", logs.display())]
    NotListening {
        /// Where it should have listened.
        port: u16,
        /// How long it was waited for.
        after: Duration,
        /// Where its logs are.
        logs: PathBuf,
        /// The last lines of them.
        tail: String,
    },
    /// A server that runs no more is still registered.
    #[error("ZooKeeper still has {node} after {after:?}")]
    StillRegistered {
        /// Its node.
        node: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// A process outlived even the second signal.
    #[error("process {pid} is still there after it was killed")]
    Undead {
        /// The process.
        pid: u32,
    },
    /// The file system said no.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Something the cluster is made of is missing.
    #[error("what the cluster is made of is not there")]
    Fetch(#[from] FetchError),
}

impl ClusterError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// A REST call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestError {
    /// No answer.
    #[error("{method} {url}: no answer")]
    NoAnswer {
        /// The method.
        method: &'static str,
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// An answer that is not HTTP, or not JSON where JSON is due.
    #[error("{method} {url}: {problem}")]
    Malformed {
        /// The method.
        method: &'static str,
        /// The address.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The server said no.
    #[error("{method} {url}: {status}: {said}")]
    Refused {
        /// The method.
        method: &'static str,
        /// The address.
        url: String,
        /// The status code.
        status: u16,
        /// The last cause it named.
        said: String,
    },
    /// It did not come to pass in time.
    #[error("waited {after:?} for {what}; last seen: {seen}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        after: Duration,
        /// The last thing seen.
        seen: String,
    },
    /// A file that was to be sent cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// The job's output could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The file system said no.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A line that the job does not write.
    #[error("{}:{line}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// Nothing was written.
    #[error("the job wrote nothing into {}", dir.display())]
    Empty {
        /// The directory.
        dir: PathBuf,
    },
}

/// A load could not be run, or what it wrote could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Something needed is not there.
    #[error("what the load needs is not there")]
    Fetch(#[from] FetchError),
    /// It ended or never came so far.
    #[error("the load never said `{word}`; its files are in {}:\n{tail}", dir.display())]
    Silent {
        /// What it should have said.
        word: &'static str,
        /// Where its files are.
        dir: PathBuf,
        /// The last lines of its logs.
        tail: String,
    },
    /// A line that the load does not write.
    #[error("{file}:{line}: not what the load writes: {text}")]
    Malformed {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// The file system said no.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl LoadError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// A stage could not be set, or was not as expected at the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// Something needed is not there.
    #[error("what the stage needs is not there")]
    Fetch(#[from] FetchError),
    /// The old cluster.
    #[error("the old cluster")]
    Cluster(#[from] ClusterError),
    /// A call to a cluster.
    #[error("a call to the cluster")]
    Rest(#[from] RestError),
    /// The job's output.
    #[error("the job's output")]
    Output(#[from] OutputError),
    /// No job, or more than one, runs under the name.
    #[error("expected one running job {name} on {url}, found {running:?}")]
    NotOneJob {
        /// The name.
        name: String,
        /// The cluster.
        url: String,
        /// The ids that run.
        running: Vec<String>,
    },
    /// The file system said no.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl StageError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
