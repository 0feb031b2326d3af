//! What a restart may cost: files in workers only, the cache, what expires, default access lists.

use upshift_model::alluxio::{Role, TierFolder, Unpersisted, Way};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;

use super::some;
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;
use crate::systems::alluxio::way::way;

pub(super) fn unpersisted(s: &Situation<'_>) -> Finding {
    let row = s.row("format-wipes-workers");
    let topic = Topic::new(codes::UNPERSISTED, "files in workers only").source(row.source);
    let files = match &s.facts.unpersisted {
        Some(Observed::Known(files)) => files,
        Some(Observed::Unknown(gap)) => {
            return topic
                .fix("upshift inspect backup FILE names them, of any backup")
                .unknown(
                    gap,
                    Severity::Yellow,
                    "whether files are in workers only is not known",
                );
        }
        None => return topic.green("nobody asked"),
    };
    if files.is_empty() {
        return topic.green("every file is in an under-store");
    }
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let named = files
        .iter()
        .map(|file| format!("{} with {} bytes", file.path, file.bytes));
    let topic = topic
        .saw(format!("{} files with {bytes} bytes", files.len()))
        .saw_all(some(named))
        .fix("alluxio fs persist PATH writes them into the under-store, before the backup")
        .fix("they stay where they are: upshift formats masters only; a RAM disk does not outlive its host");
    match s.declaration.unpersisted {
        Unpersisted::Keep if s.declaration.format_workers => topic
            .saw("format_workers = true: nothing else has them")
            .fix("unpersisted = \"persist\" writes them into the under-store first")
            .refused("files are in workers only, and formatting the workers destroys them"),
        Unpersisted::Keep => topic.yellow("files are in workers only"),
        Unpersisted::Persist if s.from.number(0) >= 2 && !has_job_worker(s) => topic
            .saw("no job worker was seen on the hosts: from 2.0 on it is the job service that persists files")
            .fix("start the job masters and job workers, or say unpersisted = \"keep\"")
            .red("files are in workers only, and nobody is there to persist them"),
        Unpersisted::Persist => {
            topic.yellow("files are in workers only, and are persisted before the backup")
        }
        Unpersisted::Refuse => topic.red("files are in workers only, and the system file says refuse"),
    }
}

fn has_job_worker(s: &Situation<'_>) -> bool {
    let mut all = s
        .facts
        .hosts
        .iter()
        .filter_map(|host| host.processes.known())
        .flatten();
    all.any(|process| process.role == Role::JobWorker)
}

/// The documented verb for the cache does nothing before 2.6.1.
pub(super) fn cache(s: &Situation<'_>) -> Finding {
    let row = s.row("cache-persistence");
    let topic = Topic::new(codes::CACHE, "the workers' cache").source(row.source);
    let gap = s.facts.hosts.iter().find_map(|host| host.tiers.gap());
    let old = Release261::is_before(s);
    let topic = topic.saw_all(some(named(s)));
    let (lie, told) = (lying(s), told(s));
    let topic = match told > lie {
        true => topic.saw(format!(
            "workers tell their master of {told} blocks, {lie} files lie in the tiers that were seen"
        )),
        false => topic,
    };
    if gap.is_none() && (told > 0 && lie == 0 || is_any_absent(s)) {
        return topic
            .fix("see whether the tier's disk or RAM disk is mounted, on the worker's host; start the worker again once it is")
            .fix("what only a lost tier held is lost by now: UP-ALLUXIO-0116 names files in workers only")
            .red("a tier that its worker counts on holds nothing");
    }
    let mut options = s.declaration.worker_options.iter();
    let mounts = options.find(|option| option.ends_with("Mount") && *option != "NoMount");
    let no_mount = "worker_options = [\"NoMount\"], and mount the RAM disks before workers are started";
    if let (Some(option), Some(folder)) = (mounts, &s.declaration.save_tiers) {
        return topic
            .saw(format!(
                "save_tiers = {:?}, worker_options has {option}",
                folder.display().to_string()
            ))
            .fix(no_mount)
            .red("workers would mount over the tiers that were put back");
    }
    if s.declaration.format_workers {
        return given_up(s, topic, gap);
    }
    if let Some(option) = mounts.filter(|_| s.from.number(0) < 2 || s.to.number(0) < 2) {
        let row = s.row("no-mount");
        return topic
            .saw(format!("worker_options has {option}"))
            .saw(row.text)
            .fix(no_mount)
            .red(
                "a worker of 1.x would empty its RAM disk when it is started, on the way back if not before",
            );
    }
    let topic = match old {
        true => topic.saw(row.text),
        false => topic,
    };
    match gap {
        Some(gap) => topic.unknown(
            gap,
            Severity::Yellow,
            "what lies in the workers' tiers is not known",
        ),
        None => topic.green("workers are not formatted: what is in their tiers stays there"),
    }
}

