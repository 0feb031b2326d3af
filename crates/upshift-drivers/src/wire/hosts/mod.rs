//! One way to run programs and carry files on machines, for all drivers: this machine and others over
//! the system's OpenSSH. Owns connections, quoting, limits, and the classification of what went wrong.
//!
//! What a program's answer means, and whether something is tried again, is the caller's business.

mod codes;
mod command;
mod complaint;
mod detached;
mod error;
mod files;
mod kept;
mod lifeline;
mod link;
mod local;
mod mark;
mod master;
mod pool;
mod quote;
mod session;
mod spoken;
mod talk;

pub use codes::*;
pub use command::{Command, Output, Sudo};
pub use detached::{Detached, Log, Started};
pub use error::{HostError, Key, Trouble};
pub(crate) use files::sha256_of;
pub use files::{Put, Read};
pub use kept::Kept;
pub use link::Link;
pub use mark::{Mark, NotAMark};
pub use pool::{Hosts, Settings, SetupError};
pub use spoken::Ended;
