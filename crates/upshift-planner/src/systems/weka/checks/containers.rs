//! Containers: which release each runs, on which cores, of which machine, and clients among them.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, Severity};
use upshift_model::topic::Topic;
use upshift_model::weka::Container;

use super::parts::text;
use super::{CHECKER, DOCS};
use crate::knowledge::{Facts, Known, Release, Verdict};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{self, One, one, red, yellow};
use crate::systems::weka::recipe::way;
use crate::systems::weka::situation::Situation;

/// A core that nobody assigned.
const AUTO: u64 = u32::MAX as u64;
/// So much SSD for each byte of compute memory is much.
const MUCH_SSD: u64 = 2000;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    vec![
        same_release(s),
        cores(s),
        machine_ids(s),
        ssd_to_memory(s),
        client_releases(s),
        mcb(s),
    ]
}

/// Judges the backends' containers all together.
fn of_backends(
    s: &Situation<'_>,
    topic: Topic,
    words: judge::Words,
    what: &'static str,
    judged: impl FnOnce(Vec<&Container>) -> Option<Option<String>>,
) -> Finding {
    one(topic, words, &s.cluster().containers, |containers| {
        if containers.iter().any(|container| container.mode.is_none()) {
            return One::of(None::<()>, "whether a container is a backend's", |()| None);
        }
        let all = s.cluster().backend_containers().collect();
        One::of(judged(all), what, |said| said)
    })
}

fn same_release(s: &Situation<'_>) -> Finding {
    let words = red("backends run several releases", "all backends run one release");
    let topic = Topic::new(codes::SAME_RELEASE, "backends")
        .fix("end the upgrade that is under way, or bring the server to the others' release")
        .source(CHECKER);
    of_backends(s, topic, words, "the release of a container", |all| {
        let mut by_release: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
        for container in all {
            let hosts = by_release.entry(container.release.as_ref()?).or_default();
            hosts.insert(text(container.host.as_ref()));
        }
        let several = by_release.len() > 1;
        Some(several.then(|| {
            let each = by_release.into_iter().map(|(release, hosts)| {
                let hosts = judge::some(hosts.into_iter().collect());
                format!("{release} on {}", hosts.join(", "))
            });
            each.collect::<Vec<_>>().join("; ")
        }))
    })
}

fn cores(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "cores are assigned twice, or partly by hand",
        "every core is assigned once",
    );
    let topic = Topic::new(codes::CORES, "backends")
        .fix("weka local resources cores, one way for all")
        .source(CHECKER);
    of_backends(s, topic, words, "the cores of a container", |all| {
        let mut by_host: BTreeMap<&String, Vec<u64>> = BTreeMap::new();
        for container in all {
            let cores = by_host.entry(container.host.as_ref()?).or_default();
            cores.extend(container.cores.as_ref()?);
        }
        let said: Vec<String> = by_host
            .into_iter()
            .filter_map(|(host, cores)| {
                let own: Vec<u64> = cores.iter().copied().filter(|core| *core != AUTO).collect();
                let distinct: BTreeSet<u64> = own.iter().copied().collect();
                let mixed = !own.is_empty() && own.len() < cores.len();
                match (distinct.len() < own.len(), mixed) {
                    (true, _) => Some(format!("{host} has a core twice")),
                    (_, true) => Some(format!("{host} has some by hand, some not")),
                    _ => None,
                }
            })
            .collect();
        Some((!said.is_empty()).then(|| judge::some(said).join("; ")))
    })
}

fn machine_ids(s: &Situation<'_>) -> Finding {
    let words = red(
        "two servers have one machine id",
        "every server has its own machine id",
    );
    let topic = Topic::new(codes::MACHINE_IDS, "backends")
        .fix("give each an id of its own")
        .source(CHECKER);
    of_backends(s, topic, words, "the machine id of a container", |all| {
        let mut by_id: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
        for container in all {
            let hosts = by_id.entry(container.machine.as_ref()?).or_default();
            hosts.insert(container.host.as_ref()?);
        }
        let twice = by_id.into_values().find(|hosts| hosts.len() > 1);
        Some(twice.map(|hosts| hosts.into_iter().cloned().collect::<Vec<_>>().join(" and ")))
    })
}

