//! The actions of the service that upshift uses, one method each.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use upshift_engine::driver::Fault;

use super::answers::{
    DeploymentTarget, EngineVersions, Event, Job, Lock, RestoreStrategy, Savepoint, Ticket,
};
use super::client::{Call, PAGE, RealtimeCompute, refused};
use super::codes;
use super::documents::{Deployment, Draft};
use super::mark::Mark;
use super::words::RestoreKind;

/// Which deployments are listed; nothing narrows the list where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// By name; whether the service matches it whole is not known, so it is matched again here by whoever asks.
    pub name: Option<String>,
    /// By a label and its values.
    pub label: Option<(String, Vec<String>)>,
    /// Further conditions by their names in the service's words.
    pub more: Vec<(&'static str, String)>,
}

/// How a job is stopped. There is no stop with drain here: it ends a job for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// At once.
    Plainly,
    /// With a savepoint, whose form the service chooses.
    WithSavepoint,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TicketId {
    ticket_id: String,
}

fn whole(action: &'static str, value: Value) -> Result<Deployment, Fault> {
    Deployment::of(value).ok_or_else(|| not_one(action))
}

fn drafted(action: &'static str, value: Value) -> Result<Draft, Fault> {
    Draft::of(value).ok_or_else(|| not_one(action))
}

fn not_one(action: &str) -> Fault {
    refused(
        codes::NOT_THE_SERVICE,
        format!("{action}: the answer is not what the service documents"),
    )
}

