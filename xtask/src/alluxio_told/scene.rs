//! One state as it is kept: what the master answers, what a command said and left behind, what the master's log gained,
//! what lies in the journal folder. Folders of the lab are named otherwise, and long maps cut to what is read of them.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::plain_http;

/// A state.
#[derive(Debug, Serialize)]
pub(super) struct Scene {
    /// What it is called.
    pub(super) name: &'static str,
    /// What the master answers.
    pub(super) master: Answers,
    /// The command that led to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<Command>,
    /// Lines that the master's log gained, of those that say what was restored or why it ended.
    pub(super) log: Vec<String>,
    /// Names in the journal folder, four levels deep.
    pub(super) journal: Vec<String>,
    /// Servers whose process is there.
    pub(super) runs: Vec<&'static str>,
}

/// A command.
#[derive(Debug, Serialize)]
pub(super) struct Command {
    pub(super) words: Vec<String>,
    pub(super) code: Option<i32>,
    pub(super) said: String,
    /// Names in the folder that it was given.
    pub(super) left: Vec<String>,
}

/// Both calls.
#[derive(Debug, Serialize)]
pub(super) struct Answers {
    pub(super) info: Answer,
    pub(super) metrics: Answer,
}

/// One call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// It answered with JSON.
    Said { status: u16, body: Value },
    /// It answered with something else.
    Other { status: u16, body: String },
    /// It did not answer.
    Nothing(String),
}

/// Asks a master.
pub(super) fn ask(address: &str, dir: &Path) -> Answers {
    let call = |path| answer(plain_http::get(address, path), dir);
    Answers {
        info: call("/api/v1/master/info"),
        metrics: call("/metrics/json/"),
    }
}

fn answer(said: std::io::Result<(String, String)>, dir: &Path) -> Answer {
    let (head, body) = match said {
        Ok(said) => said,
        Err(error) => return Answer::Nothing(format!("{:?}", error.kind())),
    };
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.unwrap_or(0);
    match serde_json::from_str::<Value>(&elsewhere(&body, dir)) {
        Ok(body) => Answer::Said {
            status,
            body: cut(body),
        },
        Err(_) => Answer::Other {
            status,
            body: elsewhere(&body, dir).chars().take(300).collect(),
        },
    }
}

/// The folders of the lab are nobody's business.
pub(super) fn elsewhere(text: &str, dir: &Path) -> String {
    text.replace(&dir.display().to_string(), "/srv/alluxio")
}

const OPTIONS: [&str; 7] = [
    "alluxio.home",
    "alluxio.master.backup.",
    "alluxio.master.journal.",
    "alluxio.master.mount.table.root.ufs",
    "alluxio.master.worker.timeout",
    "alluxio.worker.data.folder",
    "alluxio.worker.tieredstore.",
];

fn cut(mut body: Value) -> Value {
    let keep = |of: &mut Value, name: &str, wanted: &dyn Fn(&str) -> bool| {
        if let Some(Value::Object(map)) = of.get_mut(name) {
            let all = std::mem::take(map);
            let kept: Map<String, Value> = all.into_iter().filter(|(key, _)| wanted(key)).collect();
            *map = kept;
        }
    };
    keep(&mut body, "configuration", &|key| {
        OPTIONS.iter().any(|prefix| key.starts_with(prefix))
    });
    keep(&mut body, "metrics", &|key| key.ends_with("Ops"));
    keep(&mut body, "gauges", &|key| {
        key.contains("Backup") || key.contains("Paths")
    });
    for name in ["counters", "histograms", "meters", "timers"] {
        keep(&mut body, name, &|_| false);
    }
    body
}

/// Lines of a log that are read: what was restored, or why its master ended.
pub(super) fn telling(log: &str, dir: &Path) -> Vec<String> {
    let words = [
        "entries from backup",
        "skipping restoring",
        "Initializing metadata from backup",
        "Uncaught exception",
        "Fatal error",
        "was truncated",
    ];
    let tells = |line: &&str| words.iter().any(|word| line.contains(word));
    let lines = log.lines().filter(tells);
    lines.map(|line| elsewhere(line, dir)).collect()
}

/// Names below a folder, four levels deep.
pub(super) fn names(folder: &Path) -> Result<Vec<String>> {
    let mut all = Vec::new();
    below(folder, "", 4, &mut all)?;
    all.sort();
    Ok(all)
}

fn below(folder: &Path, prefix: &str, levels: u32, all: &mut Vec<String>) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for entry in entries {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            all.push(format!("{name}/"));
            if levels > 1 {
                below(&entry.path(), &format!("{name}/"), levels - 1, all)?;
            }
        } else {
            all.push(name);
        }
    }
    Ok(())
}
