//! Which strategy carries an upgrade out, and why.
//!
//! It chooses between what the file allows and what was seen; whether the choice is safe is for the
//! checks to say.

use upshift_model::flink::{DeclaredInstallation, ShadowPorts, StrategyWish, Target};
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;

use crate::systems::flink::situation::Situation;

/// Picks the strategy, with the reasons in the order in which they weighed.
pub fn choose(situation: &Situation<'_>) -> (Strategy, Vec<String>) {
    match &situation.declaration.target {
        Target::SameCluster => (
            Strategy::JobOnly,
            vec!["the release stays, only jobs are replaced on the same cluster".to_owned()],
        ),
        Target::RunningCluster { rest } => {
            let why = format!(
                "the target runs already at {}, beside the cluster of today",
                rest.authority()
            );
            (Strategy::Shadow, vec![why])
        }
        Target::Release { installation, shadow } => {
            choose_for_release(situation, installation, shadow.as_ref())
        }
    }
}

fn choose_for_release(
    situation: &Situation<'_>,
    target: &DeclaredInstallation,
    shadow: Option<&ShadowPorts>,
) -> (Strategy, Vec<String>) {
    match situation.declaration.strategy {
        StrategyWish::InPlace => (Strategy::InPlace, vec!["the file asks for it".to_owned()]),
        StrategyWish::Shadow => (Strategy::Shadow, vec!["the file asks for it".to_owned()]),
        StrategyWish::Auto => match shadow {
            None => (
                Strategy::InPlace,
                vec!["the file names no address for a cluster beside the old one".to_owned()],
            ),
            Some(ports) => match obstacles(situation, target, ports) {
                none if none.is_empty() => (Strategy::Shadow, reasons_for_shadow(situation, ports)),
                why => (Strategy::InPlace, why),
            },
        },
    }
}

/// What speaks against a second cluster beside the old one. What was not seen speaks against it,
/// too: in place needs less of the machine.
fn obstacles(situation: &Situation<'_>, target: &DeclaredInstallation, shadow: &ShadowPorts) -> Vec<String> {
    let host = &situation.facts().host;
    let mut why: Vec<String> = ports(shadow)
        .into_iter()
        .filter_map(|port| match host.ports.get(&port) {
            Some(Observed::Known(false)) => None,
            Some(Observed::Known(true)) => {
                Some(format!("port {port}, which a second cluster needs, is taken"))
            }
            Some(Observed::Unknown(gap)) => Some(format!(
                "whether port {port} is free is not known: {}",
                gap.reason
            )),
            None => Some(format!("whether port {port} is free was not looked at")),
        })
        .collect();
    if let Some(current) = &situation.declaration.current {
        let shared = [
            ("configuration", Some(&current.conf), Some(&target.conf)),
            ("log", current.logs.as_ref(), target.logs.as_ref()),
            ("pid", current.pids.as_ref(), target.pids.as_ref()),
        ];
        why.extend(
            shared
                .into_iter()
                .filter_map(|(what, old, new)| match (old, new) {
                    (Some(old), Some(new)) if old == new => Some(format!(
                        "both clusters would share the {what} folder {}",
                        new.display()
                    )),
                    _ => None,
                }),
        );
    }
    why.extend(memory_obstacle(situation));
    why
}

/// A second cluster doubles the processes; a machine whose memory the first one takes by more than
/// half is no place for it. Only what the configuration states outright is counted.
fn memory_obstacle(situation: &Situation<'_>) -> Option<String> {
    let source = &situation.facts().source;
    let config = source.config.known()?;
    let managers = source.task_managers.known()?;
    let physical = managers.iter().filter_map(|tm| tm.physical_memory).min()?;
    let size = |key: &str| config.get(key).and_then(|text| memory_size(text));
    let manager =
        size("taskmanager.memory.process.size").or_else(|| size("taskmanager.memory.flink.size"))?;
    let master = size("jobmanager.memory.process.size").or_else(|| size("jobmanager.memory.flink.size"))?;
    let count = u64::try_from(managers.len()).ok()?;
    let twice = master.checked_add(manager.checked_mul(count)?)?.checked_mul(2)?;
    (twice > physical).then(|| {
        format!(
            "two clusters would need {} MiB of memory, and the machine has {}",
            twice >> 20,
            physical >> 20
        )
    })
}

/// Bytes of a Flink memory size: `1600m`, `1 gb`, `1073741824`.
fn memory_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim() {
        "" | "b" | "bytes" => 0,
        "k" | "kb" | "kibibytes" => 10,
        "m" | "mb" | "mebibytes" => 20,
        "g" | "gb" | "gibibytes" => 30,
        "t" | "tb" | "tebibytes" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn reasons_for_shadow(situation: &Situation<'_>, shadow: &ShadowPorts) -> Vec<String> {
    let jobs = situation.declaration.jobs.len();
    let who = if jobs == 1 { "the job is" } else { "each job is" };
    vec![
        format!(
            "both clusters fit: the ports of {} are free",
            shadow.rest.authority()
        ),
        format!("{who} down while it moves, and not while a cluster stops and another starts"),
    ]
}

/// The local ports that a cluster beside the old one listens on.
pub(crate) fn ports(shadow: &ShadowPorts) -> Vec<u16> {
    shadow
        .rest
        .port()
        .into_iter()
        .chain([shadow.rpc_port, shadow.blob_port])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::memory_size;

    #[test]
    fn memory_sizes_read_as_flink_reads_them() {
        assert_eq!(memory_size("1600m"), Some(1600 << 20));
        assert_eq!(memory_size("1 gb"), Some(1 << 30));
        assert_eq!(memory_size("1073741824"), Some(1 << 30));
        assert_eq!(memory_size("lots"), None);
    }
}
