//! How ZooKeeper is reached where it asks who comes, or speaks TLS. Secrets are references.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::endpoint::SecretRef;

/// What ZooKeeper asks of whoever reads in it; nothing, by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Who logs in (SASL, DIGEST-MD5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// TLS; none: connections in the clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

/// A user of ZooKeeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The name.
    pub user: String,
    /// Where the password is.
    pub password: SecretRef,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// The authority that ZooKeeper's certificates are of; none: those that the system trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// What upshift shows of itself, where ZooKeeper wants to see a certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
}

/// A certificate and its key, each a PEM file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Access {
    /// Whether nothing is asked.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

impl Identity {
    /// Certificate and key.
    pub fn files(&self) -> (&Path, &Path) {
        (&self.certificate, &self.key)
    }
}
