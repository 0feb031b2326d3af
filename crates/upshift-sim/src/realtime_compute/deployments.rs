//! Deployments: stored as they were given. A change merges the fields that it holds, and empties what it
//! holds empty.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::fault::Fault;
use super::world::{Asked, Kept, LAG, World};

/// What a change may not touch, and what the service fills in itself.
const FIXED: [&str; 1] = ["executionMode"];
const OURS: [&str; 6] = [
    "deploymentId",
    "workspace",
    "namespace",
    "createdAt",
    "modifiedAt",
    "jobSummary",
];

impl World {
    pub(super) fn create_deployment(&mut self, asked: &Asked<'_>) -> Answer {
        let Some(fields) = asked.body.as_object() else {
            return Answer::gateway(400, "InvalidParameter", "a deployment is an object");
        };
        match self.add_deployment(fields.clone(), asked.now) {
            Ok(id) => self.deployment_answer(&id),
            Err(no) => no,
        }
    }

    /// Adds a deployment, by a request or by the deployment of a draft.
    pub(super) fn add_deployment(
        &mut self,
        mut fields: Map<String, Value>,
        now: i64,
    ) -> Result<String, Answer> {
        let name = fields
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if name.is_empty() {
            return Err(Answer::no("Emulator.NameMissing", "a deployment needs a name"));
        }
        if self
            .deployments
            .iter()
            .any(|one| one.fields["name"] == name.as_str())
        {
            return Err(Answer::no(
                "Emulator.NameTaken",
                &format!("deployment {name} already exists"),
            ));
        }
        if !fields.contains_key("engineVersion") {
            let default = self.setup.engines.first().map(|engine| engine.version.clone());
            fields.insert("engineVersion".to_owned(), json!(default));
        }
        self.check_engine(&fields)?;
        fields.retain(|key, _| !OURS.contains(&key.as_str()));
        fields
            .entry("executionMode")
            .or_insert_with(|| json!("STREAMING"));
        let id = self.new_id(1);
        self.deployments.push(Kept {
            id: id.clone(),
            fields,
            created: now,
            modified: now,
            changed: false,
        });
        self.note(
            &id,
            "",
            "DeploymentCreated",
            &format!("deployment {name} was created"),
            now,
        );
        Ok(id)
    }

    fn check_engine(&self, fields: &Map<String, Value>) -> Result<(), Answer> {
        let engine = fields
            .get("engineVersion")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if self.setup.engines.iter().any(|one| one.version == engine) {
            return Ok(());
        }
        Err(Answer::no(
            "Emulator.NoSuchEngine",
            &format!("engine version {engine} is not offered"),
        ))
    }

    pub(super) fn update_deployment(&mut self, asked: &Asked<'_>) -> Answer {
        let id = asked.part(0).to_owned();
        let Some(change) = asked.body.as_object() else {
            return Answer::gateway(400, "InvalidParameter", "a change is an object");
        };
        let Some(kept) = self.deployments.iter().find(|one| one.id == id) else {
            return Answer::not_found();
        };
        let kind = |fields: &Map<String, Value>| fields.get("artifact").and_then(|a| a.get("kind")).cloned();
        let fixed = FIXED
            .iter()
            .find(|name| change.contains_key(**name) && change[**name] != kept.fields[**name]);
        if let Some(name) = fixed {
            return Answer::no("Emulator.Immutable", &format!("{name} cannot be changed"));
        }
        if change.contains_key("artifact") && kind(change) != kind(&kept.fields) {
            return Answer::no("Emulator.Immutable", "artifact.kind cannot be changed");
        }
        if change.contains_key("engineVersion")
            && let Err(no) = self.check_engine(change)
        {
            return no;
        }
        for kept in self.deployments.iter_mut().filter(|one| one.id == id) {
            for (name, value) in change.iter().filter(|(name, _)| !OURS.contains(&name.as_str())) {
                kept.fields.insert(name.clone(), value.clone());
            }
            (kept.changed, kept.modified) = (true, asked.now);
        }
        self.deployment_answer(&id)
    }

