//! Every command that a page tells a person to type is one that the program understands.

use std::path::Path;

use clap::Parser as _;
use upshift_cli::cli::Cli;

/// Commands in a text: what stands between backticks, and whole lines of an example.
fn commands(text: &str) -> Vec<String> {
    let whole = text
        .lines()
        .map(|line| line.trim_start().trim_start_matches("$ "));
    let spans = text.split('`').skip(1).step_by(2);
    whole
        .chain(spans)
        .filter(|said| said.starts_with("upshift ") && !said.contains(['…', '[', '|']))
        .map(|said| {
            let end = ["    ", " #", ";"].iter().filter_map(|end| said.find(end)).min();
            said[..end.unwrap_or(said.len())].trim().to_owned()
        })
        .collect()
}

/// What is wrong with a command. A line that goes on in prose is no command.
fn refused(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let known = |word: &&str| word.starts_with("--") || NAMES.contains(word);
    if !words.get(1).is_some_and(known) {
        return None;
    }
    // A command that is only named, and not spelt out.
    if words.len() == 2 {
        return None;
    }
    match Cli::try_parse_from(&words) {
        Ok(_) => None,
        Err(error) if !error.use_stderr() => None,
        Err(error) => Some(format!("{command}: {error}")),
    }
}

const NAMES: [&str; 19] = [
    "observe",
    "check",
    "plan",
    "diff",
    "apply",
    "status",
    "runs",
    "pause",
    "resume",
    "answer",
    "finalize",
    "rollback",
    "restore-points",
    "journal",
    "abandon",
    "worker",
    "explain",
    "init",
    "completions",
];

#[test]
fn commands_in_pages_and_guides_are_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![root.join("README.md")];
    for folder in ["docs", "docs/findings", "docs/reference"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
        files.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    let mut seen = 0;
    let mut wrong = Vec::new();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(file).expect("text");
        for command in commands(&text) {
            seen += 1;
            wrong.extend(refused(&command).map(|why| format!("{}: {why}", file.display())));
        }
    }
    assert!(seen > 50, "only {seen} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        refused("upshift restore-points list a b").is_some(),
        "it can tell"
    );
}
