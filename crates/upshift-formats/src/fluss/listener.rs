//! Where a server answers, as its registration says.

use std::fmt;

use super::ZnodeError;

/// One listener of a server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// Its name; `FLUSS` unless somebody configured another.
    pub name: String,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl Listener {
    /// The listeners of `NAME://HOST:PORT,NAME://HOST:PORT`.
    pub(super) fn all(what: &'static str, text: &str) -> Result<Vec<Self>, ZnodeError> {
        let bad = || ZnodeError::Value {
            what,
            why: format!("{text:?} is no list of NAME://HOST:PORT"),
        };
        let found: Option<Vec<Self>> = text.split(',').map(|one| Self::one(one.trim())).collect();
        found.filter(|all| !all.is_empty()).ok_or_else(bad)
    }

    fn one(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once("://")?;
        let (host, port) = rest.rsplit_once(':')?;
        let host = host
            .strip_prefix('[')
            .and_then(|h| h.strip_suffix(']'))
            .unwrap_or(host);
        (!name.is_empty() && !host.is_empty()).then_some(())?;
        Some(Self {
            name: name.to_owned(),
            host: host.to_owned(),
            port: port.parse().ok()?,
        })
    }

    /// The one listener that registrations up to 0.6 stand for.
    pub(super) fn bare(
        what: &'static str,
        name: &str,
        host: &str,
        port: i64,
    ) -> Result<Vec<Self>, ZnodeError> {
        let port = u16::try_from(port).map_err(|_| ZnodeError::Value {
            what,
            why: format!("{port} is no port"),
        })?;
        Ok(vec![Self {
            name: name.to_owned(),
            host: host.to_owned(),
            port,
        }])
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "{}://[{}]:{}", self.name, self.host, self.port),
            false => write!(f, "{}://{}:{}", self.name, self.host, self.port),
        }
    }
}
