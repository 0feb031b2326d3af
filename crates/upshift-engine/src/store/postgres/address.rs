//! The address of a PostgreSQL store: `postgres://USER@HOST:PORT/DATABASE?password=env:NAME`. It holds
//! no secret, only a reference to one, so that it can be printed, logged and handed to a new process.
//! It connects to nothing.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;
use tokio_postgres::config::{Config, Host, SslMode};
use upshift_model::digest::Digest;
use upshift_model::endpoint::SecretRef;

/// Where a PostgreSQL store is, and how it is reached.
#[derive(Clone)]
pub struct Address {
    text: String,
    pub(super) config: Config,
    pub(super) tls: Tls,
    password: Option<SecretRef>,
}

/// Whether the connection is encrypted. Where it is, the server's certificate and name are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tls {
    Off,
    /// Trusting the authorities of this system, or those in a file and no others.
    On(Option<PathBuf>),
}

/// Text that is no address of a store. It is not shown where it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadAddress {
    /// Not a PostgreSQL address.
    #[error("{text:?} is no address of a PostgreSQL database")]
    NotPostgres {
        /// As given.
        text: String,
    },
    /// The password itself.
    #[error("the address of the store holds a password, or something that may be one")]
    LiteralSecret,
    /// A parameter with a value that it cannot have.
    #[error("{key}={value:?} in the address of the store: expected {expected}")]
    Value {
        /// Which parameter.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// Something else that the client does not understand.
    #[error("the address of the store cannot be used: {why}")]
    Unusable {
        /// What the client said.
        why: String,
    },
}

impl Address {
    /// Where the password is, if one is needed.
    pub const fn password(&self) -> Option<&SecretRef> {
        self.password.as_ref()
    }
}

impl Address {
    /// A name for a folder: of this database and no other, however it is reached.
    pub(super) fn mark(&self) -> String {
        let base = self
            .text
            .split_once('?')
            .map_or(self.text.as_str(), |(base, _)| base);
        let host: Vec<_> = self
            .config
            .get_hosts()
            .iter()
            .map(|host| format!("{host:?}"))
            .collect();
        let name = format!("{base} {}", host.join(","));
        Digest::of_bytes(name.as_bytes()).hex()[..16].to_owned()
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let scheme = ["postgres://", "postgresql://"];
        if !scheme.iter().any(|scheme| text.starts_with(scheme)) {
            // Without its first part nobody can tell what of it is a secret.
            let text = text
                .split_once("://")
                .map_or("…", |(scheme, _)| scheme)
                .to_owned();
            return Err(BadAddress::NotPostgres { text });
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut ours = Ours::default();
        let mut theirs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if !ours.takes(pair)? {
                theirs.push(pair);
            }
        }
        let rest = match theirs.is_empty() {
            true => base.to_owned(),
            false => format!("{base}?{}", theirs.join("&")),
        };
        let mut config = rest.parse::<Config>().map_err(|e| BadAddress::Unusable {
            why: std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string),
        })?;
        if config.get_password().is_some() {
            return Err(BadAddress::LiteralSecret);
        }
        let tls = ours.tls(&config)?;
        config.ssl_mode(match tls {
            Tls::Off => SslMode::Disable,
            Tls::On(_) => SslMode::Require,
        });
        Ok(Self {
            text: text.to_owned(),
            config,
            tls,
            password: ours.password,
        })
    }
}

/// The parameters that are not left to the client library.
#[derive(Default)]
struct Ours {
    password: Option<SecretRef>,
    mode: Option<String>,
    root: Option<PathBuf>,
}

impl Ours {
    fn takes(&mut self, pair: &str) -> Result<bool, BadAddress> {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "password" => {
                self.password = Some(value.parse().map_err(|_| BadAddress::LiteralSecret)?);
            }
            "sslmode" => self.mode = Some(value.to_owned()),
            "sslrootcert" => self.root = Some(PathBuf::from(value)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Over the network the connection is encrypted unless the address says that it need not be.
    fn tls(&self, config: &Config) -> Result<Tls, BadAddress> {
        let on = match self.mode.as_deref() {
            None => !config.get_hosts().iter().all(is_near) || self.root.is_some(),
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            Some(other) => {
                return Err(BadAddress::Value {
                    key: "sslmode",
                    value: other.to_owned(),
                    expected: "disable, or require, which checks the server's certificate and name",
                });
            }
        };
        Ok(match on {
            true => Tls::On(self.root.clone()),
            false => Tls::Off,
        })
    }
}

/// Whether nobody on a network can listen.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(text: &str) -> Tls {
        text.parse::<Address>().unwrap().tls
    }

    #[test]
    fn a_password_is_a_reference_and_never_itself() {
        let address: Address = "postgres://up@db/upshift?password=env:DB_PASSWORD"
            .parse()
            .unwrap();
        assert_eq!(
            address.password(),
            Some(&SecretRef::Env("DB_PASSWORD".to_owned()))
        );
        for text in [
            "postgres://up:hunter2@db/upshift",
            "postgres://db/upshift?password=hunter2",
            "postgres://db/upshift?sslmode=disable&password=hunter2",
        ] {
            let refused = text.parse::<Address>().unwrap_err();
            assert_eq!(refused, BadAddress::LiteralSecret);
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
        }
        let refused = "mysql://up:hunter2@db/x".parse::<Address>().unwrap_err();
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }

    #[test]
    fn over_the_network_it_is_encrypted_unless_the_address_says_otherwise() {
        assert_eq!(tls("postgres://db.example/u"), Tls::On(None));
        assert_eq!(tls("postgres://db.example/u?sslmode=disable"), Tls::Off);
        assert_eq!(tls("postgres://127.0.0.1:5433/u"), Tls::Off);
        assert_eq!(tls("postgres:///u?host=/run/postgresql"), Tls::Off);
        assert_eq!(tls("postgres://localhost/u?sslmode=verify-full"), Tls::On(None));
        assert_eq!(
            tls("postgres://localhost/u?sslrootcert=/etc/ca.pem"),
            Tls::On(Some("/etc/ca.pem".into()))
        );
        let refused = "postgres://db/u?sslmode=prefer".parse::<Address>().unwrap_err();
        assert!(
            matches!(refused, BadAddress::Value { key: "sslmode", .. }),
            "{refused}"
        );
    }

    #[test]
    fn what_the_client_does_not_know_is_an_error() {
        let refused = "postgres://db/u?colour=blue".parse::<Address>().unwrap_err();
        assert!(
            matches!(&refused, BadAddress::Unusable { why } if why.contains("colour")),
            "{refused}"
        );
    }
}
