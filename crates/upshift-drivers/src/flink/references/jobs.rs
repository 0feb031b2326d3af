//! The references of every declared job's jar, for a look.

use std::collections::BTreeMap;
use std::path::PathBuf;

use upshift_model::flink::{HostFacts, JarReferences};
use upshift_model::observed::Observed;

use super::references;
use crate::flink::driver::FlinkDriver;
use crate::flink::look::LookWay;
use crate::flink::observe::blocking;

/// By the job's name. Nothing where no installation is declared that could be read, and nothing during a
/// run: what it found when the plan was made stays true of the same jar and release.
pub(in crate::flink) async fn of_jobs(
    driver: &FlinkDriver,
    host: &HostFacts,
) -> BTreeMap<String, Observed<JarReferences>> {
    let look = &driver.look;
    let mut all = BTreeMap::new();
    let current = look.current_home.as_ref().map(|home| home.home.clone());
    let Some(target) = look
        .target_home
        .as_ref()
        .map(|home| home.home.clone())
        .or(current.clone())
    else {
        return all;
    };
    for job in &look.graphs {
        let Some(LookWay { running, wanted, .. }) = &job.way else {
            continue;
        };
        let manifest = host.jars.get(&wanted.jar).and_then(Observed::known);
        let entry = wanted
            .entry_class
            .clone()
            .or_else(|| manifest?.main_class.clone());
        let question = Question {
            jar: wanted.jar.clone(),
            entry,
            target: target.clone(),
            // A release compared with itself would hide everything.
            current: current.clone().filter(|current| *current != target),
            same_jar: wanted.jar == running.jar,
        };
        let what = format!("what the jar of job {} refers to", job.job);
        let seen = blocking(move || question.answer()).await;
        let seen = seen.map_or_else(|why| Observed::unknown(what, why), Observed::Known);
        all.insert(job.job.clone(), seen);
    }
    all
}

struct Question {
    jar: PathBuf,
    entry: Option<String>,
    target: PathBuf,
    current: Option<PathBuf>,
    same_jar: bool,
}

impl Question {
    fn answer(self) -> Result<JarReferences, String> {
        // A release that is gone from this machine cannot tell what was missing before.
        let current = self.current.filter(|home| home.join("lib").is_dir());
        let compared = current.as_deref();
        references(
            &self.jar,
            self.entry.as_deref(),
            &self.target,
            compared,
            self.same_jar,
        )
        .map_err(|e| e.to_string())
    }
}
