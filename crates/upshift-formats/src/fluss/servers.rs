//! Nodes of servers: registrations, the coordinator's epoch, tags, a rebalance, counters.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::json;
use super::{Listener, ZnodeError};

/// A coordinator: `/coordinators/active`, `/coordinators/ids/ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coordinator {
    /// 1 up to 0.6, 2 from 0.7 on.
    pub format: u32,
    /// Made anew with every start.
    pub id: String,
    /// Where it answers.
    pub listeners: Vec<Listener>,
}

/// A tablet server: `/tabletservers/ids/ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabletServer {
    /// 1 up to 0.6, 3 from 0.7 to 0.9, 4 in 1.0.
    pub format: u32,
    /// Where it answers.
    pub listeners: Vec<Listener>,
    /// When it registered, in milliseconds since 1970: changes with every start.
    pub registered_ms: i64,
    /// Its rack.
    pub rack: Option<String>,
}

/// Servers that are to be emptied: `/tabletservers/server_tags`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerTags {
    /// By server: 0 is offline for ever, 1 for a while.
    pub tags: BTreeMap<i32, i32>,
}

/// The rebalance that was asked for last: `/cluster/rebalance`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebalance {
    /// Its id.
    pub id: String,
    /// 0 not started, 1 running, 2 failed, 3 completed, 4 cancelled, 5 timed out.
    pub status: i32,
}

impl Coordinator {
    const WHAT: &'static str = "the coordinator's registration";

    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            id: String,
            listeners: Option<String>,
            host: Option<String>,
            port: Option<i64>,
        }
        let (format, raw) = json::<Raw>(Self::WHAT, 2, data)?;
        let listeners = listeners(Self::WHAT, "CLIENT", raw.listeners, raw.host, raw.port)?;
        Ok(Self {
            format,
            id: raw.id,
            listeners,
        })
    }
}

impl TabletServer {
    const WHAT: &'static str = "a tablet server's registration";

    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            listeners: Option<String>,
            host: Option<String>,
            port: Option<i64>,
            register_timestamp: i64,
            rack: Option<String>,
        }
        let (format, raw) = json::<Raw>(Self::WHAT, 4, data)?;
        Ok(Self {
            format,
            listeners: listeners(Self::WHAT, "FLUSS", raw.listeners, raw.host, raw.port)?,
            registered_ms: raw.register_timestamp,
            rack: raw.rack,
        })
    }
}

/// A registration names its listeners, or, up to 0.6, a host and a port.
fn listeners(
    what: &'static str,
    name: &str,
    listeners: Option<String>,
    host: Option<String>,
    port: Option<i64>,
) -> Result<Vec<Listener>, ZnodeError> {
    match (listeners, host, port) {
        (Some(text), _, _) => Listener::all(what, &text),
        (None, Some(host), Some(port)) => Listener::bare(what, name, &host, port),
        (None, _, _) => Err(ZnodeError::Value {
            what,
            why: "neither listeners nor host and port".to_owned(),
        }),
    }
}

impl ServerTags {
    /// Reads them.
    ///
    /// # Errors
    /// When it is no such node.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            server_tags: BTreeMap<i32, i32>,
        }
        let (_, raw) = json::<Raw>("the servers' tags", 1, data)?;
        Ok(Self {
            tags: raw.server_tags,
        })
    }
}

impl Rebalance {
    /// Reads it; the plan inside is passed over.
    ///
    /// # Errors
    /// When it is no such node.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            rebalance_id: String,
            rebalance_status: i32,
        }
        let (_, raw) = json::<Raw>("the rebalance", 1, data)?;
        Ok(Self {
            id: raw.rebalance_id,
            status: raw.rebalance_status,
        })
    }
}

/// `/coordinators/epoch`: a decimal number as text.
///
/// # Errors
/// When it is none.
pub fn epoch(data: &[u8]) -> Result<i64, ZnodeError> {
    let what = "the coordinator's epoch";
    let text = std::str::from_utf8(data).map_err(|e| ZnodeError::Value {
        what,
        why: e.to_string(),
    })?;
    text.trim().parse().map_err(|_| ZnodeError::Value {
        what,
        why: format!("{text:?} is no number"),
    })
}

/// A sequence number: eight bytes, the highest first.
///
/// # Errors
/// When it has another length.
pub fn counter(data: &[u8]) -> Result<i64, ZnodeError> {
    let bytes = <[u8; 8]>::try_from(data).map_err(|_| ZnodeError::Value {
        what: "a counter",
        why: format!("{} bytes instead of 8", data.len()),
    })?;
    Ok(i64::from_be_bytes(bytes))
}