    pub(super) fn delete_deployment(&mut self, asked: &Asked<'_>) -> Answer {
        let id = asked.part(0);
        if !self.deployments.iter().any(|one| one.id == id) {
            return Answer::not_found();
        }
        if self.jobs.iter().any(|job| job.deployment == id && !job.is_over()) {
            return Answer::no("Emulator.JobNotOver", "the deployment has a job that is not over");
        }
        let fresh = |job: &super::jobs::Job| job.deployment == id && job.ended + LAG > asked.now;
        if self.is_on(Fault::DeleteRefused) && self.jobs.iter().any(fresh) {
            return Answer::no(
                "Emulator.JobNotOver",
                "the deployment's job has only just been cancelled",
            );
        }
        self.deployments.retain(|one| one.id != id);
        Answer::data(Value::Null)
    }

    pub(super) fn get_deployment(&mut self, asked: &Asked<'_>) -> Answer {
        self.deployment_answer(asked.part(0))
    }

    fn deployment_answer(&self, id: &str) -> Answer {
        match self.deployments.iter().find(|one| one.id == id) {
            Some(kept) => Answer::data(self.deployment_told(kept)),
            None => Answer::not_found(),
        }
    }

    pub(super) fn list_deployments(&mut self, asked: &Asked<'_>) -> Answer {
        let query = |name: &str| asked.request.asked(name);
        let by_name = asked.action.name == "GetDeploymentsByName";
        let name = if by_name {
            Some(asked.part(0).to_owned())
        } else {
            query("name")
        };
        let (key, values) = (
            query("labelKey"),
            query("labelValueArray").or_else(|| query("labelValue")),
        );
        let fits = |kept: &Kept| {
            let text = |field: &str| kept.fields.get(field).and_then(Value::as_str).unwrap_or_default();
            // A part of the name is enough, as nobody says that it is not.
            let named = name.as_deref().is_none_or(|wanted| text("name").contains(wanted));
            let labelled = key.as_ref().is_none_or(|key| {
                let label = kept
                    .fields
                    .get("labels")
                    .and_then(|labels| labels.get(key)?.as_str());
                label.is_some_and(|label| {
                    values
                        .as_deref()
                        .is_none_or(|all| all.split(';').any(|v| v == label))
                })
            });
            let mode = query("executionMode").is_none_or(|mode| text("executionMode") == mode);
            let state = query("status").is_none_or(|state| {
                self.jobs
                    .iter()
                    .any(|job| job.deployment == kept.id && job.state == state)
            });
            named && labelled && mode && state && self.is_listed(kept.created, asked.now)
        };
        let all: Vec<_> = self
            .deployments
            .iter()
            .filter(|kept| fits(kept))
            .map(|kept| self.deployment_told(kept))
            .collect();
        if asked.action.name == "ListDeployments" {
            return asked.page(&all);
        }
        Answer::data(json!(all))
    }

    fn deployment_told(&self, kept: &Kept) -> Value {
        let mut told = kept.fields.clone();
        let mut summary = json!({
            "starting": 0, "running": 0, "cancelling": 0, "cancelled": 0, "failed": 0, "finished": 0,
        });
        for job in self.jobs.iter().filter(|job| job.deployment == kept.id) {
            let count = &mut summary[job.state.to_ascii_lowercase()];
            *count = json!(count.as_i64().unwrap_or(0) + 1);
        }
        for (name, value) in [
            ("deploymentId", json!(kept.id)),
            ("workspace", json!(self.setup.workspace)),
            ("namespace", json!(self.setup.namespace)),
            ("createdAt", json!((kept.created / 1000).to_string())),
            ("modifiedAt", json!((kept.modified / 1000).to_string())),
            ("deploymentHasChanged", json!(kept.changed)),
            ("jobSummary", summary),
        ] {
            told.insert(name.to_owned(), value);
        }
        Value::Object(told)
    }
}
