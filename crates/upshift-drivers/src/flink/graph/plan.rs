//! A graph by a cluster's own `/jars/:id/plan`: the head of each chain. It runs the jar's `main` inside
//! that cluster's job manager, so the caller has been asked for it by name.

use upshift_engine::driver::Fault;
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{
    ChainPlace, DeclaredSubmission, GraphExtent, GraphOperator, GraphOrigin, IdFrom, JobGraph, Submission,
};
use upshift_model::version::Version;

use super::read::Told;
use crate::flink::answers::{JarPlan, JobGraphNode};
use crate::flink::client::FlinkClient;
use crate::flink::driver::FlinkDriver;
use crate::flink::observe::fault_words;
use crate::wire::Http;

/// On a cluster of its own.
pub(super) async fn on_scratch(
    driver: &FlinkDriver,
    at: &Endpoint,
    wanted: Option<&Version>,
    submission: &DeclaredSubmission,
) -> Result<Told, String> {
    let http = Http::new(at, driver.secrets.clone()).map_err(|e| format!("the scratch cluster: {e}"))?;
    on_running(&FlinkClient::new(http), wanted, submission).await
}

/// On a cluster that should run the wanted release already.
pub(super) async fn on_running(
    client: &FlinkClient,
    wanted: Option<&Version>,
    submission: &DeclaredSubmission,
) -> Result<Told, String> {
    let said = client
        .overview()
        .await
        .map_err(|fault| format!("the cluster that should build the graph: {}", fault_words(&fault)))?;
    let version: Version = said
        .flink_version
        .parse()
        .map_err(|_| format!("{} calls itself {:?}", client.address(), said.flink_version))?;
    match wanted {
        Some(wanted) if !same_line(wanted, &version) => Err(format!(
            "{} runs Flink {version}, the wanted release is {wanted}",
            client.address()
        )),
        _ => on(client, &version, submission).await,
    }
}

fn same_line(a: &Version, b: &Version) -> bool {
    (a.major(), a.minor()) == (b.major(), b.minor())
}

/// On the cluster that the client speaks to. The uploaded copy of the jar is taken away again.
pub(super) async fn on(
    client: &FlinkClient,
    version: &Version,
    submission: &DeclaredSubmission,
) -> Result<Told, String> {
    let words = |fault: Fault| fault_words(&fault);
    let name = submission.jar.file_name().map_or_else(
        || "job.jar".to_owned(),
        |name| format!("upshift-graph-{}", name.to_string_lossy()),
    );
    let id = client.upload_jar(&submission.jar, &name).await.map_err(words)?;
    let answer = client
        .plan_jar(
            &id,
            submission.entry_class.as_deref(),
            &submission.args,
            submission.parallelism,
        )
        .await;
    let removed = client.delete_jar(&id).await;
    let plan = answer.map_err(|fault| {
        format!(
            "{} could not build the graph: {}",
            client.address(),
            fault_words(&fault)
        )
    })?;
    if let Err(fault) = removed {
        tracing::warn!(
            jar = id,
            why = fault_words(&fault),
            "an uploaded copy of a jar was left on the cluster"
        );
    }
    Ok(told(client.address(), version, plan))
}

/// Of a jar that lies on the cluster already, as a plan submits it; the reason where the graph cannot be made.
///
/// # Errors
/// When the cluster gives no answer. Nothing is changed by the question, so it may be asked again.
pub(in crate::flink) async fn of_uploaded(
    client: &FlinkClient,
    jar: &str,
    submission: &Submission,
    version: &Version,
) -> Result<Result<Told, String>, Fault> {
    let (entry, args) = (submission.entry_class.as_deref(), submission.args.as_slice());
    match client.plan_jar(jar, entry, args, submission.parallelism).await {
        Ok(plan) => Ok(Ok(told(client.address(), version, plan))),
        Err(fault @ Fault::Refused(_)) => Ok(Err(format!(
            "{} could not build the graph: {}",
            client.address(),
            fault_words(&fault)
        ))),
        Err(Fault::Ambiguous(why)) => Err(Fault::Transient(why)),
        Err(fault) => Err(fault),
    }
}

fn told(rest: &str, version: &Version, plan: JarPlan) -> Told {
    let origin = GraphOrigin::ClusterPlan {
        rest: rest.to_owned(),
        version: version.clone(),
    };
    Told {
        job: Some(plan.plan.name),
        graph: JobGraph {
            origin,
            extent: GraphExtent::Heads,
            operators: plan.plan.nodes.into_iter().map(head).collect(),
        },
    }
}

fn head(node: JobGraphNode) -> GraphOperator {
    GraphOperator {
        id: node.id,
        also: None,
        id_from: IdFrom::Untold,
        uid: None,
        name: Some(plain(&node.description)),
        parallelism: u32::try_from(node.parallelism).ok(),
        max_parallelism: None,
        place: Some(ChainPlace::Head),
        key_serializer: None,
    }
}

/// The description is written for a web page: `Source: numbers<br/>`, `a -&gt; b`.
fn plain(description: &str) -> String {
    let text = description
        .replace("<br/>", " ")
        .replace("&gt;", ">")
        .replace("&lt;", "<");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_as_the_page_shows_it() {
        assert_eq!(
            plain("counter<br/>+- tally<br/>   +- lines<br/>"),
            "counter +- tally +- lines"
        );
        assert_eq!(plain("a -&gt; b"), "a -> b");
    }
}
