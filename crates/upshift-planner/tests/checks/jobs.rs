//! Jobs: running, restarting, checkpointing, parallel.

use upshift_model::flink::Sink;
use upshift_model::observed::Observed::{self, Known};
use upshift_model::span::Millis;
use upshift_planner::systems::flink::codes;

use crate::cases::Outcome::{Blind, Dim, Green, Red, Refused, Yellow};
use crate::cases::{Case, check};
use crate::support::World;

fn later(world: &World, seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(world.now.as_second() - seconds).expect("in range")
}

fn stranger(world: &mut World) {
    let mut other = world.running().clone();
    other.name = "billing".into();
    let Known(jobs) = &mut world.facts.source.jobs else {
        panic!("known")
    };
    jobs.push(other);
}

const A_JOB_THAT_DOES_NOT_RUN_WELL: &[Case] = &[
    Case {
        story: "no job of that name runs",
        code: codes::JOB_RUNS,
        outcome: Refused,
        evidence: "running: orders-v2",
        start: World::in_place,
        change: |w| w.running().name = "orders-v2".into(),
    },
    Case {
        story: "the job has failed",
        code: codes::JOB_RUNS,
        outcome: Refused,
        evidence: "a job of this name is FAILED",
        start: World::in_place,
        change: |w| w.running().state = "FAILED".into(),
    },
    Case {
        story: "the job is restarting",
        code: codes::JOB_RUNS,
        outcome: Refused,
        evidence: "state RESTARTING",
        start: World::in_place,
        change: |w| w.running().state = "RESTARTING".into(),
    },
    Case {
        story: "the job is restarting, and a waiver lets it resume from a checkpoint",
        code: codes::JOB_RUNS,
        outcome: Yellow,
        evidence: "newest retained checkpoint",
        start: World::in_place,
        change: |w| {
            w.running().state = "RESTARTING".into();
            w.declared().may_use_checkpoint = true;
            w.waive("UP-FLINK-0211", "job orders");
        },
    },
    Case {
        story: "the jobs were not seen",
        code: codes::JOB_RUNS,
        outcome: Blind,
        evidence: "timed out",
        start: World::in_place,
        change: |w| w.facts.source.jobs = Observed::unknown("jobs", "timed out"),
    },
    Case {
        story: "two jobs of one name",
        code: codes::JOB_NOT_UNIQUE,
        outcome: Refused,
        evidence: "2 jobs of this name run",
        start: World::in_place,
        change: |w| {
            stranger(w);
            let Known(jobs) = &mut w.facts.source.jobs else {
                panic!("known")
            };
            jobs[1].name = "orders".into();
        },
    },
    Case {
        story: "a vertex waits for slots",
        code: codes::TASKS_RUN,
        outcome: Red,
        evidence: "SCHEDULED",
        start: World::in_place,
        change: |w| w.details().vertices[1].status = "SCHEDULED".into(),
    },
    Case {
        story: "a bounded source has come to its end",
        code: codes::TASKS_RUN,
        outcome: Yellow,
        evidence: "FINISHED",
        start: World::in_place,
        change: |w| w.details().vertices[0].status = "FINISHED".into(),
    },
    Case {
        story: "the job was restarted",
        code: codes::RESTARTS,
        outcome: Yellow,
        evidence: "numRestarts: 3",
        start: World::in_place,
        change: |w| w.details().restarts = Known(3),
    },
    Case {
        story: "restarts were not seen",
        code: codes::RESTARTS,
        outcome: Dim,
        evidence: "no such metric",
        start: World::in_place,
        change: |w| w.details().restarts = Observed::unknown("restarts", "no such metric"),
    },
    Case {
        story: "an exception five minutes ago",
        code: codes::EXCEPTIONS,
        outcome: Red,
        evidence: "5 m old",
        start: World::in_place,
        change: |w| w.details().last_exception_at = Known(Some(later(w, 300))),
    },
    Case {
        story: "an exception an hour ago",
        code: codes::EXCEPTIONS,
        outcome: Yellow,
        evidence: "60 m old",
        start: World::in_place,
        change: |w| w.details().last_exception_at = Known(Some(later(w, 3600))),
    },
    Case {
        story: "an exception two days ago",
        code: codes::EXCEPTIONS,
        outcome: Green,
        evidence: "2 d old",
        start: World::in_place,
        change: |w| w.details().last_exception_at = Known(Some(later(w, 172_800))),
    },
    Case {
        story: "the details were not seen",
        code: codes::JOB_DETAILS,
        outcome: Blind,
        evidence: "500",
        start: World::in_place,
        change: |w| w.running().details = Observed::unknown("job orders", "500 Internal Server Error"),
    },
    Case {
        story: "in place, with a job that the file does not name",
        code: codes::UNNAMED_JOB,
        outcome: Refused,
        evidence: "stops the whole cluster",
        start: World::in_place,
        change: stranger,
    },
    Case {
        story: "a shadow copy, with a job that the file does not name",
        code: codes::UNNAMED_JOB,
        outcome: Yellow,
        evidence: "stays on the old cluster",
        start: World::shadow,
        change: stranger,
    },
];

