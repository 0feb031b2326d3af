//! Who is at the other end, and who we are: unknown and changed host keys, a user key that does not fit, no `ssh`.

use upshift_drivers::wire::hosts::{
    HostError, KEY_CHANGED, KEY_UNKNOWN, NO_SSH, NO_WAY, NOBODY_LISTENS, NOT_LET_IN, SSH_FAILED, Settings,
};
use upshift_engine::driver::Fault;
use upshift_lab::Fabric;
use upshift_model::host::Ssh;

use crate::scene::{fabric, hosts, one, settings, sh, way};

/// A configuration of its own, with the fabric's and `more` before it.
fn config(fabric: &Fabric, name: &str, more: &str) -> std::path::PathBuf {
    let text = std::fs::read_to_string(fabric.config()).unwrap();
    let file = fabric.dir().join(name);
    upshift_lab::sshd::program_file(&file, &format!("{more}\n{text}")).unwrap();
    file
}

async fn refusal(way: Ssh) -> HostError {
    let hosts = one(way, settings());
    let error = hosts.get("h").unwrap().run(&sh("echo never")).await.unwrap_err();
    hosts.close().await.unwrap();
    assert!(!error.may_have_run());
    error
}

/// What `ssh-keygen -lf` says of a host's key.
fn fingerprint(fabric: &Fabric, host: &str) -> String {
    let out = std::process::Command::new("ssh-keygen")
        .arg("-lf")
        .arg(fabric.dir().join(host).join("key.pub"))
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    text.split_whitespace().nth(1).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_is_refused_with_its_fingerprint() {
    let fabric = fabric(1);
    let host = fabric.host(0);
    let (address, port) = (host.address.clone(), host.port);
    // Whatever the user's configuration says of it.
    let lax = config(
        &fabric,
        "lax",
        "Host *\n  UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no",
    );
    let error = refusal(Ssh::new("h0").unwrap().config(lax)).await;
    assert_eq!(error.code(), KEY_UNKNOWN);
    let print = fingerprint(&fabric, "h0");
    assert_eq!(
        error.to_string(),
        format!("h: its ED25519 key is not known for [{address}]:{port} (fingerprint {print})")
    );
    let remedy = error.remedy();
    let add = format!("only then: ssh-keyscan -p {port} -t ed25519 {address} >> ~/.ssh/known_hosts");
    assert_eq!(remedy[1], add);
    // The very command, with a file of the test in place of the user's.
    let file = fabric.dir().join("scanned");
    let scan = add
        .trim_start_matches("only then: ")
        .replace("~/.ssh/known_hosts", &file.display().to_string());
    assert!(
        std::process::Command::new("sh")
            .args(["-c", &scan])
            .output()
            .unwrap()
            .status
            .success()
    );
    let more = format!("Host *\n  UserKnownHostsFile {}", file.display());
    let scanned = config(&fabric, "with-scanned", &more);
    let now = one(Ssh::new("h0").unwrap().config(scanned), settings());
    assert!(now.get("h").unwrap().run(&sh("true")).await.unwrap().success());
    now.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_key_is_refused_with_the_command_that_forgets_the_old_one() {
    let mut fabric = fabric(1);
    fabric.crash(0).unwrap();
    fabric.change_key(0).unwrap();
    fabric.revive(0).unwrap();
    let error = refusal(way(&fabric, "h0")).await;
    assert_eq!(error.code(), KEY_CHANGED);
    let print = fingerprint(&fabric, "h0");
    assert!(
        error.to_string().contains(&format!("(fingerprint {print})")),
        "{error}"
    );
    assert!(matches!(error.clone().into_fault(), Fault::Refused(_)));
    let host = fabric.host(0);
    let forget = format!(
        "ssh-keygen -f \"{}\" -R \"[{}]:{}\"",
        fabric.known_hosts().display(),
        host.address,
        host.port
    );
    assert!(error.remedy()[1].contains(&forget), "{:?}", error.remedy());
    assert!(
        std::process::Command::new("sh")
            .args(["-c", &forget])
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(
        refusal(way(&fabric, "h0")).await.code(),
        KEY_UNKNOWN,
        "the old one is gone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_is_told_from_what_cannot_be_reached() {
    let mut fabric = fabric(2);
    let other = fabric.key("other").unwrap();
    let wrong = config(
        &fabric,
        "wrong",
        &format!("Host *\n  IdentityFile {}", other.display()),
    );
    let text = std::fs::read_to_string(&wrong).unwrap();
    let only = text.replace(&format!("IdentityFile {}", fabric.user_key().display()), "");
    upshift_lab::sshd::program_file(&wrong, &only).unwrap();
    let error = refusal(Ssh::new("h0").unwrap().config(&wrong)).await;
    assert_eq!(error.code(), NOT_LET_IN, "{error}");
    assert!(
        error.to_string().contains("Permission denied (publickey)"),
        "{error}"
    );

    fabric.crash(1).unwrap();
    let error = refusal(way(&fabric, "h1")).await;
    assert_eq!(error.code(), NOBODY_LISTENS, "{error}");
    assert!(matches!(error.into_fault(), Fault::Transient(_)));

    let error = refusal(Ssh::new("no-such-host.invalid").unwrap().config(fabric.config())).await;
    assert_eq!(error.code(), NO_WAY, "{error}");

    let error = refusal(Ssh::new("h0").unwrap().config("/no/such/config")).await;
    assert_eq!(error.code(), SSH_FAILED, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_host_of_the_users_configuration_is_used_and_its_key_checked() {
    let fabric = fabric(2);
    let through = config(&fabric, "through", "Host h1\n  ProxyJump h0");
    let hosts_ = one(Ssh::new("h1").unwrap().config(&through), settings());
    let said = crate::scene::out(
        hosts_.get("h").unwrap(),
        &sh("echo $UPSHIFT_HOST $SSH_CONNECTION"),
    )
    .await;
    hosts_.close().await.unwrap();
    assert!(said.starts_with("h1 "), "{said}");
    let jumps = fabric.host(0).log().unwrap();
    assert!(jumps.contains("Accepted publickey"), "{jumps}");

    let text = std::fs::read_to_string(fabric.known_hosts()).unwrap();
    let without: String = text.lines().skip(1).map(|line| format!("{line}\n")).collect();
    upshift_lab::sshd::program_file(&fabric.known_hosts(), &without).unwrap();
    let error = refusal(Ssh::new("h1").unwrap().config(&through)).await;
    assert_eq!(error.code(), SSH_FAILED);
    assert!(
        error.to_string().contains("Host key verification failed."),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_serves_many_commands_and_is_gone_afterwards() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap();
    let many = (0..20).map(|_| async { link.run(&sh("true")).await.unwrap().success() });
    assert!(futures::future::join_all(many).await.into_iter().all(|fine| fine));
    hosts.close().await.unwrap();
    let log = fabric.host(0).log().unwrap();
    assert_eq!(log.matches("Accepted publickey").count(), 1, "{log}");
    assert_eq!(masters(&fabric), "", "nothing of ours is left");
}

/// Command lines of `ssh` that name the fabric's configuration.
pub(crate) fn masters(fabric: &Fabric) -> String {
    let config = fabric.dir().display().to_string();
    let mut found = String::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.starts_with("ssh ") && line.contains(&config) {
            found.push_str(&line);
        }
    }
    found
}

#[test]
fn two_hosts_of_one_name_are_refused() {
    let twice = [crate::scene::here(), crate::scene::here()];
    let error = upshift_drivers::wire::hosts::Hosts::new(twice, Settings::default()).unwrap_err();
    assert_eq!(error.to_string(), "two hosts are named here");
}

/// The test binary starts itself on a machine, as it were, whose path has no `ssh`.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_ssh_says_so() {
    if std::env::var_os("UPSHIFT_TEST_WITHOUT_SSH").is_some() {
        let error = refusal(Ssh::new("h0").unwrap()).await;
        assert_eq!(error.code(), NO_SSH, "{error}");
        return;
    }
    let tools = tempfile::tempdir().unwrap();
    for tool in ["rm", "mkdir"] {
        std::os::unix::fs::symlink(format!("/bin/{tool}"), tools.path().join(tool)).unwrap();
    }
    let without = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "keys::a_machine_without_ssh_says_so", "--nocapture"])
        .env("UPSHIFT_TEST_WITHOUT_SSH", "yes")
        .env("PATH", tools.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&without.stdout).into_owned();
    assert!(without.status.success() && said.contains("1 passed"), "{said}");
}
