//! What the stories of system files share.

use std::path::Path;

use upshift_cli::cli::render::{Paint, stop};
use upshift_cli::config;
use upshift_cli::trouble::{Stop, Trouble};
use upshift_model::flink::Declaration;

/// The keys that every file must have, at its top.
pub(crate) const TOP: &str = "kind = \"flink\"\nname = \"orders\"\nrest = \"http://127.0.0.1:8081\"\n";

/// A smallest file.
pub(crate) const SMALLEST: &str = "kind = \"flink\"\nname = \"orders\"\nrest = \"http://127.0.0.1:8081\"\n[state]\nsavepoints = \"/srv/sp\"\n";

/// Reads a file that must be good.
pub(crate) fn good(text: &str) -> Declaration {
    config::parse(text, "orders.toml", Path::new("/home/ann"))
        .unwrap_or_else(|troubles| panic!("{text}\n{}", told(troubles)))
}

/// Reads a file that must be bad, and gives what a person is told.
pub(crate) fn bad(text: &str) -> Vec<Trouble> {
    config::parse(text, "orders.toml", Path::new("/home/ann")).expect_err("a mistake")
}

/// Troubles as they are printed.
pub(crate) fn told(troubles: Vec<Trouble>) -> String {
    stop(&Stop::Troubles(troubles), Paint(false))
}
