//! `cargo xtask fetch`: Flink releases, a Java runtime, the lab's job, into the cache.
//!
//! What is fetched and with which digest stands in `lab/pins.toml`; how is the lab's business.

use anyhow::{Context as _, Result};
use clap::Subcommand;
use upshift_lab::{
    ALLUXIO_RELEASES, AlluxioHome, Cache, FLUSS_RELEASES, FlussClient, FlussHome, Generation, Home, Java,
    RELEASES, S3Server, VervericaSdk, java, job_jar,
};

use crate::workspace::{print, say};

/// The releases that tests, demo and benchmark use.
pub const NEEDED: [&str; 4] = ["1.17.2", "1.18.1", "1.20.5", "2.3.0"];

/// What the client of Fluss is called beside the servers' versions.
const CLIENT: &str = "client";

/// Arguments of `fetch`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Releases of Flink, unpacked; prints their directories.
    Flink {
        /// Versions, or `all`.
        #[arg(required = true)]
        versions: Vec<String>,
    },
    /// Releases of Flink as .tgz archives; prints each path and its SHA-512.
    Archive {
        /// Versions.
        #[arg(required = true)]
        versions: Vec<String>,
    },
    /// Servers of Fluss and the client of the load, by Maven; prints the servers' directories.
    Fluss {
        /// Versions, `client`, or `all`.
        #[arg(required = true)]
        versions: Vec<String>,
    },
    /// Modules of Alluxio, by Maven, and the Java 11 they run on; prints their directories.
    Alluxio {
        /// Versions, or `all`.
        #[arg(required = true)]
        versions: Vec<String>,
    },
    /// Java 11, for servers that know no later one; prints JAVA_HOME.
    #[command(name = "java-11")]
    JavaEleven,
    /// A Java runtime, if none of 17 to 21 is installed, and a compiler, if it has none; prints JAVA_HOME.
    Java,
    /// The lab's job; prints the path of its jar.
    Job,
    /// The S3 server; prints its directory.
    S3,
    /// The vendor's SDK of Realtime Compute, both generations.
    Ververica,
    /// All that `cargo xtask test` needs.
    Needed,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    match &args.what {
        What::Flink { versions } => {
            let all: Vec<String> = RELEASES.map(str::to_owned).to_vec();
            let versions = if versions.iter().any(|v| v == "all") {
                &all
            } else {
                versions
            };
            for version in versions {
                print(&flink(&cache, version)?.path().display().to_string());
            }
        }
        What::Archive { versions } => {
            for version in versions {
                let archive = flink(&cache, version)?.archive(&cache)?;
                print(&format!("{} {}", archive.path.display(), archive.sha512));
            }
        }
        What::Fluss { versions } => {
            let mut all: Vec<String> = FLUSS_RELEASES.map(str::to_owned).to_vec();
            all.push(CLIENT.to_owned());
            let versions = if versions.iter().any(|v| v == "all") {
                &all
            } else {
                versions
            };
            for version in versions {
                match version == CLIENT {
                    true => fluss_client(&cache)?,
                    false => print(&fluss(&cache, version)?.path().display().to_string()),
                }
            }
        }
        What::Alluxio { versions } => {
            alluxio_tools(&cache)?;
            let all: Vec<String> = ALLUXIO_RELEASES.map(str::to_owned).to_vec();
            let versions = if versions.iter().any(|v| v == "all") {
                &all
            } else {
                versions
            };
            for version in versions {
                print(&alluxio(&cache, version)?.jars().display().to_string());
            }
        }
        What::JavaEleven => print(&java_eleven(&cache)?.home().display().to_string()),
        What::Java => print(&java(&cache)?.home().display().to_string()),
        What::Job => {
            flink(&cache, upshift_lab::job::COMPILED_AGAINST)?;
            print(&job_jar(&cache, &java(&cache)?)?.display().to_string());
        }
        What::S3 => print(&S3Server::fetch(&cache)?.display().to_string()),
        What::Ververica => ververica(&cache)?,
        What::Needed => {
            needed(&cache, &NEEDED)?;
            fluss_needed(&cache)?;
            alluxio_needed(&cache)?;
        }
    }
    Ok(())
}

