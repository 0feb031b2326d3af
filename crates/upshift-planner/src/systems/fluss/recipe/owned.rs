//! The operator's own programs in their order: applications whose clients would hang get others before any server goes,
//! all others after the last one; the tiering service is stopped before the coordinator, and started after everything.

use upshift_model::expect::Expectation;
use upshift_model::fluss::{Act, Client, Condition, Line, Part, Switch};
use upshift_model::gate::Gate;
use upshift_model::policy::OnLaneFailure;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step, Wave};

use super::steps::Hands;
use super::timing;
use crate::build::{Draft, lane, wave};
use crate::systems::fluss::checks::hangs;
use crate::systems::fluss::situation::Situation;

/// A client of this line was tried with servers from [`TRIED_WITH`] on, and passed every roll.
const SAFE: Line = (1, 0);
const TRIED_WITH: Line = (0, 7);

/// What is done beside servers.
pub(super) struct Owned {
    /// Applications that get another client before any server goes.
    pub(super) first: Vec<String>,
    /// And after the last one.
    last: Vec<String>,
    /// Whether the tiering service is stopped and started, and whether the wanted one comes before the servers, too.
    tiering: Option<TieringFirst>,
    /// Whether a table has a lake, whose snapshots tell that tiering is back.
    lake: bool,
}

type TieringFirst = bool;

impl Owned {
    pub(super) fn of(s: &Situation<'_>) -> Self {
        let switched = || {
            let clients = s.declaration.clients.iter();
            clients.filter_map(|client| Some((client, client.switch.as_ref()?)))
        };
        let is_first = |(client, to): &(&Client, &Switch)| {
            let safe = (to.version.major(), to.version.minor()) >= SAFE;
            hangs(client.version.as_str()) && safe && s.from.line() >= TRIED_WITH
        };
        let name = |(client, _): (&Client, &Switch)| client.name.clone();
        Self {
            first: switched().filter(is_first).map(name).collect(),
            last: switched().filter(|one| !is_first(one)).map(name).collect(),
            tiering: s
                .declaration
                .tiering
                .as_ref()
                .map(|_| s.from.line() < SAFE && s.to.line() >= SAFE),
            lake: s.system.cluster.tables.values().any(|table| table.lake.enabled),
        }
    }

    /// Before any server goes.
    pub(super) fn before(&self, hands: &Hands<'_>) -> Vec<Option<Wave>> {
        let mut waves: Vec<Option<Wave>> = self
            .first
            .iter()
            .map(|client| application(client, hands))
            .collect();
        if self.tiering == Some(true) {
            let mut steps = vec![hands.run(Part::StopTiering)];
            steps.extend(self.start(hands));
            waves.push(one("tiering service", steps));
        }
        waves
    }

    /// Right before the coordinator goes: its tiering service keeps the epoch of the coordinator that it knows.
    pub(super) fn before_the_coordinator(&self, hands: &Hands<'_>) -> Option<Wave> {
        self.tiering?;
        one("stop the tiering service", vec![hands.run(Part::StopTiering)])
    }

    /// After every server.
    pub(super) fn after(&self, coordinator: bool, hands: &Hands<'_>) -> Vec<Option<Wave>> {
        let mut waves = Vec::new();
        if self.tiering.is_some() && coordinator {
            waves.push(one("start the tiering service", self.start(hands)));
        }
        waves.extend(self.last.iter().map(|client| application(client, hands)));
        waves
    }

    fn start(&self, hands: &Hands<'_>) -> Vec<Step> {
        let start = hands.run(Part::StartTiering { wanted: true });
        std::iter::once(start)
            .chain(self.lake.then(|| advances(hands)))
            .collect()
    }
}

/// The way back of what was touched: its own programs around the servers.
pub(super) fn back_before(clients: &[String], tiering: bool, hands: &Hands<'_>) -> Vec<Option<Wave>> {
    let switch = |client: &String| {
        let part = Part::Switch {
            client: client.clone(),
            back: true,
        };
        one(client, vec![hands.run(part)])
    };
    let mut waves: Vec<Option<Wave>> = clients.iter().rev().map(switch).collect();
    if tiering {
        waves.push(one(
            "stop the tiering service",
            vec![hands.run(Part::StopTiering)],
        ));
    }
    waves
}

pub(super) fn back_after(tiering: bool, hands: &Hands<'_>) -> Option<Wave> {
    let start = hands.run(Part::StartTiering { wanted: false });
    tiering
        .then(|| one("start the tiering service", vec![start]))
        .flatten()
}

/// What a person has to do himself, since the system file names no program for it.
pub(super) fn by_a_person(s: &Situation<'_>) -> Vec<String> {
    let clients = s.declaration.clients.iter();
    let hanging = clients.filter(|client| client.switch.is_none() && hangs(client.version.as_str()));
    let mut needs: Vec<String> = hanging
        .map(|client| {
            format!(
                "you give {} a client of 1.0 before the first server goes, or restart it where it hangs: one of {} may (the file names no [client.switch])",
                client.name, client.version
            )
        })
        .collect();
    let lake = s.system.cluster.tables.values().any(|table| table.lake.enabled);
    if lake && s.declaration.tiering.is_none() {
        needs.push(
            "you stop the tiering service before the coordinator goes, and start that of the wanted release after it (the file names no [tiering])"
                .to_owned(),
        );
    }
    needs
}

fn application(client: &str, hands: &Hands<'_>) -> Option<Wave> {
    let part = Part::Switch {
        client: client.to_owned(),
        back: false,
    };
    one(client, vec![hands.run(part), hands.whole(timing::WHOLE_FOR)])
}

fn advances(hands: &Hands<'_>) -> Step {
    let gate = Gate::Soak {
        watch: vec![Expectation::Fluss(Condition::LakeAdvanced)],
        hold_for: Millis::ZERO,
        every: timing::EVERY_OF_LAKE,
        fail_after: timing::BAD_SAMPLES,
        blind_for: timing::BLIND,
    };
    let node = format!(
        "get {}/tabletservers/tables/ID/laketable",
        hands.site.root.trim_end_matches('/')
    );
    Draft::new(Effect::Hold { gate }, timing::LAKE_GIVE_UP)
        .why("that its job runs says little: it is back once something of it reaches the lake")
        .by_hand(vec![format!("{node}   # in zkCli.sh: a higher snapshot id")])
        .step()
}

impl Hands<'_> {
    /// One of the operator's own programs.
    pub(super) fn run(&self, part: Part) -> Step {
        let words = self.site.program(&part).unwrap_or_default().join(" ");
        let why = match &part {
            Part::StopTiering => {
                "tiering keeps the epoch of the coordinator that it began with, and over 0.9 does not understand the other one"
            }
            Part::StartTiering { .. } => "everything that it speaks with is of its release",
            Part::Switch { back: true, .. } => {
                "clients of the wanted release were not tried with older servers"
            }
            Part::Switch { client, .. } => match self.hang.contains(client) {
                true => {
                    "published Java clients of 0.7 to 0.9.1 hang for ever after a server was restarted; one of 1.0 passed every roll, with servers from 0.7 on; it stays on the way back"
                }
                false => "servers first, then clients",
            },
        };
        let what = Act::Run { part };
        Draft::new(Effect::Fluss { what }, timing::PROGRAM_GIVE_UP)
            .why(why)
            .why(format!("runs: {words}"))
            .tries(2)
            .by_hand(vec![words])
            .step()
    }
}

fn one(title: &str, steps: Vec<Step>) -> Option<Wave> {
    wave(title, vec![lane(None, steps)], 1, OnLaneFailure::All)
}
