//! Drafts with their locks, and the tickets by which they are validated and deployed.

use serde_json::{Value, json};

use super::answer::Answer;
use super::fault::Fault;
use super::world::{Asked, Kept, World};

/// A ticket is done so many milliseconds after it was asked for.
const TICKET: i64 = 300;

impl World {
    pub(super) fn draft_call(&mut self, asked: &Asked<'_>) -> Answer {
        match asked.action.name {
            "ListDeploymentDrafts" => {
                let listed = self
                    .drafts
                    .iter()
                    .filter(|one| self.is_listed(one.created, asked.now));
                asked.page(&listed.map(|one| self.draft_told(one)).collect::<Vec<_>>())
            }
            "CreateDeploymentDraft" => self.create_draft(asked),
            "GetDeploymentDraft" => self.with_draft(asked.part(0), |world, at| {
                Answer::data(world.draft_told(&world.drafts[at]))
            }),
            "UpdateDeploymentDraft" => self.with_draft(asked.part(0), |world, at| {
                let change = asked.body.as_object().cloned().unwrap_or_default();
                world.drafts[at].fields.extend(change);
                world.drafts[at].modified = asked.now;
                Answer::data(world.draft_told(&world.drafts[at]))
            }),
            "DeleteDeploymentDraft" => self.with_draft(asked.part(0), |world, at| {
                world.drafts.remove(at);
                Answer::data(Value::Null)
            }),
            "GetDeploymentDraftLock" => {
                let id = asked.request.asked("deploymentDraftId").unwrap_or_default();
                self.with_draft(&id, |world, at| Answer::data(world.lock_of(&world.drafts[at])))
            }
            "ValidateDeploymentDraftAsync" => {
                self.with_draft(asked.text("deploymentDraftId"), |world, at| {
                    let invalid = world.strikes(Fault::InvalidDraft, asked.action.name);
                    let invalid = invalid.then(|| "SQL validation failed: Table 'src' not found".to_owned());
                    let why = invalid.or_else(|| world.wrong_with(&world.drafts[at]));
                    let detail =
                        json!({ "sqlValidationResult": if why.is_none() { "VALIDATED" } else { "INVALID" } });
                    let result = json!({
                        "success": why.is_none(), "message": why.unwrap_or_default(),
                        "draftValidationDetail": detail,
                    });
                    world.ticket(result, asked)
                })
            }
            "DeployDeploymentDraftAsync" => self.with_draft(asked.text("deploymentDraftId"), |world, at| {
                world.deploy(at, asked)
            }),
            _ => self.ticket_told(asked),
        }
    }

    fn create_draft(&mut self, asked: &Asked<'_>) -> Answer {
        let Some(fields) = asked.body.as_object() else {
            return Answer::gateway(400, "InvalidParameter", "a draft is an object");
        };
        let place = |one: &Kept| {
            (
                one.fields.get("name").cloned(),
                one.fields.get("parentId").cloned(),
            )
        };
        let wanted = (fields.get("name").cloned(), fields.get("parentId").cloned());
        if self.drafts.iter().any(|one| place(one) == wanted) {
            return Answer::no("Emulator.NameTaken", "a draft of this name is in that folder");
        }
        let id = self.new_id(2);
        let kept = Kept {
            id,
            fields: fields.clone(),
            created: asked.now,
            modified: asked.now,
            changed: false,
        };
        let told = self.draft_told(&kept);
        self.drafts.push(kept);
        Answer::data(told)
    }

    fn deploy(&mut self, at: usize, asked: &Asked<'_>) -> Answer {
        if let Some(why) = self.wrong_with(&self.drafts[at]) {
            return self.ticket(json!({ "success": false, "message": why }), asked);
        }
        // One that never ends makes no deployment either.
        if self.strikes(Fault::TicketHangs, asked.action.name) {
            return self.ticket_until(i64::MAX, json!({}));
        }
        let draft = self.drafts[at].clone();
        let mut fields = draft.fields.clone();
        fields.remove("parentId");
        fields.insert(
            "deploymentTarget".to_owned(),
            asked.body["deploymentTarget"].clone(),
        );
        fields.insert("referencedDeploymentDraftId".to_owned(), json!(draft.id));
        let before = draft.fields.get("referencedDeploymentId").and_then(Value::as_str);
        let again = before.and_then(|id| self.deployments.iter().position(|one| one.id == id));
        let made = match again {
            Some(found) => {
                self.deployments[found].fields.extend(fields);
                self.deployments[found].changed = true;
                Ok(self.deployments[found].id.clone())
            }
            None => self.add_deployment(fields, asked.now),
        };
        let result = match made {
            Ok(id) => {
                self.drafts[at]
                    .fields
                    .insert("referencedDeploymentId".to_owned(), json!(id));
                json!({ "success": true, "deploymentId": id, "message": "" })
            }
            Err(no) => json!({ "success": false, "message": no.body["errorMessage"] }),
        };
        self.ticket(result, asked)
    }

    /// What keeps a draft from being deployed. The emulator reads no SQL: it runs the jar that the script names.
    fn wrong_with(&self, draft: &Kept) -> Option<String> {
        let engine = draft
            .fields
            .get("engineVersion")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !self.setup.engines.iter().any(|one| one.version == engine) {
            return Some(format!("engine version {engine} is not offered"));
        }
        super::jobs::program(&draft.fields).err()
    }

    fn ticket(&mut self, result: Value, asked: &Asked<'_>) -> Answer {
        let never = self.strikes(Fault::TicketHangs, asked.action.name);
        self.ticket_until(if never { i64::MAX } else { asked.now + TICKET }, result)
    }

    fn ticket_until(&mut self, done: i64, mut result: Value) -> Answer {
        let id = self.new_id(7);
        result["done"] = json!(done);
        self.tickets.insert(id.clone(), result);
        Answer::data(json!({ "ticketId": id }))
    }

    fn ticket_told(&self, asked: &Asked<'_>) -> Answer {
        let Some(result) = self.tickets.get(asked.part(0)) else {
            return Answer::not_found();
        };
        if result["done"].as_i64().is_some_and(|done| done > asked.now) {
            return Answer::data(json!({ "ticketStatus": "RUNNING" }));
        }
        let mut told = result.clone();
        if let Some(fields) = told.as_object_mut() {
            fields.remove("done");
        }
        told["ticketStatus"] = json!("FINISHED");
        Answer::data(told)
    }

    fn with_draft(&mut self, id: &str, then: impl FnOnce(&mut Self, usize) -> Answer) -> Answer {
        match self.drafts.iter().position(|one| one.id == id) {
            Some(at) => then(self, at),
            None => Answer::not_found(),
        }
    }

    fn draft_told(&self, kept: &Kept) -> Value {
        let mut told = Value::Object(kept.fields.clone());
        told["deploymentDraftId"] = json!(kept.id);
        told["workspace"] = json!(self.setup.workspace);
        told["namespace"] = json!(self.setup.namespace);
        told["createdAt"] = json!(kept.created / 1000);
        told["modifiedAt"] = json!(kept.modified / 1000);
        told["lock"] = self.lock_of(kept);
        told
    }

    /// There is one user, who holds every lock.
    fn lock_of(&self, kept: &Kept) -> Value {
        json!({
            "id": kept.id, "holderId": "emulator", "holderName": "emulator",
            "namespace": self.setup.namespace, "workspace": self.setup.workspace,
        })
    }
}
