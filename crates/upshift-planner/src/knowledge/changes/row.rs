//! From the text of one file of changes to its rows, refusing what cannot be.
//!
//! Every complaint names the file, the row and the key. What the keys mean is described where a
//! change is.

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::book::Reading;
use super::change::{Act, Area, Change, Weight};
use super::error::ChangeError;
use super::need::Need;
use crate::knowledge::release::{Release, Span};
use crate::knowledge::row::{Confidence, Origin};
use crate::knowledge::system::Known;

/// The keys of a row, in the order in which they are written.
pub(super) const KEYS: [&str; 15] = [
    "id",
    "since",
    "until",
    "fixed",
    "every_move",
    "area",
    "act",
    "severity",
    "when",
    "text",
    "advice",
    "source",
    "confidence",
    "provoked",
    "added",
];

/// Files that hold rows of any release.
const OF_ANY_RELEASE: &str = "measured";
const OF_CONNECTORS: &str = "connector-";

/// One file.
pub(super) struct File {
    /// Its name without ending.
    pub name: String,
    /// The release line whose notes it stands for; none for files of another kind.
    pub line: Option<Release>,
    /// How much of the line's notes was read.
    pub reading: Reading,
    /// When it was last added to.
    pub date: Date,
    /// Its rows.
    pub changes: Vec<Change>,
}

/// Reads a file; `path` is its name below `knowledge/`.
pub(super) fn file(system: Known, path: &str, text: &str) -> Result<File, ChangeError> {
    let head = |key: &str, why: String| ChangeError::Head {
        file: path.to_owned(),
        key: key.to_owned(),
        why,
    };
    let mut table: Table = toml::from_str(text).map_err(|error| ChangeError::Syntax {
        file: path.to_owned(),
        why: error.to_string().trim_end().to_owned(),
    })?;
    let name = name_of(path);
    let line = line_of(system, name).map_err(|why| head("(the file's name)", why))?;
    let date = match table.remove("date") {
        Some(value) => day(&value).map_err(|why| head("date", why))?,
        None => {
            return Err(head(
                "date",
                "is missing: expected the day of the last row, \"2026-11-27\"".into(),
            ));
        }
    };
    let reading = match table.remove("read_to") {
        Some(value) => reading(system, line.as_ref(), &value).map_err(|why| head("read_to", why))?,
        None => Reading::Whole,
    };
    let rows = match table.remove("change") {
        None => Vec::new(),
        Some(Value::Array(rows)) => rows,
        Some(_) => return Err(head("change", "expected rows of the form [[change]]".into())),
    };
    if let Some(key) = table.keys().next() {
        return Err(head(
            key,
            "nothing reads it: expected date, read_to and [[change]]".into(),
        ));
    }
    let mut changes = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let Value::Table(fields) = row else {
            return Err(head("change", format!("row {} is no table", at + 1)));
        };
        let place = Row::new(system, path, at, fields);
        changes.push(place.read(line.as_ref(), date)?);
    }
    Ok(File {
        name: name.to_owned(),
        line,
        reading,
        date,
        changes,
    })
}

fn name_of(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.strip_suffix(".toml").unwrap_or(name)
}

fn line_of(system: Known, name: &str) -> Result<Option<Release>, String> {
    if name == OF_ANY_RELEASE || name.starts_with(OF_CONNECTORS) {
        return Ok(None);
    }
    Release::bound(system, name)
        .map(Some)
        .map_err(|error| format!("{error}; a file is named after a release line, measured or connector-NAME"))
}

/// The word for a line whose notes nobody has read, although its file holds rows.
const NOTHING: &str = "nothing";

fn reading(system: Known, line: Option<&Release>, value: &Value) -> Result<Reading, String> {
    let expected = format!("expected a release of the file's line, or {NOTHING:?}");
    let (Some(line), Some(text)) = (line, value.as_str()) else {
        return Err(expected);
    };
    if text == NOTHING {
        return Ok(Reading::Nothing);
    }
    let last = Release::bound(system, text).map_err(|error| format!("{error}; {expected}"))?;
    let of_line = Span {
        since: Some(line.clone()),
        until: Some(line.clone()),
    };
    match of_line.contains(&last) {
        true => Ok(Reading::UpTo(last)),
        false => Err(format!("{last} does not belong to the line; {expected}")),
    }
}

fn day(value: &Value) -> Result<Date, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse()
        .map_err(|_| format!("{text:?} is no day: expected a form such as \"2026-11-27\""))
}

/// A row while it is read.
struct Row<'a> {
    system: Known,
    file: &'a str,
    name: String,
    fields: Table,
}

