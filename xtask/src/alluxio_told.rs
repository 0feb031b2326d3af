//! `cargo xtask alluxio-told`: what real masters, workers and commands of Alluxio tell in every state that an upgrade meets
//! them in, kept as fixtures. The driver's and the simulated cluster's judgement of the same states are held against them.
//!
//! One cluster a release, one state after the other. It judges nothing.

mod cluster;
mod damage;
mod scene;
mod standby;
mod walk;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use upshift_lab::alluxio::batch_classes;
use upshift_lab::{AlluxioHome, Cache, Java};

use crate::workspace::{root, say};

/// Releases that are upgraded from, and to.
const RELEASES: [&str; 4] = ["1.8.1", "2.3.0", "2.7.3", "2.9.6"];

/// Arguments of `alluxio-told`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Releases; all that are kept by default.
    releases: Vec<String>,
    /// The directory to keep them in.
    #[arg(long)]
    to: Option<PathBuf>,
}

/// What every cluster is made of.
struct Lab {
    cache: Cache,
    java: Java,
    classes: PathBuf,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let to = args
        .to
        .clone()
        .unwrap_or_else(|| root().join("fixtures/alluxio/told"));
    fs::create_dir_all(&to).with_context(|| format!("making {}", to.display()))?;
    let cache = Cache::open()?;
    crate::fetch::alluxio_needed(&cache)?;
    let java = Java::ready_eleven(&cache)?;
    let classes = batch_classes(&cache, &Java::ready(&cache)?)?;
    let lab = Lab { cache, java, classes };
    let all = match args.releases.as_slice() {
        [] => RELEASES.map(str::to_owned).to_vec(),
        some => some.to_vec(),
    };
    for release in all {
        if !RELEASES.contains(&release.as_str()) {
            bail!("{release} is not kept; there are {}", RELEASES.join(", "));
        }
        let home = AlluxioHome::ready(&lab.cache, &release)?;
        say(&format!("{release}: one master and one worker"));
        let walked = walk::record(&lab, &home).with_context(|| format!("{release}, one master"))?;
        let mut scenes = walked.scenes;
        if home.is_2x() {
            say(&format!("{release}: two masters"));
            let more = standby::record(&lab, &home).with_context(|| format!("{release}, two masters"))?;
            scenes.extend(more);
        }
        let told = json!({ "release": release, "scenes": scenes });
        let text = serde_json::to_string_pretty(&told)?;
        put(&to.join(format!("{release}.json")), text.as_bytes())?;
        put(&to.join(format!("{release}-backup.gz")), &walked.backup)?;
    }
    Ok(())
}

/// A file, whether it was there or not.
fn put(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    fs::File::create(path)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("writing {}", path.display()))
}
