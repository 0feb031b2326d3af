//! Connections that break, hosts that fall silent, and what they cost the others.

use std::net::TcpListener;
use std::time::Duration;

use upshift_drivers::wire::hosts::{Command, LOST, SILENT, Settings};
use upshift_engine::driver::Fault;
use upshift_model::host::{Host, Reach, Ssh};

use crate::keys::masters;
use crate::scene::{LIMIT, fabric, hosts, one, out, settings, sh, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_mid_command_leaves_an_unknown_outcome_and_the_next_command_connects_anew() {
    let mut fabric = fabric(1);
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap().clone();
    let file = fabric.dir().join("began");
    let script = "echo x > \"$0\"; sleep 600";
    let running = tokio::spawn({
        let (link, file) = (link.clone(), file.clone());
        async move { link.run(&sh(script).arg(file)).await }
    });
    let here = hosts.get("here").unwrap();
    out(here, &sh("while [ ! -s \"$0\" ]; do sleep 0.1; done").arg(&file)).await;
    fabric.crash(0).unwrap();
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.code(), LOST, "{error}");
    assert!(error.may_have_run());
    assert!(matches!(error.into_fault(), Fault::Ambiguous(_)));
    fabric.revive(0).unwrap();
    assert_eq!(out(&link, &sh("echo back")).await, "back\n");
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ended_while_nobody_used_it_is_made_again() {
    let mut fabric = fabric(1);
    let hosts = hosts(&fabric);
    let link = hosts.get("h0").unwrap();
    assert_eq!(out(link, &sh("echo one")).await, "one\n");
    fabric.crash(0).unwrap();
    fabric.revive(0).unwrap();
    // Until the connection's own process has noticed, a command may be lost; afterwards never.
    until("it ends", || masters(&fabric).is_empty()).await;
    assert_eq!(out(link, &sh("echo two")).await, "two\n");
    hosts.close().await.unwrap();
}

/// A host that accepts and then says nothing.
fn stalled() -> (TcpListener, Ssh) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, Ssh::new("127.0.0.1").unwrap().port(port))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_host_costs_its_own_time_once_and_the_others_nothing() {
    let fabric = fabric(2);
    let (listener, silent) = stalled();
    let far = fabric.hosts().iter().map(|host| Host {
        name: host.name.clone(),
        reach: Reach::Ssh(crate::scene::way(&fabric, &host.name)),
    });
    let stalled = Host {
        name: "stalled".to_owned(),
        reach: Reach::Ssh(silent.config(fabric.config())),
    };
    let quick = Settings {
        login: Duration::from_secs(20),
        ..settings()
    };
    let hosts = upshift_drivers::wire::hosts::Hosts::new(far.chain([stalled]), quick).unwrap();
    let all = hosts
        .each(|link| async move {
            let commands = [sh("echo a"), sh("echo b"), sh("echo c")];
            let answers = commands.iter().map(|command| link.run(command));
            let answers = futures::future::join_all(answers).await;
            answers.into_iter().collect::<Result<Vec<_>, _>>()
        })
        .await;
    assert!(all["h0"].is_ok() && all["h1"].is_ok(), "{all:?}");
    let error = all["stalled"].as_ref().unwrap_err();
    assert_eq!(error.code(), SILENT, "{error}");
    assert!(matches!(error.clone().into_fault(), Fault::Transient(_)));
    // Three commands waited for one login and not for three.
    listener.set_nonblocking(true).unwrap();
    assert_eq!(std::iter::from_fn(|| listener.accept().ok()).count(), 1);
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_out_of_its_time_is_left_behind() {
    let fabric = fabric(2);
    let quick = Settings {
        per_host: Some(Duration::from_secs(5)),
        ..settings()
    };
    let hosts = crate::scene::hosts_with(&fabric, quick);
    let all = hosts
        .each(|link| async move {
            let wait = if link.name() == "h1" { "60" } else { "0" };
            link.run(&Command::new("sleep", LIMIT).arg(wait)).await
        })
        .await;
    assert!(all["h0"].is_ok() && all["here"].is_ok());
    let late = all["h1"].as_ref().unwrap_err();
    assert!(late.may_have_run(), "{late}");
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_without_a_word_ends_the_connections_too() {
    let fabric = fabric(1);
    let hosts = one(crate::scene::way(&fabric, "h0"), settings());
    assert_eq!(out(hosts.get("h").unwrap(), &sh("echo one")).await, "one\n");
    assert!(!masters(&fabric).is_empty());
    drop(hosts);
    until("they end", || masters(&fabric).is_empty()).await;
}
