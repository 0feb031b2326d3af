//! Where the checkout is, and how the chores speak.
//!
//! Chores speak on the standard error stream; only what another program would read goes to standard output.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("xtask is a folder of the checkout")
        .to_owned()
}

/// Says a line to the person at the terminal.
pub fn say(line: &str) {
    // A closed terminal is no reason to stop a chore.
    writeln!(std::io::stderr(), "{line}").ok();
}

/// Prints a line of the chore's result.
pub fn print(line: &str) {
    writeln!(std::io::stdout(), "{line}").ok();
}
