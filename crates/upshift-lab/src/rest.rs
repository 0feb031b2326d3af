//! A second pair of eyes on a Flink cluster: the few REST calls that the lab needs to submit jobs and look at them.
//!
//! It decides nothing and retries nothing; a poll is a loop that can be pointed to.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::RestError;
use crate::http;
use crate::wait::until;

const JSON: &str = "application/json";

/// Long enough for a job to start on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The REST endpoint of a cluster on the loopback interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    port: u16,
}

/// How a job is submitted.
#[derive(Debug, Clone, Default)]
pub struct Submit {
    /// Arguments of the program.
    pub args: Vec<String>,
    /// The entry class, when the jar's own is not meant.
    pub entry_class: Option<String>,
    /// Restore from here.
    pub savepoint: Option<String>,
    /// Parallelism, when the program leaves it open.
    pub parallelism: Option<u16>,
}

/// The two formats of savepoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The same for all state backends.
    Canonical,
    /// The backend's own.
    Native,
}

impl Rest {
    /// The endpoint at this port.
    pub fn at(port: u16) -> Self {
        Self { port }
    }

    /// The port.
    pub fn port(self) -> u16 {
        self.port
    }

    /// The address as a person writes it.
    pub fn url(self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `GET` of a path that begins with a slash.
    pub fn get(self, path: &str) -> Result<Value, RestError> {
        self.call("GET", path, JSON, b"")
    }

    /// `POST` of a JSON body.
    pub fn post(self, path: &str, body: &Value) -> Result<Value, RestError> {
        self.call("POST", path, JSON, body.to_string().as_bytes())
    }

    /// Cancels a job and waits until it is over.
    pub fn cancel(self, job: &str) -> Result<(), RestError> {
        self.call("PATCH", &format!("/jobs/{job}?mode=cancel"), JSON, b"")?;
        self.wait_for_status(job, "CANCELED")
    }

    /// Uploads a jar and returns its id.
    pub fn upload(self, jar: &Path) -> Result<String, RestError> {
        const EDGE: &str = "upshift-lab-c3f1b7a2d94e";
        let data = fs::read(jar).map_err(|source| RestError::File {
            path: jar.to_owned(),
            source,
        })?;
        let name = jar
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_else(|| "job.jar".to_owned());
        let head = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"{name}\"\r\n\
             Content-Type: application/x-java-archive\r\n\r\n"
        );
        let body = [head.as_bytes(), &data, format!("\r\n--{EDGE}--\r\n").as_bytes()].concat();
        let path = "/jars/upload";
        let answer = self.call(
            "POST",
            path,
            &format!("multipart/form-data; boundary={EDGE}"),
            &body,
        )?;
        let file = self.text("POST", path, &answer, "/filename")?;
        Ok(file.rsplit('/').next().unwrap_or(&file).to_owned())
    }

    /// Submits an uploaded jar and returns the id of the job.
    pub fn submit(self, jar: &str, how: &Submit) -> Result<String, RestError> {
        let mut body = json!({ "programArgsList": how.args });
        if let Some(savepoint) = &how.savepoint {
            body["savepointPath"] = json!(savepoint);
            body["allowNonRestoredState"] = json!(false);
        }
        if let Some(class) = &how.entry_class {
            body["entryClass"] = json!(class);
        }
        if let Some(parallelism) = how.parallelism {
            body["parallelism"] = json!(parallelism);
        }
        let path = format!("/jars/{jar}/run");
        let answer = self.post(&path, &body)?;
        self.text("POST", &path, &answer, "/jobid")
    }

    /// The ids of all running jobs with this name.
    pub fn running(self, name: &str) -> Result<Vec<String>, RestError> {
        let all = self.get("/jobs/overview")?;
        let jobs = all
            .pointer("/jobs")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let ours = jobs.filter(|j| j["name"] == name && j["state"] == "RUNNING");
        Ok(ours
            .filter_map(|j| j["jid"].as_str().map(str::to_owned))
            .collect())
    }

    /// The state of a job, from the call that is not cached.
    pub fn status(self, job: &str) -> Result<String, RestError> {
        let path = format!("/jobs/{job}/status");
        let answer = self.get(&path)?;
        self.text("GET", &path, &answer, "/status")
    }

    /// Waits until a job is in this state.
    pub fn wait_for_status(self, job: &str, wanted: &str) -> Result<(), RestError> {
        let mut seen = String::new();
        let done = until(PATIENCE, || {
            seen = self.status(job)?;
            Ok((seen == wanted).then_some(()))
        })?;
        done.ok_or_else(|| RestError::Timeout {
            what: format!("job {job} to be {wanted}"),
            after: PATIENCE,
            seen,
        })
    }

    /// Waits until a job runs with all its tasks.
    pub fn wait_for_tasks(self, job: &str) -> Result<(), RestError> {
        let mut seen = String::new();
        let done = until(PATIENCE, || {
            let all = self.get("/jobs/overview")?;
            let one = all
                .pointer("/jobs")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .find(|j| j["jid"] == job);
            let Some(one) = one else { return Ok(None) };
            seen = one.to_string();
            let total = one.pointer("/tasks/total").and_then(Value::as_u64);
            let running = one.pointer("/tasks/running").and_then(Value::as_u64);
            Ok((total.is_some_and(|t| t > 0) && total == running).then_some(()))
        })?;
        done.ok_or_else(|| RestError::Timeout {
            what: format!("all tasks of job {job}"),
            after: PATIENCE,
            seen,
        })
    }

