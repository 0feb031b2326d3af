//! How far an act has come, by what is seen of the cluster and its servers. What its command says of itself is not
//! asked here.

use std::collections::BTreeSet;

use upshift_engine::driver::Fault;
use upshift_model::version::Version;
use upshift_model::weka::{Act, Fate, Former};

use super::driver::WekaDriver;
use super::pulse::{Pulse, TaskState, some};
use super::{codes, far};

/// How far an act has come.
#[derive(Debug)]
pub(super) struct Reached {
    /// All of it is there.
    pub(super) whole: bool,
    /// The phase of an upgrade of backends; empty where none goes on, none where nobody asked.
    pub(super) phase: Option<String>,
    pub(super) said: String,
}

impl Reached {
    fn of(whole: bool, said: String) -> Self {
        Self {
            whole,
            phase: None,
            said,
        }
    }
}

/// What is asked of the cluster beyond the usual for an act.
pub(super) const fn further(act: &Act) -> &'static [&'static str] {
    match act {
        Act::Override { .. } => &["overrides"],
        Act::ClientTarget { .. } => &["client-target"],
        Act::Backends { .. } => &["events"],
        Act::Task {
            fate: Fate::Delete { .. },
            ..
        } => &["filesystems", "snapshots"],
        Act::Stage { .. }
        | Act::Distribute { .. }
        | Act::Clients { .. }
        | Act::Client { .. }
        | Act::Quiet { .. }
        | Act::Task { .. }
        | Act::Restart { .. } => &[],
    }
}

impl WekaDriver {
    /// How far the act has come. `ended_well` says whether a command of it has ended with success.
    pub(super) async fn reached(&self, act: &Act, ended_well: bool) -> Result<Reached, Fault> {
        match act {
            Act::Stage { release } => self.staged(release, ended_well).await,
            Act::Distribute { release } => self.distributed(release).await,
            Act::Quiet { host, units } => self.quiet(host, units.keys().map(String::as_str)).await,
            Act::Restart { host, release } => self.combining(host, release).await,
            Act::Backends { .. }
            | Act::Clients { .. }
            | Act::Client { .. }
            | Act::Override { .. }
            | Act::ClientTarget { .. }
            | Act::Task { .. } => of_cluster(&self.pulse(further(act)).await?, act),
        }
    }

    async fn staged(&self, release: &Version, ended_well: bool) -> Result<Reached, Fault> {
        let runner = &self.site.runner.host;
        let listed = self.far.packages(runner).await?;
        let there = listed.all.iter().any(|package| package == release.as_str());
        // Where the list holds copies for clients alone, too, only a command that made the package ready tells.
        let whole = there && (listed.whole || ended_well);
        Ok(Reached::of(
            whole,
            match (whole, there) {
                (true, _) => format!("the package of {release} is on {runner}"),
                (false, true) => format!("{runner} lists {release}, which may be a copy for clients alone"),
                (false, false) => format!("{runner} has {}", listed.all.join(", ")),
            },
        ))
    }

    async fn distributed(&self, release: &Version) -> Result<Reached, Fault> {
        let mut without = Vec::new();
        let answers = far::all(
            self.backends(),
            |host| async move { self.far.packages(&host).await },
        )
        .await;
        for (host, answer) in answers {
            if !answer?.all.iter().any(|package| package == release.as_str()) {
                without.push(host);
            }
        }
        let count = self.site.backends.len();
        let on = count - without.len();
        Ok(Reached::of(
            without.is_empty(),
            format!("the package of {release} is on {on} of {count} backends"),
        ))
    }

    async fn quiet(&self, host: &str, units: impl Iterator<Item = &str>) -> Result<Reached, Fault> {
        let units: Vec<String> = units.map(str::to_owned).collect();
        let mut told = self.far.units(host, units.clone()).await?;
        // The last line says that all before it were said.
        if told.pop().as_deref() != Some(".") {
            return Err(Fault::Transient(format!("{host} does not tell of its units")));
        }
        Ok(match told.is_empty() {
            true => Reached::of(
                true,
                format!(
                    "on {host} neither runs nor starts by itself: {}",
                    units.join(", ")
                ),
            ),
            false => Reached::of(false, format!("on {host} {}", told.join(", "))),
        })
    }

