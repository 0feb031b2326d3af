//! Leaders, spread over all tablet servers by the coordinator itself. It answers before anything has moved; how far it is
//! stands in the metadata.

use super::connection::{Connection, RpcError};
use super::messages::Rebalance;

/// `GoalType.LEADER_DISTRIBUTION`: only who leads is changed where that is enough.
const LEADERS: i32 = 1;

/// Asks for it once; gives the coordinator's own id of it.
///
/// # Errors
/// When it does not answer, does not know the call (up to 0.8), or carries another one out.
pub async fn spread_leaders(coordinator: &str) -> Result<String, RpcError> {
    let mut open = Connection::open(coordinator).await?;
    let answer = open.call(&Rebalance { goals: vec![LEADERS] }).await?;
    Ok(answer.id)
}
