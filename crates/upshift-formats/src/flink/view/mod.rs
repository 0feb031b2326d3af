//! What a snapshot means, in owned values: operators, states, sizes, files.
//!
//! Answers are about the snapshot alone. Whether a release or a job can restore it is decided elsewhere,
//! and no file but the metadata is looked at: headers in state files are named, not opened.

mod collect;
mod files;
mod handles;
mod headers;
mod operator;
mod snapshot;
mod state;

pub use files::{DataFile, FileSize, FileUse, data_files, data_files_of, visit_files, visit_files_of};
pub use handles::{FileLocation, FileRole, HandleKind, Part, Storage, Totals};
pub use headers::{HeaderFile, HeaderProblem, Headers};
pub use operator::{Label, Operator, Subtasks};
pub use snapshot::{MasterHook, Oddity, Snapshot, SnapshotKind, Writers, read_metadata, read_metadata_from};
pub use state::{State, StateKind, states_of_header};