    async fn combining(&self, host: &str, release: &Version) -> Result<Reached, Fault> {
        let told = self.far.write_combining(host).await?;
        let up = self.pulse(&[]).await?.host_is_up(host, release)?;
        let on = told == "1";
        Ok(Reached::of(
            on && up,
            match (on, up) {
                (true, true) => format!("write combining is on, and every container of {host} is up"),
                (_, false) => format!("containers of {host} are not all up on {release}"),
                (false, true) => format!("write combining is not on: wc_activate of {host} is {told:?}"),
            },
        ))
    }
}

fn of_cluster(pulse: &Pulse, act: &Act) -> Result<Reached, Fault> {
    match act {
        Act::Backends { release } => backends(pulse, release),
        Act::Clients { release, ids, .. } => clients(pulse, release, ids),
        Act::Client { release, client, .. } => clients(pulse, release, &BTreeSet::from([client.id])),
        Act::Override { key, value, .. } => {
            let count = pulse.overrides(key)?.len();
            let wanted = value.is_some();
            let said = match count {
                0 => format!("no override {key} is set"),
                _ => format!("override {key} is set"),
            };
            Ok(Reached::of((count > 0) == wanted, said))
        }
        Act::ClientTarget { release, .. } => {
            let held = pulse.client_target()?;
            let said = held.map_or_else(|| "not set".to_owned(), str::to_owned);
            Ok(Reached::of(
                held == Some(release.as_str()),
                format!("client-target-version is {said}"),
            ))
        }
        Act::Task { id, kind, fate } => task(pulse, *id, kind, fate),
        Act::Stage { .. } | Act::Distribute { .. } | Act::Quiet { .. } | Act::Restart { .. } => {
            Err(Fault::Transient("this is not asked of the cluster".to_owned()))
        }
    }
}

fn backends(pulse: &Pulse, release: &Version) -> Result<Reached, Fault> {
    let phase = pulse.phase()?;
    let (on, of) = pulse.backends_on(release)?;
    let within = match phase {
        "" => String::new(),
        phase => format!("phase {phase}, "),
    };
    // What users must not begin meanwhile cannot be ended for them; the gate that follows tells it, too.
    let begun = match phase.is_empty() {
        true => Vec::new(),
        false => pulse.stopping()?,
    };
    let event = pulse.last_event();
    let begun = match begun.is_empty() {
        true => String::new(),
        false => format!("; meanwhile {} ({})", begun.join(", "), codes::DISTURBED),
    };
    Ok(Reached {
        whole: on == of && of > 0 && phase.is_empty(),
        phase: Some(phase.to_owned()),
        said: format!("{within}{on} of {of} containers of backends are up on {release}{event}{begun}"),
    })
}

fn clients(pulse: &Pulse, release: &Version, ids: &BTreeSet<u64>) -> Result<Reached, Fault> {
    let off = pulse.clients_off(ids, release)?;
    let (on, of) = (ids.len() - off.len(), ids.len());
    let said = format!("{on} of {of} clients are up on {release}");
    Ok(Reached {
        whole: off.is_empty(),
        phase: Some(pulse.phase()?.to_owned()),
        said: match off.is_empty() {
            true => said,
            false => format!("{said}: {}", some(&off)),
        },
    })
}

fn task(pulse: &Pulse, id: u64, kind: &str, fate: &Fate) -> Result<Reached, Fault> {
    let state = pulse.task(id, kind)?;
    let gone = state == TaskState::Gone;
    let (whole, more) = match fate {
        Fate::Wait | Fate::Abort => (gone, String::new()),
        Fate::Pause => (gone || state == TaskState::Paused, String::new()),
        Fate::Resume => (state != TaskState::Paused, String::new()),
        Fate::Delete { filesystem, snapshot } => {
            let there = pulse.holds_object(filesystem, snapshot.as_deref())?;
            let object = Fate::object(filesystem, snapshot.as_deref());
            let word = if there { "is there" } else { "is deleted" };
            (gone && !there, format!(", {object} {word}"))
        }
    };
    let word = match state {
        TaskState::Gone => "is over",
        TaskState::Paused => "pauses",
        TaskState::Goes => "goes on",
    };
    Ok(Reached::of(whole, format!("task {id}, {kind}, {word}{more}")))
}

/// How units were, in words.
pub(super) fn former(units: &std::collections::BTreeMap<String, Former>) -> Vec<String> {
    let one = |(name, former): (&String, &Former)| {
        let ran = if former.ran { "ran" } else { "did not run" };
        let enabled = if former.enabled { "enabled" } else { "not enabled" };
        format!("{name} {ran} and was {enabled}")
    };
    units.iter().map(one).collect()
}
