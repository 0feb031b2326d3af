//! What was seen of a cluster, in the words that rows of the catalogue ask for: what checks found says most of them.

use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::ids::Code;
use upshift_model::weka::Cluster;

use super::codes;

/// A check, a fact of the catalogue, and its value where the check is green.
const FACTS: [(&Code, &str, bool); 25] = [
    (&codes::MCB, "mcb", true),
    (&codes::PROTOCOLS_APART, "protocols-together", false),
    (&codes::STATD, "nfs-locking", false),
    (&codes::TASKS, "blocking-tasks", false),
    (&codes::CONVERSION, "data-upgrade", false),
    (&codes::BACKENDS_UP, "backends-up", true),
    (&codes::REBUILD, "rebuilding", false),
    (&codes::ROLE, "cluster-admin", true),
    (&codes::OPT_ROOM, "free-space", true),
    (&codes::ETCD, "etcd-for-s3", false),
    (&codes::FSCK, "clean-fsck", true),
    (&codes::CATALOG, "catalog-index", false),
    (&codes::OWN_CERTIFICATES, "custom-ca-file", false),
    (&codes::TLS_KEY, "weak-tls-key", false),
    (&codes::SAME_RELEASE, "mixed-backends", false),
    (&codes::S3_LIFECYCLE, "s3-lifecycle-beyond", false),
    (&codes::NFS_OPTIONS, "nfs-custom-options", false),
    (&codes::CONNECTX_4, "connectx-4", false),
    (&codes::REMOTE_TRACES, "remote-traces", false),
    (&codes::MIXED_ACCEPTED, "mixed-accepted-versions", false),
    (&codes::SYSTEM, "supported-os", true),
    (&codes::CLOCK, "clock-skew", false),
    (&codes::FALLOCATE, "no-fallocate", false),
    (&codes::AVX2, "no-avx2", false),
    (&codes::UPGRADING, "upgrade-running", false),
];

/// Checks of which only red is what the catalogue asks about.
const MENDED: [&Code; 2] = [&codes::STATD, &codes::TASKS];

/// The catalogue's words, `FACT=VALUE` each.
pub(super) fn words(cluster: &Cluster, found: &[Finding]) -> Vec<String> {
    let of_checks = FACTS.iter().filter_map(|(code, fact, when_green)| {
        let finding = found.iter().find(|finding| finding.code == **code)?;
        Some(match finding.state {
            FindingState::Unknown { .. } => format!("{fact}=unknown"),
            FindingState::Judged {
                severity: Severity::Green,
                ..
            } => format!("{fact}={when_green}"),
            // Yellow is what an upgrade starts beside, or what the plan puts right first.
            FindingState::Judged {
                severity: Severity::Yellow,
                ..
            } if MENDED.contains(code) => format!("{fact}={when_green}"),
            FindingState::Judged { .. } => format!("{fact}={}", !when_green),
        })
    });
    let protocols = &cluster.protocols;
    let say = |fact: &str, is: Option<bool>| match is {
        Some(is) => format!("{fact}={is}"),
        None => format!("{fact}=unknown"),
    };
    let own = [
        say("s3-active", protocols.s3.known().map(Option::is_some)),
        say("smb-active", protocols.smb.known().map(Option::is_some)),
        say(
            "nfs-active",
            protocols.nfs.known().map(|groups| !groups.is_empty()),
        ),
        say(
            "organizations",
            cluster.organizations.known().map(|count| *count > 1),
        ),
        say(
            "object-stores",
            cluster.object_stores.known().map(|count| *count > 0),
        ),
        say(
            "data-integrity-alert",
            cluster.alerts.known().map(|alerts| {
                let kinds = alerts.iter().filter_map(|alert| alert.kind.as_deref());
                kinds.into_iter().any(|kind| kind == "DataIntegrity")
            }),
        ),
    ];
    of_checks.chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::FACTS;
    use crate::knowledge::Facts;

    #[test]
    fn every_word_is_one_of_the_catalogue() {
        let mut words: Vec<String> = FACTS.iter().map(|(_, fact, is)| format!("{fact}={is}")).collect();
        let own = [
            "s3-active",
            "smb-active",
            "nfs-active",
            "organizations",
            "object-stores",
            "data-integrity-alert",
        ];
        words.extend(own.iter().map(|fact| format!("{fact}=unknown")));
        assert_eq!(
            Facts::parse(&words).expect("all are facts").told().count(),
            words.len()
        );
    }
}