fn pairs<'a>(all: impl IntoIterator<Item = (&'a str, String)>) -> Vec<(String, String)> {
    all.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn page(index: u32) -> [(&'static str, String); 2] {
    [("pageIndex", index.to_string()), ("pageSize", PAGE.to_string())]
}

impl RealtimeCompute {
    fn path<'a>(&'a self, rest: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        ["api", "v2", "namespaces", &self.namespace]
            .into_iter()
            .chain(rest)
            .collect()
    }

    fn call<'a>(
        &'a self,
        action: &'static str,
        method: Method,
        rest: impl IntoIterator<Item = &'a str>,
    ) -> Call<'a> {
        Call {
            action,
            method,
            path: self.path(rest),
            query: Vec::new(),
            body: None,
        }
    }

    /// `ListEngineVersionMetadata`: the engines that the service offers.
    pub async fn engine_versions(&self) -> Result<EngineVersions, Fault> {
        self.get(Call {
            action: "ListEngineVersionMetadata",
            method: Method::GET,
            path: vec!["api", "v2", "engine-version-meta.json"],
            query: Vec::new(),
            body: None,
        })
        .await
    }

    /// `ListDeploymentTargets`: the queues.
    pub async fn deployment_targets(&self) -> Result<Vec<DeploymentTarget>, Fault> {
        self.pages("ListDeploymentTargets", &["deployment-targets"], &[])
            .await
    }

    /// `ListDeployments`.
    pub async fn deployments(&self, filter: &Filter) -> Result<Vec<Deployment>, Fault> {
        let mut query = filter.more.clone();
        query.extend(filter.name.clone().map(|name| ("name", name)));
        if let Some((key, values)) = &filter.label {
            query.push(("labelKey", key.clone()));
            query.push(("labelValueArray", values.join(";")));
        }
        let found: Vec<Value> = self.pages("ListDeployments", &["deployments"], &query).await?;
        found
            .into_iter()
            .map(|value| whole("ListDeployments", value))
            .collect()
    }

    /// `GetDeploymentsByName`, those of exactly this name.
    pub async fn deployments_named(&self, name: &str) -> Result<Vec<Deployment>, Fault> {
        let action = "GetDeploymentsByName";
        let call = self.call(action, Method::GET, ["deployments", "name", name]);
        let found: Option<Option<Vec<Value>>> = self.find(call).await?;
        let found = found.flatten().into_iter().flatten();
        let all: Vec<_> = found
            .map(|value| whole(action, value))
            .collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter(|one| one.name() == name).collect())
    }

    /// `GetDeploymentsByLabel`, the one that bears this mark.
    pub async fn deployment_marked(&self, mark: &Mark) -> Result<Option<Deployment>, Fault> {
        let action = "GetDeploymentsByLabel";
        let mut call = self.call(action, Method::GET, ["deployments", "getDeployments", "byLabel"]);
        call.query = pairs([
            ("labelKey", Mark::LABEL.to_owned()),
            ("labelValue", mark.to_string()),
        ]);
        let found: Option<Option<Vec<Value>>> = self.find(call).await?;
        let found = found.flatten().into_iter().flatten();
        let all: Vec<_> = found
            .map(|value| whole(action, value))
            .collect::<Result<_, _>>()?;
        let ours = all
            .into_iter()
            .filter(|one| one.label(Mark::LABEL) == Some(mark.as_str()));
        one("deployments", mark, ours)
    }

    /// `GetDeployment`; none when there is no such deployment.
    pub async fn deployment(&self, id: &str) -> Result<Option<Deployment>, Fault> {
        let action = "GetDeployment";
        let found: Option<Value> = self
            .find(self.call(action, Method::GET, ["deployments", id]))
            .await?;
        found.map(|value| whole(action, value)).transpose()
    }

    /// `CreateDeployment`, of what [`Deployment::copy_for`] gives. Sent once.
    pub async fn create_deployment(&self, copy: Value) -> Result<Deployment, Fault> {
        let action = "CreateDeployment";
        let mut call = self.call(action, Method::POST, ["deployments"]);
        call.body = Some(copy);
        whole(action, self.get(call).await?)
    }

    /// `UpdateDeployment`: changes the fields that `change` holds, and no other.
    pub async fn update_deployment(&self, id: &str, change: Value) -> Result<Deployment, Fault> {
        let action = "UpdateDeployment";
        let mut call = self.call(action, Method::PUT, ["deployments", id]);
        call.body = Some(change);
        whole(action, self.get(call).await?)
    }

    /// `DeleteDeployment`; false when there was none.
    pub async fn delete_deployment(&self, id: &str) -> Result<bool, Fault> {
        self.delete("DeleteDeployment", ["deployments", id]).await
    }

    /// `CreateSavepoint`, described by our mark. `native` is left out for engines that know no forms.
    pub async fn create_savepoint(
        &self,
        deployment: &str,
        native: Option<bool>,
        description: &str,
    ) -> Result<Savepoint, Fault> {
        let mut call = self.call("CreateSavepoint", Method::POST, ["savepoints"]);
        let mut body = json!({ "deploymentId": deployment, "description": description });
        if let Some(native) = native {
            body["nativeFormat"] = json!(native);
        }
        call.body = Some(body);
        self.get(call).await
    }

    /// `GetSavepoint`; none when there is no such savepoint.
    pub async fn savepoint(&self, id: &str) -> Result<Option<Savepoint>, Fault> {
        self.find(self.call("GetSavepoint", Method::GET, ["savepoints", id]))
            .await
    }

    /// `ListSavepoints` of a deployment.
    pub async fn savepoints(&self, deployment: &str) -> Result<Vec<Savepoint>, Fault> {
        let query = [("deploymentId", deployment.to_owned())];
        self.pages("ListSavepoints", &["savepoints"], &query).await
    }

    /// The savepoint of a deployment that bears this mark.
    pub async fn savepoint_marked(&self, deployment: &str, mark: &Mark) -> Result<Option<Savepoint>, Fault> {
        let all = self.savepoints(deployment).await?;
        let bears = |one: &Savepoint| one.description.as_deref().is_some_and(|text| mark.is_in(text));
        one("savepoints", mark, all.into_iter().filter(bears))
    }

    /// `DeleteSavepoint`; false when there was none.
    pub async fn delete_savepoint(&self, id: &str) -> Result<bool, Fault> {
        self.delete("DeleteSavepoint", ["savepoints", id]).await
    }

    /// `StartJobWithParams`. Sent once.
    pub async fn start_job(&self, start: &Start) -> Result<Job, Fault> {
        let mut call = self.call("StartJobWithParams", Method::POST, ["jobs:start"]);
        call.body = Some(start.body());
        self.get(call).await
    }

    /// `StopJob`. A job that is over already stays as it is.
    pub async fn stop_job(&self, id: &str, how: Stop) -> Result<Job, Fault> {
        let verb = format!("{id}:stop");
        let mut call = self.call("StopJob", Method::POST, ["jobs", &verb]);
        let strategy = match how {
            Stop::Plainly => "NONE",
            Stop::WithSavepoint => "STOP_WITH_SAVEPOINT",
        };
        call.body = Some(json!({ "stopStrategy": strategy }));
        self.get(call).await
    }

    /// `GetJob`; none when there is no such job.
    pub async fn job(&self, id: &str) -> Result<Option<Job>, Fault> {
        self.find(self.call("GetJob", Method::GET, ["jobs", id])).await
    }

    /// `ListJobs` of a deployment.
    pub async fn jobs(&self, deployment: &str) -> Result<Vec<Job>, Fault> {
        let query = [
            ("deploymentId", deployment.to_owned()),
            ("sortName", "gmt_create".to_owned()),
        ];
        self.pages("ListJobs", &["jobs"], &query).await
    }

    /// `DeleteJob`; false when there was none.
    pub async fn delete_job(&self, id: &str) -> Result<bool, Fault> {
        self.delete("DeleteJob", ["jobs", id]).await
    }

    /// `FlinkApiProxy`: what Flink answers to a `GET` of this path, for a job. The service wraps it as text.
    pub async fn flink(&self, job: &str, path: &str) -> Result<Option<Value>, Fault> {
        let action = "FlinkApiProxy";
        let call = Call {
            action,
            method: Method::GET,
            path: vec!["flink-ui", "v2", "proxy"],
            query: pairs([
                ("namespace", self.namespace.clone()),
                ("resourceType", "jobs".to_owned()),
                ("resourceId", job.to_owned()),
                ("flinkApiPath", path.to_owned()),
            ]),
            body: None,
        };
        match self.find::<Value>(call).await? {
            Some(Value::String(text)) => {
                let inside = serde_json::from_str(&text);
                inside.map(Some).map_err(|_| not_one(action))
            }
            other => Ok(other),
        }
    }

    /// `GetEvents` of a deployment.
    pub async fn events(&self, deployment: &str) -> Result<Vec<Event>, Fault> {
        let query = [("deploymentId", deployment.to_owned())];
        self.pages("GetEvents", &["events"], &query).await
    }

    /// `GetLatestJobStartLog` of a deployment.
    pub async fn start_log(&self, deployment: &str) -> Result<Option<String>, Fault> {
        let rest = ["deployments", deployment, "latest_jobmanager_start_log"];
        self.find(self.call("GetLatestJobStartLog", Method::GET, rest))
            .await
    }

    /// `GetJobDiagnosis`, as the service tells it.
    pub async fn diagnosis(&self, deployment: &str, job: &str) -> Result<Option<Value>, Fault> {
        let rest = ["deployments", deployment, "jobs", job, "job-diagnoses", "lite"];
        self.find(self.call("GetJobDiagnosis", Method::GET, rest)).await
    }

    /// `GetDeploymentDraft`; none when there is no such draft.
    pub async fn draft(&self, id: &str) -> Result<Option<Draft>, Fault> {
        let action = "GetDeploymentDraft";
        let call = self.call(action, Method::GET, ["deployment-drafts", id]);
        let found: Option<Value> = self.find(call).await?;
        found.map(|value| drafted(action, value)).transpose()
    }

    /// `ListDeploymentDrafts`.
    pub async fn drafts(&self) -> Result<Vec<Draft>, Fault> {
        let action = "ListDeploymentDrafts";
        let found: Vec<Value> = self.pages(action, &["deployment-drafts"], &[]).await?;
        found.into_iter().map(|value| drafted(action, value)).collect()
    }

    /// The draft that bears this mark.
    pub async fn draft_marked(&self, mark: &Mark) -> Result<Option<Draft>, Fault> {
        let all = self.drafts().await?;
        let ours = all
            .into_iter()
            .filter(|one| one.label(Mark::LABEL) == Some(mark.as_str()));
        one("drafts", mark, ours)
    }

    /// `CreateDeploymentDraft`, of what [`Draft::save_as`] gives. Sent once.
    pub async fn create_draft(&self, copy: Value) -> Result<Draft, Fault> {
        let action = "CreateDeploymentDraft";
        let mut call = self.call(action, Method::POST, ["deployment-drafts"]);
        call.body = Some(copy);
        drafted(action, self.get(call).await?)
    }

    /// `UpdateDeploymentDraft`: changes the fields that `change` holds, and no other.
    pub async fn update_draft(&self, id: &str, change: Value) -> Result<Draft, Fault> {
        let action = "UpdateDeploymentDraft";
        let mut call = self.call(action, Method::PATCH, ["deployment-drafts", id]);
        call.body = Some(change);
        drafted(action, self.get(call).await?)
    }

    /// `GetDeploymentDraftLock`: takes the lock of a draft, or tells who has it.
    pub async fn draft_lock(&self, id: &str) -> Result<Lock, Fault> {
        let rest = ["deployment-drafts", "getLock"];
        let mut call = self.call("GetDeploymentDraftLock", Method::POST, rest);
        call.query = pairs([("deploymentDraftId", id.to_owned())]);
        self.get(call).await
    }

    /// `ValidateDeploymentDraftAsync`; gives the ticket's id.
    pub async fn validate_draft(&self, id: &str, queue: &str) -> Result<String, Fault> {
        let rest = ["deployment-drafts", "async-validate"];
        let mut call = self.call("ValidateDeploymentDraftAsync", Method::POST, rest);
        call.body = Some(json!({ "deploymentDraftId": id, "deploymentTargetName": queue }));
        Ok(self.get::<TicketId>(call).await?.ticket_id)
    }

    /// `GetValidateDeploymentDraftResult`.
    pub async fn validation(&self, ticket: &str) -> Result<Option<Ticket>, Fault> {
        let rest = ["deployment-drafts", "tickets", ticket, "async-validate"];
        self.find(self.call("GetValidateDeploymentDraftResult", Method::GET, rest))
            .await
    }

    /// `DeployDeploymentDraftAsync` into a queue; gives the ticket's id. Sent once.
    pub async fn deploy_draft(&self, id: &str, queue: &str) -> Result<String, Fault> {
        let rest = ["deployment-drafts", "async-deploy"];
        let mut call = self.call("DeployDeploymentDraftAsync", Method::POST, rest);
        call.body = Some(json!({
            "deploymentDraftId": id,
            "deploymentTarget": { "mode": "PER_JOB", "name": queue },
            "skipValidate": false,
        }));
        Ok(self.get::<TicketId>(call).await?.ticket_id)
    }

    /// `GetDeployDeploymentDraftResult`.
    pub async fn deploy_result(&self, ticket: &str) -> Result<Option<Ticket>, Fault> {
        let rest = ["deployment-drafts", "tickets", ticket, "async-deploy"];
        self.find(self.call("GetDeployDeploymentDraftResult", Method::GET, rest))
            .await
    }

    /// `DeleteDeploymentDraft`; false when there was none.
    pub async fn delete_draft(&self, id: &str) -> Result<bool, Fault> {
        self.delete("DeleteDeploymentDraft", ["deployment-drafts", id])
            .await
    }

    async fn delete<'a>(
        &'a self,
        action: &'static str,
        rest: impl IntoIterator<Item = &'a str>,
    ) -> Result<bool, Fault> {
        let gone: Option<Value> = self.find(self.call(action, Method::DELETE, rest)).await?;
        Ok(gone.is_some())
    }

    async fn pages<T: serde::de::DeserializeOwned>(
        &self,
        action: &'static str,
        rest: &[&'static str],
        query: &[(&'static str, String)],
    ) -> Result<Vec<T>, Fault> {
        let prefix = ["api", "v2", "namespaces", &self.namespace];
        self.list(|index| Call {
            action,
            method: Method::GET,
            path: prefix.iter().chain(rest).copied().collect(),
            query: pairs(query.iter().cloned().chain(page(index))),
            body: None,
        })
        .await
    }
}

/// What starts a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The deployment.
    pub deployment: String,
    /// Where its state comes from.
    pub from: From,
    /// Another queue than the deployment's.
    pub queue: Option<String>,
}

/// Where the state of a job comes from. The newest state of a deployment is never asked for: it may be
/// one that another engine wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// From nowhere.
    Nothing {
        /// What sources that can begin at a time begin at, in milliseconds since 1970.
        start_at: Option<i64>,
    },
    /// This savepoint; state that nobody claims is a failure.
    Savepoint(String),
}