    /// Waits until the exceptions of a job name this.
    pub fn wait_for_exception(self, job: &str, wanted: &str) -> Result<(), RestError> {
        let mut seen = String::new();
        let done = until(PATIENCE, || {
            seen = self.get(&format!("/jobs/{job}/exceptions"))?.to_string();
            Ok(seen.contains(wanted).then_some(()))
        })?;
        let what = format!("an exception of job {job} that says {wanted}");
        done.ok_or(RestError::Timeout {
            what,
            after: PATIENCE,
            seen,
        })
    }

    /// Waits until a job has completed this many checkpoints, savepoints not counted; returns the server's time, in
    /// milliseconds, at which the first of them was done. (The statistics are cached for 3 s; the time is not.)
    pub fn wait_for_checkpoints(self, job: &str, count: usize) -> Result<u64, RestError> {
        let mut seen = String::new();
        let done = until(PATIENCE, || {
            let stats = self.get(&format!("/jobs/{job}/checkpoints"))?;
            seen = stats["counts"].to_string();
            let history = stats
                .pointer("/history")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let ours = history.filter(|c| c["status"] == "COMPLETED" && c["is_savepoint"] == false);
            let times: Vec<_> = ours.filter_map(|c| c["latest_ack_timestamp"].as_u64()).collect();
            Ok(if times.len() >= count {
                times.into_iter().min()
            } else {
                None
            })
        })?;
        let what = format!("{count} checkpoints of job {job}");
        done.ok_or(RestError::Timeout {
            what,
            after: PATIENCE,
            seen,
        })
    }

    /// Stops a job with a savepoint and returns where it is.
    pub fn stop_with_savepoint(self, job: &str, dir: &str, format: Format) -> Result<String, RestError> {
        let body = json!({ "targetDirectory": dir, "drain": false, "formatType": format.name() });
        self.savepoint_call(job, "stop", &body)
    }

    /// Takes a savepoint of a job that goes on running and returns where it is.
    pub fn savepoint(self, job: &str, dir: &str, format: Format) -> Result<String, RestError> {
        let body = json!({ "target-directory": dir, "cancel-job": false, "formatType": format.name() });
        self.savepoint_call(job, "savepoints", &body)
    }

    fn savepoint_call(self, job: &str, verb: &str, body: &Value) -> Result<String, RestError> {
        let path = format!("/jobs/{job}/{verb}");
        let answer = self.post(&path, body)?;
        let trigger = self.text("POST", &path, &answer, "/request-id")?;
        let path = format!("/jobs/{job}/savepoints/{trigger}");
        let mut seen = String::new();
        let done = until(PATIENCE, || {
            let status = self.get(&path)?;
            seen = status.to_string();
            Ok((status.pointer("/status/id").is_some_and(|s| s == "COMPLETED")).then_some(status))
        })?;
        let status = done.ok_or_else(|| RestError::Timeout {
            what: format!("a {verb} of job {job}"),
            after: PATIENCE,
            seen,
        })?;
        // COMPLETED is not success: a failure is completed, too.
        match status
            .pointer("/operation/failure-cause/stack-trace")
            .and_then(Value::as_str)
        {
            Some(trace) => Err(RestError::Refused {
                method: "GET",
                url: self.url() + &path,
                status: 200,
                said: cause(trace),
            }),
            None => self.text("GET", &path, &status, "/operation/location"),
        }
    }

    fn text(
        self,
        method: &'static str,
        path: &str,
        answer: &Value,
        field: &str,
    ) -> Result<String, RestError> {
        answer
            .pointer(field)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| RestError::Malformed {
                method,
                url: self.url() + path,
                problem: format!("no {field} in {answer}"),
            })
    }

    fn call(self, method: &'static str, path: &str, kind: &str, body: &[u8]) -> Result<Value, RestError> {
        let url = self.url() + path;
        let answer =
            http::request(self.port, method, path, kind, body).map_err(|source| RestError::NoAnswer {
                method,
                url: url.clone(),
                source,
            })?;
        if !(200..300).contains(&answer.status) {
            let said = cause(&String::from_utf8_lossy(&answer.body).replace("\\n", "\n"));
            return Err(RestError::Refused {
                method,
                url,
                status: answer.status,
                said,
            });
        }
        serde_json::from_slice(&answer.body).map_err(|e| RestError::Malformed {
            method,
            url,
            problem: format!("not JSON: {e}"),
        })
    }
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Canonical => "CANONICAL",
            Self::Native => "NATIVE",
        }
    }
}

/// The innermost cause of a Java stack trace, or its first line.
fn cause(trace: &str) -> String {
    let inner = trace
        .lines()
        .filter_map(|l| l.split_once("Caused by: "))
        .map(|(_, said)| said)
        .next_back();
    inner
        .or_else(|| trace.lines().next())
        .unwrap_or(trace)
        .trim()
        .to_owned()
}
