//! How a store is named, and what is said to one that cannot be used.

use std::io::Write as _;
use std::process::Command;

use crate::support::server;

fn runs(dir: &std::path::Path, words: &[&str]) -> (i32, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_upshift"));
    program.arg("--state-dir").arg(dir).args(words).arg("runs");
    let output = program.env_remove("UPSHIFT_TEST_DB").output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn what_is_no_store_is_told_and_a_password_is_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    for (store, code) in [
        ("mysql://db/x", "UP-STORE-0009"),
        ("postgres://db/x?sslmode=prefer", "UP-STORE-0009"),
        ("postgres://up:hunter2@db/x", "UP-CONF-0007"),
        ("postgres://up@db/x?password=hunter2", "UP-CONF-0007"),
        ("postgres://up@db/x?password=env:UPSHIFT_TEST_DB", "UP-CONF-0008"),
        ("postgres://up@127.0.0.1:1/x", "UP-STORE-0008"),
    ] {
        let (exit, said) = runs(dir.path(), &["--store", store]);
        assert_eq!(exit, 2, "{said}");
        assert!(said.starts_with(code), "{store}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn the_state_directory_may_name_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let config = |text: &str| {
        let mut file = std::fs::File::create(dir.path().join("config.toml")).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let address = server().database().unwrap();
    config(&format!("store = \"{address}\"\nlease = \"5s\"\n"));
    let (exit, said) = runs(dir.path(), &[]);
    assert_eq!(exit, 0, "{said}");
    assert!(said.contains(&address), "{said}");
    for text in ["stor = \"x\"", "lease = \"5\"", "lease = \"1ms\""] {
        config(text);
        let (exit, said) = runs(dir.path(), &[]);
        assert_eq!(exit, 2, "{said}");
        assert!(said.starts_with("UP-STORE-0009"), "{said}");
    }
}
