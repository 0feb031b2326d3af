//! Requests to a job manager, answered: bodies are read, acts are done, and what became of them is told in
//! the words and statuses of the real handlers.

use serde_json::{Value, json};

use super::acts::{NotRun, SavepointAsked, Submission};
use super::answers::{self, Answer};
use super::body::{self, text};
use super::call::Call;
use super::errors;
use super::trigger::{Written, uri};
use super::world::World;

impl World {
    /// Answers a request to the cluster's job manager. Gives the files that appeared or went, too.
    pub fn call(&mut self, conf: &str, call: &Call, now: i64) -> (Answer, Vec<Written>) {
        let mut written = self.advance(now);
        let Some(cluster) = self.clusters.get_mut(conf) else {
            return (errors::not_found(conf), written);
        };
        let answer = match call {
            Call::Upload { name } => {
                let id = self.upload(conf, name);
                let filename = format!("/tmp/flink-web-upload/{id}");
                Answer::of(json!({ "filename": filename, "status": "success" }))
            }
            Call::DeleteJar(id) => match self.delete_jar(conf, id) {
                true => Answer::of(json!({})),
                false => errors::no_jar(id),
            },
            Call::Run { jar, body } => self.told_run(conf, jar, body, now),
            Call::Stop { job, body } => self.told_save(conf, job, body, true, now),
            Call::Save { job, body } => self.told_save(conf, job, body, false, now),
            Call::Dispose { body } => {
                let location = uri(text(body, "savepoint-path").unwrap_or_default());
                let (request, gone) = self.dispose(conf, &location);
                written.extend(gone);
                Answer::of(json!({ "request-id": request }))
            }
            Call::Cancel(id) => match self.cancel(conf, id, now) {
                Ok(kept) => {
                    written.extend(kept);
                    Answer {
                        status: 202,
                        body: json!({}),
                    }
                }
                Err(None) => errors::no_job(id),
                Err(Some(state)) => errors::is_over(state),
            },
            asks => answers::told(cluster, asks, now),
        };
        (answer, written)
    }

    fn told_run(&mut self, conf: &str, jar: &str, body: &Value, now: i64) -> Answer {
        let (_, release) = self.here(conf);
        if let Some(refused) = body::refused(&body::RUN, &release, body) {
            return refused;
        }
        let id = text(body, "jobId").unwrap_or("ffffffffffffffffffffffffffffffff");
        let name = job_name(body);
        let submission = Submission {
            jar,
            id,
            name: &name,
            from: text(body, "savepointPath"),
        };
        match self.run(conf, &submission, now) {
            Ok(()) => Answer::of(json!({ "jobid": id })),
            Err(NotRun::NoJar) => errors::no_jar(jar),
            Err(other) => errors::not_run(&other.cause()),
        }
    }

    fn told_save(&mut self, conf: &str, job: &str, body: &Value, stops: bool, now: i64) -> Answer {
        let (_, release) = self.here(conf);
        let (shape, root) = match stops {
            true => (&body::STOP, "targetDirectory"),
            false => (&body::SAVEPOINT, "target-directory"),
        };
        if let Some(refused) = body::refused(shape, &release, body) {
            return refused;
        }
        let id = text(body, "triggerId").unwrap_or("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
        let asked = SavepointAsked {
            job,
            trigger: id,
            root: text(body, root).unwrap_or_default(),
            stops,
        };
        self.save(conf, &asked, now);
        Answer {
            status: 202,
            body: json!({ "request-id": id }),
        }
    }
}

/// The stand-in's jobs are named by their arguments: `--name orders`.
fn job_name(body: &Value) -> String {
    let args = body
        .get("programArgsList")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let args: Vec<&str> = args.filter_map(Value::as_str).collect();
    let named = args.windows(2).find(|pair| pair[0] == "--name");
    named.map_or_else(|| "job".to_owned(), |pair| pair[1].to_owned())
}
