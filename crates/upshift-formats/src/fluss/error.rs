//! Why the bytes of a node could not be understood.

use serde::de::DeserializeOwned;

/// Why the bytes of a node could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZnodeError {
    /// The node is there and holds nothing.
    #[error("{what} is empty")]
    Empty {
        /// What the node should hold.
        what: &'static str,
    },
    /// It is not JSON with the members that servers write.
    #[error("{what} is not what servers write: {why}")]
    Json {
        /// What the node should hold.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A format that this reader does not know.
    #[error("{what} has format {found}; known are 1 to {newest}")]
    Format {
        /// What the node should hold.
        what: &'static str,
        /// The newest format known.
        newest: u32,
        /// What stands there.
        found: u32,
    },
    /// A value that cannot be.
    #[error("{what}: {why}")]
    Value {
        /// What the node should hold.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// Reads JSON whose `version` is at most `newest`.
pub(super) fn json<T: DeserializeOwned>(
    what: &'static str,
    newest: u32,
    data: &[u8],
) -> Result<(u32, T), ZnodeError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u32,
    }
    if data.is_empty() {
        return Err(ZnodeError::Empty { what });
    }
    let bad = |e: serde_json::Error| ZnodeError::Json {
        what,
        why: e.to_string(),
    };
    let Versioned { version } = serde_json::from_slice(data).map_err(bad)?;
    match version {
        found if found == 0 || found > newest => Err(ZnodeError::Format { what, newest, found }),
        found => Ok((found, serde_json::from_slice(data).map_err(bad)?)),
    }
}
