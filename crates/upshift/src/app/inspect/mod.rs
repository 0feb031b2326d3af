//! Looking into snapshots and jars: where they are, what is in them, in which two snapshots differ.

mod difference;
mod jar;
mod open;
mod report;
mod told;

pub use difference::{Change, ChangedOperator, Difference, difference};
pub use jar::{JarAccount, jar_account};
pub use open::{Opened, files, open, snapshot};
pub use report::{
    Account, FilesAccount, Named, OperatorAccount, StateAccount, account, files_account, id_of,
};
pub use told::exit_of;
