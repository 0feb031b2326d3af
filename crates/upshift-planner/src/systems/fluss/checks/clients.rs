//! Clients: which releases are known of, and what is told of them before anything is stopped.
//!
//! No server can tell: every client says that it is `fluss 0.1.0`. What is known is what the file says, and processes
//! on the hosts that were looked at with a client's jar on their command lines.

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use crate::knowledge::{Effect, Known, Release, Verdict};
use crate::systems::fluss::codes;
use crate::systems::fluss::sight::sight;
use crate::systems::fluss::situation::Situation;

/// Lines whose Java clients hang.
const HANGS: std::ops::RangeInclusive<(u32, u32)> = (0, 7)..=(0, 9);

pub(super) fn clients(s: &Situation<'_>) -> Finding {
    let (java, bootstrap) = (s.row("java-clients-hang"), s.row("bootstrap-list"));
    let known = known(s);
    let topic = Topic::new(codes::CLIENTS, "clients").saw_all(known.iter().map(|(said, _)| said.clone()));
    let topic = topic
        .saw(java.text)
        .saw(bootstrap.text)
        .source(java.source)
        .source(bootstrap.source);
    let (refused, unsure) = beside(s);
    let topic = topic.saw_all(refused.iter().chain(&unsure).cloned());
    if !refused.is_empty() {
        return topic
            .fix("give it a client that both releases serve before the first server goes")
            .red("the wanted release does not serve clients that are known of");
    }
    if known.iter().any(|(_, version)| hangs(version)) {
        return topic
            .fix(java.advice)
            .fix(bootstrap.advice)
            .yellow("clients that are known of may hang for ever after a server was restarted");
    }
    if s.declaration.clients.is_empty() {
        let gap = Gap {
            what: "which releases the clients are of".to_owned(),
            reason: "no server tells: every client says that it is fluss 0.1.0".to_owned(),
        };
        return topic
            .fix("name each application under [[client]], with the release of its client")
            .fix("the release is in the name of its jar: fluss-client-*.jar, fluss-flink-*.jar in Flink's lib or in the job's own")
            .fix(java.advice)
            .fix(bootstrap.advice)
            .unknown(&gap, Severity::Yellow, "which clients there are is not known, and those of 0.7 to 0.9.1 may hang");
    }
    if let Some(first) = unsure.first() {
        let gap = Gap {
            what: "whether the wanted release serves every client".to_owned(),
            reason: first.clone(),
        };
        return topic
            .fix(
                "try it in a place where nothing can be lost, or give it a client that is known to be served",
            )
            .fix(bootstrap.advice)
            .unknown(
                &gap,
                Severity::Yellow,
                "whether the wanted release serves every client is not known",
            );
    }
    topic
        .fix(bootstrap.advice)
        .green("none of the clients that the file names is known to hang")
}

/// Clients that the wanted release does not serve, and those of which nobody says so. Of the release that runs it is
/// known: they work with it.
fn beside(s: &Situation<'_>) -> (Vec<String>, Vec<String>) {
    let seen = sight(&s.system.cluster);
    let others = s.declaration.clients.iter().filter_map(|client| {
        let version = &client.switch.as_ref()?.version;
        Some((
            format!("{}: gets a client of {version}", client.name),
            version.as_str().to_owned(),
        ))
    });
    let (mut refused, mut unsure) = (Vec::new(), Vec::new());
    for (said, version) in known(s).into_iter().chain(others) {
        let Ok(client) = Release::parse(Known::Fluss, &version) else {
            unsure.push(format!("{said}: {version} is no release that is known"));
            continue;
        };
        let answer = s.library.client(&s.to, &client, &seen);
        match answer.verdict {
            Verdict::Supported | Verdict::Conditional => {}
            Verdict::Unknown => unsure.push(format!("{said}: nobody says whether {} serves it", s.to)),
            Verdict::Unsupported => {
                let rows = answer.rows.iter().filter(|row| row.effect == Effect::Refuses);
                refused.extend(rows.map(|row| format!("{said}: {}", row.text)));
            }
        }
    }
    (refused, unsure)
}

/// What is known of, in words, with its version.
fn known(s: &Situation<'_>) -> Vec<(String, String)> {
    let said = s.declaration.clients.iter().map(|client| {
        let version = client.version.as_str().to_owned();
        (
            format!("{}: client of {version}, as the file says", client.name),
            version,
        )
    });
    let found = s.system.hosts.iter().flat_map(|host| {
        let clients = host.clients.known().into_iter().flatten();
        clients.map(|client| {
            let words = format!("pid {} on {} runs with {}", client.pid, host.name, client.jar);
            (words, client.version.clone())
        })
    });
    said.chain(found).collect()
}

/// Whether a client of this release may hang; of one that is not known it is not known, either.
pub(in crate::systems::fluss) fn hangs(version: &str) -> bool {
    let release = Release::parse(Known::Fluss, version).ok();
    release.is_none_or(|release| HANGS.contains(&release.line()))
}