impl<'a> Row<'a> {
    fn new(system: Known, file: &'a str, at: usize, fields: Table) -> Self {
        let id = fields.get("id").and_then(Value::as_str);
        let name = id.map_or_else(|| format!("number {}", at + 1), str::to_owned);
        Self {
            system,
            file,
            name,
            fields,
        }
    }

    fn wrong(&self, key: &str, why: impl Into<String>) -> ChangeError {
        ChangeError::Row {
            file: self.file.to_owned(),
            row: self.name.clone(),
            key: key.to_owned(),
            why: why.into(),
        }
    }

    fn read(mut self, line: Option<&Release>, date: Date) -> Result<Change, ChangeError> {
        self.known_keys()?;
        let id = self.id()?;
        let since = self.since(line)?;
        let until = self.until(&since)?;
        let fixed = self.fixed(&since)?;
        let weight: Weight = self.must("severity")?;
        let advice: String = self.may("advice")?.unwrap_or_default();
        if advice.trim().is_empty() && weight != Weight::Note {
            return Err(self.wrong("advice", "is missing: only a note may do without"));
        }
        let added = match self.fields.remove("added") {
            None => date,
            Some(value) => day(&value).map_err(|why| self.wrong("added", why))?,
        };
        if added > date {
            return Err(self.wrong("added", format!("{added} is later than the file's date, {date}")));
        }
        Ok(Change {
            id,
            file: name_of(self.file).to_owned(),
            since,
            until,
            fixed,
            at_every_move: self.may("every_move")?.unwrap_or(false),
            area: self.must::<Area>("area")?,
            act: self.must::<Act>("act")?,
            weight,
            when: self.may::<Vec<Need>>("when")?.unwrap_or_default(),
            text: self.said("text")?,
            advice,
            origin: Origin {
                source: self.said("source")?,
                confidence: self.must::<Confidence>("confidence")?,
            },
            provoked: self.may("provoked")?,
            added,
        })
    }

    fn known_keys(&self) -> Result<(), ChangeError> {
        match self.fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(self.wrong(key, format!("nothing reads it: expected {}", KEYS.join(", ")))),
        }
    }

    fn id(&mut self) -> Result<String, ChangeError> {
        let id = self.said("id")?;
        let kebab = id.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.')
        });
        match kebab {
            true => Ok(id),
            false => Err(self.wrong(
                "id",
                "expected small letters, digits and dots in parts joined by hyphens",
            )),
        }
    }

    fn since(&mut self, line: Option<&Release>) -> Result<Release, ChangeError> {
        let since = self
            .release("since")?
            .ok_or_else(|| self.wrong("since", "is missing"))?;
        let of_file = Span {
            since: line.cloned(),
            until: line.cloned(),
        };
        match of_file.contains(&since) {
            true => Ok(since),
            false => Err(self.wrong(
                "since",
                format!("{since} does not belong to the line that the file is named after"),
            )),
        }
    }

    fn until(&mut self, since: &Release) -> Result<Option<Release>, ChangeError> {
        let until = self.release("until")?;
        let span = Span {
            since: Some(since.clone()),
            until: until.clone(),
        };
        match (span.is_impossible(), until) {
            (true, Some(until)) => Err(self.wrong("until", format!("{until} lies before since, {since}"))),
            (_, until) => Ok(until),
        }
    }

    fn fixed(&mut self, since: &Release) -> Result<Vec<Release>, ChangeError> {
        let texts: Vec<String> = self.may("fixed")?.unwrap_or_default();
        let mut fixed = Vec::new();
        for text in texts {
            let release = self.version("fixed", &text)?;
            if release <= *since {
                return Err(self.wrong("fixed", format!("{release} is not later than since, {since}")));
            }
            fixed.push(release);
        }
        Ok(fixed)
    }

    fn release(&mut self, key: &str) -> Result<Option<Release>, ChangeError> {
        let text: Option<String> = self.may(key)?;
        text.map(|text| self.version(key, &text)).transpose()
    }

    fn version(&self, key: &str, text: &str) -> Result<Release, ChangeError> {
        Release::bound(self.system, text).map_err(|error| self.wrong(key, error.to_string()))
    }

    /// A text that says something.
    fn said(&mut self, key: &str) -> Result<String, ChangeError> {
        let text: String = self.must(key)?;
        match text.trim().is_empty() {
            true => Err(self.wrong(key, "is empty")),
            false => Ok(text),
        }
    }

    fn must<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, ChangeError> {
        let found = self.may(key)?;
        found.ok_or_else(|| self.wrong(key, "is missing"))
    }

    fn may<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, ChangeError> {
        let value = self.fields.remove(key);
        let read = value.map(Value::try_into).transpose();
        read.map_err(|error| self.wrong(key, error.to_string().trim_end().replace('\n', "; ")))
    }
}
