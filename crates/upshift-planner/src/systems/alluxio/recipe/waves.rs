//! The order of the steps, there and back.

use upshift_model::alluxio::{Criteria, Facet, Role, Unpersisted, Way};
use upshift_model::policy::OnLaneFailure;
use upshift_model::span::Millis;
use upshift_model::step::{Change, Step, Wave};
use upshift_model::version::Version;

use super::steps::{AFTER, BACK, BEFORE, Hands, RESTORE};
use crate::build::{lane, number, wave};

/// Steps of a way back are told from those of the way there by this.
const PREFIX: &str = "back.";

/// What the way there consists of beside the site.
pub(super) struct Course {
    pub(super) way: Way,
    pub(super) criteria: Criteria,
    pub(super) unpersisted: Unpersisted,
    pub(super) change: Option<Change>,
    pub(super) soak: Millis,
}

/// All waves of the way there, without numbers.
pub(super) fn lay_out(course: Course, hands: &Hands<'_>) -> Vec<Wave> {
    let site = hands.site;
    let (old, new) = (&site.old.version, &site.new.version);
    let by_backup = course.way == Way::Backup;
    let mut prepare: Vec<Step> = hands.stop_writers().into_iter().collect();
    prepare.push(hands.watch());
    prepare.push(hands.backup(old, BEFORE, Vec::new()));
    prepare.push(hands.prove(course.criteria, course.unpersisted));
    let mut switch = vec![hands.keep_journal(!by_backup)];
    switch.extend(course.change.map(|change| hands.configure(change)));
    let start = match by_backup {
        true => {
            switch.push(hands.format());
            hands.start_restored()
        }
        false => hands.start(Role::Master, new),
    };
    let but: &[Facet] = if by_backup { &[] } else { &[Facet::DefaultAccess] };
    let same = hands.same_tree(RESTORE, AFTER, but.iter().copied());
    let masters = vec![start, hands.backup(new, AFTER, vec![same])];
    let mut prove = vec![hands.serving(new, true, course.soak)];
    prove.extend(hands.start_writers());
    let waves = [
        one("prepare", prepare),
        one("stop", stop_all(hands)),
        one("switch", switch),
        one("masters", masters),
        one("workers", start_others(hands, new)),
        one("prove", prove),
        one("accept", vec![hands.finalize()]),
    ];
    waves.into_iter().flatten().collect()
}

fn one(title: &str, steps: Vec<Step>) -> Option<Wave> {
    wave(title, vec![lane(None, steps)], 1, OnLaneFailure::All)
}

fn stop_all(hands: &Hands<'_>) -> Vec<Step> {
    let roles = Role::STOPPED
        .into_iter()
        .filter(|role| hands.site.roles.contains(role));
    let mut steps: Vec<Step> = roles
        .enumerate()
        .map(|(at, role)| hands.stop(role, at == 0))
        .collect();
    if hands.site.roles.contains(&Role::Worker) {
        steps.push(hands.list_blocks());
    }
    steps
}

/// Workers come after the masters are proven; what asks masters and workers comes last.
fn start_others(hands: &Hands<'_>, release: &Version) -> Vec<Step> {
    let roles = [Role::Worker, Role::JobMaster, Role::JobWorker, Role::Proxy];
    let here = roles.into_iter().filter(|role| hands.site.roles.contains(role));
    here.map(|role| hands.start(role, release)).collect()
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
    let old = &hands.site.old.version;
    let writers: Vec<Step> = hands.start_writers().into_iter().collect();
    let mut waves: Vec<Option<Wave>> = Vec::new();
    if reach >= Reach::Stopped {
        let roles = Role::STOPPED
            .into_iter()
            .filter(|role| hands.site.roles.contains(role));
        // They may have been started again already.
        let mut down: Vec<Step> = hands.stop_writers().into_iter().collect();
        down.extend(roles.map(|role| hands.stop(role, false)));
        if reach == Reach::Switched {
            down.push(hands.put_back());
        }
        let same = hands.same_tree(BEFORE, BACK, [Facet::DefaultAccess]);
        let masters = vec![
            hands.start(Role::Master, old),
            hands.backup(old, BACK, vec![same]),
        ];
        waves.push(one("stop", down));
        waves.push(one("masters", masters));
        waves.push(one("workers", start_others(hands, old)));
        waves.push(one(
            "prove",
            vec![hands.serving(old, false, Millis::from_secs(3))],
        ));
    }
    if reach >= Reach::Prepared {
        waves.push(one("writers", writers));
    }
    let mut waves: Vec<Wave> = waves.into_iter().flatten().collect();
    number(&mut waves, PREFIX);
    waves
}
