//! The order of the steps, there and back.

use std::collections::BTreeMap;

use upshift_model::alluxio::{Criteria, Facet, Place, Role, Server, TierFolder, Unpersisted, Way};
use upshift_model::policy::OnLaneFailure;
use upshift_model::span::Millis;
use upshift_model::step::{Change, Lane, Step, Wave};
use upshift_model::version::Version;

use super::steps::{AFTER, BACK, BEFORE, Hands, RESTORE};
use crate::build::{lane, number, wave};

/// Steps of a way back are told from those of the way there by this.
const PREFIX: &str = "back.";
/// So many servers of a kind are stopped or started at a time.
const WIDTH: usize = 8;

/// What the way there consists of beside the site.
pub(super) struct Course {
    pub(super) way: Way,
    pub(super) criteria: Criteria,
    pub(super) unpersisted: Unpersisted,
    /// Whether what stands in the journals can be read.
    pub(super) journals_tell: bool,
    /// What lay in the tiers of workers, by machine.
    pub(super) tiers: BTreeMap<String, Vec<TierFolder>>,
    /// What is given up in the tiers of workers that are formatted, by machine; none where none is.
    pub(super) gives_up: Option<BTreeMap<String, Vec<TierFolder>>>,
    /// What is changed in the configuration, by machine.
    pub(super) changes: BTreeMap<String, Change>,
    pub(super) soak: Millis,
}

impl Course {
    fn tiers_hold(&self, server: &Server, hands: &Hands<'_>) -> Step {
        let held = self.tiers.get(&server.host).map_or(&[][..], Vec::as_slice);
        hands.tiers_hold(server, held)
    }

    /// Whether files may be in workers only: they are persisted, or refused, by then otherwise.
    fn keeps_only_copies(&self) -> bool {
        self.unpersisted == Unpersisted::Keep
    }
}

/// All waves of the way there, without numbers.
pub(super) fn lay_out(course: Course, hands: &Hands<'_>) -> Vec<Wave> {
    let site = hands.site;
    let (old, new) = (&site.from, &site.to);
    let by_backup = course.way == Way::Backup;
    let mut prepare: Vec<Step> = hands.stop_writers().into_iter().collect();
    if course.unpersisted == Unpersisted::Persist {
        prepare.push(hands.persist(old));
    }
    prepare.push(hands.watch());
    prepare.extend(hands.backup(old, BEFORE, Vec::new()));
    prepare.push(hands.prove(course.criteria.clone(), course.unpersisted));
    let workers = hands.site.of(Role::Worker);
    prepare.extend(workers.map(|server| course.tiers_hold(server, hands)));
    if by_backup {
        prepare.extend(hands.copies());
        prepare.extend(course.journals_tell.then(|| hands.journals_end()));
    }
    let but: &[Facet] = if by_backup { &[] } else { &[Facet::DefaultAccess] };
    let same = hands.same_tree(RESTORE, AFTER, but.iter().copied());
    let stays = course.gives_up.is_none();
    let prove = vec![hands.serving(new, stays, course.soak)];
    // Whoever writes deletes, too, and caches evict: blocks prove nothing from here on, and what the last wave watches is
    // looked at once more when a person accepts.
    let mut open: Vec<Step> = hands.start_writers().into_iter().collect();
    open.push(hands.serving(new, false, Millis::ZERO));
    let mut waves = vec![one("prepare", prepare)];
    waves.extend(stop_all(hands, Some(&course)));
    waves.push(switch(&course, hands));
    let starts = |server: &Server| match by_backup {
        true => hands.start_restored(server),
        false => hands.start(server, new),
    };
    waves.extend(masters(hands, starts, hands.backup(new, AFTER, vec![same])));
    waves.extend(start_others(hands, new, course.gives_up.as_ref()));
    waves.push(one("class paths", hands.class_paths(false)));
    waves.push(one("prove", prove));
    waves.push(one("writers", open));
    waves.push(one("applications", hands.restarts(new)));
    waves.push(one("accept", vec![hands.finalize()]));
    waves.into_iter().flatten().collect()
}

fn one(title: &str, steps: Vec<Step>) -> Option<Wave> {
    wave(title, vec![lane(None, steps)], 1, OnLaneFailure::All)
}

/// A lane for each server, so many at a time.
fn side_by_side(title: &str, lanes: Vec<(&Server, Vec<Step>)>, width: usize) -> Option<Wave> {
    let alone = lanes.len() == 1;
    let lanes: Vec<Lane> = lanes
        .into_iter()
        .map(|(server, steps)| lane(Some(&server.id).filter(|_| !alone), steps))
        .collect();
    wave(title, lanes, width, OnLaneFailure::All)
}

