//! A real Flink cluster by its REST API: the few calls that jobs and savepoints of the emulator need.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{cause, form, request};
use super::cluster::Cluster;
use crate::realtime_compute::{Look, Run, Saving};

const JSON: &str = "application/json";
/// Longest savepoint.
const SAVING: Duration = Duration::from_secs(120);
const BETWEEN: Duration = Duration::from_millis(150);

/// See the module.
pub(super) struct Flink {
    pub(super) rest: String,
    pub(super) savepoints: String,
}

impl Flink {
    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let bytes = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        self.send(method, path, JSON, &bytes)
    }

    fn send(&self, method: &str, path: &str, kind: &str, bytes: &[u8]) -> Result<Value, String> {
        let (status, body) = request(&self.rest, method, path, kind, bytes).map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&body);
        match status {
            200..=299 => serde_json::from_str(&text).map_err(|e| format!("{path}: no JSON: {e}")),
            _ => Err(cause(&text)),
        }
    }

    fn upload(&self, jar: &str) -> Result<String, String> {
        let path = jar.strip_prefix("file://").unwrap_or(jar);
        let bytes = std::fs::read(path).map_err(|e| format!("{path}: {e}"))?;
        let name = path.rsplit('/').next().unwrap_or("job.jar");
        let (kind, body) = form(name, &bytes);
        let told = self.send("POST", "/jars/upload", &kind, &body)?;
        let file = told["filename"].as_str().unwrap_or_default();
        Ok(file.rsplit('/').next().unwrap_or(file).to_owned())
    }

    fn state(&self, job: &str) -> Result<Option<String>, String> {
        match self.call("GET", &format!("/jobs/{job}/status"), &Value::Null) {
            Ok(told) => Ok(told["status"].as_str().map(str::to_owned)),
            Err(said) if said.contains("NotFound") || said.contains("not found") => Ok(None),
            Err(said) => Err(said),
        }
    }
}

impl Cluster for Flink {
    fn run(&self, run: &Run) -> Result<(), String> {
        let jar = self.upload(&run.jar)?;
        let mut body = json!({
            "jobId": run.id, "programArgsList": run.args, "allowNonRestoredState": run.lax,
        });
        if let Some(parallelism) = run.parallelism {
            body["parallelism"] = json!(parallelism);
        }
        if let Some(entry) = &run.entry {
            body["entryClass"] = json!(entry);
        }
        if let Some(from) = &run.from {
            body["savepointPath"] = json!(from);
        }
        if !run.conf.is_empty() {
            body["flinkConfiguration"] = json!(run.conf);
        }
        let ran = self.call("POST", &format!("/jars/{jar}/run"), &body).map(drop);
        // The jar is only in the way from here on, whatever became of the job.
        self.call("DELETE", &format!("/jars/{jar}"), &Value::Null).ok();
        ran
    }

    fn look(&self, job: &str) -> Result<Option<Look>, String> {
        let Some(word) = self.state(job)? else {
            return Ok(None);
        };
        let mut look = Look {
            word,
            ..Look::default()
        };
        match look.word.as_str() {
            "RUNNING" | "RESTARTING" => {
                let told = self.call("GET", &format!("/jobs/{job}"), &Value::Null)?;
                let all = told["vertices"].as_array().map(Vec::as_slice).unwrap_or_default();
                let runs = |vertex: &Value| matches!(vertex["status"].as_str(), Some("RUNNING" | "FINISHED"));
                look.whole = look.word == "RUNNING" && !all.is_empty() && all.iter().all(runs);
                let metric = self.call(
                    "GET",
                    &format!("/jobs/{job}/metrics?get=numRestarts"),
                    &Value::Null,
                )?;
                let restarts = metric[0]["value"].as_str().and_then(|text| text.parse().ok());
                look.restarts = restarts.unwrap_or(0);
            }
            "FAILED" => {
                let told = self.call("GET", &format!("/jobs/{job}/exceptions"), &Value::Null)?;
                let entries = told["exceptionHistory"]["entries"].as_array();
                let last = entries
                    .and_then(|all| all.first())
                    .and_then(|one| one["stacktrace"].as_str());
                look.cause = last.or_else(|| told["root-exception"].as_str()).map(cause);
            }
            _ => {}
        }
        Ok(Some(look))
    }

    fn save(&self, job: &str, native: bool, how: Saving) -> Result<String, String> {
        let form = if native { "NATIVE" } else { "CANONICAL" };
        let (verb, body) = match how {
            Saving::On => (
                "savepoints",
                json!({ "target-directory": self.savepoints, "cancel-job": false, "formatType": form }),
            ),
            Saving::Stop | Saving::Drain => (
                "stop",
                json!({ "targetDirectory": self.savepoints, "drain": how == Saving::Drain, "formatType": form }),
            ),
        };
        let told = self.call("POST", &format!("/jobs/{job}/{verb}"), &body)?;
        let trigger = told["request-id"].as_str().ok_or("no request-id")?.to_owned();
        let begun = Instant::now();
        while begun.elapsed() < SAVING {
            let told = self.call("GET", &format!("/jobs/{job}/savepoints/{trigger}"), &Value::Null)?;
            if told["status"]["id"] == "COMPLETED" {
                let operation = &told["operation"];
                return match (
                    operation["location"].as_str(),
                    operation["failure-cause"]["stack-trace"].as_str(),
                ) {
                    (Some(location), _) => Ok(location.to_owned()),
                    (None, trace) => Err(cause(trace.unwrap_or("no location and no cause"))),
                };
            }
            rest();
        }
        Err("the savepoint did not come to an end".to_owned())
    }

    fn cancel(&self, job: &str) -> Result<Option<String>, String> {
        let begun = Instant::now();
        let stats = self.call("GET", &format!("/jobs/{job}/checkpoints"), &Value::Null);
        let last = stats
            .ok()
            .and_then(|all| Some(all["latest"]["completed"]["external_path"].as_str()?.to_owned()));
        self.call("PATCH", &format!("/jobs/{job}?mode=cancel"), &Value::Null)?;
        while begun.elapsed() < SAVING {
            if self.state(job)?.as_deref() == Some("CANCELED") {
                let there = |place: &String| {
                    let path = place
                        .strip_prefix("file:")
                        .unwrap_or(place)
                        .trim_start_matches("//");
                    std::path::Path::new(path).join("_metadata").is_file()
                };
                return Ok(last.filter(there));
            }
            rest();
        }
        Err("the job does not end".to_owned())
    }

    fn dispose(&self, location: &str) -> Result<(), String> {
        self.call(
            "POST",
            "/savepoint-disposal",
            &json!({ "savepoint-path": location }),
        )
        .map(drop)
    }

    fn get(&self, path: &str) -> Result<String, String> {
        let (_, body) = request(&self.rest, "GET", path, JSON, b"").map_err(|e| e.to_string())?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

/// A moment between two looks.
fn rest() {
    let (lock, never) = (Mutex::new(()), Condvar::new());
    let held = lock.lock().unwrap_or_else(PoisonError::into_inner);
    drop(never.wait_timeout(held, BETWEEN));
}
