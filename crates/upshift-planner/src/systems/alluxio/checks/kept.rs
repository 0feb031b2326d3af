//! What ties a cluster to what it has: where its journal lies, who its masters are, where its blocks lie. Under another
//! of these the wanted release starts beside all of it, with an empty tree or an empty cache, and reports nothing.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::alluxio::{HostFacts, OptionLine, Role};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::configuration::{line, replacement, site_of};
use super::some;
use crate::knowledge::{Known, Release};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::{JOURNAL_FOLDER, Situation};
use crate::systems::alluxio::way::is_embedded;

type Options = BTreeMap<String, OptionLine>;

/// What is lost under another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// The tree, or the masters that keep it.
    Masters,
    /// Blocks in workers.
    Blocks,
    /// The way into a store.
    Credentials,
    /// Nothing that is known.
    New,
}

/// How masters, workers and clients find the master that leads.
const OF_ALL: [&str; 2] = ["alluxio.zookeeper.enabled", "alluxio.zookeeper.address"];
const OF_MASTERS: [&str; 2] = [JOURNAL_FOLDER, "alluxio.master.web.port"];
/// Who takes part in an embedded journal, and by which name a member knows itself. Read by nobody where there is none.
const OF_MEMBERS: [&str; 3] = [
    "alluxio.master.embedded.journal.addresses",
    "alluxio.master.embedded.journal.port",
    "alluxio.master.hostname",
];
/// Options of the root mount: no journal and no backup holds them.
const OF_THE_ROOT: &str = "alluxio.master.mount.table.root.";
const OF_WORKERS: [&str; 4] = [
    "alluxio.worker.tieredstore.levels",
    "alluxio.worker.data.folder",
    "alluxio.worker.block.store.type",
    "alluxio.worker.page.store.dirs",
];
/// Those that are the store's own, which may be said without this for all mounts.
const OPTIONS_OF_THE_ROOT: &str = "alluxio.master.mount.table.root.option.";
/// Judged by itself, as what is mounted.
const ROOT: &str = "alluxio.master.mount.table.root.ufs";

fn tie(s: &Situation<'_>, key: &str, host: &HostFacts) -> Option<Tie> {
    let of_the_root = key.starts_with(OF_THE_ROOT) && key != ROOT;
    let of_a_member = OF_MEMBERS.contains(&key) && is_embedded(s) != Some(false);
    let is_tier = key.starts_with("alluxio.worker.tieredstore.level") && key.ends_with(".dirs.path");
    if OF_ALL.contains(&key) {
        Some(Tie::Masters)
    } else if OF_MASTERS.contains(&key) || of_the_root || of_a_member {
        runs(host, Role::Master).then_some(Tie::Masters)
    } else {
        (runs(host, Role::Worker) && (is_tier || OF_WORKERS.contains(&key))).then_some(Tie::Blocks)
    }
}

/// Where it cannot be seen what runs on a host it is taken to run: a finding too many is no journal lost.
pub(in crate::systems::alluxio) fn runs(host: &HostFacts, role: Role) -> bool {
    let all = host.processes.known();
    all.is_none_or(|all| all.iter().any(|process| process.role == role))
}

/// What is missing where no host was looked at: nothing is green by that.
pub(super) fn nobody(hosts: usize) -> Option<Gap> {
    (hosts == 0).then(|| Gap {
        what: "the hosts of the cluster".to_owned(),
        reason: "none that counts here was looked at".to_owned(),
    })
}

/// Every host's file, against what runs there.
pub(super) fn kept(s: &Situation<'_>) -> Vec<Finding> {
    s.facts.hosts.iter().map(|host| on(s, host)).collect()
}