#[test]
fn a_job_that_does_not_run_well() {
    check(A_JOB_THAT_DOES_NOT_RUN_WELL);
}

const A_JOB_THAT_DOES_NOT_CHECKPOINT_WELL: &[Case] = &[
    Case {
        story: "checkpoints are off",
        code: codes::CHECKPOINTING_OFF,
        outcome: Refused,
        evidence: "no checkpoint would ever prove the restore",
        start: World::in_place,
        change: |w| w.checkpointing().interval = None,
    },
    Case {
        story: "no checkpoint completed yet",
        code: codes::NO_CHECKPOINT,
        outcome: Red,
        evidence: "every 10 s",
        start: World::in_place,
        change: |w| w.checkpoints().latest_completed = None,
    },
    Case {
        story: "the newest checkpoint is two minutes old, every ten seconds",
        code: codes::CHECKPOINT_LATE,
        outcome: Yellow,
        evidence: "completed 2 m before the look",
        start: World::in_place,
        change: |w| {
            let at = later(w, 120);
            let latest = w.checkpoints().latest_completed.as_mut().expect("one");
            (latest.triggered_at, latest.acknowledged_at) = (at, Some(at));
        },
    },
    Case {
        story: "the newest checkpoint is an hour old, and the time-out ten minutes",
        code: codes::CHECKPOINT_LATE,
        outcome: Red,
        evidence: "60 m before the look",
        start: World::in_place,
        change: |w| {
            let at = later(w, 3600);
            let latest = w.checkpoints().latest_completed.as_mut().expect("one");
            (latest.triggered_at, latest.acknowledged_at) = (at, Some(at));
        },
    },
    Case {
        story: "the newest checkpoint failed",
        code: codes::CHECKPOINT_FAILING,
        outcome: Red,
        evidence: "triggered at",
        start: World::in_place,
        change: |w| w.checkpoints().latest_failed_at = Some(later(w, 2)),
    },
    Case {
        story: "a checkpoint failed long ago",
        code: codes::CHECKPOINT_FAILING,
        outcome: Green,
        evidence: "",
        start: World::in_place,
        change: |w| w.checkpoints().latest_failed_at = Some(later(w, 2000)),
    },
    Case {
        story: "unaligned checkpoints",
        code: codes::UNALIGNED,
        outcome: Yellow,
        evidence: "a savepoint is always aligned",
        start: World::in_place,
        change: |w| w.checkpointing().unaligned = Some(true),
    },
    Case {
        story: "unaligned checkpoints, and one may be resumed from",
        code: codes::UNALIGNED,
        outcome: Red,
        evidence: "no way across releases",
        start: World::in_place,
        change: |w| {
            w.checkpointing().unaligned = Some(true);
            w.declared().may_use_checkpoint = true;
        },
    },
    Case {
        story: "the changelog is on",
        code: codes::CHANGELOG,
        outcome: Red,
        evidence: "does not support enforcing a full snapshot",
        start: World::in_place,
        change: |w| w.checkpointing().changelog = Some(true),
    },
    Case {
        story: "at-least-once",
        code: codes::AT_LEAST_ONCE,
        outcome: Yellow,
        evidence: "at_least_once",
        start: World::in_place,
        change: |w| w.checkpointing().mode = "at_least_once".into(),
    },
    Case {
        story: "it may resume from a checkpoint, and none is kept",
        code: codes::NOT_RETAINED,
        outcome: Yellow,
        evidence: "",
        start: World::in_place,
        change: |w| {
            w.checkpointing().retained = Some(false);
            w.declared().may_use_checkpoint = true;
        },
    },
];

#[test]
fn a_job_that_does_not_checkpoint_well() {
    check(A_JOB_THAT_DOES_NOT_CHECKPOINT_WELL);
}

