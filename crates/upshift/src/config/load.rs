//! From a path to a declaration, with every mistake of the file reported at once.

use std::path::Path;

use toml::de::{DeTable, DeValue};
use upshift_model::flink::Declaration;

use super::file::{SECTIONS, SystemTable};
use super::fluss::{self, FlussTable};
use super::problem::{Problems, syntax};
use super::read::{Node, Place, Reader, Value as _};
use super::resolve;
use crate::codes;
use crate::trouble::Trouble;

/// What a system file declares, by its kind.
#[derive(Debug)]
pub enum Declared {
    /// A Flink system.
    Flink(Box<Declaration>),
    /// A Fluss cluster.
    Fluss(Box<upshift_model::fluss::Declaration>),
}

/// Reads the system file of a Flink system at `path`.
///
/// # Errors
/// When it cannot be read, with every mistake in it, and when it is of another kind of system.
pub fn load(path: &Path) -> Result<Declaration, Vec<Trouble>> {
    flink_only(load_any(path)?, &path.display().to_string())
}

/// Reads the system file at `path`, of whatever kind.
///
/// # Errors
/// When it cannot be read, and with every mistake in it.
pub fn load_any(path: &Path) -> Result<Declared, Vec<Trouble>> {
    let shown = path.display().to_string();
    let unreadable = |error: &std::io::Error| {
        vec![
            Trouble::usage(
                codes::FILE_UNREADABLE,
                format!("the system file cannot be read: {error}"),
            )
            .at(&shown)
            .expected("a TOML file in UTF-8")
            .next("write a first one from a running cluster: upshift init flink --rest URL -o FILE"),
        ]
    };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    let absolute = std::path::absolute(path).map_err(|error| unreadable(&error))?;
    let base = absolute.parent().unwrap_or(Path::new("/"));
    parse_any(&text, &shown, base)
}

/// Reads the text of a system file of a Flink system that is called `file`; relative paths in it are relative
/// to `base`.
///
/// # Errors
/// With every mistake in it, and when it is of another kind of system.
pub fn parse(text: &str, file: &str, base: &Path) -> Result<Declaration, Vec<Trouble>> {
    flink_only(parse_any(text, file, base)?, file)
}

/// The same of whatever kind.
///
/// # Errors
/// With every mistake in it.
pub fn parse_any(text: &str, file: &str, base: &Path) -> Result<Declared, Vec<Trouble>> {
    let problems = Problems::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        errors.iter().for_each(|error| problems.add(syntax(error)));
        return Err(problems.into_troubles(file, text));
    }
    let table = table.into_inner();
    let is_fluss = table
        .get("kind")
        .is_some_and(|kind| kind.get_ref().as_str() == Some(fluss::KIND));
    let whole = DeValue::Table(table);
    let node = Node {
        value: &whole,
        span: 0..0,
        place: Place::default(),
    };
    let reader = |sections| Reader {
        problems: &problems,
        base,
        sections,
    };
    let declared = match is_fluss {
        true => FlussTable::read(&node, &reader(fluss::SECTIONS))
            .and_then(|table| fluss::resolve(table, &problems))
            .map(|declaration| Declared::Fluss(Box::new(declaration))),
        false => SystemTable::read(&node, &reader(SECTIONS))
            .and_then(|table| resolve::resolve(table, &problems))
            .map(|declaration| Declared::Flink(Box::new(declaration))),
    };
    match declared {
        Some(declared) if problems.none() => Ok(declared),
        Some(_) | None => Err(problems.into_troubles(file, text)),
    }
}

fn flink_only(declared: Declared, file: &str) -> Result<Declaration, Vec<Trouble>> {
    match declared {
        Declared::Flink(declaration) => Ok(*declaration),
        Declared::Fluss(_) => Err(vec![
            Trouble::usage(codes::NOT_YET, "this command does not know Fluss yet")
                .at(file)
                .expected("a system file with kind = \"flink\"")
                .next(format!("upshift observe {file}"))
                .next(format!("upshift check {file}")),
        ]),
    }
}
