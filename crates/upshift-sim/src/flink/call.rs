//! A request, understood: which of the server's handlers it is for. The body stays what was sent.

use serde_json::Value;

/// The requests that the stand-in knows.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "named after the server's handlers; ids as in the path"
)]
pub enum Call {
    Overview,
    Dashboard,
    Configuration,
    TaskManagers,
    Jobs,
    Job(String),
    Status(String),
    Checkpoints(String),
    CheckpointConfig(String),
    Exceptions(String),
    Result(String),
    Metrics(String),
    Jars,
    Upload { name: String },
    DeleteJar(String),
    Run { jar: String, body: Value },
    Stop { job: String, body: Value },
    Save { job: String, body: Value },
    Saved { job: String, trigger: String },
    Dispose { body: Value },
    Disposed(String),
    Cancel(String),
    Other(String),
}

impl Call {
    /// From a request line and a body; a multipart body gives the name of its file.
    pub fn parse(method: &str, target: &str, body: &[u8]) -> Self {
        let path = target.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let json = || serde_json::from_slice(body).unwrap_or(Value::Null);
        let own = |text: &str| text.to_owned();
        match (method, parts.as_slice()) {
            ("GET", ["overview"]) => Self::Overview,
            ("GET", ["config"]) => Self::Dashboard,
            ("GET", ["jobmanager", "config"]) => Self::Configuration,
            ("GET", ["taskmanagers"]) => Self::TaskManagers,
            ("GET", ["jobs", "overview"]) => Self::Jobs,
            ("GET", ["jobs", id]) => Self::Job(own(id)),
            ("GET", ["jobs", id, "status"]) => Self::Status(own(id)),
            ("GET", ["jobs", id, "checkpoints"]) => Self::Checkpoints(own(id)),
            ("GET", ["jobs", id, "checkpoints", "config"]) => Self::CheckpointConfig(own(id)),
            ("GET", ["jobs", id, "exceptions"]) => Self::Exceptions(own(id)),
            ("GET", ["jobs", id, "execution-result"]) => Self::Result(own(id)),
            ("GET", ["jobs", id, "metrics"]) => Self::Metrics(own(id)),
            ("GET", ["jars"]) => Self::Jars,
            ("POST", ["jars", "upload"]) => Self::Upload {
                name: file_name(body),
            },
            ("DELETE", ["jars", id]) => Self::DeleteJar(own(id)),
            ("POST", ["jars", id, "run"]) => Self::Run {
                jar: own(id),
                body: json(),
            },
            ("POST", ["jobs", id, "stop"]) => Self::Stop {
                job: own(id),
                body: json(),
            },
            ("POST", ["jobs", id, "savepoints"]) => Self::Save {
                job: own(id),
                body: json(),
            },
            ("GET", ["jobs", id, "savepoints", trigger]) => Self::Saved {
                job: own(id),
                trigger: own(trigger),
            },
            ("POST", ["savepoint-disposal"]) => Self::Dispose { body: json() },
            ("GET", ["savepoint-disposal", id]) => Self::Disposed(own(id)),
            ("PATCH", ["jobs", id]) => Self::Cancel(own(id)),
            _ => Self::Other(path.to_owned()),
        }
    }

    /// One word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Dashboard => "dashboard",
            Self::Configuration => "configuration",
            Self::TaskManagers => "task managers",
            Self::Jobs => "jobs",
            Self::Job(_) => "job",
            Self::Status(_) => "status",
            Self::Checkpoints(_) => "checkpoints",
            Self::CheckpointConfig(_) => "checkpoint config",
            Self::Exceptions(_) => "exceptions",
            Self::Result(_) => "result",
            Self::Metrics(_) => "metrics",
            Self::Jars => "jars",
            Self::Upload { .. } => "upload",
            Self::DeleteJar(_) => "delete jar",
            Self::Run { .. } => "run",
            Self::Stop { .. } => "stop",
            Self::Save { .. } => "save",
            Self::Saved { .. } => "saved",
            Self::Dispose { .. } => "dispose",
            Self::Disposed(_) => "disposed",
            Self::Cancel(_) => "cancel",
            Self::Other(_) => "other",
        }
    }

    /// Whether it asks for a change.
    pub const fn changes(&self) -> bool {
        matches!(
            self,
            Self::Upload { .. }
                | Self::DeleteJar(_)
                | Self::Run { .. }
                | Self::Stop { .. }
                | Self::Save { .. }
                | Self::Dispose { .. }
                | Self::Cancel(_)
        )
    }
}

/// `filename="…"` of the first part.
fn file_name(body: &[u8]) -> String {
    let head = &body[..body.len().min(1 << 10)];
    let text = String::from_utf8_lossy(head);
    let name = text
        .split_once("filename=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    name.map_or_else(String::new, |(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn requests_are_told_apart_by_method_and_path() {
        let of = |method, target| Call::parse(method, target, b"{}");
        assert_eq!(of("GET", "/jobs/overview"), Call::Jobs);
        assert_eq!(
            of("GET", "/jobs/1f/metrics?get=numRestarts"),
            Call::Metrics("1f".to_owned())
        );
        assert_eq!(of("PATCH", "/jobs/1f?mode=cancel"), Call::Cancel("1f".to_owned()));
        assert_eq!(
            of("GET", "/nothing/here"),
            Call::Other("/nothing/here".to_owned())
        );
        let part =
            b"--x\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"k-job.jar\"\r\n\r\nPK";
        let upload = Call::parse("POST", "/jars/upload", part);
        assert_eq!(
            upload,
            Call::Upload {
                name: "k-job.jar".to_owned()
            }
        );
        assert!(upload.changes() && upload.word() == "upload");
    }
}
