//! Hosts, over real OpenSSH servers on the loopback interface and on this machine itself.

#![expect(clippy::unwrap_used, reason = "what the stories share is a test, too")]

mod commands;
mod detached;
mod faults;
mod files;
mod keys;
mod scene;
