//! Plan files on disk: read with their seal checked, written whole.

use std::path::Path;

use upshift_model::plan::{PlanFileError, Sealed};
use upshift_model::version::SystemKind;

use super::output::{self, Present};
use crate::codes;
use crate::trouble::Trouble;

/// Reads a plan file.
///
/// # Errors
/// When it cannot be read, is no plan, is of another format, or was changed after it was sealed.
pub fn read(path: &Path) -> Result<Sealed, Trouble> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Trouble::usage(
            codes::NOT_A_PLAN,
            format!("the plan file cannot be read: {error}"),
        )
        .at(&shown)
        .expected("a file that `upshift plan -o` wrote")
        .next("upshift plan FILE -o PLAN")
    })?;
    parse(&text, &shown)
}

/// Reads the text of a plan file that is called `shown`.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, shown: &str) -> Result<Sealed, Trouble> {
    Sealed::from_file(text).map_err(|error| {
        let (code, expected) = match &error {
            PlanFileError::NotAPlan { .. } => {
                (codes::NOT_A_PLAN, "a file that `upshift plan -o` wrote, whole")
            }
            PlanFileError::Format { .. } => (codes::PLAN_FORMAT, "a plan that this version of upshift wrote"),
            PlanFileError::Edited { .. } => (
                codes::PLAN_EDITED,
                "the plan as it was sealed; nothing was touched",
            ),
        };
        let next = match &error {
            PlanFileError::Edited { .. } => {
                "change the system file where something else is wanted, then: upshift plan FILE -o PLAN"
            }
            PlanFileError::NotAPlan { .. } | PlanFileError::Format { .. } => "upshift plan FILE -o PLAN",
        };
        Trouble::usage(code, error.to_string())
            .at(shown)
            .expected(expected)
            .next(next)
    })
}

/// Writes a plan file, replacing one that is there.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, plan: &Sealed) -> Result<(), Trouble> {
    output::write(path, &plan.to_file(), Present::Replace)
}

/// Reads a plan for a rehearsal, which only plans of Flink have yet.
///
/// # Errors
/// As [`read`], and when the plan is of another kind of system.
pub fn read_to_rehearse(path: &Path) -> Result<Sealed, Trouble> {
    let sealed = read(path)?;
    match sealed.plan.kind {
        SystemKind::Flink => Ok(sealed),
        kind @ (SystemKind::Fluss | SystemKind::Weka | SystemKind::RealtimeCompute | SystemKind::Alluxio) => {
            Err(
                Trouble::usage(codes::NOT_YET, format!("plans of {kind} cannot be rehearsed yet"))
                    .at(path.display().to_string())
                    .expected("a plan of Flink; try the upgrade on a copy of the cluster instead"),
            )
        }
    }
}
