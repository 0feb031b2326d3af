//! The states of one master and one worker, in the order in which they are met.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use upshift_lab::AlluxioHome;

use super::cluster::{Cluster, pause};
use super::scene::{Answer, Scene, ask};
use super::{Lab, damage, put};
use crate::workspace::say;

/// Longer than a worker is silent that is there.
const SILENT: Duration = Duration::from_secs(20);

/// The states, and the bytes of the backup that is restored in some of them.
pub(super) struct Walked {
    pub(super) scenes: Vec<Scene>,
    pub(super) backup: Vec<u8>,
}

/// Brings one cluster into every state.
pub(super) fn record(lab: &Lab, home: &AlluxioHome) -> Result<Walked> {
    let mut cluster = Cluster::new(lab, home)?;
    let mut scenes = begun(&mut cluster)?;
    let (more, backup) = backed_up(&mut cluster)?;
    scenes.extend(more);
    scenes.extend(stopped(&mut cluster)?);
    scenes.extend(restored(&mut cluster, &backup)?);
    scenes.extend(damaged(&mut cluster, &backup)?);
    let backup = fs::read(&backup).with_context(|| format!("reading {}", backup.display()))?;
    Ok(Walked { scenes, backup })
}

fn start(cluster: &Cluster, words: &[&str]) -> Result<super::scene::Command> {
    say(&format!("  alluxio-start.sh {}", words.join(" ")));
    cluster.run("alluxio-start.sh", words, None)
}

/// A fresh journal, a cluster that runs, one that somebody wrote into.
fn begun(cluster: &mut Cluster) -> Result<Vec<Scene>> {
    cluster.move_journal()?;
    let formatted = cluster.format()?;
    let mut scenes = vec![cluster.scene("formatted", Some(formatted))?];
    let started = start(cluster, &["master"])?;
    cluster.until_answers()?;
    start(cluster, &["worker"])?;
    let file = cluster.dir().join("src/file");
    put(&file, b"hello")?;
    let file = file.display().to_string();
    cluster.host.shell(
        &cluster.home,
        &[
            &["fs", "mkdir", "/a/b"],
            &["fs", "copyFromLocal", &file, "/a/file"],
        ],
    )?;
    scenes.push(cluster.scene("runs", Some(started))?);
    cluster.host.shell(&cluster.home, &[&["fs", "mkdir", "/later"]])?;
    scenes.push(cluster.scene("written", None)?);
    Ok(scenes)
}

/// A backup that is written, and one that is not.
fn backed_up(cluster: &mut Cluster) -> Result<(Vec<Scene>, PathBuf)> {
    let options = cluster.backup_options();
    let into = |cluster: &Cluster, folder: &Path| {
        let shown = folder.display().to_string();
        let words = [&["fsadmin", "backup", &shown, "--local"][..], &options].concat();
        cluster.run("alluxio", &words, Some(folder).filter(|folder| folder.is_dir()))
    };
    let folder = cluster.dir().join("ours");
    fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
    let written = into(cluster, &folder)?;
    let name = written.left.iter().find(|name| name.ends_with(".gz"));
    let backup = folder.join(name.context("no backup was written")?);
    let mut scenes = vec![cluster.scene("backed-up", Some(written))?];
    let closed = cluster.dir().join("no-folder");
    put(&closed, b"a file in its place")?;
    let failed = into(cluster, &closed)?;
    scenes.push(cluster.scene("not-backed-up", Some(failed))?);
    Ok((scenes, backup))
}

/// The worker gone for some seconds, the worker lost, the master gone.
fn stopped(cluster: &mut Cluster) -> Result<Vec<Scene>> {
    cluster.stop("worker")?;
    pause(SILENT);
    let mut scenes = vec![cluster.scene("worker-silent", None)?];
    cluster.until("the worker counts as lost", |cluster| {
        match ask(&cluster.host.rest(), cluster.dir()).info {
            Answer::Said { body, .. } => body["workers"].as_array().is_some_and(Vec::is_empty),
            _ => false,
        }
    })?;
    scenes.push(cluster.scene("worker-lost", None)?);
    cluster.stop("master")?;
    scenes.push(cluster.scene("stopped", None)?);
    Ok(scenes)
}

/// A master that starts from the backup, one that finds a journal and passes it over, one that is started on its journal.
fn restored(cluster: &mut Cluster, backup: &Path) -> Result<Vec<Scene>> {
    let file = backup.display().to_string();
    cluster.move_journal()?;
    cluster.format()?;
    let mut scenes = Vec::new();
    for name in ["restored", "skipped"] {
        let said = start(cluster, &["-N", "-i", &file, "master"])?;
        cluster.until_answers()?;
        scenes.push(cluster.scene(name, Some(said))?);
        cluster.stop("master")?;
    }
    let said = start(cluster, &["-N", "master"])?;
    cluster.until_answers()?;
    scenes.push(cluster.scene("restarted", Some(said))?);
    cluster.stop("master")?;
    Ok(scenes)
}

/// A master that ends on what it restores, and one that swallows that its last entry is cut off.
fn damaged(cluster: &mut Cluster, backup: &Path) -> Result<Vec<Scene>> {
    cluster.move_journal()?;
    cluster.format()?;
    let cut = damage::cut_stream(backup)?.display().to_string();
    let said = start(cluster, &["-N", "-i", &cut, "master"])?;
    cluster.until_ended()?;
    let mut scenes = vec![cluster.scene("died", Some(said))?];
    cluster.move_journal()?;
    cluster.format()?;
    let cut = damage::cut_entry(backup)?.display().to_string();
    let said = start(cluster, &["-N", "-i", &cut, "master"])?;
    cluster.until_answers()?;
    scenes.push(cluster.scene("swallowed", Some(said))?);
    cluster.stop("master")?;
    Ok(scenes)
}
