//! Which release a process is, by the calls that it knows: no answer carries a version.

use std::time::Duration;

use upshift_model::fluss::{Line, Role, line_of_apis};

use super::connection::{Connection, RpcError};

/// Whoever is asked in passing is not waited for long.
const PATIENCE: Duration = Duration::from_secs(12);

/// What a process tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its line; none where it knows calls that no release that upshift knows has, or lacks some.
    pub line: Option<Line>,
    /// What it says it is; none up to 0.8.
    pub role: Option<Role>,
    /// How many calls it knows.
    pub apis: usize,
}

/// The answer of one process, or why there is none.
pub type Answered = Result<Fingerprint, RpcError>;

/// Asks the process at an address which release it is, over a fresh connection.
///
/// # Errors
/// When it does not answer, or not as a Fluss server.
pub async fn fingerprint(address: &str, role: Role) -> Answered {
    let open = match tokio::time::timeout(PATIENCE, Connection::open(address)).await {
        Ok(open) => open?,
        Err(_) => {
            return Err(RpcError::Unreachable {
                address: address.to_owned(),
                why: format!("no answer within {} s", PATIENCE.as_secs()),
            });
        }
    };
    Ok(Fingerprint {
        line: line_of_apis(role, open.apis()),
        role: match open.server_type() {
            Some(1) => Some(Role::Coordinator),
            Some(2) => Some(Role::TabletServer),
            _ => None,
        },
        apis: open.apis().len(),
    })
}
