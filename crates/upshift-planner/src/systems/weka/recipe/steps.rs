//! The single steps: what is done, what must hold before, and the same as commands.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step};
use upshift_model::version::Version;
use upshift_model::weka::{Act, Condition, Declaration, Fate, Former, Site, SiteClient, Source, USUAL_PORT};

use super::{around, timing};
use crate::build::Draft;

/// What must hold before anything is begun.
pub(super) fn ready() -> Vec<Expectation> {
    let all = [Condition::Fine, Condition::Idle, Condition::Converted];
    all.into_iter().map(Expectation::Weka).collect()
}

pub(super) fn hold(hold_for: Millis, watch: Vec<Condition>) -> Step {
    let gate = Gate::Soak {
        watch: watch.into_iter().map(Expectation::Weka).collect(),
        every: Millis(hold_for.0 / 2).clamp(timing::OFTEN, timing::EVERY),
        hold_for,
        fail_after: timing::BAD_SAMPLES,
        blind_for: timing::BLIND,
    };
    Draft::new(Effect::Hold { gate }, timing::SETTLE_GIVE_UP)
        .by_hand(vec![
            "weka status; weka status rebuild; weka cluster task; weka cluster container".to_owned(),
        ])
        .step()
}

pub(super) fn judged(from: &Version, to: &Version) -> Step {
    let gate = Gate::Judged {
        from: from.clone(),
        to: to.clone(),
    };
    Draft::new(Effect::Hold { gate }, timing::JUDGE_GIVE_UP)
        .why("what is red stands in the way, by name, and a person says when to look again; what is waived stays so")
        .by_hand(vec![format!(
            "upshift check FILE, with current = \"{from}\" and target = \"{to}\""
        )])
        .step()
}

pub(super) fn stage(site: &Site, release: &Version) -> Step {
    let what = Act::Stage {
        release: release.clone(),
    };
    let prepare = format!("weka version prepare {release}");
    let (why, commands) = match &site.source {
        Source::Server { from } => {
            let from = from.as_ref();
            let from = from.map_or_else(String::new, |from| format!(" --from {from}"));
            let get = format!("weka version get {release}{from}");
            ("from a distribution server", vec![get])
        }
        Source::Vendor { site, .. } => {
            let get = format!("weka version get {release} --from https://TOKEN@{site}");
            (
                "from the vendor's site, with a token that is shown nowhere",
                vec![get],
            )
        }
        Source::Tar { folder } => {
            let file = folder.join(format!("weka-{release}.tar"));
            let copy = format!("scp {} {}:", file.display(), site.runner.host);
            let install =
                format!("tar -xf weka-{release}.tar; cd to the folder with install.sh; ./install.sh");
            (
                "from a file that is copied there and installed",
                vec![copy, install],
            )
        }
    };
    Draft::new(Effect::Weka { what }, timing::STAGE_GIVE_UP)
        .why("nothing that runs is touched; a copy for clients alone does not count")
        .why(why)
        .by_hand(
            [format!("ssh {}", site.runner.host)]
                .into_iter()
                .chain(commands)
                .chain([prepare])
                .collect(),
        )
        .step()
}

pub(super) fn distribute(site: &Site, release: &Version) -> Step {
    let what = Act::Distribute {
        release: release.clone(),
    };
    let option = match (release.major(), release.minor()) >= (5, 0) {
        true => "--distribute-version",
        false => "--prepare-only",
    };
    Draft::new(Effect::Weka { what }, timing::STAGE_GIVE_UP)
        .before_all(ready())
        .why("ahead of the upgrade, which is shorter by it; nothing that runs is touched")
        .by_hand(vec![
            format!("ssh {}", site.runner.host),
            format!(
                "weka local run {} upgrade {option}{}",
                within(site, release),
                port(site)
            ),
        ])
        .step()
}

pub(super) fn quiet(host: &str, units: BTreeMap<String, Former>) -> Step {
    let names: Vec<String> = units.keys().cloned().collect();
    let word = |(name, former): (&String, &Former)| {
        let ran = if former.ran { "runs" } else { "does not run" };
        let enabled = if former.enabled { "enabled" } else { "not enabled" };
        format!("{name} {ran}, {enabled}")
    };
    let was: Vec<String> = units.iter().map(word).collect();
    let what = Act::Quiet {
        host: host.to_owned(),
        units,
    };
    Draft::new(Effect::Weka { what }, timing::BESIDE_GIVE_UP)
        .why(format!("as it is now: {}", was.join("; ")))
        .why("no document says that they are put back; systemctl enable --now NAME does it by hand")
        .by_hand(vec![
            format!("ssh {host}"),
            format!("systemctl disable --now {}", names.join(" ")),
        ])
        .step()
}

pub(super) fn set_override(release: &Version, set: bool) -> Step {
    let what = Act::Override {
        release: release.clone(),
        key: around::KEY.to_owned(),
        value: set.then(|| around::VALUE.to_owned()),
    };
    let (why, command) = match set {
        true => (
            "the vendor asks for it before drives and computes go, on this hop",
            format!(
                "weka debug override add --key {} --value {} --force",
                around::KEY,
                around::VALUE
            ),
        ),
        false => (
            "the hop is over",
            format!("weka debug override list, then remove --id N for {}", around::KEY),
        ),
    };
    Draft::new(Effect::Weka { what }, timing::BESIDE_GIVE_UP)
        .why(why)
        .by_hand(vec![command])
        .step()
}

