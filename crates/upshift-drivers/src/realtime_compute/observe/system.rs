//! The look as a whole: engines, queues, which deployments are meant, and each of them, a few at a time.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use upshift_engine::driver::Fault;
use upshift_model::flink::Probe;
use upshift_model::ids::SystemName;
use upshift_model::inventory::{Facts as Seen, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::Observed;
use upshift_model::realtime_compute::{Engine, Facts, GraphHome, Program, Queue, Room, Select, Service};

use super::deployment;
use crate::realtime_compute::{Deployment, Filter, RealtimeCompute, Resources, probes};
use crate::wire::objects::Objects;

/// Deployments that are looked at at a time: each takes seven calls, and the service sheds load.
const AT_A_TIME: usize = 4;

/// What is looked for.
pub struct Wanted<'a> {
    /// The name of the system.
    pub system: &'a SystemName,
    /// Where it answers.
    pub service: &'a Service,
    /// Which deployments.
    pub select: &'a Select,
    /// What the copy of a deployment would be called; none where none would be made.
    pub copy_of: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Where jars are read that do not lie on this machine.
    pub objects: Objects,
    /// Probes, each of which is asked once.
    pub probes: Vec<(String, Probe)>,
    /// What copies run in place of what their originals do, by the deployment's name.
    pub programs: BTreeMap<String, Program>,
    /// By which installation the operators of jars are read; none where no code of them is run.
    pub graph: Option<GraphHome>,
    /// Whether the newest state of each is read where it lies.
    pub reads_state: bool,
}

/// Looks once. Whatever could not be seen is a gap of its own.
///
/// # Errors
/// When not even the list of deployments was given: then there is nothing that a look could be about.
pub async fn observe(
    client: &RealtimeCompute,
    wanted: &Wanted<'_>,
    taken_at: jiff::Timestamp,
) -> Result<Inventory, Fault> {
    let filter = Filter {
        label: wanted.select.label.clone().map(|(key, value)| (key, vec![value])),
        ..Filter::default()
    };
    let named = wanted.probes.iter().map(|(name, probe)| (name, probe));
    let (probes, listed, engines, queues) = futures::join!(
        probes::answers(named, client.secrets()),
        client.deployments(&filter),
        client.engine_versions(),
        client.deployment_targets()
    );
    let mut meant: Vec<_> = listed?
        .into_iter()
        .filter(|one| is_meant(one, wanted.select))
        .collect();
    meant.sort_by(|a, b| a.name().cmp(b.name()));
    let mut looks = Vec::new();
    for one in &meant {
        looks.push(deployment::look(client, wanted, one));
    }
    let deployments = futures::stream::iter(looks).buffered(AT_A_TIME).collect().await;
    let engines = engines.map(|all| all.engine_version_metadata.into_iter().map(engine).collect());
    let queues = queues.map(|all| {
        let queue = |target: crate::realtime_compute::DeploymentTarget| {
            let quota = target.quota.unwrap_or_default();
            Queue {
                name: target.name,
                limit: quota.limit.as_ref().and_then(room),
                used: quota.used.as_ref().and_then(room),
            }
        };
        all.into_iter().map(queue).collect()
    });
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: wanted.system.clone(),
        taken_at,
        facts: Seen::RealtimeCompute(Box::new(Facts {
            endpoint: client.address().to_owned(),
            place: (wanted.service.workspace.clone(), wanted.service.namespace.clone()),
            engines: or_gap("the engines on offer", engines),
            queues: or_gap("the queues", queues),
            deployments,
            probes,
        })),
        gaps: Vec::new(),
    })
}

/// Labels are matched again: how the service matches them is not documented.
fn is_meant(one: &Deployment, select: &Select) -> bool {
    let named = select.names.is_empty() || select.names.iter().any(|name| name == one.name());
    let labelled = select
        .label
        .as_ref()
        .is_none_or(|(key, value)| one.label(key) == Some(value));
    let queued = select.queue.is_none() || select.queue.as_deref() == one.queue();
    named && labelled && queued
}

fn engine(told: crate::realtime_compute::EngineVersion) -> Engine {
    Engine {
        version: told.engine_version,
        status: told.status.word().to_owned(),
        native: told.features.support_native_savepoint,
    }
}

fn room(told: &Resources) -> Option<Room> {
    Some(Room {
        millicores: told.millicores?,
        mebibytes: mebibytes(told.memory.as_deref()?)?,
    })
}

/// `4Gi`, `1.5Gi`, `512Mi`, `4GB` as the service writes memory.
fn mebibytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "gi" | "gib" | "g" | "gb" => 1024,
        "mi" | "mib" | "m" | "mb" => 1,
        "ti" | "tib" => 1024 * 1024,
        _ => return None,
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let tenth = part.chars().next().and_then(|digit| digit.to_digit(10))?;
    Some(whole.parse::<u64>().ok()?.checked_mul(unit)? + u64::from(tenth) * unit / 10)
}

pub(super) fn or_gap<T>(what: &str, seen: Result<T, Fault>) -> Observed<T> {
    match seen {
        Ok(seen) => Observed::Known(seen),
        Err(fault) => Observed::unknown(what, fault.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::mebibytes;

    #[test]
    fn memory_is_read_in_the_units_that_the_service_writes() {
        for (text, amount) in [
            ("4Gi", Some(4096)),
            ("1.5Gi", Some(1536)),
            ("512Mi", Some(512)),
            ("72Gi", Some(73_728)),
            ("4 apples", None),
            ("", None),
        ] {
            assert_eq!(mebibytes(text), amount, "{text}");
        }
    }
}
