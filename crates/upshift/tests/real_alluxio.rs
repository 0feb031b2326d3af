//! Real masters and workers of Alluxio: what they write, upshift reads; what upshift calls restorable, they restore.

#[path = "real_alluxio/backups.rs"]
mod backups;
#[path = "real_alluxio/namespace.rs"]
mod namespace;
#[expect(dead_code, reason = "several masters are another story's")]
#[path = "real_alluxio/stage.rs"]
mod stage;
