//! Where a system answers, and how upshift may prove who it is. Secrets are references here and
//! nowhere values.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An HTTP address with what is needed to talk to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `http://host:port` or `https://host:port/base`, without a trailing slash.
    pub url: String,
    /// PEM file of the certificate authority to trust beside the system's own.
    pub ca: Option<PathBuf>,
    /// How to authenticate.
    pub auth: Option<Auth>,
}

impl Endpoint {
    /// An address that needs neither certificate nor password.
    pub fn plain(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ca: None,
            auth: None,
        }
    }

    /// `host:port` of the address, for naming a system and for comparing two addresses.
    pub fn authority(&self) -> &str {
        let rest = self
            .url
            .split_once("://")
            .map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// The secret that it takes to speak to it.
    pub fn secret(&self) -> Option<&SecretRef> {
        self.auth.as_ref().map(|auth| match auth {
            Auth::Bearer { token } => token,
            Auth::Basic { password, .. } => password,
        })
    }

    /// The port of the address, or the scheme's own.
    pub fn port(&self) -> Option<u16> {
        match self.authority().rsplit_once(':') {
            Some((_, port)) if !port.ends_with(']') => port.parse().ok(),
            _ if self.url.starts_with("https:") => Some(443),
            _ => Some(80),
        }
    }
}

/// A way to authenticate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// `Authorization: Bearer …`.
    Bearer {
        /// Where the token is.
        token: SecretRef,
    },
    /// `Authorization: Basic …`.
    Basic {
        /// The user's name.
        user: String,
        /// Where the password is.
        password: SecretRef,
    },
}

/// Where a secret is to be found when it is needed: `env:NAME` or `file:/path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretRef {
    /// An environment variable of the upshift process.
    Env(String),
    /// A file whose content, without a trailing line break, is the secret.
    File(PathBuf),
}

/// Text that should be a reference to a secret and is not. The text itself is not shown: it may be
/// the secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected a reference to a secret, `env:NAME` or `file:/path`, never the secret itself")]
pub struct NotASecretRef;

impl FromStr for SecretRef {
    type Err = NotASecretRef;

    fn from_str(text: &str) -> Result<Self, NotASecretRef> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            _ => Err(NotASecretRef),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = NotASecretRef;

    fn try_from(text: String) -> Result<Self, NotASecretRef> {
        text.parse()
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}
