//! A machine that upshift may have to look at or change: its name in the system file, and the way to
//! it. How a connection is made, and what is run there, is not known here.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// What the system file and every message call it.
    pub name: String,
    /// The way to it.
    pub reach: Reach,
}

/// The way to a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// It is this machine.
    Local,
    /// Through the system's own `ssh`.
    Ssh(Ssh),
}

/// What `ssh` is told beyond the user's own configuration. Words that could be taken for an option
/// or mean something to a shell do not get in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Ssh {
    address: String,
    user: Option<String>,
    port: Option<u16>,
    config: Option<PathBuf>,
}

/// A word that `ssh` must not be given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{word:?} is not {what}")]
pub struct NotForSsh {
    /// The word.
    pub word: String,
    /// What was expected.
    pub what: &'static str,
}

impl Ssh {
    /// The way to `address`: a name, an address, or an alias of the user's `ssh_config`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn new(address: impl Into<String>) -> Result<Self, NotForSsh> {
        let address = address.into();
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        plain(
            &address,
            fine,
            "a host's name or address: letters, digits and . - _ : %, not beginning with -",
        )?;
        Ok(Self {
            address,
            user: None,
            port: None,
            config: None,
        })
    }

    /// Log in as `user` instead of whom the configuration names.
    ///
    /// # Errors
    /// When that is no name of a user.
    pub fn user(mut self, user: impl Into<String>) -> Result<Self, NotForSsh> {
        let user = user.into();
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+');
        plain(
            &user,
            fine,
            "a user's name: letters, digits and . - _ @ +, not beginning with -",
        )?;
        self.user = Some(user);
        Ok(self)
    }

    /// Another port than the configuration's.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Another file than `~/.ssh/config`.
    pub fn config(mut self, file: impl Into<PathBuf>) -> Self {
        self.config = Some(file.into());
        self
    }

    /// Name, address or alias.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whom to log in as, if not whom the configuration names.
    pub fn wanted_user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The port, if not the configuration's.
    pub fn wanted_port(&self) -> Option<u16> {
        self.port
    }

    /// The configuration, if not `~/.ssh/config`.
    pub fn config_file(&self) -> Option<&PathBuf> {
        self.config.as_ref()
    }
}

fn plain(word: &str, fine: impl Fn(char) -> bool, what: &'static str) -> Result<(), NotForSsh> {
    if word.is_empty() || word.starts_with('-') || !word.chars().all(fine) {
        return Err(NotForSsh {
            word: word.to_owned(),
            what,
        });
    }
    Ok(())
}

impl fmt::Display for Ssh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.address)?;
        match self.port {
            Some(port) => write!(f, " port {port}"),
            None => Ok(()),
        }
    }
}

/// The way as it stands in a document; read back through the same checks.
#[derive(Deserialize)]
struct Written {
    address: String,
    user: Option<String>,
    port: Option<u16>,
    config: Option<PathBuf>,
}

impl TryFrom<Written> for Ssh {
    type Error = NotForSsh;

    fn try_from(written: Written) -> Result<Self, NotForSsh> {
        let mut way = Self::new(written.address)?;
        if let Some(user) = written.user {
            way = way.user(user)?;
        }
        way.port = written.port;
        way.config = written.config;
        Ok(way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ssh_would_take_for_an_option_or_a_command_does_not_get_in() {
        for word in [
            "",
            "-oProxyCommand=id",
            "a b",
            "a;id",
            "$(id)",
            "a\nb",
            "a/b",
            "user@host",
        ] {
            assert!(Ssh::new(word).is_err(), "{word:?}");
        }
        for word in ["h1", "h-1.example.com", "10.0.0.1", "fe80::1%eth0", "alias_1"] {
            assert!(Ssh::new(word).is_ok(), "{word:?}");
        }
        for user in ["-x", "a b", "`id`"] {
            assert!(Ssh::new("h").unwrap().user(user).is_err(), "{user:?}");
        }
    }

    #[test]
    fn a_document_is_held_to_the_same() {
        let way = Ssh::new("h1").unwrap().user("flink").unwrap().port(2222);
        assert_eq!(way.to_string(), "flink@h1 port 2222");
        let text = serde_json::to_string(&way).unwrap();
        assert_eq!(serde_json::from_str::<Ssh>(&text).unwrap(), way);
        let bad = text.replace("h1", "-h1");
        assert!(serde_json::from_str::<Ssh>(&bad).is_err());
    }
}
