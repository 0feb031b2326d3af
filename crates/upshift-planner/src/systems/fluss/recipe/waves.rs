//! The order of the steps, there and back.

use std::collections::BTreeSet;
use std::path::Path;

use upshift_model::fluss::ServerId;
use upshift_model::policy::OnLaneFailure;
use upshift_model::step::{Step, Wave};

use super::carried::Carried;
use super::order::Order;
use super::outlook::Outlook;
use super::owned::{Owned, back_after, back_before};
use super::steps::{Hands, Side};
use super::timing;
use crate::build::{lane, number, wave};
use crate::systems::fluss::touched::Touched;

/// Steps of a way back are told from those of the way there by this.
const PREFIX: &str = "back.";

/// What is replaced, in which order.
pub(super) struct Way<'a> {
    pub(super) order: Order,
    /// Tablet servers that are not of the wanted release yet.
    pub(super) tablet_servers: Vec<i32>,
    /// Whether the coordinator is not.
    pub(super) coordinator: bool,
    pub(super) evidence: &'a Path,
    pub(super) outlook: &'a Outlook,
    pub(super) soak: upshift_model::span::Millis,
    /// Files for the wanted release, of servers that read another one with it.
    pub(super) carried: Vec<Carried>,
    /// The operator's own programs.
    pub(super) owned: Owned,
    /// Whether the wanted release can spread leaders, and is to.
    pub(super) spread_leaders: bool,
    /// Plugins that are in use.
    pub(super) plugins: BTreeSet<String>,
}

/// All waves of the way there, without numbers.
pub(super) fn lay_out(way: &Way<'_>, hands: &Hands<'_>) -> Vec<Wave> {
    let mut waves = vec![prepare(way, hands)];
    let servers = way.tablet_servers.iter();
    let servers = servers.map(|id| tablet_server(*id, way, hands));
    waves.extend(way.owned.before(hands));
    let tiering = way.coordinator.then(|| way.owned.before_the_coordinator(hands));
    let coordinator = way.coordinator.then(|| coordinator(way, hands));
    let coordinator = tiering.into_iter().chain(coordinator);
    match way.order {
        Order::TabletServersFirst => waves.extend(servers.chain(coordinator)),
        Order::CoordinatorFirst => waves.extend(coordinator.chain(servers)),
        Order::FullStop => {
            waves.extend(coordinator.take(usize::from(way.coordinator)));
            waves.extend(full_stop(way, hands));
        }
    }
    waves.extend(way.owned.after(way.coordinator, hands));
    if way.spread_leaders {
        waves.push(leaders(hands));
    }
    waves.push(one("prove", vec![hands.whole(way.soak), hands.prove()]));
    waves.push(one("accept", vec![hands.finalize()]));
    waves.push(one(
        "release",
        vec![hands.drop(hands.admin_canary()), hands.drop(hands.canary())],
    ));
    waves.into_iter().flatten().collect()
}

fn one(title: &str, steps: Vec<Step>) -> Option<Wave> {
    wave(title, vec![lane(None, steps)], 1, OnLaneFailure::All)
}

fn prepare(way: &Way<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let why = "while every server is there: with one away, tables of as many replicas cannot be made";
    let mut steps: Vec<Step> = hands.stage(way);
    let carried = way.carried.iter();
    steps.extend(carried.map(|carried| hands.carry_over(carried.id, carried)));
    steps.push(hands.evidence(way.evidence));
    steps.push(hands.make(hands.canary(), why));
    steps.extend(hands.baselines());
    steps.push(hands.whole(timing::WHOLE_FOR));
    steps.push(hands.prove());
    one("prepare", steps)
}

fn tablet_server(id: i32, way: &Way<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let server = ServerId::TabletServer(id);
    let mut steps = vec![
        hands.stop(server, Side::Old, true, way.outlook.of_tablet_server(id)),
        hands.start(server, Side::New),
        // Replicas catch up while upshift's own tables are made.
        hands.fresh_canary(),
        hands.prove(),
        hands.whole(timing::WHOLE_FOR),
    ];
    steps.extend(hands.clean_end(&[id], Side::Old, Side::New));
    one(&server.to_string(), steps)
}

fn coordinator(way: &Way<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let server = ServerId::Coordinator;
    one(
        "coordinator",
        vec![
            hands.stop(server, Side::Old, true, way.outlook.of_coordinator()),
            hands.start(server, Side::New),
            hands.make_anew(hands.admin_canary(), "the new coordinator makes tables"),
            hands.prove(),
            hands.whole(timing::WHOLE_FOR),
        ],
    )
}

/// The coordinator counts every bucket: with upshift's own among them the others would be uneven once those are dropped.
fn leaders(hands: &Hands<'_>) -> Option<Wave> {
    let why = "for the last proof";
    one(
        "leaders",
        vec![
            hands.drop(hands.admin_canary()),
            hands.drop(hands.canary()),
            hands.spread_leaders(),
            hands.make(hands.canary(), why),
        ],
    )
}

