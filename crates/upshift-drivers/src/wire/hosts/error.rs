//! Why a host did not do what was asked, apart by what it means for the caller: whether anything can
//! have happened there, and what a person has to do.

use std::fmt;
use std::time::Duration;

use thiserror::Error;
use upshift_engine::driver::Fault;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

use super::codes;

/// A host, and what was wrong with it or the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{host}: {trouble}")]
pub struct HostError {
    /// Its name in the system file.
    pub host: String,
    /// What was wrong.
    pub trouble: Trouble,
}

/// The key that a host showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The host as `ssh` looks it up in known_hosts: `name` or `[name]:port`.
    pub of: String,
    /// `ED25519`.
    pub kind: String,
    /// `SHA256:…`; unknown when `ssh` did not say it.
    pub fingerprint: Option<String>,
}

/// What was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No known_hosts file vouches for its key.
    KeyUnknown(Key),
    /// Its key is another one than the known one.
    KeyChanged {
        /// The key that it showed.
        key: Key,
        /// The command that takes the old key out, as `ssh` gives it.
        forget: Option<String>,
    },
    /// It does not let this user in.
    NotLetIn {
        /// What `ssh` said.
        said: String,
    },
    /// There is no way to it.
    NoWay {
        /// What `ssh` said.
        said: String,
    },
    /// Nothing listens there.
    NobodyListens {
        /// What `ssh` said.
        said: String,
    },
    /// It did not answer in time.
    Silent {
        /// How long it was waited.
        after: Duration,
    },
    /// This machine has no `ssh`.
    NoSsh {
        /// What the system said.
        why: String,
    },
    /// `ssh` ended for a reason of its own.
    SshFailed {
        /// What it said.
        said: String,
    },
    /// Logged in, but no shell runs what is sent.
    NoShell {
        /// What the far side said.
        said: String,
    },
    /// The program was certainly not started.
    NotStarted {
        /// Why.
        why: String,
    },
    /// `sudo` said no.
    SudoRefused {
        /// What it said.
        said: String,
    },
    /// It did not end in time.
    OutOfTime {
        /// The limit.
        after: Duration,
        /// It was told to end. Whether it did, and what it did before, is not known.
        told_to_end: bool,
    },
    /// The connection was lost after the program was sent.
    Lost {
        /// What is known of it.
        why: String,
    },
    /// The mark belongs to another command.
    MarkTaken {
        /// The mark.
        mark: String,
    },
    /// A file could not be put or read; what was at its place before is still there.
    File {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

impl HostError {
    pub(super) fn new(host: &str, trouble: Trouble) -> Self {
        Self {
            host: host.to_owned(),
            trouble,
        }
    }

    /// Its page.
    pub fn code(&self) -> Code {
        match &self.trouble {
            Trouble::KeyUnknown(_) => codes::KEY_UNKNOWN,
            Trouble::KeyChanged { .. } => codes::KEY_CHANGED,
            Trouble::NotLetIn { .. } => codes::NOT_LET_IN,
            Trouble::NoWay { .. } => codes::NO_WAY,
            Trouble::NobodyListens { .. } => codes::NOBODY_LISTENS,
            Trouble::Silent { .. } => codes::SILENT,
            Trouble::NoSsh { .. } => codes::NO_SSH,
            Trouble::SshFailed { .. } => codes::SSH_FAILED,
            Trouble::NoShell { .. } => codes::NO_SHELL,
            Trouble::NotStarted { .. } => codes::NOT_STARTED,
            Trouble::SudoRefused { .. } => codes::SUDO_REFUSED,
            Trouble::OutOfTime { .. } => codes::OUT_OF_TIME,
            Trouble::Lost { .. } => codes::LOST,
            Trouble::MarkTaken { .. } => codes::MARK_TAKEN,
            Trouble::File { .. } => codes::FILE_FAILED,
        }
    }

    /// Whether the program may have run, wholly or in part.
    pub fn may_have_run(&self) -> bool {
        matches!(self.trouble, Trouble::OutOfTime { .. } | Trouble::Lost { .. })
    }

    /// The same as a fault of a call that changes something.
    pub fn into_fault(self) -> Fault {
        match &self.trouble {
            Trouble::OutOfTime { .. } | Trouble::Lost { .. } => Fault::Ambiguous(self.with_code()),
            Trouble::NoWay { .. } | Trouble::NobodyListens { .. } | Trouble::Silent { .. } => {
                Fault::Transient(self.with_code())
            }
            _ => Fault::Refused(Failure {
                code: self.code(),
                what: self.to_string(),
                far_side: self.said(),
            }),
        }
    }

    /// The same as a fault of a call that changes nothing: what may have run may run again.
    pub fn into_read_fault(self) -> Fault {
        match self.may_have_run() {
            true => Fault::Transient(self.with_code()),
            false => self.into_fault(),
        }
    }

    /// What to do, as full commands where there are any.
    pub fn remedy(&self) -> Vec<String> {
        match &self.trouble {
            Trouble::KeyUnknown(key) => vec![
                format!(
                    "compare the fingerprint with what the host's owner says, or with what the host says at its \
                     console: {}",
                    key.at_console()
                ),
                format!("only then: {}", key.scan()),
            ],
            Trouble::KeyChanged { key, forget } => vec![
                format!(
                    "ask the host's owner whether its key was replaced; at its console: {}",
                    key.at_console()
                ),
                format!(
                    "only then: {}; {}",
                    forget
                        .clone()
                        .unwrap_or_else(|| format!("ssh-keygen -R '{}'", key.of)),
                    key.scan()
                ),
            ],
            _ => vec![format!("upshift explain {}", self.code())],
        }
    }

    fn with_code(&self) -> String {
        format!("{self} ({})", self.code())
    }

    fn said(&self) -> Option<String> {
        match &self.trouble {
            Trouble::NotLetIn { said }
            | Trouble::SshFailed { said }
            | Trouble::NoShell { said }
            | Trouble::SudoRefused { said } => Some(said.clone()),
            _ => None,
        }
    }
}

impl Key {
    fn name_and_port(&self) -> (&str, Option<&str>) {
        let inside = self.of.strip_prefix('[').and_then(|rest| rest.split_once("]:"));
        match inside {
            Some((name, port)) => (name, Some(port)),
            None => (&self.of, None),
        }
    }

    /// Adds the key that the host shows now.
    fn scan(&self) -> String {
        let (name, port) = self.name_and_port();
        let port = port.map(|port| format!("-p {port} ")).unwrap_or_default();
        let kind = self.kind.to_lowercase();
        format!("ssh-keyscan {port}-t {kind} {name} >> ~/.ssh/known_hosts")
    }

    fn at_console(&self) -> String {
        format!(
            "ssh-keygen -lf /etc/ssh/ssh_host_{}_key.pub",
            self.kind.to_lowercase()
        )
    }

    fn print(&self) -> &str {
        self.fingerprint.as_deref().unwrap_or("not told")
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyUnknown(key) => write!(
                f,
                "its {} key is not known for {} (fingerprint {})",
                key.kind,
                key.of,
                key.print()
            ),
            Self::KeyChanged { key, .. } => write!(
                f,
                "its key has changed: it shows an {} key for {} that is not the known one (fingerprint {})",
                key.kind,
                key.of,
                key.print()
            ),
            Self::NotLetIn { said } => write!(f, "does not let us in: {said}"),
            Self::NoWay { said } => write!(f, "cannot be reached: {said}"),
            Self::NobodyListens { said } => write!(f, "nothing listens there: {said}"),
            Self::Silent { after } => write!(f, "no answer within {} s", after.as_secs_f32()),
            Self::NoSsh { why } => write!(f, "ssh could not be started on this machine: {why}"),
            Self::SshFailed { said } => write!(f, "ssh failed: {said}"),
            Self::NoShell { said } => write!(f, "runs no commands for us: {said}"),
            Self::NotStarted { why } => write!(f, "not started: {why}"),
            Self::SudoRefused { said } => write!(f, "sudo refuses: {said}"),
            Self::OutOfTime { after, told_to_end } => write!(
                f,
                "did not end within {} s; {}",
                after.as_secs_f32(),
                if *told_to_end {
                    "it was told to end, and what it did is not known"
                } else {
                    "whether it still runs is not known"
                }
            ),
            Self::Lost { why } => write!(f, "lost while a program ran there: {why}"),
            Self::MarkTaken { mark } => write!(f, "mark {mark} belongs to another command"),
            Self::File { path, why } => write!(f, "{path}: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn key() -> Key {
        Key {
            of: "[10.0.0.7]:2222".to_owned(),
            kind: "ED25519".to_owned(),
            fingerprint: Some("SHA256:abc".to_owned()),
        }
    }

    #[test]
    fn the_remedy_for_a_key_is_the_very_command() {
        let unknown = HostError::new("ts1", Trouble::KeyUnknown(key()));
        expect![[r"
            ts1: its ED25519 key is not known for [10.0.0.7]:2222 (fingerprint SHA256:abc)
            compare the fingerprint with what the host's owner says, or with what the host says at its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
            only then: ssh-keyscan -p 2222 -t ed25519 10.0.0.7 >> ~/.ssh/known_hosts"]]
        .assert_eq(&format!("{unknown}\n{}", unknown.remedy().join("\n")));
        let changed = HostError::new(
            "ts1",
            Trouble::KeyChanged {
                key: key(),
                forget: Some("ssh-keygen -f \"/x\" -R \"[10.0.0.7]:2222\"".to_owned()),
            },
        );
        assert_eq!(
            changed.remedy()[1],
            "only then: ssh-keygen -f \"/x\" -R \"[10.0.0.7]:2222\"; \
             ssh-keyscan -p 2222 -t ed25519 10.0.0.7 >> ~/.ssh/known_hosts"
        );
    }

    #[test]
    fn only_what_was_sent_is_ambiguous() {
        let of = |trouble| HostError::new("h", trouble).into_fault();
        let said = || "x".to_owned();
        assert!(matches!(of(Trouble::Lost { why: said() }), Fault::Ambiguous(_)));
        assert!(matches!(
            of(Trouble::OutOfTime {
                after: Duration::from_secs(1),
                told_to_end: true
            }),
            Fault::Ambiguous(_)
        ));
        assert!(matches!(
            of(Trouble::NobodyListens { said: said() }),
            Fault::Transient(_)
        ));
        assert!(matches!(of(Trouble::KeyUnknown(key())), Fault::Refused(_)));
        assert!(matches!(
            of(Trouble::SudoRefused { said: said() }),
            Fault::Refused(_)
        ));
        let lost = HostError::new("h", Trouble::Lost { why: said() });
        assert!(matches!(lost.into_read_fault(), Fault::Transient(_)));
    }
}
