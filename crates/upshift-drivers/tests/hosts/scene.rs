//! What the stories share: hosts of a fabric as upshift's hosts.

use std::time::Duration;

use upshift_drivers::wire::hosts::{Command, Hosts, Link, Settings};
use upshift_lab::Fabric;
use upshift_model::host::{Host, Reach, Ssh};

/// Generous: the machine that runs the tests is busy.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn fabric(count: usize) -> Fabric {
    Fabric::start(count, |_| String::new()).expect("hosts")
}

pub(crate) fn way(fabric: &Fabric, name: &str) -> Ssh {
    Ssh::new(name).unwrap().config(fabric.config())
}

pub(crate) fn settings() -> Settings {
    Settings {
        login: Duration::from_secs(30),
        ..Settings::default()
    }
}

/// All hosts of the fabric by their aliases, and `here`.
pub(crate) fn hosts(fabric: &Fabric) -> Hosts {
    hosts_with(fabric, settings())
}

pub(crate) fn hosts_with(fabric: &Fabric, settings: Settings) -> Hosts {
    let far = fabric.hosts().iter().map(|host| Host {
        name: host.name.clone(),
        reach: Reach::Ssh(way(fabric, &host.name)),
    });
    Hosts::new(far.chain([here()]), settings).unwrap()
}

pub(crate) fn here() -> Host {
    Host {
        name: "here".to_owned(),
        reach: Reach::Local,
    }
}

/// One host that is reached in this way.
pub(crate) fn one(way: Ssh, settings: Settings) -> Hosts {
    let host = Host {
        name: "h".to_owned(),
        reach: Reach::Ssh(way),
    };
    Hosts::new([host], settings).unwrap()
}

pub(crate) fn sh(script: &str) -> Command {
    Command::new("sh", LIMIT).args(["-c", script])
}

pub(crate) async fn out(link: &Link, command: &Command) -> String {
    let output = link.run(command).await.expect("it runs");
    assert!(output.success(), "{}", output.complaint());
    output.stdout.text()
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let waiting = async {
        while !so() {
            looks.tick().await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.expect(what);
}
