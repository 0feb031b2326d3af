//! What a plan needs of the machines, beside what they have.

use upshift_model::flink::Target;
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;

use super::ground::{Ground, Leave};
use super::waves::room;

/// One need a line.
pub(super) fn list(ground: &Ground<'_>) -> Vec<String> {
    [slots(ground), ports(ground), home(ground), savepoints(ground)]
        .into_iter()
        .flatten()
        .collect()
}

fn has<T>(seen: Option<T>, say: impl Fn(T) -> String) -> String {
    seen.map_or_else(|| "how many there are is not known".to_owned(), say)
}

fn slots(ground: &Ground<'_>) -> Option<String> {
    let each: Option<Vec<u32>> = ground.jobs.iter().map(|job| job.slots).collect();
    let sum: u32 = each?.into_iter().sum();
    let at = ground
        .site
        .clusters
        .get(&super::site::new())?
        .rest
        .authority()
        .to_owned();
    let there = match (&ground.starts, &ground.situation.declaration.target) {
        (Some(starting), _) => format!("it starts with {}", starting.slots),
        (None, Target::RunningCluster { .. }) => {
            let target = ground.situation.facts().target.as_ref().and_then(Observed::known);
            has(target.and_then(|target| target.slots_free.known()), |free| {
                format!("has {free}")
            })
        }
        (None, _) => has(ground.situation.facts().source.slots_free.known(), |free| {
            format!("has {free} beside those of the jobs")
        }),
    };
    Some(format!("{sum} task slots at {at} ({there})"))
}

fn ports(ground: &Ground<'_>) -> Option<String> {
    let starting = ground
        .starts
        .as_ref()
        .filter(|_| ground.strategy == Strategy::Shadow)?;
    let ports: Vec<String> = starting.ports.iter().map(u16::to_string).collect();
    Some(format!("ports {} on this machine", ports.join(", ")))
}

fn home(ground: &Ground<'_>) -> Option<String> {
    let starting = ground.starts.as_ref().filter(|starting| starting.unpack)?;
    let at = starting.installation.home.display();
    let free = ground
        .situation
        .facts()
        .host
        .target_home_free
        .as_ref()
        .and_then(Observed::known);
    let free = has(free, |bytes| format!("has {}", size(*bytes)));
    match room(ground) {
        Some(bytes) => Some(format!("{} of disk for {at} ({free})", size(bytes))),
        None => Some(format!("disk for {at}, how much is not known ({free})")),
    }
}

fn savepoints(ground: &Ground<'_>) -> Option<String> {
    let declaration = ground.situation.declaration;
    let kept: Vec<_> = ground
        .jobs
        .iter()
        .filter(|job| job.leave == Leave::Savepoint)
        .collect();
    if kept.is_empty() {
        return None;
    }
    let times = if declaration.trial_savepoint { 2 } else { 1 };
    let bytes: Option<u64> = kept.iter().map(|job| job.snapshot.bytes).sum();
    let dir = ground.situation.facts().host.savepoint_dir.known();
    let free = has(dir, |dir| format!("has {}", size(dir.free)));
    let at = &declaration.savepoints;
    Some(match bytes {
        Some(bytes) => format!("about {} for savepoints in {at} ({free})", size(bytes * times)),
        None => format!("room for savepoints in {at}, how much is not known ({free})"),
    })
}

/// `97 B`, `4.2 MB`, `61 GB`, in powers of ten as disks are sold.
pub(super) fn size(bytes: u64) -> String {
    let units = [
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1_000),
    ];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        None => format!("{bytes} B"),
        Some((word, unit)) if bytes < 10 * unit => {
            format!("{}.{} {word}", bytes / unit, bytes % unit * 10 / unit)
        }
        Some((word, unit)) => format!("{} {word}", bytes / unit),
    }
}
