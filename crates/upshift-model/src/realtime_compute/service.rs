//! Where the service answers, which namespace is meant, and where the keys are. Keys are references
//! here and nowhere values.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::endpoint::{Endpoint, SecretRef};

/// One namespace of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Where its OpenAPI answers: `https://ververica.cn-hangzhou.aliyuncs.com`.
    pub endpoint: Endpoint,
    /// The workspace's id.
    pub workspace: String,
    /// The namespace's name.
    pub namespace: String,
    /// Where the keys are.
    pub credentials: Credentials,
}

/// Where an access key, its secret and, for a temporary one, its token are found when they are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// The variables that the vendor's own tools read; the token is used where its variable is set.
    Environment,
    /// A profile of a credentials file as the vendor's own tools read it.
    File {
        /// The file.
        path: PathBuf,
        /// The section: `default`.
        profile: String,
    },
    /// One reference each.
    References {
        /// The access key's id.
        access_key_id: SecretRef,
        /// Its secret.
        access_key_secret: SecretRef,
        /// The token of a temporary key.
        security_token: Option<SecretRef>,
    },
}