pub(super) fn client_target(release: &Version, former: &str) -> Step {
    let what = Act::ClientTarget {
        release: release.clone(),
        former: former.to_owned(),
    };
    Draft::new(Effect::Weka { what }, timing::BESIDE_GIVE_UP)
        .why(format!(
            "it is {former} now: stateless clients would stay on it, and an upgrade of the cluster leaves it as it is"
        ))
        .by_hand(vec![format!("weka cluster client-target-version set {release}")])
        .step()
}

pub(super) fn task(id: u64, kind: &str, fate: Fate) -> Step {
    let (why, command) = match &fate {
        Fate::Wait => (
            "the upgrade does not start beside it".to_owned(),
            "weka cluster task".to_owned(),
        ),
        Fate::Pause => (
            "the system file says so; it goes on at the end".to_owned(),
            format!("weka cluster task pause {id}"),
        ),
        Fate::Resume => (
            "it was paused by this plan".to_owned(),
            format!("weka cluster task resume {id}"),
        ),
        Fate::Abort => (
            "the system file says so; what it did so far is lost".to_owned(),
            format!("weka cluster task abort {id}"),
        ),
        Fate::Delete { filesystem, snapshot } => (
            format!(
                "the system file consents by name that {} is deleted, with all that is in it",
                Fate::object(filesystem, snapshot.as_deref())
            ),
            match snapshot {
                Some(snapshot) => format!("weka fs snapshot delete {filesystem} {snapshot} --force"),
                None => format!("weka fs delete {filesystem} --force"),
            },
        ),
    };
    let what = Act::Task {
        id,
        kind: kind.to_owned(),
        fate,
    };
    Draft::new(Effect::Weka { what }, timing::TASK_GIVE_UP)
        .why(why)
        .by_hand(vec![command])
        .step()
}

pub(super) fn restart(host: &str, release: &Version) -> Step {
    let what = Act::Restart {
        host: host.to_owned(),
        release: release.clone(),
    };
    Draft::new(Effect::Weka { what }, timing::BESIDE_GIVE_UP)
        .before_all(ready())
        .why("only where write combining is not on: without it the low latency queue of the network card does nothing")
        .by_hand(vec![
            format!("ssh {host}"),
            "cat /sys/module/igb_uio/parameters/wc_activate; where it is not 1:".to_owned(),
            "weka local stop; weka local start".to_owned(),
        ])
        .step()
}

pub(super) fn backends(site: &Site, release: &Version) -> Step {
    let what = Act::Backends {
        release: release.clone(),
    };
    Draft::new(Effect::Weka { what }, timing::BACKENDS_GIVE_UP)
        .before_all(ready())
        .why("the package goes to all servers and is made ready there first: what fails until then changes nothing")
        .why("once drives are switched nobody gets back: what fails is resumed in its phase, and only when a person says so")
        .by_hand(vec![
            format!("ssh {}", site.runner.host),
            format!("weka local run {} upgrade{}", within(site, release), port(site)),
        ])
        .step()
}

pub(super) fn clients(
    declared: &Declaration,
    site: &Site,
    release: &Version,
    (ids, left): (BTreeSet<u64>, &BTreeSet<u64>),
) -> Step {
    let batch = declared.client_batch;
    let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    let turns = count.div_ceil(u64::from(batch.max(1)));
    let dropped = match left.is_empty() {
        true => String::new(),
        false => format!(" --drop-host {}", joined(left)),
    };
    let command = format!(
        "weka local run {} upgrade --mode=clients-upgrade --client-rolling-batch-size {batch} --clients-to-upgrade \
         {}{dropped} --from backends{}",
        within(site, release),
        joined(&ids),
        port(site)
    );
    let what = Act::Clients {
        release: release.clone(),
        ids,
        batch,
        left: left.clone(),
    };
    Draft::new(Effect::Weka { what }, timing::CLIENTS_GIVE_UP)
        .usual(Millis(timing::ONE_CLIENT.0.saturating_mul(turns)))
        .before_all(ready())
        .before_all(window(declared))
        .why("filesystems stay mounted; a batch with a client that fails ends, and no later one begins")
        .by_hand(vec![format!("ssh {}", site.runner.host), command])
        .step()
}

pub(super) fn client(
    declared: &Declaration,
    site: &Site,
    release: &Version,
    client: &SiteClient,
    several: bool,
) -> Step {
    let what = Act::Client {
        release: release.clone(),
        client: client.clone(),
        several,
    };
    let all = if several { " --all" } else { "" };
    let port = site.runner.port.unwrap_or(USUAL_PORT);
    Draft::new(Effect::Weka { what }, timing::CLIENT_GIVE_UP)
        .usual(timing::ONE_CLIENT)
        .before_all(ready())
        .before_all(window(declared))
        .why("its filesystems stay mounted; a client that fails lets those that were begun end, and no other begins")
        .by_hand(vec![
            format!("ssh {}", client.host),
            format!(
                "weka version get {release} --client-only --from {}:{port}",
                site.runner.host
            ),
            format!("weka version set --agent-only {release}"),
            format!("weka local upgrade{all}"),
        ])
        .step()
}

fn window(declared: &Declaration) -> Option<Expectation> {
    let window = declared.client_window?;
    Some(Expectation::Weka(Condition::Within { window }))
}

fn joined(ids: &BTreeSet<u64>) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    ids.join(",")
}

pub(super) fn finalize() -> Step {
    let gate = Gate::Finalize { after: None };
    Draft::new(Effect::Hold { gate }, timing::SETTLE_GIVE_UP).step()
}

fn within(site: &Site, release: &Version) -> String {
    format!("--container {} --in {release}", site.runner.container)
}

fn port(site: &Site) -> String {
    let port = site.runner.port;
    port.map_or_else(String::new, |port| format!(" --mgmt-port {port}"))
}
