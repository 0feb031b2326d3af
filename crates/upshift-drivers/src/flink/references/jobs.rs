//! The references of every declared job's jar, for a look.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use upshift_model::flink::{HostFacts, JarReferences};
use upshift_model::observed::Observed;

use super::release::Release;
use super::{Asked, resolved};
use crate::flink::driver::FlinkDriver;
use crate::flink::look::{LookHome, LookWay};
use crate::flink::observe::blocking;
use crate::flink::savepoint::local_path;

/// By the job's name. Nothing where no installation is declared that could be read, and nothing during a
/// run: what it found when the plan was made stays true of the same jar and release.
pub(in crate::flink) async fn of_jobs(
    driver: &FlinkDriver,
    host: &HostFacts,
) -> BTreeMap<String, Observed<JarReferences>> {
    let look = &driver.look;
    let current = look.current_home.as_ref().map(|home| home.home.clone());
    let target = look.target_home.as_ref().map(place_of).or(current.clone());
    let asked = look.graphs.iter().filter_map(|job| {
        let LookWay { running, wanted, .. } = job.way.as_ref()?;
        let manifest = host.jars.get(&wanted.jar).and_then(Observed::known);
        let named = wanted.entry_class.clone();
        Some(Question {
            job: job.job.clone(),
            jar: wanted.jar.clone(),
            entry: named.or_else(|| manifest?.main_class.clone()),
            runs_now: wanted.jar == running.jar,
        })
    });
    let asked: Vec<Question> = asked.collect();
    match target {
        Some(target) if !asked.is_empty() => blocking(move || answers(asked, &target, current)).await,
        Some(_) | None => BTreeMap::new(),
    }
}

/// The home where it is unpacked already, else the archive that it will be unpacked from.
fn place_of(target: &LookHome) -> PathBuf {
    let archive = target
        .archive
        .as_ref()
        .and_then(|archive| local_path(&archive.uri));
    match archive {
        Some(archive) if !target.home.join("lib").is_dir() && archive.is_file() => archive,
        Some(_) | None => target.home.clone(),
    }
}

struct Question {
    job: String,
    jar: PathBuf,
    entry: Option<String>,
    runs_now: bool,
}

/// All jobs share the releases, which are opened once.
fn answers(
    asked: Vec<Question>,
    target: &Path,
    current: Option<PathBuf>,
) -> BTreeMap<String, Observed<JarReferences>> {
    // A release compared with itself would hide everything, and one that is gone from this machine cannot
    // tell what was missing before.
    let current = current.filter(|current| current != target && current.join("lib").is_dir());
    let opened = Release::open(target).and_then(|new| {
        let old = current.as_deref().map(Release::open).transpose()?;
        Ok((new, old))
    });
    let mut opened = opened.map_err(|error| error.to_string());
    let answer = |question: Question| {
        let asked = Asked {
            jar: &question.jar,
            entry_class: question.entry.as_deref(),
            runs_now: question.runs_now,
        };
        let seen = match &mut opened {
            Ok((new, old)) => resolved(asked, new, old.as_mut()).map_err(|error| error.to_string()),
            Err(why) => Err(why.clone()),
        };
        let what = format!("what the jar of job {} refers to", question.job);
        let seen = seen.map_or_else(|why| Observed::unknown(what, why), Observed::Known);
        (question.job, seen)
    };
    asked.into_iter().map(answer).collect()
}
