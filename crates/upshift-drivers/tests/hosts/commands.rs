//! Commands: words, variables, folders, input, output, ends, rights; the same here and far away.

use std::time::Duration;

use upshift_drivers::wire::hosts::{
    Command, Ended, NO_SHELL, NOT_STARTED, OUT_OF_TIME, SUDO_REFUSED, Sudo, Trouble,
};
use upshift_lab::Fabric;

use crate::scene::{LIMIT, fabric, hosts, out, sh};

const NASTY: [&str; 14] = [
    "",
    " ",
    "it's",
    "\"",
    "\\",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned #",
    "line\nbreak\n",
    "*",
    "!!",
    "--",
    "ü😀",
    "\u{1}\t\r\u{7f}",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_word_arrives_as_it_was_given() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    for link in hosts.iter() {
        let mut command = Command::new("printf", LIMIT).arg("<%s>").args(NASTY);
        command = command.env("NASTY", NASTY.concat());
        let expected: String = NASTY.iter().map(|word| format!("<{word}>")).collect();
        assert_eq!(out(link, &command).await, expected, "{}", link.name());
        let show = sh("printf %s \"$NASTY\"").env("NASTY", NASTY.concat());
        assert_eq!(out(link, &show).await, NASTY.concat(), "{}", link.name());
        let folder = fabric.dir().join(format!("it's $(a) {}", link.name()));
        std::fs::create_dir(&folder).unwrap();
        let pwd = out(link, &Command::new("pwd", LIMIT).dir(&folder)).await;
        assert_eq!(pwd.trim_end(), folder.display().to_string());
        assert!(!folder.join("pwned").exists() && !fabric.host(0).home.join("pwned").exists());
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn how_it_ended_is_told_apart() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    for link in hosts.iter() {
        let ended = async |script: &str| link.run(&sh(script)).await.unwrap().ended;
        assert_eq!(ended("exit 0").await, Ended::Code(0));
        assert_eq!(ended("exit 7").await, Ended::Code(7));
        // As the program's own code these are not what a shell would make of them.
        assert_eq!(ended("exit 127").await, Ended::Code(127));
        assert_eq!(ended("exit 143").await, Ended::Code(143));
        assert_eq!(ended("exit 255").await, Ended::Code(255));
        // It closes its streams long before it ends.
        assert_eq!(ended("exec >&- 2>&-; sleep 7; exit 9").await, Ended::Code(9));
        let killed = ended("kill -TERM $$; sleep 60").await;
        assert!(matches!(killed, Ended::Signal(None | Some(15))), "{killed:?}");
        let absent = link
            .run(&Command::new("no-such-program", LIMIT))
            .await
            .unwrap_err();
        assert_eq!(absent.code(), NOT_STARTED, "{absent}");
        assert!(!absent.may_have_run());
        let nowhere = Command::new("pwd", LIMIT).dir("/no/such/folder");
        let nowhere = link.run(&nowhere).await.unwrap_err();
        assert_eq!(nowhere.code(), NOT_STARTED, "{nowhere}");
        let zero = link
            .run(&Command::new("echo", LIMIT).arg("a\0b"))
            .await
            .unwrap_err();
        assert_eq!(zero.code(), NOT_STARTED, "{zero}");
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn input_goes_in_whole_and_of_much_output_both_ends_are_kept() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    let big: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    for link in hosts.iter() {
        let count = Command::new("cksum", LIMIT).input(big.clone());
        let counted = out(link, &count).await;
        assert!(counted.contains(" 3000000"), "{counted}");
        let unread = Command::new("true", LIMIT).input(big.clone());
        assert!(link.run(&unread).await.unwrap().success());
        let script = "i=0; while [ $i -lt 40000 ]; do echo line $i; i=$((i+1)); done; echo end >&2";
        let talk = link.run(&sh(script).keep(2000)).await.unwrap();
        let text = talk.stdout.text();
        assert!(text.starts_with("line 0\nline 1\n"), "{text}");
        assert!(text.ends_with("line 39998\nline 39999\n"), "{text}");
        assert!(text.contains(" bytes left out …"));
        assert!(talk.stdout.left_out() > 400_000 && talk.stdout.whole().is_none());
        assert_eq!(talk.stderr.text(), "end\n");
        // Much more than pipes hold, at once and right before the end.
        let flood = sh("head -c 20000000 /dev/zero").keep(20_000_000);
        let flood = link.run(&flood).await.unwrap();
        assert_eq!(flood.stdout.whole().map(|all| all.len()), Some(20_000_000));
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_keeps_the_output_open_does_not_hold_us() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    for link in hosts.iter() {
        let output = link.run(&sh("sleep 600 & echo $!")).await.unwrap();
        assert!(output.success() && output.left_open);
        let daemon = output.stdout.text();
        let alive = Command::new("kill", LIMIT).args(["-9", daemon.trim()]);
        assert!(link.run(&alive).await.unwrap().success(), "it lives on");
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_out_of_time_is_told_to_end_with_all_that_it_started() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    for link in hosts.iter() {
        let file = fabric.dir().join(format!("pids-{}", link.name()));
        let script = "echo $$ > \"$0\"; sleep 600 & echo $! >> \"$0\"; sleep 600";
        let slow = Command::new("sh", Duration::from_secs(3))
            .args(["-c", script])
            .arg(&file);
        let late = link.run(&slow).await.unwrap_err();
        assert_eq!(late.code(), OUT_OF_TIME);
        assert!(late.may_have_run());
        assert!(
            matches!(
                late.trouble,
                Trouble::OutOfTime {
                    told_to_end: true,
                    ..
                }
            ),
            "{late}"
        );
        let pids = std::fs::read_to_string(&file).unwrap();
        assert_eq!(pids.lines().count(), 2);
        let check = sh("for p; do while kill -0 $p 2>/dev/null; do sleep 1; done; done")
            .arg("sh")
            .args(pids.lines());
        assert!(link.run(&check).await.unwrap().success());
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_login_shell_prints_is_not_output() {
    let noisy = "ForceCommand echo Welcome; echo noise >&2; eval \"$SSH_ORIGINAL_COMMAND\"";
    let closed = "ForceCommand echo This account is currently not available.; exit 1";
    let fabric = Fabric::start(2, |i| if i == 0 { noisy } else { closed }.to_owned()).unwrap();
    let hosts = hosts(&fabric);
    let output = hosts
        .get("h0")
        .unwrap()
        .run(&sh("echo out; echo err >&2"))
        .await
        .unwrap();
    assert_eq!(output.stdout.text(), "out\n");
    assert_eq!(output.stderr.text(), "err\n");
    let refused = hosts.get("h1").unwrap().run(&sh("echo out")).await.unwrap_err();
    assert_eq!(refused.code(), NO_SHELL);
    assert_eq!(
        refused.to_string(),
        "h1: runs no commands for us: This account is currently not available."
    );
    assert!(!refused.may_have_run());
    hosts.close().await.unwrap();
}

/// A host whose `sudo` says what sudo 1.9.13 says to a user that needs a password: whether the user who runs the tests
/// needs one is not the tests' to decide.
#[tokio::test(flavor = "multi_thread")]
async fn sudo_without_a_terminal_asks_nobody_and_its_refusal_is_known() {
    let bin = |fabric: &Fabric| fabric.dir().join("bin");
    let forced = "ForceCommand PATH=$HOME/../../bin:$PATH; eval \"$SSH_ORIGINAL_COMMAND\"";
    let fabric = Fabric::start(1, |_| forced.to_owned()).unwrap();
    std::fs::create_dir(bin(&fabric)).unwrap();
    let stand_in = "#!/bin/sh\n[ \"$1 $2 $3 $4\" = '-n -u fluss --' ] && { shift 4; exec \"$@\"; }\n\
                    echo 'sudo: a password is required' >&2\nexit 1\n";
    let file = bin(&fabric).join("sudo");
    upshift_lab::sshd::program_file(&file, stand_in).unwrap();
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap();
    let refused = link.run(&sh("echo x").sudo(Sudo::Root)).await.unwrap_err();
    assert_eq!(refused.code(), SUDO_REFUSED);
    assert_eq!(
        refused.to_string(),
        "h0: sudo refuses: sudo: a password is required"
    );
    assert!(!refused.may_have_run());
    let allowed = sh("echo \"$A\" as user")
        .env("A", "b c")
        .sudo(Sudo::User("fluss".to_owned()));
    assert_eq!(out(link, &allowed).await, "b c as user\n");
    // A program that itself ends with 1 is no refusal.
    let own = sh("echo failed >&2; exit 1").sudo(Sudo::User("fluss".to_owned()));
    assert_eq!(link.run(&own).await.unwrap().ended, Ended::Code(1));
    hosts.close().await.unwrap();
}
