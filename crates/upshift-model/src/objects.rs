//! How an object store is reached. Secrets are references here and nowhere values.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::endpoint::SecretRef;

/// What `[objects]` of a system file says; everything left out is found in the standard chain of the
/// store: environment, web identity, container and instance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ObjectAccess {
    /// Address of the store; none is the store of AWS itself.
    pub endpoint: Option<String>,
    /// Region that requests are signed for.
    pub region: Option<String>,
    /// Where the access key is.
    pub access_key: Option<SecretRef>,
    /// Where the secret key is.
    pub secret_key: Option<SecretRef>,
    /// Where the session token is.
    pub session_token: Option<SecretRef>,
    /// PEM file of the certificate authority to trust beside the system's own.
    pub ca: Option<PathBuf>,
    /// Whether the bucket is part of the host name instead of the path.
    pub bucket_in_host: bool,
}

impl ObjectAccess {
    /// Whether nothing was said, so that the standard chain decides everything.
    pub fn is_standard(&self) -> bool {
        *self == Self::default()
    }

    /// The secrets it refers to.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretRef> {
        [&self.access_key, &self.secret_key, &self.session_token]
            .into_iter()
            .flatten()
    }
}
