//! What the catalogue says of the pair of releases, weighed against what was seen.
//!
//! A row may hang on a condition: on what is in the state, or in the job. Whether it holds is three-
//! valued, and what cannot be told makes the verdict unknown where it would make the restore fail.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::DeclaredJob;
use upshift_model::observed::Gap;
use upshift_model::version::Version;

use super::topic::Topic;
use super::view::{self, NEW_CLUSTER, View};
use crate::knowledge::flink::{ActedUpon, Effect, PairVerdict, Reason, When};
use crate::systems::flink::codes;

/// Flink releases a minor version about every five months; a catalogue older than that may miss one,
/// and what was learnt of the others since.
const FRESH_DAYS: i32 = 150;

/// How old the catalogue is.
pub(super) fn age(view: &View<'_>) -> Finding {
    let date = view.situation.knowledge.stamp().date;
    let days = (view.situation.today - date).get_days().max(0);
    let topic = Topic::new(codes::CATALOGUE_AGE, "catalogue").saw(format!("dated {date}, {days} days old"));
    if days > FRESH_DAYS {
        topic
            .fix("look for a newer release of upshift: upshift --version")
            .yellow("what upshift knows of releases is old")
    } else {
        topic.green("what upshift knows of releases is recent")
    }
}

/// Whether upshift acts upon a release.
pub(super) fn acted_upon(view: &View<'_>, version: &Version, subject: &str) -> Finding {
    let old = Topic::new(codes::TOO_OLD, subject).saw(format!("Flink {version}"));
    match view.situation.knowledge.flink().acted_upon(version) {
        ActedUpon::Yes => old.green("the release is one that upshift acts upon"),
        ActedUpon::TooOld { lowest } => old
            .saw(format!("requests are built for {lowest} and later; an older release would refuse or misread them"))
            .fix(format!("go to {lowest} by hand first: bin/flink stop --savepointPath DIR JOB, then with {lowest}: bin/flink run -d -s SAVEPOINT JAR"))
            .refused("the release is too old to be acted upon"),
        ActedUpon::TooNew { highest } => {
            let gap = Gap {
                what: format!("what Flink {version} reads, writes and asks for"),
                reason: format!("the catalogue ends with {highest}"),
            };
            Topic::new(codes::LINE_UNKNOWN, subject)
                .fix("look for a newer release of upshift: upshift --version")
                .fix(format!("or try a copy: restore a savepoint of the job on a scratch cluster of {version}, then waive this"))
                .unknown(&gap, Severity::Red, "the catalogue knows nothing of this release line")
        }
    }
}

/// The verdict over the pair, then one finding for every condition that it hangs on.
pub(super) fn pair(view: &View<'_>, from: &Version, to: &Version) -> Vec<Finding> {
    let verdict = view.situation.knowledge.flink().pair(from, to);
    let mut found = vec![outright(&verdict, from, to)];
    let mut conditions: BTreeMap<When, Vec<&Reason>> = BTreeMap::new();
    for reason in verdict
        .reasons()
        .iter()
        .filter(|reason| reason.when != When::Always)
    {
        conditions.entry(reason.when).or_default().push(reason);
    }
    found.extend(
        conditions
            .into_iter()
            .map(|(when, reasons)| condition(view, when, &reasons)),
    );
    found
}

fn outright(verdict: &PairVerdict, from: &Version, to: &Version) -> Finding {
    let always: Vec<_> = verdict
        .reasons()
        .iter()
        .filter(|reason| reason.when == When::Always)
        .collect();
    let mut topic = Topic::new(codes::PAIR, NEW_CLUSTER)
        .saw(format!("state of Flink {from}, restored by {to}"))
        .saw_all(always.iter().map(|reason| reason.ground.to_string()));
    for reason in &always {
        topic = topic.fix(reason.ground.advice());
    }
    for source in verdict.sources() {
        topic = topic.source(source);
    }
    let certain = always.iter().any(|reason| reason.effect == Effect::Fails);
    match verdict {
        PairVerdict::Supported { .. } => topic.green("state goes from the one release to the other"),
        PairVerdict::Conditional { .. } if always.is_empty() => {
            topic.green("state goes from the one release to the other, under conditions")
        }
        PairVerdict::Conditional { .. } => topic.yellow("state goes from the one release to the other, and nobody promises it"),
        PairVerdict::Unsupported { .. } if certain => topic.refused("the target cannot restore state of what runs"),
        PairVerdict::Unsupported { .. } => topic.red("the target is not offered for state of what runs"),
        PairVerdict::Unknown { gap, .. } => topic
            .fix("try a copy: restore a savepoint of the job on a scratch cluster of the target, then waive this")
            .unknown(gap, Severity::Red, "whether state goes from the one release to the other is not known"),
    }
}

/// Whether a condition holds here.
enum Weight {
    Holds(String),
    HoldsNot(String),
    CannotTell(String),
}

