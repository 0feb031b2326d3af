//! What a job's snapshot must look like: everything known of releases, the job and its waivers,
//! compiled for [`upshift_model::flink::fit`]. The checks and the plan ask with the same criteria.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::flink::fit::{Acceptance, FitCriteria, GraphAsk, StateLimit, StateTrait, codes};
use upshift_model::flink::{
    DeclaredJob, DeclaredSubmission, GraphWay, JobDetails, JobSnapshots, SnapshotLook, SnapshotOperator,
    SnapshotTold, Target,
};
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;
use upshift_model::version::Version;
use upshift_model::waiver::Waiver;

use super::recipe::configured_backend;
use super::strategy;
use crate::knowledge::Flink;
use crate::knowledge::flink::{Effect, When};
use crate::systems::flink::situation::Situation;

/// Codes of findings about snapshots, which checks and plan share.
const RANGES: [&str; 4] = ["UP-FLINK-022", "UP-FLINK-023", "UP-FLINK-024", "UP-FLINK-025"];

/// Whether a waiver speaks of a finding about a snapshot.
pub(crate) fn is_about_snapshots(waiver: &Waiver) -> bool {
    RANGES.iter().any(|range| waiver.code.as_str().starts_with(range))
}

/// What a job's snapshot is held against; `to` is none where the target could not be seen.
pub(crate) fn criteria(
    situation: &Situation<'_>,
    job: &DeclaredJob,
    details: Option<&JobDetails>,
    to: Option<&Version>,
) -> FitCriteria {
    let (flink, facts) = (situation.knowledge.flink(), situation.facts());
    let from = &facts.source.version;
    FitCriteria {
        job: job.name.clone(),
        metadata_versions: to.and_then(|to| flink.metadata_versions_read(to)),
        operator_header: to.and_then(|to| flink.operator_header(to)),
        operators_with_state: with_state(situation, job),
        graphs: facts.graphs.get(&job.name).cloned(),
        graph_ask: asked_by_gate(situation, job).then_some(GraphAsk::ByGate),
        may_lose: may_lose(situation, &job.name),
        max_parallelism: max_parallelism(situation, job, details),
        parallelism: job.target.parallelism,
        same_program: same_program(situation, job),
        backend: backend(situation, details),
        crosses_lines: to.is_some_and(|to| !from.same_line(to)),
        limits: to.map_or_else(Vec::new, |to| limits(flink, from, to)),
        names: names(details),
        of_wanted: of_wanted(situation, job),
        runs_on: false,
        accepted: accepted(situation),
    }
}

/// Whether the plan asks the target cluster for the job's graph: the file allows it, the plan starts the cluster
/// beside the old one, and a trial savepoint is there to be held against the answer before the job stops.
fn asked_by_gate(situation: &Situation<'_>, job: &DeclaredJob) -> bool {
    let declaration = situation.declaration;
    let starts = matches!(declaration.target, Target::Release { .. });
    let known = situation
        .facts()
        .graphs
        .get(&job.name)
        .is_some_and(|graphs| graphs.wanted.known().is_some());
    job.graph == GraphWay::Target
        && !known
        && !job.stateless
        && starts
        && declaration.trial_savepoint
        && strategy::choose(situation).0 == Strategy::Shadow
}

/// The limits of the pair that a snapshot can tell of.
pub(crate) fn limits(flink: &Flink, from: &Version, to: &Version) -> Vec<StateLimit> {
    let verdict = flink.pair(from, to);
    let reasons = verdict.reasons().iter();
    reasons
        .filter_map(|reason| {
            Some(StateLimit {
                on: state_trait(reason.when)?,
                fails: reason.effect == Effect::Fails,
                text: reason.ground.to_string(),
                advice: reason.ground.advice().to_owned(),
                source: reason.origin.to_string(),
            })
        })
        .collect()
}

/// What a condition of the catalogue is called where a snapshot answers it; none where something
/// else does.
pub(crate) const fn state_trait(when: When) -> Option<StateTrait> {
    match when {
        When::CollectionInPojo => Some(StateTrait::CollectionInPojo),
        When::KryoTypes => Some(StateTrait::Kryo),
        When::ScalaCaseClass => Some(StateTrait::ScalaCaseClass),
        When::ScalaTraversable => Some(StateTrait::ScalaTraversable),
        When::Cep => Some(StateTrait::Cep),
        When::BroadcastState => Some(StateTrait::Broadcast),
        When::SemiAsyncRocksdb => Some(StateTrait::SemiAsyncRocksdb),
        When::Always
        | When::ParallelismChange
        | When::ParallelismIncrease
        | When::ChainChange
        | When::UnalignedCheckpoint
        | When::ChangelogCheckpoint
        | When::TableProgram
        | When::OperatorState
        | When::RemovedApi => None,
    }
}

fn holding<'a>(situation: &Situation<'a>) -> impl Iterator<Item = &'a Waiver> + use<'a> {
    let today = situation.today;
    let all = situation.declaration.waivers.iter();
    all.filter(move |waiver| waiver.until.is_none_or(|until| until >= today))
}

/// Operators of the job whose state a waiver allows to be lost: `operator UID of job NAME`.
pub(crate) fn may_lose(situation: &Situation<'_>, job: &str) -> BTreeSet<String> {
    let tail = format!(" of job {job}");
    holding(situation)
        .filter(|waiver| waiver.code == codes::STATE_DROPPED)
        .filter_map(|waiver| waiver.subject.strip_prefix("operator ")?.strip_suffix(&tail))
        .map(str::to_owned)
        .collect()
}

