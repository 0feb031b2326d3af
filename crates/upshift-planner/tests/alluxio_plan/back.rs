//! The way back of Alluxio from wherever a run stands.

use expect_test::expect;
use upshift_model::ids::{RunId, StepId};
use upshift_model::plan::Plan;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Entry, Intent, Line as Written, RECORD_FORMAT, Record, Who};
use upshift_model::run_state::RunState;
use upshift_model::step::Effect;
use upshift_planner::dispatch::{NoWayBack, Offer, way_back};
use upshift_planner::lint;

use super::plans::{plan, steps, with_writers};
use super::*;

/// A run of a plan: what was begun and done, in order.
pub(super) struct Run {
    lines: Vec<Written>,
}

impl Run {
    /// Everything up to a step, which is begun and no more.
    pub(super) fn up_to(plan: &Plan, last: &str) -> Self {
        let mut run = Self { lines: Vec::new() };
        let opened = Box::new(plan.clone().seal());
        run.write(Record::Opened {
            plan: opened,
            by: Who {
                name: "ann".to_owned(),
                host: "h".to_owned(),
                why: None,
                ticket: None,
            },
        });
        for step in plan.steps() {
            if !matches!(step.effect, Effect::Hold { .. }) {
                run.begin(&step.id);
            }
            if step.id.as_str() == last {
                return run;
            }
            let (step, proof) = (step.id.clone(), Proof::default());
            run.write(Record::Done { step, proof });
        }
        run
    }

    fn write(&mut self, record: Record) {
        let prev = self
            .lines
            .last()
            .map_or_else(Digest::zero, |line| line.digest().clone());
        self.lines.push(Written::write(Entry {
            format: RECORD_FORMAT,
            run: RunId::new("r"),
            seq: self.lines.len() as u64 + 1,
            epoch: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            prev,
            record,
        }));
    }

    fn begin(&mut self, step: &StepId) {
        self.write(Record::Intent {
            step: step.clone(),
            intent: Intent {
                key: upshift_model::ids::AttemptKey::derive(&RunId::new("r"), step, 1),
                attempt: 1,
                baseline: Baseline::default(),
                deadline: jiff::Timestamp::UNIX_EPOCH,
            },
        });
    }

    pub(super) fn back(&self) -> Result<Offer, NoWayBack> {
        let state = RunState::fold(&self.lines).unwrap_or_else(|error| panic!("{error}"));
        way_back(&state, None, jiff::Timestamp::UNIX_EPOCH)
    }
}

#[test]
fn the_way_back_is_as_long_as_what_was_touched() {
    let plan = plan(&with_writers("1.8.1", "2.9.6"));
    let titles = |last: &str| -> Vec<String> {
        let offer = Run::up_to(&plan, last).back().expect("a way back");
        assert!(lint::lint(&offer.plan).is_empty());
        offer.plan.waves.iter().map(|wave| wave.title.clone()).collect()
    };
    assert_eq!(titles("1.3"), ["writers"]);
    assert_eq!(titles("2.1"), ["stop", "masters", "workers", "prove", "writers"]);
    let offer = Run::up_to(&plan, "3.1").back().expect("a way back");
    steps(
        &offer.plan,
        expect![[r#"
            stop
              back.1.1 stop those who write: /opt/etl/stop
              back.1.2 worker: SIGTERM by its pid, and wait
              back.1.3 master: SIGTERM by its pid, and wait
              back.1.4 put /srv/journal.1.8.1-20261127T120000 back as /srv/journal; what lies there by then is kept as /srv/journal.1.8.1-20261127T120000.replaced
            masters
              back.2.1 master: start 1.8.1
              back.2.2 the master of 1.8.1 writes a backup → backup/back
            workers
              back.3.1 worker: start 1.8.1
            prove
              back.4.1 for 3 s: the master answers as 1.8.1, mounts as before · the root store is the one that was seen, and not empty · every worker is in service
              back.4.2 wait until backup/back holds all of the tree of backup/before, but for default access lists
            writers
              back.5.1 start those who write: /opt/etl/start
        "#]],
    );
    let down: Vec<bool> = offer
        .plan
        .waves
        .iter()
        .map(|wave| wave.outlook.downtime.is_none())
        .collect();
    assert_eq!(
        down,
        [true, true, true, false, false],
        "nothing is served before the workers are up"
    );
    let accepted = Run::up_to(&plan, "none").back().expect_err("closed");
    assert_eq!(accepted.code, ACCEPTED);
    let mut twice = Run::up_to(&plan, "3.1");
    let turned = Box::new(offer.plan.seal());
    twice.write(Record::Turned {
        plan: turned,
        by: Who {
            name: "ann".to_owned(),
            host: "h".to_owned(),
            why: None,
            ticket: None,
        },
    });
    assert_eq!(twice.back().expect_err("once").code, NO_WAY_TO_GO_BACK);
}