fn condition(view: &View<'_>, when: When, reasons: &[&Reason]) -> Finding {
    let words = when.words();
    let subject = words.strip_prefix("where ").unwrap_or(words);
    let mut topic = Topic::new(codes::PAIR_CONDITION, subject);
    for reason in reasons {
        topic = topic
            .saw(reason.ground.to_string())
            .fix(reason.ground.advice())
            .source(reason.origin.to_string());
    }
    let fails = reasons.iter().any(|reason| reason.effect == Effect::Fails);
    match (weigh(view, when), fails) {
        (Weight::HoldsNot(why), _) => topic
            .saw(why)
            .green("a limit of this pair of releases does not concern these jobs"),
        (Weight::Holds(why), true) => topic.saw(why).red("the restore would fail"),
        (Weight::Holds(why), false) => topic.saw(why).yellow("the restore is not promised"),
        (Weight::CannotTell(why), false) => topic.saw(why).yellow("a limit may concern these jobs"),
        (Weight::CannotTell(why), true) => {
            let gap = Gap {
                what: format!("whether {subject}"),
                reason: why,
            };
            topic.fix("find out, and waive this where it is not so").unknown(
                &gap,
                Severity::Red,
                "whether the restore would fail cannot be told",
            )
        }
    }
}

fn weigh(view: &View<'_>, when: When) -> Weight {
    let jobs = &view.declared.jobs;
    if jobs.iter().all(|job| job.stateless) {
        return Weight::HoldsNot("every job is declared stateless".into());
    }
    match when {
        When::Always => Weight::Holds("it is so in every case".into()),
        When::UnalignedCheckpoint => checkpoint(view, |seen| seen.unaligned),
        When::ChangelogCheckpoint => checkpoint(view, |seen| seen.changelog),
        When::ParallelismChange => rescaled(view, |now, then| now != then),
        When::ParallelismIncrease => rescaled(view, |now, then| now < then),
        When::TableProgram => table_program(view),
        When::ChainChange if jobs.iter().all(|job| job.current.jar == job.target.jar) => {
            Weight::HoldsNot("the same jars run on the target".into())
        }
        When::Cep | When::SemiAsyncRocksdb | When::ChainChange | When::RemovedApi => {
            Weight::CannotTell("nothing that can be looked at tells it: its author knows".into())
        }
        When::ScalaCaseClass
        | When::ScalaTraversable
        | When::BroadcastState
        | When::KryoTypes
        | When::CollectionInPojo
        | When::OperatorState => {
            Weight::CannotTell("only what a restore point holds can tell it, and none was read".into())
        }
    }
}

/// Conditions on checkpoints do not concern savepoints, and a savepoint is what is taken, unless a
/// job may resume from a checkpoint.
fn checkpoint(
    view: &View<'_>,
    setting: impl Fn(&upshift_model::flink::Checkpointing) -> Option<bool>,
) -> Weight {
    let may = |(job, details): &(&DeclaredJob, &upshift_model::flink::JobDetails)| {
        job.may_use_checkpoint && details.checkpointing.known().and_then(&setting) != Some(false)
    };
    match view.detailed().iter().find(|pair| may(pair)) {
        Some((job, _)) => Weight::Holds(format!("job {} may resume from a checkpoint", job.name)),
        None => Weight::HoldsNot("a savepoint is taken, not a checkpoint".into()),
    }
}

fn rescaled(view: &View<'_>, differs: impl Fn(u32, u32) -> bool) -> Weight {
    let pairs = view.detailed();
    for (job, details) in &pairs {
        let now = details.vertices.iter().map(|vertex| vertex.parallelism).max();
        if let (Some(now), Some(then)) = (now, job.target.parallelism)
            && differs(now, then)
        {
            return Weight::Holds(format!(
                "{}: parallelism {now} becomes {then}",
                view::job(&job.name)
            ));
        }
    }
    if pairs.len() < view.declared.jobs.len() {
        return Weight::CannotTell("the parallelism of a job was not seen".into());
    }
    Weight::HoldsNot("no job's parallelism changes so".into())
}

/// The planner of the Table API names its operators by its own classes, with a number in brackets.
fn table_program(view: &View<'_>) -> Weight {
    const MARKS: [&str; 6] = [
        "Calc[",
        "TableSourceScan",
        "GroupAggregate[",
        "Join[",
        "StreamingFileWriter",
        "ConstraintEnforcer[",
    ];
    let pairs = view.detailed();
    let marked = pairs.iter().find_map(|(job, details)| {
        let vertex = details
            .vertices
            .iter()
            .find(|v| MARKS.iter().any(|mark| v.name.contains(mark)))?;
        Some((job, vertex))
    });
    match marked {
        Some((job, vertex)) => Weight::Holds(format!(
            "{}: vertex {:?} is named as SQL names them",
            view::job(&job.name),
            vertex.name
        )),
        None if pairs.len() < view.declared.jobs.len() => {
            Weight::CannotTell("the vertices of a job were not seen".into())
        }
        None => Weight::HoldsNot("no vertex is named as SQL names them".into()),
    }
}
