//! Commands that outlive their connection: started once, found again, by whoever knows the mark.

use upshift_drivers::wire::hosts::{Command, Detached, Hosts, Link, MARK_TAKEN, Mark, Started};

use crate::keys::masters;
use crate::scene::{LIMIT, fabric, hosts, hosts_with, out, settings, sh, until};

fn mark(step: &str) -> Mark {
    Mark::new("01a1fbe5-16ee-714f", step, 1).unwrap()
}

/// Asks until the command of the mark does not run any more.
async fn ended(link: &Link, mark: &Mark) -> Detached {
    let looking = async {
        loop {
            match link.look(mark).await.unwrap() {
                Detached::Running => {
                    out(link, &sh("sleep 0.2")).await;
                }
                stands => return stands,
            }
        }
    };
    tokio::time::timeout(LIMIT, looking).await.expect("it ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_started_once_and_its_end_is_kept() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    for link in hosts.iter() {
        let mark = mark(&format!("w1.s1.{}", std::process::id()));
        let file = fabric.dir().join(format!("ran-{}", link.name()));
        let command = sh("echo begun; echo ran >> \"$0\"; sleep 1; echo it\\'s \"$A\" >&2; exit 3")
            .arg(&file)
            .env("A", "o'k");
        assert_eq!(link.look(&mark).await.unwrap(), Detached::Never);
        assert_eq!(link.start(&mark, &command).await.unwrap(), Started::New);
        assert_eq!(link.look(&mark).await.unwrap(), Detached::Running);
        assert_eq!(link.start(&mark, &command).await.unwrap(), Started::Found);
        assert!(!link.forget(&mark).await.unwrap(), "it runs");
        let other = link.start(&mark, &sh("echo other")).await.unwrap_err();
        assert_eq!(other.code(), MARK_TAKEN, "{other}");
        assert_eq!(ended(link, &mark).await, Detached::Ended(3));
        assert_eq!(link.start(&mark, &command).await.unwrap(), Started::Found);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "ran\n");

        let log = link.log(&mark, 0, 6).await.unwrap();
        assert_eq!((log.bytes.as_slice(), log.next), (b"begun\n".as_slice(), 6));
        assert_eq!(log.stands, Detached::Ended(3));
        let rest = link.log(&mark, log.next, 1000).await.unwrap();
        assert_eq!(rest.bytes, b"it's o'k\n");
        assert_eq!(rest.next, rest.size);
        let none = link.log(&mark, rest.next, 1000).await.unwrap();
        assert_eq!((none.bytes.len(), none.next), (0, rest.next));

        assert!(link.forget(&mark).await.unwrap());
        assert_eq!(link.look(&mark).await.unwrap(), Detached::Never);
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_racing_starts_one_runs() {
    let fabric = fabric(1);
    // Two who know nothing of each other, and a connection each.
    let (one, two) = (hosts(&fabric), hosts(&fabric));
    let file = fabric.dir().join("ran");
    let command = sh("echo ran >> \"$0\"; sleep 2").arg(&file);
    let mark = mark("race");
    let starts = (0..8).map(|n| {
        let hosts: &Hosts = if n % 2 == 0 { &one } else { &two };
        let link = hosts.get("h0").unwrap();
        link.start(&mark, &command)
    });
    let all = futures::future::join_all(starts).await;
    let new = all.iter().filter(|start| **start == Ok(Started::New)).count();
    assert_eq!(new, 1, "{all:?}");
    assert!(
        all.iter().all(|s| matches!(s, Ok(Started::New | Started::Found))),
        "{all:?}"
    );
    assert_eq!(ended(one.get("h0").unwrap(), &mark).await, Detached::Ended(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "ran\n");
    one.close().await.unwrap();
    two.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lives_on_when_the_server_dies_and_is_found_again() {
    let mut fabric = fabric(1);
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap();
    let go = fabric.dir().join("go");
    let command = sh("while [ ! -e \"$0\" ]; do sleep 0.1; done; echo done").arg(&go);
    assert_eq!(link.start(&mark("long"), &command).await.unwrap(), Started::New);
    fabric.crash(0).unwrap();
    fabric.revive(0).unwrap();
    assert_eq!(link.look(&mark("long")).await.unwrap(), Detached::Running);
    upshift_lab::sshd::program_file(&go, "").unwrap();
    assert_eq!(ended(link, &mark("long")).await, Detached::Ended(0));
    assert_eq!(link.log(&mark("long"), 0, 100).await.unwrap().bytes, b"done\n");
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_off_is_not_taken_for_ended_nor_for_never_started() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap();
    let (killed, rebooted) = (mark("killed"), mark("rebooted"));
    link.start(&killed, &sh("sleep 600")).await.unwrap();
    // Without its runner the command still runs, and nobody will know how it ends.
    // The command's own file is written by the command: after the start was answered.
    let kill = |file: &str| {
        let script = "while [ ! -s \"$HOME/.upshift/detached/01a1fbe5-16ee-714f/killed.try1/$0\" ]; do sleep 0.1; done; \
                      read -r pid rest < \"$HOME/.upshift/detached/01a1fbe5-16ee-714f/killed.try1/$0\"; kill -9 $pid; \
                      while kill -0 $pid 2>/dev/null; do sleep 0.1; done";
        sh(script).arg(file)
    };
    out(link, &kill("who")).await;
    assert_eq!(link.look(&killed).await.unwrap(), Detached::Running);
    out(link, &kill("child")).await;
    let vanished = |rebooted| Detached::Vanished { rebooted };
    assert_eq!(link.look(&killed).await.unwrap(), vanished(false));
    assert_eq!(
        link.start(&killed, &sh("sleep 600")).await.unwrap(),
        Started::Found
    );

    // As the machine would find it after a restart: another boot than the one that is written down.
    link.start(&rebooted, &sh("sleep 600")).await.unwrap();
    let age = "cd \"$HOME/.upshift/detached/01a1fbe5-16ee-714f/rebooted.try1\"; \
               while [ ! -s child ]; do sleep 0.1; done; for f in who child; do \
               read -r pid began boot < $f; echo $pid $began 00000000-0000-4000-8000-000000000000 > $f; kill -9 $pid; done";
    out(link, &sh(age)).await;
    assert_eq!(link.look(&rebooted).await.unwrap(), vanished(true));
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_barred_mark_starts_nothing_any_more() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap();
    assert_eq!(link.bar(&mark("late")).await.unwrap(), Detached::Barred);
    assert_eq!(
        link.start(&mark("late"), &sh("true")).await.unwrap(),
        Started::Barred
    );
    assert_eq!(link.look(&mark("late")).await.unwrap(), Detached::Barred);
    link.start(&mark("early"), &sh("true")).await.unwrap();
    assert_eq!(ended(link, &mark("early")).await, Detached::Ended(0));
    assert_eq!(
        link.bar(&mark("early")).await.unwrap(),
        Detached::Ended(0),
        "it was first"
    );
    hosts.close().await.unwrap();
}

/// The mark's scripts in the shells that hosts have: dash and bash as `sh`, and BusyBox with its tools only.
#[tokio::test(flavor = "multi_thread")]
async fn plain_shells_and_tools_are_enough() {
    let fabric = fabric(1);
    let tools = fabric.dir().join("tools");
    std::fs::create_dir(&tools).unwrap();
    let Some(busybox) = ["/bin/busybox", "/usr/bin/busybox"]
        .iter()
        .find(|p| std::path::Path::new(p).exists())
    else {
        panic!("busybox is missing; Debian: apt-get install busybox-static or busybox");
    };
    let listed = std::process::Command::new(busybox)
        .arg("--list")
        .output()
        .unwrap();
    for tool in String::from_utf8(listed.stdout).unwrap().lines() {
        std::os::unix::fs::symlink(busybox, tools.join(tool)).unwrap();
    }
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap();
    let run = |name: &str, script: &str, more: &[&str]| {
        let text = format!("{}{script}", include_str!("../../src/wire/hosts/sh/mark.sh"));
        Command::new("sh", LIMIT)
            .env("PATH", &tools)
            .args(["-c", &text, "upshift", "bb", name])
            .args(more.iter().copied())
    };
    let start = |name: &str, command: &'static str| {
        let runner = include_str!("../../src/wire/hosts/sh/runner.sh");
        let length = command.len().to_string();
        let script = include_str!("../../src/wire/hosts/sh/start.sh");
        run(name, script, &[length.as_str(), runner]).input(command)
    };
    let look = run("one", include_str!("../../src/wire/hosts/sh/look.sh"), &[]);
    assert_eq!(out(link, &look).await, "never\n0\n");
    assert_eq!(
        out(link, &start("one", "sleep 1; echo hi; exit 4\n")).await,
        "started\n"
    );
    assert_eq!(out(link, &look).await, "running\n0\n");
    assert_eq!(
        out(link, &start("one", "sleep 1; echo hi; exit 4\n")).await,
        "found\n"
    );
    let wait = async {
        while out(link, &look).await.starts_with("running") {
            out(link, &sh("sleep 0.2")).await;
        }
    };
    tokio::time::timeout(LIMIT, wait).await.expect("it ends");
    assert_eq!(out(link, &look).await, "ended 4\n3\n");
    let log = run("one", include_str!("../../src/wire/hosts/sh/log.sh"), &["2", "5"]);
    assert_eq!(out(link, &log).await, "ended 4\n3\ni\n");
    let forget = run("one", include_str!("../../src/wire/hosts/sh/forget.sh"), &[]);
    assert_eq!(out(link, &forget).await, "gone\n");
    hosts.close().await.unwrap();
}

/// The test binary starts itself as the upshift that is killed: see `the_one_that_is_killed`.
#[tokio::test(flavor = "multi_thread")]
async fn after_kill_nine_the_command_runs_on_and_no_connection_is_left() {
    let fabric = fabric(1);
    let mut caller = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "detached::the_one_that_is_killed", "--nocapture"])
        .env("UPSHIFT_TEST_CONFIG", fabric.config())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let hosts = hosts_with(&fabric, settings());
    let link = hosts.get("h0").unwrap();
    let began = async {
        while link.look(&mark("orphan")).await.unwrap() == Detached::Never {
            out(link, &sh("sleep 0.1")).await;
        }
    };
    tokio::time::timeout(LIMIT, began).await.expect("it starts");
    caller.kill().unwrap();
    caller.wait().unwrap();
    assert_eq!(link.look(&mark("orphan")).await.unwrap(), Detached::Running);
    hosts.close().await.unwrap();
    until("connections end with the caller", || masters(&fabric).is_empty()).await;
}

/// Does nothing unless the test above has started it with its fabric's configuration.
#[tokio::test(flavor = "multi_thread")]
async fn the_one_that_is_killed() {
    let Some(config) = std::env::var_os("UPSHIFT_TEST_CONFIG") else {
        return;
    };
    let way = upshift_model::host::Ssh::new("h0").unwrap().config(config);
    let hosts = crate::scene::one(way, settings());
    let link = hosts.get("h").unwrap();
    link.start(&mark("orphan"), &sh("sleep 600")).await.unwrap();
    link.run(&sh("sleep 600")).await.unwrap();
}
