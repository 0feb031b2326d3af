//! Fluss clusters as a person looks into them: from ZooKeeper or a dump to an account of what is there.

mod account;
mod look;
mod source;

pub use account::{
    Account, BucketAccount, CoordinatorAccount, ServerAccount, TableAccount, account, exit_of,
};
pub use look::{addresses, observe, unseen};
pub use source::{Opened, Source, open, write};
