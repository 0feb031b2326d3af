//! What is changed in the configuration on its way to the new release.

use upshift_model::step::ConfigEdit;

use super::error::PlanError;
use super::ground::Ground;
use super::site::unseen;

/// Name of the main file that the new release reads, and the edits that lead to it.
pub(super) fn edits(ground: &Ground<'_>) -> Result<(String, Vec<ConfigEdit>), PlanError> {
    let file = ground.situation.knowledge.flink().config_file(&ground.to);
    let file = file.ok_or_else(|| {
        unseen(
            format!("the configuration file of {}", ground.to),
            "no row of the catalogue names it",
        )
    })?;
    Ok((file.written().to_owned(), Vec::new()))
}