impl Start {
    fn body(&self) -> Value {
        let restore = match &self.from {
            From::Nothing { start_at: None } => json!({ "kind": "NONE" }),
            From::Nothing { start_at: Some(at) } => json!({ "kind": "NONE", "jobStartTimeInMs": at }),
            From::Savepoint(id) => {
                json!({ "kind": "FROM_SAVEPOINT", "savepointId": id, "allowNonRestoredState": false })
            }
        };
        let mut body = json!({ "deploymentId": self.deployment, "restoreStrategy": restore });
        if let Some(queue) = &self.queue {
            body["resourceQueueName"] = json!(queue);
        }
        body
    }

    /// Whether a job came of this start and of none before: it is not among those that were there, and it
    /// got its state as asked. Starts bear no mark; one deployment runs one job at a time.
    pub fn made(&self, job: &Job, there_before: &[String]) -> bool {
        let RestoreStrategy {
            kind, savepoint_id, ..
        } = &job.restore_strategy;
        let as_asked = match &self.from {
            From::Nothing { .. } => *kind == RestoreKind::None,
            From::Savepoint(id) => *kind == RestoreKind::FromSavepoint && savepoint_id.as_deref() == Some(id),
        };
        as_asked && job.deployment_id == self.deployment && !there_before.contains(&job.job_id)
    }
}

/// The only one that bears a mark. Two are a fault of somebody, and never a choice.
fn one<T>(what: &str, mark: &Mark, mut ours: impl Iterator<Item = T>) -> Result<Option<T>, Fault> {
    let first = ours.next();
    match ours.next() {
        None => Ok(first),
        Some(_) => Err(refused(
            codes::DOUBLED,
            format!("two {what} bear the mark {mark}: one of them was not made by upshift"),
        )),
    }
}
