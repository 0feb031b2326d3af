//! The words under which this process was called, so that a command that is printed to be typed next
//! reaches the same runs. Commands are written without them everywhere else.

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

/// Commands that read or change runs; the others need no state directory.
const OF_RUNS: [&str; 14] = [
    "apply",
    "status",
    "runs",
    "pause",
    "resume",
    "restart",
    "answer",
    "finalize",
    "rollback",
    "abandon",
    "restore-points",
    "journal",
    "bundle",
    "worker",
];

static WORDS: OnceLock<String> = OnceLock::new();

/// Remembers the state directory and the store, where they were named on the command line. The address
/// of a store holds no secret, or it was refused.
pub(super) fn with(dir: Option<&Path>, store: Option<&str>) {
    let dir = dir.map(|dir| format!("--state-dir {} ", quoted(&dir.display().to_string())));
    let store = store.map(|store| format!("--store {} ", quoted(store)));
    if dir.is_some() || store.is_some() {
        // One process is called once; a second word would be the same.
        WORDS.get_or_init(|| [dir, store].into_iter().flatten().collect());
    }
}

/// The text with its commands about runs as they have to be typed.
pub(super) fn again(text: &str) -> Cow<'_, str> {
    WORDS
        .get()
        .map_or(Cow::Borrowed(text), |words| Cow::Owned(with_words(text, words)))
}

fn with_words(text: &str, words: &str) -> String {
    const PROGRAM: &str = "upshift ";
    let mut parts = text.split(PROGRAM);
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let word = part
            .split(|c: char| !c.is_ascii_lowercase() && c != '-')
            .next()
            .unwrap_or_default();
        // "upshift looks …" is a sentence and not a command.
        let named = if OF_RUNS.contains(&word) { words } else { "" };
        all.push_str(&format!("{PROGRAM}{named}{part}"));
    }
    all
}

fn quoted(dir: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    match dir.chars().all(plain) {
        true => dir.to_owned(),
        false => format!("'{}'", dir.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::{quoted, with_words};

    #[test]
    fn a_command_about_runs_names_the_directory_and_nothing_else_does() {
        let said =
            "next: upshift rollback 01a1 --accept-replay, upshift explain UP-RUN-0003; upshift looks first";
        assert_eq!(
            with_words(said, "--state-dir /srv/x "),
            "next: upshift --state-dir /srv/x rollback 01a1 --accept-replay, upshift explain UP-RUN-0003; upshift looks first"
        );
    }

    #[test]
    fn every_command_that_opens_the_place_of_runs_is_called_again_with_it() {
        // Only with --real does a rehearsal have runs, and what it tells to type next is about them.
        let dispatch = include_str!("dispatch.rs");
        let opens = dispatch.lines().filter(|line| line.contains("&context(cli)"));
        let names = opens.filter_map(|line| line.trim().strip_prefix("Command::")?.split('(').next());
        let names: Vec<String> = names
            .map(|name| {
                let dashed = name
                    .char_indices()
                    .map(|(at, c)| match (at, c.is_ascii_uppercase()) {
                        (0, _) | (_, false) => c.to_ascii_lowercase().to_string(),
                        (_, true) => format!("-{}", c.to_ascii_lowercase()),
                    });
                dashed.collect()
            })
            .filter(|name| name != "rehearse")
            .collect();
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            let said = with_words(&format!("upshift {name} x"), "--state-dir /srv/x ");
            assert_eq!(said, format!("upshift --state-dir /srv/x {name} x"));
        }
    }

    #[test]
    fn a_directory_with_a_space_or_a_quote_is_one_word_of_the_shell() {
        assert_eq!(quoted("/srv/up shift"), "'/srv/up shift'");
        assert_eq!(quoted("/srv/ada's"), "'/srv/ada'\\''s'");
    }
}
