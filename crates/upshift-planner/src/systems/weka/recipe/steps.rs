//! The single steps: what is done, what must hold before, and the same as commands.

use std::collections::BTreeSet;

use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step};
use upshift_model::version::Version;
use upshift_model::weka::{Act, Condition, Site};

use super::timing;
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

pub(super) fn stage(site: &Site, release: &Version) -> Step {
    let what = Act::Stage {
        release: release.clone(),
    };
    let from = site.get_from.as_ref();
    let from = from.map_or_else(String::new, |from| format!(" --from {from}"));
    Draft::new(Effect::Weka { what }, timing::STAGE_GIVE_UP)
        .why("nothing that runs is touched")
        .by_hand(vec![
            format!("ssh {}", site.runner.host),
            format!("weka version get {release}{from}"),
            format!("weka version prepare {release}"),
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
        .why("meanwhile: make no S3 cluster, detach no object store, upload no snapshot")
        .by_hand(vec![
            format!("ssh {}", site.runner.host),
            format!("weka local run {} upgrade{}", within(site, release), port(site)),
        ])
        .step()
}

pub(super) fn clients(site: &Site, release: &Version, ids: BTreeSet<u64>, batch: u32) -> Step {
    let listed: Vec<String> = ids.iter().map(u64::to_string).collect();
    let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    let turns = count.div_ceil(u64::from(batch.max(1)));
    let what = Act::Clients {
        release: release.clone(),
        ids,
        batch,
    };
    Draft::new(Effect::Weka { what }, timing::CLIENTS_GIVE_UP)
        .usual(Millis(timing::ONE_CLIENT.0.saturating_mul(turns)))
        .before_all(ready())
        .why("filesystems stay mounted; a batch with a client that fails ends, and no later one begins")
        .by_hand(vec![
            format!("ssh {}", site.runner.host),
            format!(
                "weka local run {} upgrade --mode=clients-upgrade --client-rolling-batch-size {batch} \
                 --clients-to-upgrade {} --from backends{}",
                within(site, release),
                listed.join(","),
                port(site)
            ),
        ])
        .step()
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