/// Everything stops, and everything starts: data is away meanwhile. The coordinator goes last, since a
/// tablet server whose snapshot nobody takes on deletes files of the one before; and it comes last, so that tablet servers
/// of the wanted release lead nothing, and write nothing, before all of them are up.
fn full_stop(way: &Way<'_>, hands: &Hands<'_>) -> Vec<Option<Wave>> {
    let servers = || way.tablet_servers.iter().map(|id| ServerId::TabletServer(*id));
    let coordinator = way.coordinator.then_some(ServerId::Coordinator);
    let all: Vec<ServerId> = servers().chain(coordinator).collect();
    let stops = all.iter().enumerate().map(|(at, id)| {
        let why = match id {
            ServerId::Coordinator => way.outlook.of_coordinator_after_all(),
            ServerId::TabletServer(_) if at == 0 => way.outlook.of_everything(way.tablet_servers.len()),
            ServerId::TabletServer(_) => Vec::new(),
        };
        hands.stop_with_all(*id, &all[at + 1..], at == 0, why)
    });
    let mut down: Vec<Step> = vec![hands.whole(timing::WHOLE_FOR)];
    down.extend(stops);
    let mut up: Vec<Step> = servers().map(|id| hands.start(id, Side::New)).collect();
    let mut last: Vec<Step> = coordinator
        .map(|id| hands.start(id, Side::New))
        .into_iter()
        .collect();
    last.push(hands.whole(timing::WHOLE_FOR));
    let made = coordinator.map(|_| hands.make_anew(hands.admin_canary(), "the new coordinator makes tables"));
    last.extend(made);
    last.push(hands.fresh_canary());
    last.push(hands.prove());
    last.push(hands.whole(timing::WHOLE_FOR));
    last.extend(hands.clean_end(&way.tablet_servers, Side::Old, Side::New));
    if coordinator.is_none() {
        up.append(&mut last);
    }
    vec![
        one("stop all servers", down),
        one("start tablet servers", up),
        one("start the coordinator", last),
    ]
}

const fn number_of(id: &ServerId) -> Option<i32> {
    match id {
        ServerId::Coordinator => None,
        ServerId::TabletServer(number) => Some(*number),
    }
}

/// The way back for servers that may have been stopped, in the order in which they were: the last one first.
pub(crate) fn back(all: &Touched, all_at_once: bool, hands: &Hands<'_>) -> Vec<Wave> {
    let touched = &all.servers;
    let mut waves: Vec<Option<Wave>> = back_before(&all.clients, all.tiering, hands);
    if all_at_once && !touched.is_empty() {
        // In the order of the way there: the coordinator goes last and comes last.
        let stops = touched
            .iter()
            .map(|id| hands.while_open(*id, hands.stop(*id, Side::New, false, Vec::new())));
        let mut order: Vec<&ServerId> = touched.iter().collect();
        order.sort_by_key(|id| **id == ServerId::Coordinator);
        let starts = order.into_iter();
        let starts = starts.map(|id| hands.while_open(*id, hands.start(*id, Side::Old)));
        let mut steps: Vec<Step> = stops.chain(starts).collect();
        steps.push(hands.whole(timing::WHOLE_FOR));
        steps.push(hands.fresh_canary());
        steps.push(hands.prove());
        let tablet_servers: Vec<i32> = touched.iter().filter_map(number_of).collect();
        steps.extend(hands.clean_end(&tablet_servers, Side::New, Side::Old));
        waves.push(one("all servers", steps));
    } else {
        waves.extend(touched.iter().rev().map(|id| {
            // No cluster is whole without a coordinator that leads.
            let gated = *id != ServerId::Coordinator || hands.coordinator_led;
            let mut steps = vec![
                hands.while_open(*id, hands.stop(*id, Side::New, gated, Vec::new())),
                hands.while_open(*id, hands.start(*id, Side::Old)),
            ];
            steps.push(match id {
                ServerId::Coordinator => hands.make_anew(
                    hands.canary(),
                    "the older coordinator makes tables and elects who leads them",
                ),
                ServerId::TabletServer(_) => hands.fresh_canary(),
            });
            steps.push(hands.prove());
            steps.push(hands.whole(timing::WHOLE_FOR));
            let number = number_of(id);
            steps.extend(hands.clean_end(number.as_slice(), Side::New, Side::Old));
            one(&id.to_string(), steps)
        }));
    }
    waves.push(back_after(all.tiering, hands));
    waves.push(one(
        "clear",
        vec![hands.drop(hands.admin_canary()), hands.drop(hands.canary())],
    ));
    let mut waves: Vec<Wave> = waves.into_iter().flatten().collect();
    number(&mut waves, PREFIX);
    waves
}
