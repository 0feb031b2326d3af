//! The actions that the emulator offers, and which of them a request is.

use super::request::Request;

/// One action.
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// Its method.
    pub method: &'static str,
    /// The path behind the namespace, or the whole of it where it begins with a slash; `*` is any segment.
    path: &'static str,
}

const fn action(name: &'static str, method: &'static str, path: &'static str) -> Action {
    Action { name, method, path }
}

const ACTIONS: [Action; 34] = [
    action(
        "ListEngineVersionMetadata",
        "GET",
        "/api/v2/engine-version-meta.json",
    ),
    action("ListEditableNamespace", "GET", "/gateway/v2/namespaces/editable"),
    action("FlinkApiProxy", "GET", "/flink-ui/v2/proxy"),
    action("ListDeploymentTargets", "GET", "deployment-targets"),
    action("GetDeploymentsByName", "GET", "deployments/name/*"),
    action(
        "GetDeploymentsByLabel",
        "GET",
        "deployments/getDeployments/byLabel",
    ),
    action(
        "GetLatestJobStartLog",
        "GET",
        "deployments/*/latest_jobmanager_start_log",
    ),
    action(
        "GetJobDiagnosis",
        "GET",
        "deployments/*/jobs/*/job-diagnoses/lite",
    ),
    action("ListDeployments", "GET", "deployments"),
    action("GetDeployment", "GET", "deployments/*"),
    action("CreateDeployment", "POST", "deployments"),
    action("UpdateDeployment", "PUT", "deployments/*"),
    action("DeleteDeployment", "DELETE", "deployments/*"),
    action("ListDeploymentDrafts", "GET", "deployment-drafts"),
    action("CreateDeploymentDraft", "POST", "deployment-drafts"),
    action("GetDeploymentDraftLock", "POST", "deployment-drafts/getLock"),
    action(
        "ValidateDeploymentDraftAsync",
        "POST",
        "deployment-drafts/async-validate",
    ),
    action(
        "DeployDeploymentDraftAsync",
        "POST",
        "deployment-drafts/async-deploy",
    ),
    action(
        "GetValidateDeploymentDraftResult",
        "GET",
        "deployment-drafts/tickets/*/async-validate",
    ),
    action(
        "GetDeployDeploymentDraftResult",
        "GET",
        "deployment-drafts/tickets/*/async-deploy",
    ),
    action("GetDeploymentDraft", "GET", "deployment-drafts/*"),
    action("UpdateDeploymentDraft", "PATCH", "deployment-drafts/*"),
    action("DeleteDeploymentDraft", "DELETE", "deployment-drafts/*"),
    action("CreateSavepoint", "POST", "savepoints"),
    action("ListSavepoints", "GET", "savepoints"),
    action("GetSavepoint", "GET", "savepoints/*"),
    action("DeleteSavepoint", "DELETE", "savepoints/*"),
    action("StartJobWithParams", "POST", "jobs:start"),
    action("StopJob", "POST", "jobs/*:stop"),
    action("StartJob", "POST", "jobs"),
    action("ListJobs", "GET", "jobs"),
    action("GetJob", "GET", "jobs/*"),
    action("DeleteJob", "DELETE", "jobs/*"),
    action("GetEvents", "GET", "events"),
];

impl Action {
    /// The action of a request, the namespace that it names, and what stood in place of every `*`.
    pub fn of(request: &Request) -> Option<(&'static Self, Option<String>, Vec<String>)> {
        let segments = request.segments();
        let below = match segments.as_slice() {
            [api, v2, names, namespace, rest @ ..] if api == "api" && v2 == "v2" && names == "namespaces" => {
                Some((namespace.clone(), rest))
            }
            _ => None,
        };
        ACTIONS
            .iter()
            .filter(|action| action.method == request.method)
            .find_map(|action| match (action.path.strip_prefix('/'), &below) {
                (Some(whole), None) => Some((action, None, matched(whole, &segments)?)),
                (None, Some((namespace, rest))) => {
                    Some((action, Some(namespace.clone()), matched(action.path, rest)?))
                }
                _ => None,
            })
    }

    /// Whether it makes something, so that asking twice may make two.
    pub fn makes(&self) -> bool {
        self.method == "POST" && self.name != "GetDeploymentDraftLock"
    }
}

fn matched(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let template: Vec<_> = template.split('/').collect();
    if template.len() != segments.len() {
        return None;
    }
    let mut found = Vec::new();
    for (wanted, segment) in template.into_iter().zip(segments) {
        match wanted.strip_prefix('*') {
            Some(ending) => found.push(segment.strip_suffix(ending)?.to_owned()),
            None if wanted == segment => {}
            None => return None,
        }
    }
    Some(found)
}
