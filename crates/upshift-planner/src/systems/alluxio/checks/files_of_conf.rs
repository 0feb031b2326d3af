//! Files beside `alluxio-site.properties`: upshift carries none of them over, and a release starts without any of them and
//! says nothing.

use std::collections::BTreeMap;

use upshift_model::alluxio::HostFacts;
use upshift_model::digest::Digest;
use upshift_model::finding::{Finding, Severity};
use upshift_model::topic::Topic;

use super::kept::nobody;
use super::some;
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;

pub(super) fn other_files(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::OTHER_FILES, "files in conf")
        .source("the vendor's procedure copies all of conf; names and digests of both folders");
    let (mut told, mut copies, mut gap) = (Vec::new(), Vec::new(), nobody(s.facts.hosts.len()));
    for host in &s.facts.hosts {
        match (host.conf.as_result(), host.target_conf.as_result()) {
            (Ok(was), Ok(is)) => {
                let lies = s.declaration.on(&host.name);
                let differ = differences(was, is);
                told.extend(
                    differ
                        .iter()
                        .map(|(name, how)| format!("{name}: {how} on {}", host.name)),
                );
                copies.extend(
                    differ
                        .iter()
                        .map(|(name, _)| copy(host, name, &lies.home, &lies.target_home)),
                );
            }
            (Err(why), _) | (_, Err(why)) => gap = gap.or_else(|| Some(why.clone())),
        }
    }
    if let Some(gap) = gap {
        return topic.saw_all(some(told)).unknown(
            &gap,
            Severity::Yellow,
            "whether all files of the configuration are there is not known",
        );
    }
    if told.is_empty() {
        return topic.green("every other file of the configuration is there, the same as now");
    }
    let topic = topic.saw_all(some(told));
    some(copies)
        .into_iter()
        .fold(topic, Topic::fix)
        .yellow("files of the configuration are others in the wanted release, or not there: upshift carries over alluxio-site.properties alone")
}

fn differences<'a>(
    was: &'a BTreeMap<String, Option<Digest>>,
    is: &BTreeMap<String, Option<Digest>>,
) -> Vec<(&'a str, &'static str)> {
    let of = |(name, digest): (&'a String, &Option<Digest>)| match (digest, is.get(name)) {
        (_, None) => Some((name.as_str(), "not there")),
        (None, Some(_)) | (_, Some(None)) => Some((name.as_str(), "may not be read")),
        (Some(old), Some(Some(new))) => (old != new).then_some((name.as_str(), "another")),
    };
    was.iter().filter_map(of).collect()
}

fn copy(host: &HostFacts, name: &str, from: &std::path::Path, to: &std::path::Path) -> String {
    format!(
        "on {}: diff {from}/conf/{name} {to}/conf/{name}, and copy what is yours",
        host.name,
        from = from.display(),
        to = to.display()
    )
}