fn accepted(situation: &Situation<'_>) -> BTreeSet<Acceptance> {
    holding(situation)
        .filter(|waiver| is_about_snapshots(waiver))
        .map(|waiver| Acceptance {
            code: waiver.code.clone(),
            subject: waiver.subject.clone(),
        })
        .collect()
}

/// Max parallelism by operator, as far as the file decides it: a declared value applies to what was
/// declared the same before; an operator that sets its own is left out.
fn max_parallelism(
    situation: &Situation<'_>,
    job: &DeclaredJob,
    details: Option<&JobDetails>,
) -> BTreeMap<String, u32> {
    let (Some(before), Some(after)) = (job.current.max_parallelism, job.target.max_parallelism) else {
        return BTreeMap::new();
    };
    let vertices = details
        .map(|details| details.vertices.as_slice())
        .unwrap_or_default();
    let heads = vertices.iter().map(|vertex| (&vertex.id, vertex.max_parallelism));
    let chained = read(situation, job)
        .iter()
        .map(|operator| (&operator.id, Some(operator.max_parallelism)));
    heads
        .chain(chained)
        .filter(|(_, seen)| *seen == Some(before))
        .map(|(id, _)| (id.clone(), after))
        .collect()
}

fn read<'a>(situation: &Situation<'a>, job: &DeclaredJob) -> &'a [SnapshotOperator] {
    let snapshots = situation.facts().snapshots.get(&job.name);
    let read = snapshots.and_then(|snapshots| snapshots.read());
    read.map(|(_, contents)| contents.operators.as_slice())
        .unwrap_or_default()
}

/// Operators that wrote state in a snapshot of the running job. Flink writes what an operator has
/// registered into every later snapshot of it, empty or not, so one that lacks it is not whole. Records
/// in flight and a coordinator's state come and go. A snapshot that a person names may be another job's.
fn with_state(situation: &Situation<'_>, job: &DeclaredJob) -> BTreeSet<String> {
    let may_lose = may_lose(situation, &job.name);
    let snapshots = situation.facts().snapshots.get(&job.name);
    snapshots
        .and_then(JobSnapshots::read)
        .filter(|(look, _)| look.told_by != SnapshotTold::Person)
        .map(|(_, contents)| contents.operators.iter())
        .into_iter()
        .flatten()
        .filter(|operator| operator.key.is_some() || operator.operator_state)
        .filter(|operator| !may_lose.iter().any(|named| operator.is_called(named)))
        .map(|operator| operator.id.clone())
        .collect()
}

fn of_wanted(situation: &Situation<'_>, job: &DeclaredJob) -> Vec<SnapshotOperator> {
    let snapshots = situation.facts().snapshots.get(&job.name);
    let look = snapshots.and_then(|snapshots| snapshots.of_wanted.as_ref());
    let contents = look.and_then(SnapshotLook::contents);
    contents
        .map(|contents| contents.operators.clone())
        .unwrap_or_default()
}

fn names(details: Option<&JobDetails>) -> BTreeMap<String, String> {
    let vertices = details
        .map(|details| details.vertices.as_slice())
        .unwrap_or_default();
    vertices
        .iter()
        .map(|vertex| (vertex.id.clone(), vertex.name.clone()))
        .collect()
}

/// Whether the job as wanted is the program that runs, submitted alike; none where a jar was not seen.
fn same_program(situation: &Situation<'_>, job: &DeclaredJob) -> Option<bool> {
    let (old, new) = (&job.current, &job.target);
    if (&old.entry_class, &old.args, old.parallelism) != (&new.entry_class, &new.args, new.parallelism) {
        return Some(false);
    }
    match (jar(situation, old), jar(situation, new)) {
        (Some(old), Some(new)) => Some(old == new),
        _ => (old.jar == new.jar).then_some(true),
    }
}

fn jar<'a>(
    situation: &Situation<'a>,
    submission: &DeclaredSubmission,
) -> Option<&'a upshift_model::digest::Digest> {
    let seen = situation.facts().host.jars.get(&submission.jar);
    seen.and_then(Observed::known).map(|jar| &jar.sha256)
}

/// The state backend that the job will be started with. One that differs from its cluster's is set by
/// the job itself, and moves with it.
fn backend(situation: &Situation<'_>, details: Option<&JobDetails>) -> Option<String> {
    let facts = situation.facts();
    let now = facts.source.config.known().map(configured_backend);
    let of_job = details
        .and_then(|details| details.checkpointing.known()?.state_backend.as_deref())
        .map(named_by_server);
    let own = of_job.filter(|of_job| now.as_deref() != Some(of_job));
    let wanted = match &situation.declaration.target {
        Target::Release { .. } | Target::SameCluster => configured_in_file(situation).or(now),
        Target::RunningCluster { .. } => {
            let target = facts.target.as_ref().and_then(Observed::known);
            target
                .and_then(|target| target.config.known())
                .map(configured_backend)
        }
    };
    own.or(wanted)
}

/// The backend of the configuration that is carried over; none where it was not seen.
fn configured_in_file(situation: &Situation<'_>) -> Option<String> {
    let conf = situation
        .facts()
        .host
        .current_conf
        .as_ref()
        .and_then(Observed::known)?;
    let entries = conf
        .entries
        .iter()
        .map(|entry| (entry.key.clone(), entry.value.clone()));
    Some(configured_backend(&entries.collect()))
}

/// `EmbeddedRocksDBStateBackend`, `HashMapStateBackend`, …
fn named_by_server(class: &str) -> String {
    let config = BTreeMap::from([("state.backend.type".to_owned(), class.to_owned())]);
    configured_backend(&config)
}
