//! A person's own rows: read from a folder and laid over the built-in ones, or made from a vendor's
//! table.
//!
//! What a row may say is the planner's; here are only files.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::Path;

use upshift_planner::knowledge::{Known, Library, imported};

use crate::app::output::{self, Present};
use crate::codes;
use crate::trouble::Trouble;

/// The library with the rows of a folder laid over it, where one is named.
///
/// # Errors
/// When the folder cannot be read or holds a row that cannot be used.
pub fn library(folder: Option<&Path>) -> Result<Library, Trouble> {
    let mut library = Library::builtin();
    if let Some(folder) = folder {
        check(&mut library, folder)?;
    }
    Ok(library)
}

/// Lays a folder's rows and gives how many each file holds.
///
/// # Errors
/// When the folder cannot be read, holds no rows, or holds one that cannot be used.
pub fn check(library: &mut Library, folder: &Path) -> Result<BTreeMap<String, usize>, Trouble> {
    let place = folder.display().to_string();
    let wrong = |what: String| {
        Trouble::usage(codes::OVERLAY, what)
            .at(place.clone())
            .expected("SYSTEM/rules.toml, SYSTEM/releases.toml and SYSTEM/changes/*.toml, as docs/knowledge.md and docs/notes.md describe them")
            .next("upshift explain UP-KNOW-0005")
    };
    let files = read(folder).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if files.is_empty() {
        return Err(wrong("holds no rows".to_owned()));
    }
    library.lay(&files).map_err(|error| {
        let mut trouble = wrong(error.to_string());
        trouble.far_side = error
            .source()
            .map(|cause| cause.to_string().trim_end().to_owned());
        trouble
    })
}

/// Every file of every system's folder, those that no row is kept in included: they are refused, not
/// passed over.
fn read(folder: &Path) -> std::io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !Known::ALL.iter().any(|system| system.word() == name) {
            continue;
        }
        read_folder(&entry.path(), &name, &mut files)?;
        let changes = entry.path().join("changes");
        if changes.is_dir() {
            read_folder(&changes, &format!("{name}/changes"), &mut files)?;
        }
    }
    Ok(files)
}

fn read_folder(folder: &Path, name: &str, files: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let within = file.file_name().to_string_lossy().into_owned();
        if within.ends_with(".toml") {
            files.insert(format!("{name}/{within}"), std::fs::read_to_string(file.path())?);
        }
    }
    Ok(())
}

/// The rows of a vendor's table of WEKA paths; written below `into` where it is named.
///
/// # Errors
/// When the table cannot be read or used, or the rows cannot be written.
pub fn import_weka(table: &Path, into: Option<&Path>, now: jiff::Timestamp) -> Result<String, Trouble> {
    let place = table.display().to_string();
    let wrong = |what: String| Trouble::usage(codes::OVERLAY, what).at(place.clone());
    let text = std::fs::read_to_string(table).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let name = table
        .file_name()
        .map_or_else(|| place.clone(), |name| name.to_string_lossy().into_owned());
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let rows = imported(
        &text,
        &format!("the vendor's path table {name}, taken over on {day}"),
    )
    .map_err(|error| {
        let mut trouble = wrong(error.to_string())
            .expected("the vendor's table: {\"5.1.25\": {\"min\": [\"5.0\"], \"max\": [\"5.1.24\"]}}");
        trouble.far_side = error.source().map(ToString::to_string);
        trouble
    })?;
    if let Some(into) = into {
        let folder = into.join(Known::Weka.word());
        std::fs::create_dir_all(&folder).map_err(|error| {
            Trouble::usage(codes::OUTPUT, format!("cannot be made: {error}")).at(folder.display().to_string())
        })?;
        output::write(&folder.join("releases.toml"), &rows, Present::Keep)?;
    }
    Ok(rows)
}
