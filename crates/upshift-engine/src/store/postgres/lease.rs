//! A lease: ownership of a run for a length of time by the database's clock, made longer while its
//! holder lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_postgres::types::Type;
use upshift_model::ids::RunId;

use super::link::Link;
use super::statements::RENEW;
use crate::pace;
use crate::store::error::StoreError;

/// One lease.
#[derive(Clone)]
pub(super) struct Lease {
    pub(super) link: Arc<Link>,
    pub(super) run: RunId,
    pub(super) epoch: i64,
    pub(super) length: Duration,
    /// Raised when another owner is seen.
    pub(super) lost: Arc<AtomicBool>,
}

/// Renews a lease until it is dropped.
pub(super) struct Renewal(JoinHandle<()>);

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Lease {
    /// Renews the lease three times in its length, so that two tries may fail.
    pub(super) fn keep(&self) -> Renewal {
        let lease = self.clone();
        Renewal(tokio::spawn(async move {
            loop {
                pace::nap(lease.length / 3).await;
                match lease.renew().await {
                    Ok(true) => {}
                    Ok(false) => return lease.lost.store(true, Ordering::Relaxed),
                    // Nobody is told: if it stays like this, the next append fails.
                    Err(e) => tracing::warn!("the lease of run {} could not be renewed: {e}", lease.run),
                }
            }
        }))
    }

    /// Whether the lease holds when this returns. The answer of a server is as old as the question: a
    /// process that was stopped in between asks again.
    pub(super) async fn holds(&self) -> Result<bool, StoreError> {
        loop {
            let asked = Instant::now();
            if !self.renew().await? {
                self.lost.store(true, Ordering::Relaxed);
                return Ok(false);
            }
            if asked.elapsed() < self.length {
                return Ok(true);
            }
        }
    }

    async fn renew(&self) -> Result<bool, StoreError> {
        let (run, length) = (self.run.as_str(), millis(self.length));
        let params: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] = [
            (&run, Type::TEXT),
            (&self.epoch, Type::INT8),
            (&length, Type::INT8),
        ];
        let rows = self.link.ask("renewing a lease", RENEW, &params).await?;
        Ok(!rows.is_empty())
    }
}

/// As the statements want it.
pub(super) fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
