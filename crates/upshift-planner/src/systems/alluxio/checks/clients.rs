//! Applications: which release their clients are of.

use upshift_model::alluxio::ClientProcess;
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::some;
use crate::knowledge::{Known, Release};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;

pub(super) fn clients(s: &Situation<'_>) -> Finding {
    let row = s.row("clients-1-of-2");
    let topic = Topic::new(codes::CLIENTS, "clients").source(row.source);
    let declared = s
        .declaration
        .clients
        .iter()
        .map(|client| (client.name.clone(), client.version.to_string()));
    let found = s.facts.hosts.iter().flat_map(|host| {
        let all = host.clients.known().into_iter().flatten();
        all.map(|client| (words(client, &host.name), client.version.clone()))
    });
    let all: Vec<(String, String)> = declared.chain(found).collect();
    let era = |version: &str| {
        Release::parse(Known::Alluxio, version)
            .ok()
            .map(|release| release.number(0) >= 2)
    };
    let wanted = s.to.number(0) >= 2;
    let other: Vec<String> = all
        .iter()
        .filter(|(_, version)| era(version) != Some(wanted))
        .map(|(name, version)| format!("{name}: {version}"))
        .collect();
    if !other.is_empty() && s.leaves_1x() {
        return topic
            .saw_all(some(other))
            .saw("a client of the other era says that the master cannot be reached")
            .fix("while the cluster is down: put the client jar of the wanted release on the class path of YARN (HADOOP_CLASSPATH), Spark (spark.driver.extraClassPath, spark.executor.extraClassPath), Hive (HIVE_AUX_JARS_PATH) and Presto (plugin/hive-hadoop2)")
            .fix("then restart the application, and look at its class path")
            .yellow("applications need the client of the wanted release before they are started again");
    }
    if !other.is_empty() {
        return topic
            .saw_all(some(other))
            .fix(row.advice)
            .red("clients and servers of these releases do not understand each other");
    }
    if all.is_empty() {
        let gap = Gap {
            what: "which applications have a client".to_owned(),
            reason: "none is named, and none was seen running on the hosts".to_owned(),
        };
        return topic.fix("name them as [[client]] in the system file").unknown(
            &gap,
            Severity::Yellow,
            "which clients there are is not known",
        );
    }
    let topic = topic.saw_all(some(
        all.into_iter()
            .map(|(name, version)| format!("{name}: {version}")),
    ));
    if let Some(gap) = s.facts.hosts.iter().find_map(|host| host.clients.gap()) {
        return topic.unknown(
            gap,
            Severity::Yellow,
            "clients that are known fit; whether others run is not known of every host",
        );
    }
    topic.green("clients and the wanted release understand each other")
}

fn words(client: &ClientProcess, host: &str) -> String {
    let application = client.application.as_ref();
    let application = application.map_or_else(String::new, |of| format!("{of}, "));
    format!(
        "{application}process {} on {host} with {}",
        client.pid, client.jar
    )
}
