//! `upshift hosts`: the real program, over real OpenSSH servers on the loopback interface.

use std::process::{Command, Output};

use upshift_lab::Fabric;

fn upshift(words: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_upshift");
    Command::new(program).args(words).output().expect("it starts")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn each_host_gets_an_answer_and_what_to_do() {
    let mut fabric = Fabric::start(3, |_| String::new()).expect("hosts");
    fabric.crash(1).expect("it ends");
    fabric.crash(2).expect("it ends");
    fabric.change_key(2).expect("a key");
    fabric.revive(2).expect("it starts");
    let config = fabric.config().display().to_string();
    let words = [
        "hosts",
        "--ssh-config",
        &config,
        "--login",
        "30s",
        "h0",
        "h1",
        "h2",
    ];
    let output = upshift(&words);
    let said = out(&output);
    assert_eq!(output.status.code(), Some(4), "{said}");
    let line = |host: &str| {
        said.lines()
            .find(|l| l.starts_with(host))
            .expect("a line")
            .to_owned()
    };
    assert!(
        line("h0").contains("reached  ") && line("h0").contains(" on Linux "),
        "{said}"
    );
    assert!(
        line("h1").contains("UP-HOST-0005  nothing listens there"),
        "{said}"
    );
    assert!(line("h2").contains("UP-HOST-0002  its key has changed"), "{said}");
    assert!(said.contains("only then: ssh-keygen -f "), "{said}");
    assert!(said.ends_with("1 of 3 reached\n"), "{said}");

    let json = upshift(&["hosts", "--json", "--ssh-config", &config, "h0"]);
    assert_eq!(json.status.code(), Some(0));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json[0]["host"], "h0");
    assert_eq!(json[0]["reached"], true);
    assert_eq!(json[0]["lacks"], serde_json::json!([]));
}

#[test]
fn what_is_no_host_is_refused_with_what_would_be_one() {
    let output = upshift(&["hosts", "--", "-oProxyCommand=id"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("UP-CONF-0012") && said.contains("HOST or USER@HOST"),
        "{said}"
    );
    assert_eq!(upshift(&["hosts", "--login", "soon", "h"]).status.code(), Some(2));
}

#[test]
fn rights_that_were_asked_for_and_not_given_are_no_success() {
    let forced = "ForceCommand PATH=$HOME/../../bin:$PATH; eval \"$SSH_ORIGINAL_COMMAND\"";
    let fabric = Fabric::start(1, |_| forced.to_owned()).expect("a host");
    let bin = fabric.dir().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    let refuses = "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n";
    upshift_lab::sshd::program_file(&bin.join("sudo"), refuses).expect("a program");
    let config = fabric.config().display().to_string();
    let words = ["hosts", "--ssh-config", &config, "--login", "30s", "h0"];
    assert_eq!(upshift(&words).status.code(), Some(0));
    let output = upshift(&[&words[..], &["--sudo"]].concat());
    assert_eq!(output.status.code(), Some(4));
    assert!(out(&output).contains("UP-HOST-0011"), "{}", out(&output));
}
