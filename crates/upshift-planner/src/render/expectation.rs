//! An expectation in a few words.

use upshift_model::expect::Expectation;
use upshift_model::flink::fit::GraphAsk;
use upshift_model::fluss::Condition;
use upshift_model::ids::ComponentId;

use super::step::Names;

/// What a person reads of it; none for what goes without saying in a tree.
pub(super) fn words(expectation: &Expectation, names: &Names<'_>) -> Option<String> {
    Some(match expectation {
        Expectation::ReleaseIs { component, version } => {
            format!("{version} answers on {}", names.address(component))
        }
        Expectation::Stopped { component } => format!("{} is gone", names.version(component)),
        Expectation::JobIs { .. } => return None,
        Expectation::JobRunning { job, .. } => format!("{} runs", names.job(job)),
        Expectation::NoOtherJobs { named, .. } if named.is_empty() => "no job runs there".to_owned(),
        Expectation::NoOtherJobs { .. } => "no job runs that is not named".to_owned(),
        Expectation::RestoredFrom { slot, .. } => format!("restored from {slot}"),
        Expectation::CheckpointCompleted { .. } => "a checkpoint since".to_owned(),
        Expectation::NoRestarts { .. } => "no restarts".to_owned(),
        Expectation::NoExceptions { .. } => "no exceptions".to_owned(),
        Expectation::ProbeHolds { probe } => format!("probe \"{probe}\""),
        Expectation::SlotsFree { at_least: 1, .. } => "1 slot is free".to_owned(),
        Expectation::SlotsFree { at_least, .. } => format!("{at_least} slots are free"),
        Expectation::PortsFree { ports } => {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            format!("nobody listens on {}", ports.join(", "))
        }
        Expectation::DiskFree { path, at_least } => {
            format!(
                "{} MB are free at {}",
                at_least.div_ceil(1_000_000),
                path.display()
            )
        }
        Expectation::FileIs { path, sha256 } => {
            let name = path.file_name().map_or_else(
                || path.display().to_string(),
                |n| n.to_string_lossy().into_owned(),
            );
            format!("{name} is still {}", sha256.short())
        }
        Expectation::Fluss(condition) => condition_words(condition),
        Expectation::Alluxio(condition) => super::alluxio::condition(condition),
        Expectation::Weka(condition) => super::weka::condition(condition),
        Expectation::Fits { slot, criteria } => {
            let mut text = format!("{slot} is complete and fits");
            if let Some((first, last)) = criteria.metadata_versions {
                text.push_str(&format!(" (metadata {first} to {last})"));
            }
            if matches!(criteria.graph_ask, Some(GraphAsk::Now { .. })) {
                text.push_str(", with the graph that the target makes of the jar");
            }
            if !criteria.may_lose.is_empty() {
                let named: Vec<&str> = criteria.may_lose.iter().map(String::as_str).collect();
                text.push_str(&format!(", but for {}", named.join(", ")));
            }
            text
        }
    })
}

pub(super) fn condition_words(condition: &Condition) -> String {
    match condition {
        Condition::Whole => "every server is registered, every replica in sync, every bucket led".to_owned(),
        Condition::OkToStop {
            server,
            min_in_sync,
            but,
        } => {
            let but = match but.len() {
                0 => String::new(),
                1 => ", but for 1 bucket that the plan takes down".to_owned(),
                more => format!(", but for {more} buckets that the plan takes down"),
            };
            format!(
                "every bucket can do without tablet server {server} and keeps {min_in_sync} replicas in sync{but}"
            )
        }
        Condition::Covered { server, own } => {
            let but = match own.is_empty() {
                true => "",
                false => ", upshift's own left out",
            };
            format!(
                "every bucket has another replica in sync beside the one on tablet server {server}, or all its records on another server{but}"
            )
        }
        Condition::Registered { servers } => {
            let names: Vec<&str> = servers.iter().map(ComponentId::as_str).collect();
            format!("still registered: {}", names.join(", "))
        }
        Condition::CleanEnd { server } => {
            format!("tablet server {server} had left .fluss_cleanshutdown when it was stopped")
        }
        Condition::CarriedOver { server } => {
            format!("the server.yaml that {server} will read is as this run left it")
        }
        Condition::Staged { host } => {
            format!("what the wanted release needs lies on {host} as this run left it")
        }
        Condition::LakeAdvanced => {
            "the lake has a newer snapshot of a table than before tiering was started".to_owned()
        }
        Condition::Settled => "no rebalance, no server tagged".to_owned(),
        Condition::NothingNewer { kinds } => {
            let kinds: Vec<&str> = kinds.keys().map(|kind| kind.word()).collect();
            format!(
                "no table has what the older release does not read ({})",
                kinds.join(", ")
            )
        }
        Condition::EpochZero => "no epoch of a coordinator is above zero".to_owned(),
    }
}