fn on(s: &Situation<'_>, host: &HostFacts) -> Finding {
    let topic = Topic::new(codes::KEPT, format!("ties of {}", host.name)).source(
        "PropertyKey of 1.8.1 to 2.9.6: the journal's default folder lies below the release's own home",
    );
    let (wanted, carried) = match site_of(host) {
        Ok(site) => site,
        Err(gap) => {
            return topic.unknown(
                &gap,
                Severity::Red,
                "what the wanted release starts with is not known",
            );
        }
    };
    let runs = match host.site.as_result() {
        Ok(runs) => runs,
        Err(gap) => {
            return topic.unknown(
                gap,
                Severity::Red,
                "what the running release was started with is not known",
            );
        }
    };
    let keys: BTreeSet<&String> = runs.keys().chain(wanted.keys()).collect();
    let differ = keys.into_iter().filter_map(|key| {
        let tie = match tie(s, key, host)? {
            Tie::Masters if is_new_option(key, runs) => Tie::New,
            tie => tie,
        };
        Some((tie, difference(s, key, (runs, wanted), carried)?))
    });
    let secrets = host.other_secrets.iter();
    let secrets = secrets.map(|key| {
        (
            Tie::Credentials,
            format!("{key}: another value, which is not shown"),
        )
    });
    let differ: Vec<(Tie, String)> = differ.chain(secrets).collect();
    let is = |tie: Tie| differ.iter().any(|(of, _)| *of == tie);
    let topic = topic.saw_all(some(differ.iter().map(|(_, what)| what.clone())));
    if is(Tie::Masters) {
        return topic
            .fix("write the value that runs into the wanted release's alluxio-site.properties, or take that file away and upshift carries the old one over")
            .refused("the wanted release would start with another journal, other masters or another root");
    }
    if is(Tie::Blocks) {
        return topic
            .fix("write the value that runs into the wanted release's alluxio-site.properties; waive this where the blocks may go")
            .red("the wanted release would look for its blocks in other places");
    }
    if is(Tie::Credentials) {
        return topic
            .fix("give the running release the new credentials first; waive this where they are tried")
            .red(
                "the wanted release would come to its stores with other credentials, which nobody has tried",
            );
    }
    match is(Tie::New) {
        true => topic
            .fix("give it to the running release first, or look whether it counts there by another name")
            .yellow("the wanted release would mount the root with an option that the running one has not"),
        false => {
            topic.green("the wanted release keeps its journal, its masters, its root's options and its tiers")
        }
    }
}

/// Whether the running release has no such option of the root, by its own name or by that of all mounts.
fn is_new_option(key: &str, runs: &Options) -> bool {
    key.strip_prefix(OPTIONS_OF_THE_ROOT)
        .is_some_and(|of_all| !runs.contains_key(key) && !runs.contains_key(of_all))
}

/// In what a key differs, as a person reads it; none where it counts as before.
fn difference(
    s: &Situation<'_>,
    key: &str,
    (runs, wanted): (&Options, &Options),
    carried: bool,
) -> Option<String> {
    let value = |options: &Options| options.get(key).map(|line| line.value.trim().to_owned());
    let now = value(runs);
    let renamed = || replacement(s, key).and_then(|other| Some(wanted.get(&other)?.value.trim().to_owned()));
    let then = value(wanted).or_else(renamed);
    // One that is not set, or names the home, is written as it counts now.
    if key == JOURNAL_FOLDER && (then.is_none() || carried) {
        return None;
    }
    let moves = |text: &str| {
        ["${alluxio.home}", "${alluxio.work.dir}"]
            .iter()
            .any(|home| text.contains(home))
    };
    if let Some(text) = then.as_deref().filter(|text| moves(text)) {
        return Some(format!("{key}={text}: lies below the home of each release"));
    }
    // One that is new may have been said elsewhere: a key of the store for all mounts.
    let of_all = || {
        Some(
            runs.get(key.strip_prefix(OPTIONS_OF_THE_ROOT)?)?
                .value
                .trim()
                .to_owned(),
        )
    };
    let as_it_counts = now.or_else(of_all).or_else(|| default(s, &s.from, key));
    let will_count = then.clone().or_else(|| default(s, &s.to, key));
    let resolved = s.facts.option(key).map(plain);
    let same = match (&as_it_counts, &will_count) {
        (None, None) => true,
        (Some(now), Some(then)) => plain(now) == plain(then),
        (None, Some(then)) => resolved == Some(plain(then)),
        (Some(_), None) => false,
    };
    let shown = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
    (!same).then(|| match then {
        Some(then) => format!("{key}: {} → {then}", shown(as_it_counts)),
        None => format!(
            "{key}: {} → not set, which means {}",
            shown(as_it_counts),
            shown(will_count)
        ),
    })
}

/// What a release takes where nothing is set, if that is listed; none of one that is made of other options.
fn default(s: &Situation<'_>, release: &Release, key: &str) -> Option<String> {
    let option = s.library.options(Known::Alluxio)?.option(&line(release)?, key)?;
    let text = option.default.trim();
    // `/mnt/ramdisk on Linux, …`
    let text = text.split_once(" on Linux").map_or(text, |(here, _)| here);
    (!text.is_empty() && !text.contains("${")).then(|| text.to_owned())
}

/// Without what does not count: a scheme of local files, spaces, a sign at the end.
fn plain(text: &str) -> String {
    let words = text.split(',').map(|word| {
        let word = word.trim();
        let word = word.strip_prefix("file://").unwrap_or(word);
        word.trim_end_matches('/')
    });
    words.collect::<Vec<_>>().join(",")
}
