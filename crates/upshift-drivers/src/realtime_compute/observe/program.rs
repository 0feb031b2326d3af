//! What the copy of a deployment will run, and what the newest state of the original holds: the two that have to fit.

use std::collections::BTreeSet;

use serde_json::Value;
use upshift_model::flink::{DeclaredSubmission, JobGraph, SnapshotFound};
use upshift_model::observed::{Gap, Observed};
use upshift_model::realtime_compute::{GraphHome, Program};

use super::libraries::fetched;
use crate::flink::{of_jar, read_location};
use crate::realtime_compute::{Deployment, Savepoint, SavepointState};
use crate::wire::objects::Objects;

const OPERATORS: &str = "the operators of the jar that its copy runs";

/// The operators of the jar, where somebody allowed that its `main` is run to learn them; none where nobody asks.
pub(super) async fn graph(
    objects: &Objects,
    home: Option<&GraphHome>,
    one: &Deployment,
    program: Option<&Program>,
) -> Option<Observed<JobGraph>> {
    let artifact = one
        .get("artifact")
        .and_then(|artifact| artifact.get("jarArtifact"));
    let Some(home) = home else {
        let why = "it is another jar than the one that runs, and no code of it was run to look at it; [graph] home allows that";
        return program.map(|_| Observed::unknown(OPERATORS, why));
    };
    let artifact = artifact?;
    let told = read(objects, home, artifact, program).await;
    Some(told.map_or_else(|why| Observed::unknown(OPERATORS, why), Observed::Known))
}

async fn read(
    objects: &Objects,
    home: &GraphHome,
    artifact: &Value,
    program: Option<&Program>,
) -> Result<JobGraph, String> {
    let own = |field: &str| {
        artifact[field]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let uri = program
        .map(|program| program.jar.clone())
        .or_else(|| own("jarUri"));
    let jar = fetched(
        objects,
        &uri.ok_or("the service does not say where its jar lies")?,
    )
    .await?;
    let args = program
        .and_then(|program| program.args.clone())
        .or_else(|| own("mainArgs"));
    let entry_class = program
        .and_then(|program| program.entry_class.clone())
        .or_else(|| own("entryClass"));
    let submission = DeclaredSubmission {
        jar: jar.path().to_owned(),
        entry_class,
        args: args
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        parallelism: None,
        max_parallelism: None,
    };
    of_jar(
        (home.home.clone(), home.java_home.clone()),
        &submission,
        home.online,
    )
    .await
}

/// The newest that is whole, read where it lies; none where there is none.
pub(super) async fn newest(objects: &Objects, points: &[Savepoint]) -> Option<SnapshotFound> {
    let whole = points
        .iter()
        .filter(|point| point.status.state == SavepointState::Completed);
    let newest = whole.max_by_key(|point| point.created_at)?;
    Some(match newest.savepoint_location.as_deref() {
        Some(location) => read_location(objects, location, &BTreeSet::new()).await,
        None => SnapshotFound::Unseen(Gap {
            what: format!("what {} holds", newest.savepoint_id),
            reason: "the service does not say where it lies".to_owned(),
        }),
    })
}
