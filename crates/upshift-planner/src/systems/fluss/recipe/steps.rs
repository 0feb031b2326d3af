//! The single steps: what is done, what must hold before, and the same as commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use upshift_model::expect::Expectation;
use upshift_model::fluss::{Act, CANARY, CANARY_MADE_AFTER, Condition, Line, Novelty, ServerId, Site};
use upshift_model::gate::Gate;
use upshift_model::ids::{BindingName, ComponentId, SystemName};
use upshift_model::probe::{ProbeExpect, baseline_of};
use upshift_model::span::Millis;
use upshift_model::step::{Canary, Change, Effect, Preparation, Releasable, StartWhat, Step, StopWhat};
use upshift_model::version::Version;

use super::carried::Carried;
use super::timing;
use crate::build::Draft;

/// Where a dump of the metadata is bound.
const EVIDENCE: &str = "evidence/metadata";

/// Copies of a canary: the square of it is how many replicas are made.
const MOST_COPIES: u32 = 12;

/// Since this line a tablet server hands its leaders over when it is told to end (ControlledShutdown, 1043).
const HANDS_OVER: Line = (0, 8);

/// Since this line a coordinator counts its starts, and closes the way back with the second.
pub(super) const COUNTS_STARTS: Line = (1, 0);

/// What all steps are made of.
pub(crate) struct Hands<'a> {
    pub(crate) site: &'a Site,
    pub(crate) system: &'a SystemName,
    /// What must hold before a tablet server may be stopped, by its number.
    pub(crate) ok_to_stop: BTreeMap<i32, Condition>,
    /// The coordinator that stands while tablet servers are replaced, where the plan knows.
    pub(crate) coordinator: Option<Side>,
    /// Servers whose `server.yaml` the plan brings to the wanted release.
    pub(crate) carried: BTreeSet<ComponentId>,
    /// Whether the plan brings what the wanted release needs to the hosts, and so holds servers to it.
    pub(crate) stages: bool,
    /// Applications that get their other client first, since theirs may hang.
    pub(crate) hang: BTreeSet<String>,
    /// Whether the coordinator that a way back stops may have led: one that never did is missed by nobody.
    pub(crate) coordinator_led: bool,
    /// What a table may have that the older release does not read, of a way back.
    pub(crate) not_read: BTreeMap<Novelty, String>,
}

/// Which of the two releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Old,
    New,
}

