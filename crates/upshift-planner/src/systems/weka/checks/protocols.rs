//! S3, SMB and NFS.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;
use upshift_model::weka::{NfsGroup, S3};

use super::{CHECKER, DOCS};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{self, One, one, red, yellow};
use crate::systems::weka::situation::{EVER, Situation};

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![s3_health(s), s3_mount(s), etcd(s), nfs_groups(s), apart(s)];
    found.extend(lifecycle(s));
    found.extend(nfs_options(s));
    found.extend(nfs_config(s));
    found.extend(legacy_nfs(s));
    found
}

/// Judges S3 where it is there.
fn of_s3(s: &Situation<'_>, topic: Topic, words: judge::Words, judged: impl FnOnce(&S3) -> One) -> Finding {
    one(topic, words, &s.cluster().protocols.s3, |s3| {
        s3.as_ref().map_or(One::Fine, judged)
    })
}

fn host(s: &Situation<'_>, container: u64) -> String {
    let named = s.cluster().host_of(container).map(str::to_owned);
    named.unwrap_or_else(|| format!("container {container}"))
}

fn s3_health(s: &Situation<'_>) -> Finding {
    let words = yellow("S3 is not ready", "S3 is ready wherever it serves");
    let topic = Topic::new(codes::S3_HEALTH, "S3")
        .fix("weka s3 cluster status; look why")
        .source(CHECKER);
    of_s3(s, topic, words, |s3| {
        One::seen(&s3.ready, |ready| {
            let not = ready.iter().filter(|(_, is)| !**is);
            let not: Vec<String> = not.map(|(id, _)| host(s, *id)).collect();
            (!not.is_empty()).then(|| format!("not on {}", judge::some(not).join(", ")))
        })
    })
}

fn s3_mount(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "S3 is mounted with a write cache",
        "S3 is mounted without a write cache",
    );
    let topic = Topic::new(codes::S3_MOUNT, "S3")
        .fix("change it to readcache")
        .source(CHECKER);
    of_s3(s, topic, words, |s3| {
        One::of(s3.mount_options.as_ref(), "how S3 is mounted", |options| {
            options.contains("writecache").then(|| options.clone())
        })
    })
}

fn etcd(s: &Situation<'_>) -> Finding {
    let words = red(
        "S3 keeps its configuration in etcd",
        "S3 keeps no configuration in etcd",
    );
    let topic = Topic::new(codes::ETCD, "S3")
        .fix("have the vendor move it")
        .source("WEKA documentation, revision history 4.2; the vendor's advice for S3");
    of_s3(s, topic, words, |s3| {
        One::of(s3.etcd.as_ref(), "where S3 keeps its configuration", |hosts| {
            (!hosts.is_empty()).then(|| format!("on {} containers", hosts.len()))
        })
    })
}

fn lifecycle(s: &Situation<'_>) -> Option<Finding> {
    if !s.goes_to("4.4.9", EVER) {
        return None;
    }
    let words = red(
        "a bucket has more rules than the wanted release takes",
        "the wanted release takes the rules of every bucket",
    );
    let topic = Topic::new(codes::S3_LIFECYCLE, "S3")
        .fix("remove what is too much")
        .source(CHECKER);
    Some(of_s3(s, topic, words, |s3| match &s3.lifecycle {
        None => One::of(None::<()>, "rules of buckets", |()| None),
        Some(told) => One::seen(told, |too_much| {
            (!too_much.is_empty()).then(|| judge::some(too_much.clone()).join("; "))
        }),
    }))
}

fn groups<'a>(s: &Situation<'a>) -> Result<&'a Vec<NfsGroup>, &'a Gap> {
    s.cluster().protocols.nfs.as_result()
}

fn nfs_groups(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "a group of NFS is not fine",
        "every group of NFS and its ports are fine",
    );
    let topic = Topic::new(codes::NFS_GROUPS, "NFS")
        .fix("weka nfs interface-group; mend it")
        .source(CHECKER);
    judge::list(topic, words, &s.cluster().protocols.nfs, |group| {
        let name = group.name.clone().unwrap_or_else(|| "?".to_owned());
        let ports = group.ports.as_ref().and_then(|ports| {
            let states: Option<Vec<_>> = ports
                .iter()
                .map(|port| Some((port.port.clone().unwrap_or_default(), port.status.as_ref()?)))
                .collect();
            states
        });
        One::of(
            group.status.as_ref().zip(ports),
            "the state of a group",
            |(status, ports)| {
                let bad = ports.iter().find(|(_, status)| *status != "OK");
                match (status == "OK", bad) {
                    (false, _) => Some(format!("{name} is {status}")),
                    (true, Some((port, status))) => Some(format!("port {port} of {name} is {status}")),
                    (true, None) => None,
                }
            },
        )
    })
}

