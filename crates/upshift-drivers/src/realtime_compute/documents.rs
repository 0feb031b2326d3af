//! Structures that are read and written back. They are kept whole, so that a field which upshift does
//! not know survives the way through it.

use serde_json::{Map, Value, json};

use upshift_model::realtime_compute::Program;

use super::mark::Mark;
use super::words::{ArtifactKind, ExecutionMode};

/// Fields of a deployment that the service fills in. A copy does not carry them.
const OF_THE_SERVICE: [&str; 13] = [
    "deploymentId",
    "namespace",
    "workspace",
    "createdAt",
    "modifiedAt",
    "creator",
    "creatorName",
    "modifier",
    "modifierName",
    "jobSummary",
    "deploymentHasChanged",
    "referencedDeploymentDraftId",
    "lock",
];

/// A deployment as the service told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment(Map<String, Value>);

/// A draft as the service told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft(Map<String, Value>);

macro_rules! document {
    ($name:ident) => {
        impl $name {
            /// From an answer; none when it is no object.
            pub fn of(value: Value) -> Option<Self> {
                match value {
                    Value::Object(fields) => Some(Self(fields)),
                    _ => None,
                }
            }

            /// A field by its name in the service's words.
            pub fn get(&self, name: &str) -> Option<&Value> {
                self.0.get(name)
            }

            /// Everything that the service told.
            pub fn fields(&self) -> &Map<String, Value> {
                &self.0
            }

            /// A text field; empty when the service did not tell it.
            fn text(&self, name: &str) -> &str {
                self.0.get(name).and_then(Value::as_str).unwrap_or_default()
            }

            /// Its name.
            pub fn name(&self) -> &str {
                self.text("name")
            }

            /// Its engine version.
            pub fn engine_version(&self) -> &str {
                self.text("engineVersion")
            }

            /// What it runs.
            pub fn artifact_kind(&self) -> ArtifactKind {
                let kind = self
                    .0
                    .get("artifact")
                    .and_then(|artifact| artifact.get("kind"));
                kind.and_then(Value::as_str).unwrap_or_default().into()
            }

            /// The value of one of its labels.
            pub fn label(&self, key: &str) -> Option<&str> {
                self.0.get("labels")?.get(key)?.as_str()
            }

            fn copy(&self, name: &str, engine: &str, mark: &Mark, but: &[&str]) -> Value {
                let mut fields = self.0.clone();
                fields.retain(|key, value| !but.contains(&key.as_str()) && !value.is_null());
                fields.insert("name".to_owned(), json!(name));
                fields.insert("engineVersion".to_owned(), json!(engine));
                let labels = fields.entry("labels").or_insert_with(|| json!({}));
                if !labels.is_object() {
                    *labels = json!({});
                }
                labels[Mark::LABEL] = json!(mark.as_str());
                Value::Object(fields)
            }
        }
    };
}

document!(Deployment);
document!(Draft);

impl Deployment {
    /// Its id.
    pub fn id(&self) -> &str {
        self.text("deploymentId")
    }

    /// Whether it ends by itself.
    pub fn execution_mode(&self) -> ExecutionMode {
        self.text("executionMode").into()
    }

    /// The queue that it runs in.
    pub fn queue(&self) -> Option<&str> {
        self.0.get("deploymentTarget")?.get("name")?.as_str()
    }

    /// The draft that it was deployed from.
    pub fn draft(&self) -> Option<&str> {
        let id = self.0.get("referencedDeploymentDraftId")?.as_str()?;
        (!id.is_empty()).then_some(id)
    }

    /// Where its jar lies.
    pub(super) fn jar(&self) -> Option<&str> {
        self.0
            .get("artifact")?
            .get("jarArtifact")?
            .get("jarUri")?
            .as_str()
    }

    /// What creates a copy of it: all of it under another name and engine, with our mark, without what
    /// the service fills in.
    pub fn copy_for(&self, name: &str, engine: &str, mark: &Mark) -> Value {
        self.copy(name, engine, mark, &OF_THE_SERVICE)
    }
}

/// The creation of a copy that runs this in place of what its original does.
pub(super) fn running(mut copy: Value, program: &Program) -> Value {
    let jar = &mut copy["artifact"]["jarArtifact"];
    jar["jarUri"] = json!(program.jar);
    if let Some(class) = &program.entry_class {
        jar["entryClass"] = json!(class);
    }
    if let Some(args) = &program.args {
        jar["mainArgs"] = json!(args);
    }
    if let Some(dependencies) = &program.dependencies {
        jar["additionalDependencies"] = json!(dependencies);
    }
    copy
}

impl Draft {
    /// Its id.
    pub fn id(&self) -> &str {
        self.text("deploymentDraftId")
    }

    /// The folder that it lies in.
    pub fn folder(&self) -> Option<&str> {
        self.0.get("parentId")?.as_str()
    }

    /// Whether it holds the program of a deployment, word for word.
    pub fn holds(&self, deployment: &Deployment) -> bool {
        let program = |fields: &Map<String, Value>| {
            let artifact = fields.get("artifact")?;
            let sql = artifact.get("sqlArtifact")?;
            let script = sql.get("sqlScript")?.as_str()?.trim().to_owned();
            let jars = sql.get("additionalDependencies").cloned();
            let jars = jars.filter(|jars| jars.as_array().is_none_or(|jars| !jars.is_empty()));
            Some((script, jars))
        };
        let own = program(&self.0);
        own.is_some() && own == program(&deployment.0)
    }

    /// What saves it as another: all of it under another name, folder and engine, with our mark.
    pub fn save_as(&self, name: &str, folder: Option<&str>, engine: &str, mark: &Mark) -> Value {
        let mut but = OF_THE_SERVICE.to_vec();
        but.extend(["deploymentDraftId", "referencedDeploymentId"]);
        let mut copy = self.copy(name, engine, mark, &but);
        if let Some(folder) = folder {
            copy["parentId"] = json!(folder);
        }
        copy
    }
}

/// What changes one field of a deployment or a draft and nothing else: the service merges what is
/// there, and a list that was sent empty would be emptied.
pub fn only(field: &str, value: impl Into<Value>) -> Value {
    let mut fields = Map::new();
    fields.insert(field.to_owned(), value.into());
    Value::Object(fields)
}
