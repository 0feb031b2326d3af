//! Stories of the command line: the real program, against a loopback server that gives the recorded
//! answers of real Flink servers.

#[path = "cli/backup.rs"]
mod backup;
#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/documents.rs"]
mod documents;
#[path = "cli/fluss.rs"]
mod fluss;
#[path = "cli/inspect.rs"]
mod inspect;
#[path = "cli/inspect_jar.rs"]
mod inspect_jar;
#[path = "cli/knowledge.rs"]
mod knowledge;
#[path = "cli/notes.rs"]
mod notes;
#[path = "cli/pages.rs"]
mod pages;
#[path = "cli/reading.rs"]
mod reading;
#[path = "cli/server.rs"]
mod server;
#[path = "cli/simulated.rs"]
mod simulated;
#[path = "cli/snapshots.rs"]
mod snapshots;
#[path = "cli/snapshots_in_s3.rs"]
mod snapshots_in_s3;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/tired.rs"]
mod tired;
#[path = "cli/words.rs"]
mod words;
