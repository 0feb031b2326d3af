//! The inventory that a plan was made from: written beside the plan file, and known by the digest that the plan holds.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use upshift_model::inventory::{INVENTORY_FORMAT, Inventory};
use upshift_model::plan::Plan;

use crate::app::output::{self, Present};
use crate::codes;
use crate::trouble::Trouble;

/// Where the inventory of a plan file lies.
pub fn beside(plan: &Path) -> PathBuf {
    let mut name = OsString::from(plan);
    name.push(".inventory");
    PathBuf::from(name)
}

/// Writes it beside the plan file, replacing one that is there.
///
/// # Errors
/// When it cannot be written.
pub fn write(plan: &Path, inventory: &Inventory) -> Result<(), Trouble> {
    let mut text = serde_json::to_string_pretty(inventory).map_err(|error| {
        Trouble::usage(
            codes::UNEXPECTED,
            format!("the inventory cannot be written: {error}"),
        )
    })?;
    text.push('\n');
    output::write(&beside(plan), &text, Present::Replace)
}

/// Reads the inventory of a plan: the file that is named, or the one beside it, which must be the very one.
///
/// # Errors
/// When it is not there, is none, or is of another plan or system.
pub fn read(plan_file: &Path, plan: &Plan, named: Option<&Path>) -> Result<Inventory, Trouble> {
    let path = named.map_or_else(|| beside(plan_file), Path::to_path_buf);
    let no = |what: String| {
        Trouble::usage(codes::NO_INVENTORY, what)
            .at(path.display().to_string())
            .expected(
                "the inventory of the plan's system; `upshift plan -o PLAN` writes it to PLAN.inventory",
            )
            .next("upshift plan FILE -o PLAN")
            .next(
                "upshift observe FILE --json > INVENTORY, then: upshift rehearse PLAN --inventory INVENTORY",
            )
    };
    let text = std::fs::read_to_string(&path).map_err(|error| no(format!("cannot be read: {error}")))?;
    let inventory: Inventory =
        serde_json::from_str(&text).map_err(|error| no(format!("is no inventory: {error}")))?;
    if inventory.format != INVENTORY_FORMAT {
        let found = inventory.format;
        return Err(no(format!("is of format {found}, expected {INVENTORY_FORMAT}")));
    }
    if inventory.system != plan.system {
        return Err(no(format!(
            "is of {}, the plan is of {}",
            inventory.system, plan.system
        )));
    }
    // Somebody who names one wants another than the plan's.
    if named.is_none() && inventory.digest() != plan.inventory.digest {
        return Err(no("is not the one that the plan was made from".to_owned()));
    }
    Ok(inventory)
}