/// Whether every kind of server is there once at most: then all of them are one lane.
fn is_small(hands: &Hands<'_>) -> bool {
    Role::STOPPED
        .into_iter()
        .all(|role| hands.site.of(role).count() <= 1)
}

/// What asks others is stopped before them; of masters, those that stand by before the one that leads.
/// On the way there, stops are held against what would be lost by them.
fn stop_all(hands: &Hands<'_>, there: Option<&Course>) -> Vec<Option<Wave>> {
    let held = there.is_some();
    let lists: Vec<(&Server, Vec<Step>)> = match there {
        Some(course) => {
            let all = hands.site.of(Role::Worker);
            all.map(|server| (server, stopped_worker(hands, server, course)))
                .collect()
        }
        None => Vec::new(),
    };
    let written = there.filter(|course| course.way == Way::Backup && course.journals_tell);
    let written: Vec<Step> = written.map(|_| hands.nothing_written()).into_iter().collect();
    let only = there.filter(|course| course.keeps_only_copies());
    let only: Vec<Step> = only.map(|_| hands.only_copies()).into_iter().collect();
    if is_small(hands) {
        let servers = hands.site.servers.iter().enumerate();
        let mut steps: Vec<Step> = servers
            .map(|(at, server)| hands.stop(server, held && at == 0, held))
            .collect();
        steps.extend(lists.into_iter().flat_map(|(_, steps)| steps));
        steps.extend(only);
        steps.extend(written);
        return vec![one("stop", steps)];
    }
    let mut first = held;
    let mut waves = Vec::new();
    for role in Role::STOPPED {
        let servers: Vec<&Server> = hands.site.of(role).collect();
        let title = format!("stop {}s", role.words());
        let stops = servers.iter().map(|server| hands.stop(server, first, held));
        waves.push(match role {
            Role::Master => one(&title, stops.collect()),
            _ => {
                let lanes = servers.iter().copied().zip(stops.map(|step| vec![step]));
                side_by_side(&title, lanes.collect(), WIDTH)
            }
        });
        first &= servers.is_empty();
    }
    waves.push(side_by_side("stopped workers' blocks", lists, WIDTH));
    waves.push(one(
        "stopped servers' last word",
        only.into_iter().chain(written).collect(),
    ));
    waves
}

/// What is done with the tiers of a worker while it is stopped.
fn stopped_worker(hands: &Hands<'_>, server: &Server, course: &Course) -> Vec<Step> {
    // In place the journal holds what the backup does not, and the tiers their blocks, unless they are formatted.
    let asks = course.way == Way::Backup || course.gives_up.is_some();
    let late = asks.then(|| hands.nothing_late(server));
    let list = std::iter::once(hands.list_blocks(server));
    let hold = std::iter::once(course.tiers_hold(server, hands));
    list.chain(hold)
        .chain(late)
        .chain(hands.save_tiers(server))
        .collect()
}

/// On every machine: the journal of before kept, the configuration set, the journal formatted where a backup is restored.
fn switch(course: &Course, hands: &Hands<'_>) -> Option<Wave> {
    let by_backup = course.way == Way::Backup;
    let mut lanes = Vec::new();
    for place in &hands.site.places {
        let Some(server) = of_place(hands, place) else {
            continue;
        };
        let mut steps = Vec::new();
        if let Some(journal) = &place.journal {
            steps.push(hands.keep_journal(server, journal, !by_backup));
        }
        if let Some(change) = course.changes.get(&place.host) {
            steps.push(hands.configure(server, change.clone()));
        }
        if by_backup && place.journal.is_some() {
            steps.push(hands.format(server, place));
        }
        lanes.push((server, steps));
    }
    side_by_side("switch", lanes, WIDTH)
}

/// The server by which a machine is named: its master, where it has one.
fn of_place<'a>(hands: &Hands<'a>, place: &Place) -> Option<&'a Server> {
    let mut here = hands
        .site
        .servers
        .iter()
        .filter(|server| server.host == place.host);
    here.next_back()
}

/// All masters at once, for an embedded journal needs more than half of them before one leads; then the tree.
fn masters(hands: &Hands<'_>, start: impl Fn(&Server) -> Step, tree: Vec<Step>) -> Vec<Option<Wave>> {
    let masters: Vec<&Server> = hands.site.of(Role::Master).collect();
    match masters.as_slice() {
        [one_alone] => vec![one(
            "masters",
            std::iter::once(start(one_alone)).chain(tree).collect(),
        )],
        several => {
            let lanes = several.iter().map(|server| (*server, vec![start(server)]));
            vec![
                side_by_side("masters", lanes.collect(), several.len()),
                one("tree", tree),
            ]
        }
    }
}

