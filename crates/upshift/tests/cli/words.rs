//! The command line itself: help, exit codes, pages, completions, and a reader that goes away.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use upshift_cli::exit::Exit;

use crate::support::upshift;

fn run(words: &[&str]) -> crate::support::Ran {
    upshift(Path::new("."), words)
}

#[test]
fn help_goes_to_standard_output_and_ends_with_the_exit_codes() {
    let ran = run(&["--help"]).exits(0);
    assert_eq!(ran.err, "");
    assert!(ran.out.ends_with(&format!("{}\n", Exit::help())), "{}", ran.out);
    for command in [
        "observe",
        "check",
        "plan",
        "diff",
        "explain",
        "init",
        "completions",
    ] {
        assert!(ran.out.contains(&format!("\n  {command} ")), "{command}");
        assert!(
            run(&[command, "--help"]).exits(0).out.contains("--state-dir"),
            "{command}"
        );
    }
}

#[test]
fn a_command_line_that_cannot_be_understood_has_a_code_and_exits_2() {
    for (words, what) in [
        (&[][..], "UP-CONF-0012  a command is needed"),
        (&["chekc"], "UP-CONF-0012  unrecognized subcommand 'chekc'"),
        (
            &["check"],
            "UP-CONF-0012  the following required arguments were not provided",
        ),
        (
            &["check", "x.toml", "--frob"],
            "UP-CONF-0012  unexpected argument '--frob' found",
        ),
        (
            &["check", "x.toml", "--strategy", "sideways"],
            "UP-CONF-0012  invalid value 'sideways'",
        ),
        (
            &["explain", "--log", "upshift=loud"],
            "UP-CONF-0012  --log \"upshift=loud\" is no level",
        ),
    ] {
        let ran = run(words).exits(2);
        assert!(ran.err.starts_with(what), "{words:?}: {}", ran.err);
        assert!(
            ran.err.contains("next      upshift --help") || ran.err.contains("expected  error, warn"),
            "{}",
            ran.err
        );
        assert_eq!(ran.out, "", "{words:?}");
    }
}

#[test]
fn explain_prints_pages_and_lists_them() {
    let page = run(&["explain", "up-conf-0003"]).exits(0);
    assert_eq!(
        page.out,
        include_str!("../../../../docs/findings/UP-CONF-0003.md")
    );
    let list = run(&["explain"]).exits(0);
    assert!(
        list.out
            .contains("UP-CONF-0003   unknown key in the system file\n"),
        "{}",
        list.out
    );
    let json = run(&["explain", "--json"]).exits(0).json();
    assert_eq!(json.as_array().map(Vec::len), Some(list.out.lines().count()));
    let page = run(&["explain", "--json", "UP-CONF-0003"]).exits(0).json();
    assert_eq!(page[0]["title"], "unknown key in the system file");
    assert_eq!(page[0]["sections"][0]["title"], "What it means");
}

#[test]
fn a_misspelt_code_is_told_its_neighbour_and_the_others_are_printed() {
    let ran = run(&["explain", "UP-CONF-003", "UP-CONF-0001"]).exits(2);
    assert!(
        ran.err
            .starts_with("UP-CONF-0014  no page for the code \"UP-CONF-003\"; did you mean"),
        "{}",
        ran.err
    );
    assert!(ran.out.starts_with("# UP-CONF-0001: "), "{}", ran.out);
    let ran = run(&["explain", "nothing of the kind"]).exits(2);
    assert!(ran.err.contains("upshift explain lists all codes"), "{}", ran.err);
}

#[test]
fn completions_are_there_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(
            run(&["completions", shell]).exits(0).out.contains("observe"),
            "{shell}"
        );
    }
}

#[test]
fn colour_is_used_when_it_is_asked_for_and_not_when_nobody_sees_it() {
    assert!(
        run(&["explain", "UP-CONF-0003", "--color", "always"])
            .exits(0)
            .out
            .starts_with("\u{1b}[1m# UP")
    );
    assert!(run(&["explain", "UP-CONF-0003"]).exits(0).out.starts_with("# UP"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_upshift"))
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let status = child.wait().expect("it ends");
    let mut said = String::new();
    child
        .stderr
        .take()
        .expect("piped")
        .read_to_string(&mut said)
        .expect("text");
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}