/// Fetches Java, these releases and the job.
pub fn needed(cache: &Cache, versions: &[&str]) -> Result<()> {
    let java = java(cache)?;
    for version in versions {
        flink(cache, version)?;
    }
    let jar = job_jar(cache, &java).context("building the lab's job")?;
    say(&format!("the lab's job is {}", jar.display()));
    let s3 = S3Server::fetch(cache).context("fetching an S3 server")?;
    say(&format!("the S3 server is {}", s3.display()));
    ververica(cache)
}

fn ververica(cache: &Cache) -> Result<()> {
    for generation in Generation::ALL {
        VervericaSdk::fetch(cache, generation)
            .with_context(|| format!("fetching SDK {} of Realtime Compute", generation.version()))?;
    }
    Ok(())
}

/// Fetches the servers of Fluss that tests use, and the client of the load.
pub fn fluss_needed(cache: &Cache) -> Result<()> {
    FLUSS_RELEASES
        .iter()
        .try_for_each(|version| fluss(cache, version).map(drop))?;
    fluss_client(cache)
}

/// Fetches servers of these releases of Fluss, and the client of the lab's load.
pub fn fluss_of(cache: &Cache, versions: &[&str]) -> Result<()> {
    java(cache)?;
    versions
        .iter()
        .try_for_each(|version| fluss(cache, version).map(drop))?;
    fluss_client(cache)
}

fn fluss_client(cache: &Cache) -> Result<()> {
    if FlussClient::ready(cache).is_err() {
        say(&format!(
            "fetching the client of Fluss (about 70 MB) into {}",
            cache.root().display()
        ));
    }
    FlussClient::fetch(cache)
        .context("fetching the client of Fluss")
        .map(drop)
}

/// Fetches the modules of Alluxio that tests use, and what they are run with.
pub fn alluxio_needed(cache: &Cache) -> Result<()> {
    alluxio_tools(cache)?;
    ALLUXIO_RELEASES
        .iter()
        .try_for_each(|version| alluxio(cache, version).map(drop))
}

/// The same for these releases only.
pub fn alluxio_of(cache: &Cache, versions: &[&str]) -> Result<()> {
    alluxio_tools(cache)?;
    versions
        .iter()
        .try_for_each(|version| alluxio(cache, version).map(drop))
}

/// The Java that the modules run on, and the class that runs many of their commands.
fn alluxio_tools(cache: &Cache) -> Result<()> {
    java_eleven(cache)?;
    upshift_lab::alluxio::batch_classes(cache, &java(cache)?)
        .context("compiling the lab's class for Alluxio")
        .map(drop)
}

fn alluxio(cache: &Cache, version: &str) -> Result<AlluxioHome> {
    if AlluxioHome::ready(cache, version).is_err() {
        say(&format!(
            "fetching Alluxio {version} (60 to 180 MB) into {}",
            cache.root().display()
        ));
    }
    AlluxioHome::fetch(cache, version).with_context(|| format!("fetching Alluxio {version}"))
}

fn java_eleven(cache: &Cache) -> Result<Java> {
    if Java::ready_eleven(cache).is_err() {
        say(&format!(
            "fetching Java 11 (about 36 MB) into {}",
            cache.root().display()
        ));
    }
    Java::fetch_eleven(cache).context("fetching Java 11")
}

fn fluss(cache: &Cache, version: &str) -> Result<FlussHome> {
    if FlussHome::ready(cache, version).is_err() {
        say(&format!(
            "fetching Fluss {version} (about 90 MB) into {}",
            cache.root().display()
        ));
    }
    FlussHome::fetch(cache, version).with_context(|| format!("fetching Fluss {version}"))
}

fn flink(cache: &Cache, version: &str) -> Result<Home> {
    if Home::ready(cache, version).is_err() {
        say(&format!(
            "fetching Flink {version} (about 300 MB) into {}",
            cache.root().display()
        ));
    }
    Home::fetch(cache, version).with_context(|| format!("fetching Flink {version}"))
}

fn java(cache: &Cache) -> Result<Java> {
    if Java::ready(cache).is_err() {
        say(&format!(
            "no Java 17 to 21 is installed: fetching a runtime (about 40 MB) into {}",
            cache.root().display()
        ));
    }
    let java = Java::fetch(cache).context("fetching Java")?;
    java::fetch_compiler(cache, &java).context("fetching a Java compiler")?;
    say(&format!("Java {} at {}", java.version(), java.home().display()));
    Ok(java)
}
