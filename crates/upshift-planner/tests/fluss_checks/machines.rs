//! What is said of machines and of how servers are started there.

use super::*;

/// It stands in no file that could be carried over.
#[test]
fn an_option_of_a_command_line_is_told_as_one_and_not_edited() {
    let mut world = measured();
    let mut said = options(&[("coordinator.io-pool.size", "4")]);
    said.values_mut().for_each(|option| option.line = 0);
    world.process(0).options = Observed::Known(said);
    says(
        &world.is(&codes::OLD_KEY, Severity::Yellow),
        "command line of pid 100",
    );
    let diff = world.is(&codes::CARRIED, Severity::Green).evidence.join("\n");
    assert!(!diff.contains("0: coordinator.io-pool.size"), "{diff}");
}

#[test]
fn a_cluster_that_asks_who_connects_is_told_of_before_anything_is_stopped() {
    let mut world = measured();
    world.is(&codes::LOGIN, Severity::Green);
    for (key, value) in [
        ("security.protocol.map", "CLIENT:SASL, INTERNAL:PLAINTEXT"),
        ("authorizer.enabled", "true"),
    ] {
        world.process(1).options = Observed::Known(options(&[("tablet-server.id", "0"), (key, value)]));
        says(&world.is(&codes::LOGIN, Severity::Red), value);
    }
    world.process(1).options = Observed::Unknown(gap());
    world.is_unknown(&codes::LOGIN, Severity::Yellow);
    let mut world = measured();
    world.system.cluster.acls = Observed::Known(true);
    world.is(&codes::LOGIN, Severity::Red);
}

#[test]
fn hosts_are_told_of() {
    let mut world = measured();
    world.is(&codes::STOP_SCRIPT, Severity::Yellow);
    super::world("0.9.0", "0.9.1-incubating", (0, 9)).is(&codes::STOP_SCRIPT, Severity::Green);
    says(
        &world.is(&codes::JAVA, Severity::Green),
        "pid 101 runs on Java 17",
    );
    world.system.hosts.push(HostFacts {
        name: "ts1".to_owned(),
        java: Observed::Known(8),
        ..host()
    });
    says(&world.is(&codes::JAVA, Severity::Red), "Java 8 on ts1");
    world.system.hosts[1].java = Observed::Unknown(gap());
    world.is_unknown(&codes::JAVA, Severity::Yellow);
    world.system.hosts.truncate(1);
    // What a server's own file names wins over the login's, and so does what its start names.
    let mut own = measured();
    own.process(1).options =
        Observed::Known(options(&[("env.java.home", "/jdk8"), ("tablet-server.id", "0")]));
    own.is_unknown(&codes::JAVA, Severity::Yellow);
    own.system.hosts[0].java_homes = BTreeMap::from([("/jdk8".into(), Observed::Known(8))]);
    says(
        &own.is(&codes::JAVA, Severity::Red),
        "pid 101 names /jdk8 as env.java.home: Java 8",
    );
    let mut started = plans::named("0.7.0", "0.9.1-incubating", (0, 7));
    started.system.hosts[0].java = Observed::Known(8);
    for server in &mut started.declaration.servers {
        server.target_start.insert(0, "JAVA_HOME=/jdk17".to_owned());
    }
    started.system.hosts[0].java_homes = BTreeMap::from([("/jdk17".into(), Observed::Known(17))]);
    says(
        &started.is(&codes::JAVA, Severity::Green),
        "pid 100 names /jdk17 as JAVA_HOME of its target_start: Java 17",
    );
    started.declaration.servers[2].target_start.remove(0);
    started.is(&codes::JAVA, Severity::Red);
    world.declaration.target_home = Some("/opt/fluss".into());
    world.is_unknown(&codes::HOME, Severity::Red);
    for (jar, severity) in [
        ("0.9.1-incubating", Severity::Green),
        ("0.9.0-incubating", Severity::Red),
        ("x", Severity::Red),
    ] {
        world.system.hosts[0].target_home = Some(Observed::Known(home(jar)));
        world.is(&codes::HOME, severity);
    }
    world.system.hosts[0].target_home = Some(Observed::Unknown(gap()));
    world.is_unknown(&codes::HOME, Severity::Red);
    world.is_unknown(&codes::PLUGINS, Severity::Red);
}
