//! All changes of one system, from the files of its folder.
//!
//! What they come to for a pair of releases is not answered here.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::built_in;
use super::change::Change;
use super::error::ChangeError;
use super::row;
use crate::knowledge::release::{Release, Span};
use crate::knowledge::system::Known;

/// A file of changes, without its rows.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its name without ending.
    pub name: String,
    /// The release line whose notes it stands for; none for files of another kind.
    pub line: Option<Release>,
    /// How much of the line's notes was read.
    pub reading: Reading,
    /// When it was last added to.
    pub date: Date,
    /// How many rows it holds.
    pub rows: usize,
}

/// How much of a release line's notes was read for its file.
#[derive(Debug, Clone, Default)]
pub enum Reading {
    /// Those of every release of the line.
    #[default]
    Whole,
    /// Those up to this release.
    UpTo(Release),
    /// None: what the file holds comes from elsewhere, such as a vendor's list of known issues.
    Nothing,
}

/// All changes of one system.
#[derive(Debug, Clone)]
pub struct Changes {
    system: Known,
    rows: Vec<Change>,
    sheets: Vec<Sheet>,
}

impl Changes {
    /// Nothing is known.
    pub const fn none(system: Known) -> Self {
        Self {
            system,
            rows: Vec::new(),
            sheets: Vec::new(),
        }
    }

    /// The files of a system that this program was built with, by name below `knowledge/`.
    pub fn built_in_files(system: Known) -> BTreeMap<String, String> {
        let folder = format!("{}/changes/", system.word());
        let own = built_in::FILES
            .iter()
            .filter(|(name, _)| name.starts_with(&folder));
        own.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    /// Reads a system's files, by name below `knowledge/`.
    pub fn parse(system: Known, files: &BTreeMap<String, String>) -> Result<Self, ChangeError> {
        let mut all = Self::none(system);
        for (name, text) in files {
            all.lay(name, text)?;
        }
        Ok(all)
    }

    /// Lays one more file over these; gives its number of rows. A name that is taken is refused, so
    /// no row can take another's place.
    pub fn lay(&mut self, path: &str, text: &str) -> Result<usize, ChangeError> {
        let file = row::file(self.system, path, text)?;
        let count = file.changes.len();
        for change in file.changes {
            if let Some(other) = self.row(&change.id) {
                return Err(ChangeError::Row {
                    file: path.to_owned(),
                    row: change.id.clone(),
                    key: "id".to_owned(),
                    why: format!("is taken already, in {}.toml", other.file),
                });
            }
            self.rows.push(change);
        }
        self.sheets.push(Sheet {
            name: file.name,
            line: file.line,
            reading: file.reading,
            date: file.date,
            rows: count,
        });
        self.rows
            .sort_by(|a, b| (&a.since, &a.id).cmp(&(&b.since, &b.id)));
        Ok(count)
    }

    /// The system.
    pub fn system(&self) -> Known {
        self.system
    }

    /// All rows, by the release where they begin.
    pub fn rows(&self) -> &[Change] {
        &self.rows
    }

    /// The files.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// A row by its name.
    pub fn row(&self, id: &str) -> Option<&Change> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// Whether the notes of a release were read: a file stands for its line, as far as it says.
    pub fn have_read(&self, release: &Release) -> bool {
        self.sheet_of(release).is_some_and(|sheet| match &sheet.reading {
            Reading::Whole => true,
            Reading::UpTo(last) => reaches(last, release),
            Reading::Nothing => false,
        })
    }

    /// The file that stands for a release's line.
    pub fn sheet_of(&self, release: &Release) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| {
            let line = Span {
                since: sheet.line.clone(),
                until: sheet.line.clone(),
            };
            sheet.line.is_some() && line.contains(release)
        })
    }
}

/// Whether a release is not later than `last`, as coarse as that was given.
fn reaches(last: &Release, release: &Release) -> bool {
    let up_to = Span {
        since: None,
        until: Some(last.clone()),
    };
    up_to.contains(release)
}