impl Hands<'_> {
    /// A canary over as many buckets as there are tablet servers, so that each leads some, and with a copy of each on
    /// every server, so that each follows each other one. Beyond a dozen servers not every pair is in it.
    pub(crate) fn canary(&self) -> Canary {
        let servers = self.site.servers.values();
        let count = servers
            .filter(|server| server.id != ServerId::Coordinator)
            .count();
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        Canary {
            name: CANARY.to_owned(),
            parts: count,
            copies: count.min(MOST_COPIES),
        }
    }

    /// One that only shows that tables can be made again.
    pub(crate) fn admin_canary(&self) -> Canary {
        Canary {
            name: CANARY_MADE_AFTER.to_owned(),
            parts: 1,
            ..self.canary()
        }
    }

    pub(super) fn evidence(&self, folder: &Path) -> Step {
        let what = Preparation::Evidence {
            folder: folder.to_owned(),
            into: BindingName::new(EVIDENCE),
        };
        Draft::new(Effect::Prepare { what }, timing::PROVE_GIVE_UP)
            .why("evidence of how it was; put back under newer data it would not be consistent")
            .by_hand(vec![format!(
                "upshift inspect fluss --zookeeper {} --root {} --write-dump {}/{}.json",
                self.site.zookeeper,
                self.site.root,
                folder.display(),
                self.system
            )])
            .step()
    }

    /// The `server.yaml` of the wanted release, where that reads another one.
    pub(super) fn carry_over(&self, id: ServerId, carried: &Carried) -> Step {
        let Change::CarryOver { from, to, .. } = &carried.change;
        let by_hand = vec![
            format!("cp -n {}/server.yaml {}/", from.display(), to.display()),
            "upshift diff PLAN   # which keys have another name, and the new options".to_owned(),
        ];
        let effect = Effect::Configure {
            component: id.component(),
            change: carried.change.clone(),
        };
        Draft::new(effect, timing::PROVE_GIVE_UP)
            .why_all(self.place(id))
            .why("one that is there already stays as it is, and must be that of the same server")
            .why_all(carried.diff.iter().cloned())
            .by_hand(self.there(id, by_hand))
            .step()
    }

    /// Where the run brought a file for the wanted release, it must still be that one.
    fn still_carried(&self, id: ServerId) -> Option<Expectation> {
        let server = id.component();
        let is_carried = self.carried.contains(&server);
        is_carried.then_some(Expectation::Fluss(Condition::CarriedOver { server }))
    }

    pub(super) fn make(&self, what: Canary, why: &str) -> Step {
        let what = Preparation::Canary { what, anew: false };
        Draft::new(Effect::Prepare { what }, timing::PROVE_GIVE_UP)
            .why(why)
            .step()
    }

    pub(super) fn drop(&self, what: Canary) -> Step {
        let what = Releasable::Canary { what };
        Draft::new(Effect::Release { what }, timing::PROVE_GIVE_UP).step()
    }

    /// The canary made anew: leaders are spread over all servers again, over the one that came last, too, which leads
    /// nothing else yet. A follower that cannot fetch from it is found before the next server is stopped.
    pub(super) fn fresh_canary(&self) -> Step {
        self.make_anew(
            self.canary(),
            "every server leads a part of a new one, and so does the one that came last",
        )
    }

    /// After a coordinator came: one that is there already was made, and its leaders elected, by the one before.
    pub(super) fn make_anew(&self, what: Canary, why: &str) -> Step {
        let what = Preparation::Canary { what, anew: true };
        Draft::new(Effect::Prepare { what }, timing::PROVE_GIVE_UP)
            .why(why)
            .step()
    }

    pub(super) fn prove(&self) -> Step {
        let what = self.canary();
        Draft::new(Effect::Prove { what }, timing::PROVE_GIVE_UP)
            .usual(timing::PROVE)
            .step()
    }

    pub(super) fn stop(&self, id: ServerId, side: Side, gated: bool, why: Vec<String>) -> Step {
        let condition = match id {
            ServerId::TabletServer(number) => self.ok_to_stop.get(&number).cloned(),
            // Data goes on without a coordinator; leaders that are lost meanwhile do not.
            ServerId::Coordinator => Some(Condition::Whole),
        };
        let before = condition.into_iter().chain([Condition::Settled]);
        let why = why.into_iter().chain(self.hand_over(id, side));
        self.stopping(id, side, before.filter(|_| gated).collect(), why.collect())
    }

    /// One of several that are all stopped before any is started. The first is held against the whole cluster; later ones
    /// find it broken, as they must, and ask only that those are there that nobody has stopped yet.
    pub(super) fn stop_with_all(
        &self,
        id: ServerId,
        later: &[ServerId],
        first: bool,
        why: Vec<String>,
    ) -> Step {
        let servers: BTreeSet<ComponentId> = later.iter().map(|id| id.component()).collect();
        let before = match first {
            true => vec![Condition::Whole, Condition::Settled],
            false if servers.is_empty() => Vec::new(),
            false => vec![Condition::Registered { servers }],
        };
        self.stopping(id, Side::Old, before, why)
    }

    fn stopping(&self, id: ServerId, side: Side, before: Vec<Condition>, why: Vec<String>) -> Step {
        let what = StopWhat::Server {
            server: id.component(),
        };
        let conf = self.site.servers.get(&id.component()).map(|server| match side {
            Side::Old => server.old.conf.display().to_string(),
            Side::New => server.new.conf.display().to_string(),
        });
        let conf = conf.unwrap_or_default();
        Draft::new(Effect::Stop { what }, timing::STOP_GIVE_UP)
            .usual(timing::STOP)
            .before_all(before.into_iter().map(Expectation::Fluss))
            .before_all(self.still_carried(id).filter(|_| side == Side::Old))
            .before_all(self.still_staged(id).filter(|_| side == Side::Old && self.stages))
            .why_all(self.place(id).into_iter().chain(why))
            .by_hand(self.there(
                id,
                vec![
                    format!("pgrep -f -- '--configDir {conf}'   # one process: {id}"),
                    "kill -TERM PID   # and wait for its end: never kill -9".to_owned(),
                ],
            ))
            .step()
    }

    pub(super) fn start(&self, id: ServerId, side: Side) -> Step {
        let server = self.site.servers.get(&id.component());
        let launch = server.map(|server| match side {
            Side::Old => &server.old,
            Side::New => &server.new,
        });
        let (release, words) = match launch {
            Some(launch) => (launch.version.clone(), launch.start.join(" ")),
            None => (zero(), String::new()),
        };
        let what = StartWhat::Server {
            server: id.component(),
            release,
        };
        Draft::new(Effect::Start { what }, timing::START_GIVE_UP)
            .usual(timing::START)
            .before_all(self.still_carried(id).filter(|_| side == Side::New))
            .before_all(self.still_staged(id).filter(|_| side == Side::New && self.stages))
            // The second start of one that counts closes the way back: a person decides on it.
            .tries(if side == Side::New && self.first_that_counts(id) {
                1
            } else {
                2
            })
            .why_all(self.place(id))
            .by_hand(self.there(id, vec![words]))
            .step()
    }

    /// A step of a way back. The coordinator that counts its starts may have been started once more since the way was offered:
    /// asked right before it is stopped, and before the older one is started, which would elect nobody. One that led may have
    /// let somebody make a table since that the older one does not read.
    pub(super) fn while_open(&self, id: ServerId, mut step: Step) -> Step {
        if self.first_that_counts(id) {
            step.before.push(Expectation::Fluss(Condition::EpochZero));
        }
        if id == ServerId::Coordinator && self.coordinator_led && !self.not_read.is_empty() {
            let kinds = self.not_read.clone();
            step.before
                .push(Expectation::Fluss(Condition::NothingNewer { kinds }));
        }
        step
    }

    /// Whether the wanted release's coordinator counts its starts, and the one before it does not.
    fn first_that_counts(&self, id: ServerId) -> bool {
        let counts = |side| self.line(id, side).is_some_and(|line| line >= COUNTS_STARTS);
        id == ServerId::Coordinator && counts(Side::New) && !counts(Side::Old)
    }

    /// Commands for the machine that a server runs on.
    fn there(&self, id: ServerId, commands: Vec<String>) -> Vec<String> {
        let on = self.place(id).map(|place| format!("# {place}"));
        on.into_iter().chain(commands).collect()
    }

    /// Where a server runs that is not on this machine.
    fn place(&self, id: ServerId) -> Option<String> {
        let server = self.site.servers.get(&id.component())?;
        server.host.as_ref().map(|host| format!("on {host}"))
    }

    /// Every replica is back, and stays; and what the operator asks of his applications holds.
    pub(super) fn whole(&self, hold_for: Millis) -> Step {
        let probes = self.site.probes.keys();
        let probes = probes.map(|probe| Expectation::ProbeHolds { probe: probe.clone() });
        let whole = Expectation::Fluss(Condition::Whole);
        let gate = Gate::Soak {
            watch: std::iter::once(whole).chain(probes).collect(),
            hold_for,
            every: match self.site.probes.is_empty() {
                true => timing::EVERY,
                false => timing::EVERY_WITH_PROBES,
            },
            fail_after: timing::BAD_SAMPLES,
            blind_for: timing::BLIND,
        };
        Draft::new(Effect::Hold { gate }, timing::WHOLE_GIVE_UP)
            .by_hand(vec![format!(
                "until upshift inspect fluss --zookeeper {} --root {}; do sleep 1; done",
                self.site.zookeeper, self.site.root
            )])
            .step()
    }

    /// What each ratio refers to.
    pub(super) fn baselines(&self) -> Vec<Step> {
        let probes = self.site.probes.iter();
        let ratios =
            probes.filter(|(_, probe)| matches!(probe.expect, ProbeExpect::AtLeastRatioOfBaselineMilli(_)));
        let steps = ratios.map(|(name, _)| {
            let what = Preparation::Baseline {
                probe: name.clone(),
                into: baseline_of(name),
            };
            Draft::new(Effect::Prepare { what }, timing::PROVE_GIVE_UP).step()
        });
        steps.collect()
    }

    /// Leaders do not move back by themselves.
    pub(super) fn spread_leaders(&self) -> Step {
        let what = Act::SpreadLeaders;
        let before = [Condition::Whole, Condition::Settled].map(Expectation::Fluss);
        Draft::new(Effect::Fluss { what }, timing::SPREAD_GIVE_UP)
            .usual(timing::SPREAD)
            .before_all(before)
            .why("leaders stay where they went, so the server that came last leads least; replicas stay where they are")
            .why("upshift's own tables are away meanwhile: they would be counted, too")
            .by_hand(vec![
                "CALL sys.rebalance('LEADER_DISTRIBUTION');   -- in the catalog of Flink SQL".to_owned(),
            ])
            .step()
    }

    /// The mark of an orderly end of servers that this run stopped; a person is asked where it was missing. Up to 0.6 there
    /// is none, and one that is started with 0.6 recovers every log whatever was left.
    pub(super) fn clean_end(&self, servers: &[i32], stopped: Side, started: Side) -> Option<Step> {
        let marks = |server: &&i32| {
            let of = |side| self.line(ServerId::TabletServer(**server), side);
            let mut lines = [stopped, started].into_iter().map(of);
            lines.all(|line| line.is_some_and(|line| line >= (0, 7)))
        };
        let watch: Vec<Expectation> = servers
            .iter()
            .filter(marks)
            .map(|server| Expectation::Fluss(Condition::CleanEnd { server: *server }))
            .collect();
        let gate = Gate::Soak {
            watch: watch.clone(),
            hold_for: Millis::ZERO,
            every: timing::EVERY,
            fail_after: 1,
            blind_for: timing::BLIND,
        };
        let step = Draft::new(Effect::Hold { gate }, timing::WHOLE_GIVE_UP).by_hand(vec![
            "grep -E 'Skipping some recovery|Recovering all local logs' server.log   # of its start"
                .to_owned(),
        ]);
        (!watch.is_empty()).then(|| step.step())
    }

    fn line(&self, id: ServerId, side: Side) -> Option<Line> {
        let server = self.site.servers.get(&id.component())?;
        let release = match side {
            Side::Old => &server.old.version,
            Side::New => &server.new.version,
        };
        Some((release.major(), release.minor()))
    }

    /// What becomes of a tablet server's leaders when it is told to end.
    fn hand_over(&self, id: ServerId, side: Side) -> Option<String> {
        if id == ServerId::Coordinator {
            return None;
        }
        let own = self.line(id, side)?;
        let coordinator = self.line(ServerId::Coordinator, self.coordinator?)?;
        let words = |(major, minor): Line| format!("{major}.{minor}");
        Some(match (own >= HANDS_OVER, coordinator >= HANDS_OVER) {
            (true, true) => "told to end, it has the coordinator move its leaders before it goes".to_owned(),
            (true, false) => format!(
                "it asks for its leaders to be moved before it goes, and a coordinator of {} does not know how: they are elected elsewhere once it is gone",
                words(coordinator)
            ),
            (false, _) => format!(
                "{} cannot move its leaders before it goes: they are elected elsewhere once it is gone",
                words(own)
            ),
        })
    }

    pub(super) fn finalize(&self) -> Step {
        let gate = Gate::Finalize { after: None };
        Draft::new(Effect::Hold { gate }, timing::START_GIVE_UP).step()
    }
}

fn zero() -> Version {
    "0".parse().expect("a number is a version")
}