/// Workers come after the masters are proven; what asks masters and workers comes last.
fn start_others(
    hands: &Hands<'_>,
    release: &Version,
    gives_up: Option<&BTreeMap<String, Vec<TierFolder>>>,
) -> Vec<Option<Wave>> {
    let roles = [Role::Worker, Role::JobMaster, Role::JobWorker, Role::Proxy];
    let started = |server: &Server| -> Vec<Step> {
        let is_worker = server.role == Role::Worker;
        // What nobody saw is not given up.
        let tiers = gives_up
            .filter(|_| is_worker)
            .and_then(|all| all.get(&server.host));
        let formats = tiers.map(|tiers| hands.format_worker(server, tiers.clone()));
        let tiers = hands
            .return_tiers(server)
            .filter(|_| is_worker && gives_up.is_none());
        let first = formats.into_iter().chain(tiers);
        first.chain([hands.start(server, release)]).collect()
    };
    if is_small(hands) {
        let here = roles.into_iter().flat_map(|role| hands.site.of(role));
        return vec![one("workers", here.flat_map(started).collect())];
    }
    let one_role = |role: Role| {
        let lanes = hands.site.of(role).map(|server| (server, started(server)));
        side_by_side(&format!("{}s", role.words()), lanes.collect(), WIDTH)
    };
    roles.into_iter().map(one_role).collect()
}

/// How far a run has come, as far as its way back depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Nothing was touched.
    Nothing,
    /// Writers may be stopped.
    Prepared,
    /// Servers may be stopped.
    Stopped,
    /// The journal may be elsewhere, and the new release may have run.
    Switched,
}

/// The way back from there.
pub(crate) fn back(reach: Reach, hands: &Hands<'_>) -> Vec<Wave> {
    let old = &hands.site.from;
    let writers: Vec<Step> = hands.start_writers().into_iter().collect();
    let mut waves: Vec<Option<Wave>> = Vec::new();
    if reach >= Reach::Stopped {
        // They may have been started again already.
        waves.extend(stop_back(hands, reach == Reach::Switched));
        // A journal that nobody moved holds what it held, and what somebody wrote since the backup, too.
        let tree = match reach {
            Reach::Switched => hands.backup(old, BACK, Vec::new()),
            Reach::Nothing | Reach::Prepared | Reach::Stopped => Vec::new(),
        };
        waves.extend(masters(hands, |server| hands.start(server, old), tree));
        waves.extend(start_others(hands, old, None));
        if reach == Reach::Switched {
            waves.push(one("class paths", hands.class_paths(true)));
        }
        let mut prove = vec![hands.serving(old, false, Millis::from_secs(3))];
        // Once everything serves: what a person may have to decide keeps nothing down.
        prove.extend((reach == Reach::Switched).then(|| hands.tree_is_back()));
        waves.push(one("prove", prove));
    }
    if reach >= Reach::Prepared {
        waves.push(one("writers", writers));
        if reach == Reach::Switched {
            waves.push(one("applications", hands.restarts(old)));
        }
    }
    let mut waves: Vec<Wave> = waves.into_iter().flatten().collect();
    number(&mut waves, PREFIX);
    waves
}

fn stop_back(hands: &Hands<'_>, switched: bool) -> Vec<Option<Wave>> {
    let writers: Vec<Step> = hands.stop_writers().into_iter().collect();
    let journals = hands.site.places.iter().filter(|_| switched).filter_map(|place| {
        let journal = place.journal.as_ref()?;
        let server = of_place(hands, place)?;
        Some((server, vec![hands.put_back(server, journal)]))
    });
    let journals: Vec<(&Server, Vec<Step>)> = journals.collect();
    if is_small(hands) {
        let stops = hands
            .site
            .servers
            .iter()
            .map(|server| hands.stop(server, false, false));
        let mut down: Vec<Step> = writers.into_iter().chain(stops).collect();
        down.extend(journals.into_iter().flat_map(|(_, steps)| steps));
        return vec![one("stop", down)];
    }
    let mut waves = vec![one("stop those who write", writers)];
    waves.extend(stop_all(hands, None));
    waves.push(side_by_side("journals", journals, WIDTH));
    waves
}
