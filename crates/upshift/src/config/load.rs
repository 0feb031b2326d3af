//! From a path to a declaration, with every mistake of the file reported at once.

use std::path::Path;

use toml::de::{DeTable, DeValue};
use upshift_model::flink::Declaration;

use super::file::{SECTIONS, SystemTable};
use super::problem::{Problems, syntax};
use super::read::{Node, Place, Reader, Value as _};
use super::resolve;
use crate::codes;
use crate::trouble::Trouble;

/// Reads the system file at `path`.
///
/// # Errors
/// When it cannot be read, and with every mistake in it.
pub fn load(path: &Path) -> Result<Declaration, Vec<Trouble>> {
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
    parse(&text, &shown, base)
}

/// Reads the text of a system file that is called `file`; relative paths in it are relative to `base`.
///
/// # Errors
/// With every mistake in it.
pub fn parse(text: &str, file: &str, base: &Path) -> Result<Declaration, Vec<Trouble>> {
    let problems = Problems::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        errors.iter().for_each(|error| problems.add(syntax(error)));
        return Err(problems.into_troubles(file, text));
    }
    let whole = DeValue::Table(table.into_inner());
    let node = Node {
        value: &whole,
        span: 0..0,
        place: Place::default(),
    };
    let reader = Reader {
        problems: &problems,
        base,
        sections: SECTIONS,
    };
    let declaration = SystemTable::read(&node, &reader).and_then(|table| resolve::resolve(table, &problems));
    match declaration {
        Some(declaration) if problems.none() => Ok(declaration),
        Some(_) | None => Err(problems.into_troubles(file, text)),
    }
}