/// The tiers that were seen, and what lies in them.
fn named(s: &Situation<'_>) -> Vec<String> {
    s.facts
        .hosts
        .iter()
        .filter_map(|host| Some((host, host.tiers.known()?)))
        .flat_map(|(host, tiers)| {
            tiers.iter().map(move |tier| {
                format!(
                    "{} on {} ({}): {} files, {} KiB",
                    tier.path.display(),
                    host.name,
                    tier.file_system,
                    tier.blocks,
                    tier.kib
                )
            })
        })
        .collect()
}

/// Files in all tiers that were seen.
fn lying(s: &Situation<'_>) -> u64 {
    let tiers = s.facts.hosts.iter().filter_map(|host| host.tiers.known());
    tiers.flatten().map(|tier| tier.blocks).sum()
}

/// Blocks that workers in service tell their master of, where it says so.
fn told(s: &Situation<'_>) -> u64 {
    let workers = s.facts.leader().into_iter().flat_map(|master| &master.workers);
    workers
        .filter(|worker| worker.serves())
        .filter_map(|worker| worker.blocks)
        .sum()
}

fn is_any_absent(s: &Situation<'_>) -> bool {
    let mut tiers = s
        .facts
        .hosts
        .iter()
        .filter_map(|host| host.tiers.known())
        .flatten();
    tiers.any(TierFolder::is_absent)
}

/// Workers are formatted, because a person says so.
fn given_up(s: &Situation<'_>, topic: Topic, gap: Option<&Gap>) -> Finding {
    if let Some(folder) = &s.declaration.save_tiers {
        return topic
            .saw(format!("save_tiers = {:?}", folder.display().to_string()))
            .fix("leave out save_tiers, or format_workers")
            .refused("tiers would be copied to be put back, and formatted");
    }
    let topic =
        topic.fix("leave out format_workers: masters alone are formatted, and workers keep what they have");
    match gap {
        Some(gap) => topic.unknown(
            gap,
            Severity::Red,
            "what would be given up in the workers' tiers is not known",
        ),
        None => topic.yellow("workers are formatted: all that lies in their tiers is given up"),
    }
}

/// The first release whose scripts keep a cache.
struct Release261;

impl Release261 {
    fn is_before(s: &Situation<'_>) -> bool {
        (s.from.number(0), s.from.number(1), s.from.number(2)) < (2, 6, 1)
    }
}

pub(super) fn expiry(s: &Situation<'_>) -> Option<Finding> {
    let minutes = [
        "alluxio.master.ttl.checker.interval",
        "alluxio.master.ttl.checker.interval.ms",
    ];
    let set = s.facts.hosts.iter().find_map(|host| {
        let site = host.target_site.known()?;
        minutes
            .iter()
            .find_map(|key| Some(format!("{key}={}", site.get(*key)?.value)))
    });
    let topic = Topic::new(codes::EXPIRY, "files that expire")
        .source("InodeTtlChecker and SleepingTimer of 1.8.1 to 2.9.6: the leader deletes or frees what has expired, at once and then every hour by default")
        .saw("a master looks at once when it comes to lead: no option keeps it from this first look")
        .saw(set.unwrap_or_else(|| "then it looks every hour, unless configured otherwise".to_owned()))
        .saw("what it deletes is gone from the under-store, too: no way back brings it again")
        .fix("before the upgrade: alluxio fs unsetTtl PATH of what must not be deleted meanwhile, and setTtl again afterwards")
        .fix("alluxio.master.ttl.checker.interval in the wanted release's configuration puts off later looks; it counts from a start of the masters to the next");
    Some(topic.yellow("the new leader acts on its own: it deletes what has expired"))
}

pub(super) fn default_access(s: &Situation<'_>) -> Option<Finding> {
    if way(s).way != Way::InPlace || s.from.number(0) < 2 {
        return None;
    }
    let topic = Topic::new(codes::DEFAULT_ACCESS, "default access lists")
        .source("restarts of 2.7.3 and 2.9.6 on a journal with a default access list (measured)")
        .saw("after a restart on a journal, a list that was set for one user gives others nothing: default:user::--- ")
        .fix("way = \"backup\" keeps them; or set them again afterwards");
    Some(topic.yellow("a plain restart changes default access lists"))
}
