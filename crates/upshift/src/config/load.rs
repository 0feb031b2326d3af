//! From a path to a declaration, with every mistake of the file reported at once.

use std::path::Path;

use toml::de::{DeTable, DeValue};
use upshift_model::flink::Declaration;
use upshift_model::ids::SystemName;
use upshift_model::version::SystemKind;

use super::alluxio::{self, ClusterTable};
use super::file::{SECTIONS, SystemTable};
use super::fluss::{self, FlussTable};
use super::problem::{Problem, Problems, syntax};
use super::read::{Node, Place, Reader, Value as _};
use super::realtime_compute::{self, NamespaceTable};
use super::resolve;
use super::weka::{self, WekaTable};
use crate::codes;
use crate::trouble::Trouble;

/// What a system file declares, by its kind.
#[derive(Debug)]
pub enum Declared {
    /// A Flink system.
    Flink(Box<Declaration>),
    /// A Fluss cluster.
    Fluss(Box<upshift_model::fluss::Declaration>),
    /// A WEKA cluster.
    Weka(Box<upshift_model::weka::Declaration>),
    /// Deployments of Realtime Compute.
    RealtimeCompute(Box<upshift_model::realtime_compute::Declaration>),
    /// An Alluxio cluster.
    Alluxio(Box<upshift_model::alluxio::Declaration>),
}

impl Declared {
    /// The name under which upshift speaks of the system.
    pub fn name(&self) -> &SystemName {
        match self {
            Self::Flink(declared) => &declared.name,
            Self::Fluss(declared) => &declared.name,
            Self::Weka(declared) => &declared.name,
            Self::RealtimeCompute(declared) => &declared.name,
            Self::Alluxio(declared) => &declared.name,
        }
    }

    /// What kind of system it is.
    pub const fn kind(&self) -> SystemKind {
        match self {
            Self::Flink(_) => SystemKind::Flink,
            Self::Fluss(_) => SystemKind::Fluss,
            Self::Weka(_) => SystemKind::Weka,
            Self::RealtimeCompute(_) => SystemKind::RealtimeCompute,
            Self::Alluxio(_) => SystemKind::Alluxio,
        }
    }

    /// The declaration of a Flink system, for what only Flink has.
    ///
    /// # Errors
    /// When it is of another kind.
    pub fn flink(&self) -> Result<&Declaration, Trouble> {
        match self {
            Self::Flink(declared) => Ok(declared),
            Self::Fluss(_) | Self::Weka(_) | Self::RealtimeCompute(_) | Self::Alluxio(_) => {
                Err(only_of_flink(self.kind()))
            }
        }
    }
}

fn only_of_flink(kind: SystemKind) -> Trouble {
    Trouble::usage(codes::NOT_YET, format!("this command does not know {kind} yet"))
        .expected("a system file with kind = \"flink\"")
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
    let kind = table
        .get("kind")
        .and_then(|kind| kind.get_ref().as_str().map(str::to_owned));
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
    let declared = match kind.as_deref() {
        Some(fluss::KIND) => FlussTable::read(&node, &reader(fluss::SECTIONS))
            .and_then(|table| fluss::resolve(table, &problems))
            .map(|declaration| Declared::Fluss(Box::new(declaration))),
        Some(weka::KIND) => WekaTable::read(&node, &reader(weka::SECTIONS))
            .and_then(|table| weka::resolve(table, &problems))
            .map(|declaration| Declared::Weka(Box::new(declaration))),
        Some(realtime_compute::KIND) => NamespaceTable::read(&node, &reader(realtime_compute::SECTIONS))
            .and_then(|table| realtime_compute::resolve(table, &problems))
            .map(|declaration| Declared::RealtimeCompute(Box::new(declaration))),
        Some(alluxio::KIND) => ClusterTable::read(&node, &reader(alluxio::SECTIONS))
            .and_then(|table| alluxio::resolve(table, &problems))
            .map(|declaration| Declared::Alluxio(Box::new(declaration))),
        word if !is_meant_as_flink(&whole, word) => {
            no_kind(&whole, &reader(SECTIONS));
            None
        }
        // A file of Flink with no kind, or with its word misspelt, is read for its other mistakes, too.
        _ => SystemTable::read(&node, &reader(SECTIONS))
            .and_then(|table| resolve::resolve(table, &problems))
            .map(|declaration| Declared::Flink(Box::new(declaration))),
    };
    match declared {
        Some(declared) if problems.none() => Ok(declared),
        Some(_) | None => Err(problems.into_troubles(file, text)),
    }
}

/// The words of a kind that this one may be a slip of.
const KINDS: [&str; 5] = [
    "flink",
    fluss::KIND,
    weka::KIND,
    realtime_compute::KIND,
    alluxio::KIND,
];
/// Keys that only a file of Flink has.
const ONLY_FLINK: [&str; 5] = ["rest", "installation", "shadow", "state", "job"];

/// Whether a file whose kind is no other's is one of Flink: what keys it should have is not known before that.
fn is_meant_as_flink(whole: &DeValue<'_>, word: Option<&str>) -> bool {
    let has = |key: &&str| whole.as_table().is_some_and(|table| table.contains_key(*key));
    match word.map(|word| {
        KINDS
            .iter()
            .min_by_key(|kind| strsim::damerau_levenshtein(word, kind))
    }) {
        Some(nearest) => nearest == Some(&"flink"),
        None => ONLY_FLINK.iter().any(has),
    }
}

/// Says what is wrong with the kind, and nothing of keys that hang on it.
fn no_kind(whole: &DeValue<'_>, reader: &Reader<'_>) {
    match whole.as_table().and_then(|table| table.get("kind")) {
        Some(kind) => {
            let node = Node {
                value: kind.get_ref(),
                span: kind.span(),
                place: Place::named("kind"),
            };
            SystemKind::read(&node, reader);
        }
        None => reader.problems.add(
            Problem::new(codes::MISSING_KEY, 0..0, "\"kind\" is missing").expected(SystemKind::expected()),
        ),
    }
}

fn flink_only(declared: Declared, file: &str) -> Result<Declaration, Vec<Trouble>> {
    match declared {
        Declared::Flink(declaration) => Ok(*declaration),
        other => Err(vec![
            only_of_flink(other.kind())
                .at(file)
                .next(format!("upshift observe {file}"))
                .next(format!("upshift check {file}")),
        ]),
    }
}
