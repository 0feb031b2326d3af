//! Differences: of the configuration as it is carried over, and of a plan against the system now.
//!
//! The configuration is compared entry by entry as it was seen, with values of sensitive keys
//! replaced, so that no secret of a configuration file reaches the screen.

use std::path::Path;

use similar::TextDiff;
use upshift_model::flink::ConfEntry;
use upshift_model::inventory::Inventory;
use upshift_model::plan::{Plan, Sealed};
use upshift_model::step::{Change, ConfigEdit, Effect};
use upshift_planner::dispatch;

use super::as_seen;
use super::check::{Case, Overrides};
use super::plan::{self, Planned};
use super::plan_file;
use crate::trouble::Stop;

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differences {
    /// The configuration that is carried over, one entry for each cluster that gets one.
    pub configuration: Vec<CarriedOver>,
    /// The plan against the system now, one difference a line.
    pub drift: Vec<String>,
}

/// One configuration as it is carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedOver {
    /// The file it is taken from.
    pub from: String,
    /// The file it is written to.
    pub to: String,
    /// What is changed on the way, with the reasons.
    pub edits: Vec<ConfigEdit>,
    /// The unified diff; none where the file could not be seen.
    pub unified: Option<String>,
    /// Options that are new in the wanted release, as comments with their defaults, where they are known.
    pub offered: Vec<String>,
}

/// The differences of the plan or of the system file at `path`.
///
/// # Errors
/// When the file is neither, or the system cannot be seen.
pub async fn differences(path: &Path) -> Result<Differences, Stop> {
    let text = std::fs::read_to_string(path)
        .ok()
        .filter(|text| text.trim_start().starts_with('{'));
    match text {
        Some(text) => of_plan(&plan_file::parse(&text, &path.display().to_string())?).await,
        None => of_file(path).await,
    }
}

async fn of_plan(sealed: &Sealed) -> Result<Differences, Stop> {
    let seen = super::systems::observe_plan(&sealed.plan).await?;
    Ok(Differences {
        configuration: carried_over(&sealed.plan, &seen),
        drift: dispatch::differences(&sealed.plan, &seen),
    })
}

async fn of_file(path: &Path) -> Result<Differences, Stop> {
    let case = Case::open(path, Overrides::default()).await?;
    let configuration = match plan::plan(&case, &case.judge()?)? {
        Planned::NothingToDo(_) => Vec::new(),
        Planned::Ready(sealed) => carried_over(&sealed.plan, &case.inventory),
    };
    Ok(Differences {
        configuration,
        drift: Vec::new(),
    })
}

fn carried_over(plan: &Plan, seen: &Inventory) -> Vec<CarriedOver> {
    plan.steps()
        .filter_map(|step| match &step.effect {
            Effect::Configure {
                component,
                change:
                    Change::CarryOver {
                        from,
                        from_file,
                        to,
                        to_file,
                        edits,
                        ..
                    },
            } => {
                let conf = as_seen::entries(plan, seen, component, from);
                let (from, to) = (from.join(from_file), to.join(to_file));
                let (from, to) = (from.display().to_string(), to.display().to_string());
                let between = as_seen::separator(plan);
                let unified = conf.map(|conf| unified((&from, &to), between, &conf, edits));
                let offered = as_seen::offered(plan);
                Some(CarriedOver {
                    from,
                    to,
                    edits: edits.clone(),
                    unified,
                    offered,
                })
            }
            _ => None,
        })
        .collect()
}

/// Unified, with the file names at its head.
fn unified((from, to): (&str, &str), between: &str, entries: &[ConfEntry], edits: &[ConfigEdit]) -> String {
    let old: Vec<(String, String)> = entries.iter().map(|e| (e.key.clone(), e.value.clone())).collect();
    let new = edits.iter().fold(old.clone(), edited);
    let text = |entries: &[(String, String)]| {
        entries
            .iter()
            .map(|(key, value)| format!("{key}{between}{value}\n"))
            .collect::<String>()
    };
    let (old, new) = (text(&old), text(&new));
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(2)
        .header(from, to)
        .to_string()
}

fn edited(entries: Vec<(String, String)>, edit: &ConfigEdit) -> Vec<(String, String)> {
    match edit {
        ConfigEdit::Rename { from, to, .. } => entries
            .into_iter()
            .map(|(key, value)| {
                if key == *from {
                    (to.clone(), value)
                } else {
                    (key, value)
                }
            })
            .collect(),
        ConfigEdit::Drop { key, .. } => entries.into_iter().filter(|(name, _)| name != key).collect(),
        ConfigEdit::Set { key, value, .. } => {
            let place = entries.iter().position(|(name, _)| name == key);
            let mut entries: Vec<_> = entries.into_iter().filter(|(name, _)| name != key).collect();
            let place = place.unwrap_or(entries.len()).min(entries.len());
            entries.insert(place, (key.clone(), value.clone()));
            entries
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, value: &str) -> ConfEntry {
        ConfEntry {
            key: key.to_owned(),
            value: value.to_owned(),
            line: 1,
        }
    }

    #[test]
    fn the_diff_shows_renamed_dropped_and_set_keys_in_their_places() {
        let entries = [
            entry("state.backend", "rocksdb"),
            entry("rest.port", "8081"),
            entry("jobmanager.scheduler", "default"),
            entry("s3.secret-key", "«redacted»"),
        ];
        let why = String::new;
        let edits = [
            ConfigEdit::Rename {
                from: "state.backend".into(),
                to: "state.backend.type".into(),
                why: why(),
            },
            ConfigEdit::Set {
                key: "rest.port".into(),
                value: "8181".into(),
                why: why(),
            },
            ConfigEdit::Drop {
                key: "jobmanager.scheduler".into(),
                why: why(),
            },
            ConfigEdit::Set {
                key: "blob.server.port".into(),
                value: "6125".into(),
                why: why(),
            },
        ];
        expect_test::expect![[r#"
            --- /old/flink-conf.yaml
            +++ /new/config.yaml
            @@ -1,4 +1,4 @@
            -state.backend: rocksdb
            -rest.port: 8081
            -jobmanager.scheduler: default
            +state.backend.type: rocksdb
            +rest.port: 8181
             s3.secret-key: «redacted»
            +blob.server.port: 6125
        "#]]
        .assert_eq(&unified(
            ("/old/flink-conf.yaml", "/new/config.yaml"),
            ": ",
            &entries,
            &edits,
        ));
    }
}
