//! What the catalogue says of the pair of releases, weighed against what was seen.
//!
//! A row may hang on a condition: on what is in the state, or in the job. Whether it holds is three-
//! valued, and what cannot be told makes the verdict unknown where it would make the restore fail.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{DeclaredJob, JobDetails};
use upshift_model::observed::Gap;
use upshift_model::version::Version;

use super::view::{self, NEW_CLUSTER, View};
use crate::knowledge::flink::{ActedUpon, Effect, PairVerdict, Reason, Sight, When};
use crate::systems::flink::fit::state_trait;
use crate::systems::flink::pair::{Traits, Truth, how_to_find_out};
use crate::systems::flink::{codes, is_named_by_sql};
use upshift_model::topic::Topic;

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
        .filter(|reason| reason.when != When::Always && !is_told_by_snapshot(reason.when))
    {
        conditions.entry(reason.when).or_default().push(reason);
    }
    found.extend(
        conditions
            .into_iter()
            .flat_map(|(when, reasons)| condition(view, when, &reasons)),
    );
    found
}

/// Conditions that a snapshot answers have findings of their own.
const fn is_told_by_snapshot(when: When) -> bool {
    matches!(when, When::OperatorState) || state_trait(when).is_some()
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

/// One finding for every job that the condition concerns or may concern; one for all when it
/// concerns none.
fn condition(view: &View<'_>, when: When, reasons: &[&Reason]) -> Vec<Finding> {
    let words = when.words();
    let what = words.strip_prefix("where ").unwrap_or(words);
    let topic = |subject: String| {
        reasons
            .iter()
            .fold(Topic::new(codes::PAIR_CONDITION, subject), |topic, reason| {
                topic
                    .saw(reason.ground.to_string())
                    .fix(reason.ground.advice())
                    .source(reason.origin.to_string())
            })
    };
    let fails = reasons.iter().any(|reason| reason.effect == Effect::Fails);
    let weighed = view.declared.jobs.iter().map(|job| (job, truth(view, job, when)));
    let concerned = weighed.filter_map(|(job, truth)| {
        let topic = topic(format!("{}: {what}", view::job(&job.name)));
        match (truth, fails) {
            (Truth::DoesNotHold, _) => None,
            (Truth::Holds(seen), true) => Some(topic.saw(seen).red("the restore would fail")),
            (Truth::Holds(seen), false) => Some(topic.saw(seen).yellow("the restore is not promised")),
            (Truth::CannotTell(how), false) => {
                Some(topic.fix(how).yellow("a limit of this pair of releases may hold"))
            }
            (Truth::CannotTell(how), true) => {
                let gap = Gap {
                    what: format!("whether {what}"),
                    reason: "cannot be told before".into(),
                };
                let topic = topic.fix(how).fix("where it is not so: waive this");
                Some(topic.unknown(
                    &gap,
                    Severity::Red,
                    "whether the restore would fail cannot be told",
                ))
            }
        }
    });
    let concerned: Vec<_> = concerned.collect();
    if concerned.is_empty() {
        return vec![
            topic(what.to_owned()).green("a limit of this pair of releases concerns none of the jobs"),
        ];
    }
    concerned
}

/// Whether a condition holds for a job, as far as it can be told before a restore point is read.
fn truth(view: &View<'_>, job: &DeclaredJob, when: When) -> Truth {
    if job.stateless && when.seen_in() == Sight::RestorePoint {
        return Truth::DoesNotHold;
    }
    traits(job, view.details(job)).of(when)
}

fn traits(job: &DeclaredJob, details: Option<&JobDetails>) -> Traits {
    let checkpointing = details.and_then(|details| details.checkpointing.known());
    let mut traits = Traits::unseen()
        .with(
            When::UnalignedCheckpoint,
            by_checkpoint(job, checkpointing.and_then(|seen| seen.unaligned)),
        )
        .with(
            When::ChangelogCheckpoint,
            by_checkpoint(job, checkpointing.and_then(|seen| seen.changelog)),
        );
    if job.current.jar == job.target.jar {
        traits = traits.with(When::ChainChange, Truth::DoesNotHold);
    }
    let Some(details) = details else {
        return traits;
    };
    let now = details
        .vertices
        .iter()
        .map(|vertex| vertex.parallelism)
        .max()
        .unwrap_or(0);
    let then = job.target.parallelism.unwrap_or(now);
    let rescaled = |is: bool| match is {
        true => Truth::Holds(format!("parallelism {now} becomes {then}")),
        false => Truth::DoesNotHold,
    };
    traits
        .with(When::ParallelismChange, rescaled(now != then))
        .with(When::ParallelismIncrease, rescaled(now < then))
        .with(When::TableProgram, table_program(details))
}

/// Limits of checkpoints do not concern a savepoint, and a savepoint is what is taken, unless the
/// job may resume from a checkpoint.
fn by_checkpoint(job: &DeclaredJob, setting: Option<bool>) -> Truth {
    match (job.may_use_checkpoint, setting) {
        (false, _) | (true, Some(false)) => Truth::DoesNotHold,
        (true, Some(true)) => Truth::Holds("the job may resume from such a checkpoint".into()),
        (true, None) => Truth::CannotTell(how_to_find_out(When::UnalignedCheckpoint).into()),
    }
}

/// Whether a vertex is named as SQL names them.
fn table_program(details: &JobDetails) -> Truth {
    let marked = details
        .vertices
        .iter()
        .find(|vertex| is_named_by_sql(&vertex.name));
    match marked {
        Some(vertex) => Truth::Holds(format!("vertex {:?} is named as SQL names them", vertex.name)),
        None => Truth::DoesNotHold,
    }
}
