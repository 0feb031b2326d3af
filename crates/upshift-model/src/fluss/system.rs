//! All that one look at a Fluss system sees: what its metadata says, what its servers answer, and its processes on
//! this machine.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::release::{Line, Role};
use crate::observed::Observed;

/// A Fluss system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// What its metadata says.
    pub cluster: Facts,
    /// What every registered server answers.
    pub answers: Vec<ServerAnswer>,
    /// Its servers' processes on this machine, found by their command lines.
    pub processes: Observed<Vec<ServerProcess>>,
    /// Feature number of the Java that the wanted release would run on (17).
    pub target_java: Observed<u32>,
    /// The version of the server jar in the wanted release's home, where a home is named.
    pub target_home: Option<Observed<String>>,
}

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerId {
    /// The coordinator that leads.
    Coordinator,
    /// A tablet server.
    TabletServer(i32),
}

/// What one server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAnswer {
    /// Which.
    pub server: ServerId,
    /// Where it was asked.
    pub address: String,
    /// The release line that knows such calls.
    pub line: Observed<Line>,
}

/// A server's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerProcess {
    /// Its pid.
    pub pid: u32,
    /// When it started, in the kernel's ticks since boot: with the pid it names one process for ever.
    pub started_ticks: u64,
    /// What it is.
    pub role: Role,
    /// Its `--configDir`.
    pub conf: PathBuf,
    /// The version in the name of its server jar, where the command line names one jar or one folder of them.
    pub jar: Observed<String>,
    /// Its `server.yaml`, values of sensitive keys left out.
    pub options: Observed<BTreeMap<String, OptionLine>>,
}

/// An option in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionLine {
    /// Its value.
    pub value: String,
    /// Line, from 1.
    pub line: u32,
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coordinator => f.write_str("coordinator"),
            Self::TabletServer(id) => write!(f, "tablet server {id}"),
        }
    }
}

impl ServerProcess {
    /// The value of an option.
    pub fn option(&self, key: &str) -> Option<&str> {
        let options = self.options.known()?;
        options.get(key).map(|option| option.value.as_str())
    }
}

impl System {
    /// Release lines that servers answered, each with who did.
    pub fn lines(&self) -> BTreeMap<Line, Vec<ServerId>> {
        let mut lines = BTreeMap::<Line, Vec<ServerId>>::new();
        for answer in &self.answers {
            if let Some(line) = answer.line.known() {
                lines.entry(*line).or_default().push(answer.server);
            }
        }
        lines
    }
}
