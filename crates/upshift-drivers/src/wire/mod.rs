//! The ways to reach a far side: HTTP, local programs and the files of snapshots. Concrete structs that own time limits,
//! repetition of safe reads, redaction, and the classification of what went wrong into a
//! [`Fault`](upshift_engine::driver::Fault); what an answer means is the driver's business.

mod basic;
pub mod codes;
pub mod exec;
pub mod hosts;
pub mod http;
pub(crate) mod machines;
pub mod objects;
pub mod processes;
mod redact;
pub mod secret;
pub(crate) mod tls;
pub(crate) mod told_lines;

pub use exec::{Exec, ExecError, Finished};
pub(crate) use http::shorten;
pub use http::{Answer, Body, DownloadError, Http, HttpSetupError, Kind, Signed};
pub use redact::{REDACTED, redact_text, redact_url};
pub use secret::{NoSecret, Secrets};