fn nfs_options(s: &Situation<'_>) -> Option<Finding> {
    let serves = groups(s).map_or(true, |groups| !groups.is_empty());
    if !serves || !s.goes_to("0.1", "4.4.3") {
        return None;
    }
    let words = red(
        "options of one's own are set for NFS",
        "no options of one's own are set for NFS",
    );
    let topic = Topic::new(codes::NFS_OPTIONS, "NFS")
        .fix("weka nfs custom-options; take them out")
        .source(CHECKER);
    Some(one(topic, words, &s.cluster().protocols.nfs_options, |options| {
        One::of(options.as_ref(), "options of NFS", |options| {
            (!options.trim().is_empty()).then(|| format!("{} characters of them", options.len()))
        })
    }))
}

fn nfs_config(s: &Situation<'_>) -> Option<Finding> {
    if groups(s).is_ok_and(Vec::is_empty) {
        return None;
    }
    let words = yellow(
        "NFS has no filesystem for its configuration",
        "NFS has a filesystem for its configuration",
    );
    let topic = Topic::new(codes::NFS_CONFIG, "NFS")
        .fix("give it one: weka nfs global-config set --config-fs")
        .source(CHECKER);
    Some(one(topic, words, &s.cluster().protocols.nfs_config, |config| {
        One::of(
            config.as_ref(),
            "the filesystem for its configuration",
            |config| config.is_empty().then(|| "config_fs is empty".to_owned()),
        )
    }))
}

/// No documented command tells which stack serves; asked where it matters.
fn legacy_nfs(s: &Situation<'_>) -> Option<Finding> {
    let serves = groups(s).map_or(true, |groups| !groups.is_empty());
    if !serves || !s.leaves("0.1", "4.3") || !s.goes_to("4.3", EVER) {
        return None;
    }
    let gap = Gap {
        what: "whether NFS is the legacy one".to_owned(),
        reason: "no documented command tells".to_owned(),
    };
    Some(
        Topic::new(codes::LEGACY_NFS, "NFS")
            .fix("ask the vendor, then waive this finding with the answer as the reason")
            .source("WEKA documentation, revision history 4.3.0")
            .unknown(
                &gap,
                Severity::Red,
                "with the legacy NFS the upgrade to 4.3 and later fails",
            ),
    )
}

/// Which protocols each server serves.
fn apart(s: &Situation<'_>) -> Finding {
    let words = red(
        "a server serves more than one protocol",
        "every server serves one protocol at most",
    );
    let topic = Topic::new(codes::PROTOCOLS_APART, "backends")
        .fix("leave one on each server")
        .source("WEKA documentation, 'Upgrade WEKA versions', upgrade workflow")
        .source(DOCS);
    let mut by_host: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut unseen = Vec::new();
    let mut take = |protocol: &'static str, hosts: Result<Option<Vec<u64>>, Gap>| match hosts {
        Err(gap) => unseen.push(One::Unseen(gap)),
        Ok(None) => unseen.push(One::of(None::<()>, "which servers serve a protocol", |()| None)),
        Ok(Some(ids)) => {
            for id in ids {
                let served = by_host.entry(host(s, id)).or_default();
                if !served.contains(&protocol) {
                    served.push(protocol);
                }
            }
        }
    };
    let protocols = &s.cluster().protocols;
    take("S3", served(&protocols.s3, |s3| s3.hosts.clone()));
    take("SMB", served(&protocols.smb, |smb| smb.hosts.clone()));
    let of_nfs = protocols.nfs.as_result().map_err(Gap::clone).map(|groups| {
        let ports: Option<Vec<_>> = groups.iter().map(|group| group.ports.as_ref()).collect();
        ports.and_then(|ports| ports.into_iter().flatten().map(|port| port.host).collect())
    });
    take("NFS", of_nfs);
    let several = by_host.into_iter().filter(|(_, served)| served.len() > 1);
    let several = several.map(|(host, served)| One::Bad(format!("{host} serves {}", served.join(" and "))));
    judge::all(
        topic,
        words,
        several.collect::<Vec<_>>().into_iter().chain(unseen),
    )
}

/// Where a protocol that may not be there is served.
fn served<T>(
    protocol: &Observed<Option<T>>,
    hosts: impl FnOnce(&T) -> Option<Vec<u64>>,
) -> Result<Option<Vec<u64>>, Gap> {
    match protocol.as_result() {
        Err(gap) => Err(gap.clone()),
        Ok(None) => Ok(Some(Vec::new())),
        Ok(Some(there)) => Ok(hosts(there)),
    }
}