const PARALLELISM: &[Case] = &[
    Case {
        story: "the target has one slot, the job wants two",
        code: codes::SLOTS,
        outcome: Red,
        evidence: "1 slots: 1 task manager(s) of 1",
        start: World::in_place,
        change: |w| w.conf().entries[0].value = "1".into(),
    },
    Case {
        story: "the running target has too few free slots",
        code: codes::SLOTS,
        outcome: Red,
        evidence: "free at http://127.0.0.1:8181",
        start: World::running_cluster,
        change: |w| {
            let Some(Known(target)) = &mut w.facts.target else {
                panic!("known")
            };
            target.slots_free = Known(1);
        },
    },
    Case {
        story: "slots of the target are not a number",
        code: codes::SLOTS,
        outcome: Blind,
        evidence: "is not a number",
        start: World::in_place,
        change: |w| w.conf().entries[0].value = "many".into(),
    },
    Case {
        story: "another max parallelism is declared",
        code: codes::MAX_PARALLELISM,
        outcome: Red,
        evidence: "0da08f51eaa85fc298e176a139b3649a) runs with 128",
        start: World::unread,
        change: |w| w.declared().target.max_parallelism = Some(256),
    },
    Case {
        story: "the server gives no max parallelism",
        code: codes::MAX_PARALLELISM,
        outcome: Blind,
        evidence: "counter",
        start: World::unread,
        change: |w| w.details().vertices[1].max_parallelism = None,
    },
    Case {
        story: "more parallel than the state allows",
        code: codes::PARALLELISM_TOO_HIGH,
        outcome: Refused,
        evidence: "parallelism 200, max parallelism 128",
        start: World::unread,
        change: |w| w.declared().target.parallelism = Some(200),
    },
    Case {
        story: "the target takes no configuration with a submission",
        code: codes::MAX_PARALLELISM_NOT_SENT,
        outcome: Yellow,
        evidence: "1.17.2",
        start: World::in_place,
        change: |w| {
            w.facts.source.version = "1.16.3".parse().expect("a version");
            w.target().version = "1.17.2".parse().expect("a version");
        },
    },
];

#[test]
fn parallelism() {
    check(PARALLELISM);
}

const UIDS: &[Case] = &[
    Case {
        story: "no uids are declared",
        code: codes::UIDS,
        outcome: Yellow,
        evidence: "0da08f51eaa85fc298e176a139b3649a  counter -> Sink: out",
        start: World::in_place,
        change: |w| w.declared().uids.clear(),
    },
    Case {
        story: "no uids are declared, and another jar comes",
        code: codes::UIDS,
        outcome: Yellow,
        evidence: "renames those after it",
        start: World::in_place,
        change: |w| {
            w.declared().uids.clear();
            w.declared().current.jar = "/srv/jars/before.jar".into();
        },
    },
    Case {
        story: "uids are required of a server that takes no configuration",
        code: codes::UIDS_NOT_SENT,
        outcome: Refused,
        evidence: "1.17.2",
        start: World::in_place,
        change: |w| {
            w.declaration.require_uids = true;
            w.facts.source.version = "1.16.3".parse().expect("a version");
            w.target().version = "1.17.2".parse().expect("a version");
        },
    },
];

#[test]
fn uids() {
    check(UIDS);
}

const SINKS_AND_LIMITS_OF_THE_WAY_BACK: &[Case] = &[
    Case {
        story: "an appending sink",
        code: codes::SINK,
        outcome: Yellow,
        evidence: "sink = \"append\"",
        start: World::in_place,
        change: |w| w.declared().sink = Sink::Append,
    },
    Case {
        story: "an undeclared sink",
        code: codes::SINK,
        outcome: Yellow,
        evidence: "treated as append",
        start: World::in_place,
        change: |w| w.declared().sink = Sink::Undeclared,
    },
    Case {
        story: "transactions time out before the soak is over",
        code: codes::WAY_BACK_LIMITS,
        outcome: Yellow,
        evidence: "transaction_timeout 15 m is not longer than the soak of 15 m",
        start: World::in_place,
        change: |w| {
            w.declared().sink = Sink::Transactional;
            w.declared().transaction_timeout = Some(Millis::from_secs(900));
        },
    },
    Case {
        story: "nobody said how long the source keeps records",
        code: codes::WAY_BACK_LIMITS,
        outcome: Yellow,
        evidence: "not declared: source_retention",
        start: World::in_place,
        change: |w| w.declared().source_retention = None,
    },
];

#[test]
fn sinks_and_limits_of_the_way_back() {
    check(SINKS_AND_LIMITS_OF_THE_WAY_BACK);
}