fn ssd_to_memory(s: &Situation<'_>) -> Finding {
    let words = yellow("much SSD for little memory", "there is memory enough for the SSD");
    let topic = Topic::new(codes::SSD_TO_MEMORY, "cluster")
        .fix("give compute containers more memory")
        .source(CHECKER);
    let total = s.cluster().status.known().and_then(|status| status.total_bytes);
    let of_compute: Option<BTreeSet<u64>> = s.cluster().processes.known().and_then(|processes| {
        let compute = processes.iter().filter(|process| {
            let mut roles = process.roles.iter().flatten();
            roles.any(|role| role == "COMPUTE")
        });
        compute.map(|process| process.container).collect()
    });
    of_backends(s, topic, words, "memory of compute containers", |all| {
        let (total, of_compute) = (total?, of_compute?);
        let mut memory = 0_u64;
        for container in all {
            if of_compute.contains(&container.id?) {
                memory += container.memory?;
            }
        }
        let times = total.checked_div(memory)?;
        Some((times > MUCH_SSD).then(|| format!("{times} times as much")))
    })
}

/// What the catalogue says of each release of clients beside backends of the wanted one.
fn client_releases(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::CLIENT_RELEASES, "clients");
    let containers = match s.cluster().containers.as_result() {
        Ok(containers) => containers,
        Err(gap) => return topic.unknown(gap, Severity::Red, "not known which releases clients run"),
    };
    let clients = s.cluster().client_containers();
    let mut by_release: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for client in clients {
        match &client.release {
            Some(release) => by_release
                .entry(release)
                .or_default()
                .push(text(client.host.as_ref())),
            None => {
                return judge::all(
                    topic,
                    red("clients run a release that is not taken", ""),
                    [One::of(None::<()>, "the release of a client", |()| None)],
                );
            }
        }
    }
    if by_release.is_empty() {
        let said = format!("none of {} containers is a client's", containers.len());
        return topic.saw(said).green("there are no clients");
    }
    // The plan takes them along, between its hops.
    let carried = s.declaration.clients && way(s).is_ok();
    let mut worst = Verdict::Supported;
    let mut topic = topic.fix("upgrade such clients first, to the release that the cluster has now");
    for (release, hosts) in by_release {
        let Ok(client) = Release::parse(Known::Weka, release) else {
            topic = topic.saw(format!("{release} is no release that upshift can read"));
            worst = worst.max(Verdict::Unknown);
            continue;
        };
        let answer = s.library.client(&s.to, &client, &Facts::default());
        let now = s.library.client(&s.from, &client, &Facts::default());
        if carried && client <= s.from && now.verdict == Verdict::Supported {
            continue;
        }
        if answer.verdict != Verdict::Supported {
            topic = topic.saw(format!("{client} on {}", judge::some(hosts).join(", ")));
            if let Some(row) = answer.because() {
                topic = topic.saw(row.text.clone()).source(row.origin.to_string());
            }
        }
        worst = worst.max(answer.verdict);
    }
    match worst {
        Verdict::Supported if carried => topic.green("clients are taken as they are, or upgraded on the way"),
        Verdict::Supported => topic.green("the wanted release takes every client as it is"),
        Verdict::Unsupported => topic.red("the wanted release does not take clients as they are"),
        Verdict::Conditional | Verdict::Unknown => {
            topic.yellow("it is not certain that every client is taken")
        }
    }
}

fn mcb(s: &Situation<'_>) -> Finding {
    let words = red(
        "the cluster is not in the multi-container architecture",
        "every container does one thing",
    );
    let topic = Topic::new(codes::MCB, "backends")
        .fix("let the vendor convert the cluster first")
        .source(DOCS);
    one(topic, words, &s.cluster().processes, |processes| {
        let mut by_container: BTreeMap<u64, BTreeSet<&String>> = BTreeMap::new();
        for process in processes
            .iter()
            .filter(|one| one.mode.as_deref() != Some("client"))
        {
            let Some((container, roles)) = process.container.zip(process.roles.as_ref()) else {
                return One::of(None::<()>, "container and roles of a process", |()| None);
            };
            let own = roles.iter().filter(|role| *role != "MANAGEMENT");
            by_container.entry(container).or_default().extend(own);
        }
        let several = by_container.into_iter().find(|(_, roles)| roles.len() > 1);
        match several {
            None => One::Fine,
            Some((container, roles)) => One::Bad(format!(
                "container {container} does {}",
                roles.into_iter().cloned().collect::<Vec<_>>().join(" and ")
            )),
        }
    })
}
