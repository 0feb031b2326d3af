//! Jobs on paper: they run by saying so, and their savepoints hold nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::cluster::Cluster;
use crate::realtime_compute::{Look, Run, Saving};

/// See the module.
pub(super) struct Paper {
    jobs: Mutex<BTreeMap<String, Job>>,
    build: String,
}

struct Job {
    word: &'static str,
    from: Option<String>,
    saved: u32,
}

impl Paper {
    /// What runs jobs of an engine. It tells its version as the service's clusters do: `1.17-vvr-8.0.11`.
    pub(super) fn of(engine: &str) -> Self {
        let (engine, flink) = engine.rsplit_once("-flink-").unwrap_or((engine, "0"));
        Self {
            jobs: Mutex::default(),
            build: format!("{flink}-{engine}"),
        }
    }

    fn with<T>(&self, job: &str, then: impl FnOnce(&mut Job) -> T) -> Result<T, String> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.get_mut(job)
            .map(then)
            .ok_or_else(|| format!("Job {job} not found"))
    }
}

impl Cluster for Paper {
    fn run(&self, run: &Run) -> Result<(), String> {
        let job = Job {
            word: "RUNNING",
            from: run.from.clone(),
            saved: 0,
        };
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.insert(run.id.clone(), job);
        Ok(())
    }

    fn look(&self, job: &str) -> Result<Option<Look>, String> {
        let word = self.with(job, |job| job.word).ok();
        Ok(word.map(|word| Look {
            word: word.to_owned(),
            whole: word == "RUNNING",
            ..Look::default()
        }))
    }

    fn save(&self, job: &str, native: bool, how: Saving) -> Result<String, String> {
        let form = if native { "native" } else { "standard" };
        self.with(job, |found| {
            found.saved += 1;
            if how != Saving::On {
                found.word = "FINISHED";
            }
            format!("paper:/{job}/{form}-{}", found.saved)
        })
    }

    fn cancel(&self, job: &str) -> Result<Option<String>, String> {
        self.with(job, |found| {
            found.word = "CANCELED";
            Some(format!("paper:/{job}/chk-1"))
        })
    }

    fn dispose(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn get(&self, path: &str) -> Result<String, String> {
        let mut parts = path.trim_start_matches('/').split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("jobs"), Some(job), Some("checkpoints")) => self.with(job, |found| {
                let restored = found
                    .from
                    .as_ref()
                    .map(|from| json!({ "external_path": from, "is_savepoint": true }));
                let counts =
                    json!({ "completed": 1, "failed": 0, "restored": i32::from(restored.is_some()) });
                json!({ "counts": counts, "latest": { "restored": restored } }).to_string()
            }),
            (Some("config"), None, None) => Ok(json!({ "flink-version": self.build }).to_string()),
            (Some("jobs"), Some("overview"), None) => Ok(json!({ "jobs": [] }).to_string()),
            _ => Ok(json!({ "errors": ["Not found: there is only paper here"] }).to_string()),
        }
    }
}
