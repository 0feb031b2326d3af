//! Looking into snapshots: where they are, what is in them, in which two of them differ.

mod difference;
mod open;
mod report;
mod told;

pub use difference::{Change, ChangedOperator, Difference, difference};
pub use open::{Opened, files, open, snapshot};
pub use report::{
    Account, FilesAccount, Named, OperatorAccount, StateAccount, account, files_account, id_of,
};
pub use told::exit_of;
