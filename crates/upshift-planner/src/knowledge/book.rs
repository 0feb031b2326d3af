//! The rows of one system, read from its folder and refused where they cannot be.
//!
//! Unknown keys, rows without a source, names used twice and ranges that hold nothing are refused.
//! Nothing is answered here.

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;

use super::changes::ChangeError;
use super::fact::Condition;
use super::release::{NotARelease, Release, Span};
use super::row::{Confidence, Origin};
use super::rule::{About, Direction, Effect, Rule};
use super::system::Known;
use super::{realtime_compute, weka};

/// Rows that cannot be used.
#[derive(Debug, Error)]
pub enum BookError {
    /// Not TOML, an unknown or missing key, or a value that cannot be.
    #[error("{file} cannot be read")]
    Syntax {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A row that does not say where it was read.
    #[error("{file}: {row} has no source")]
    NoSource {
        /// The file.
        file: String,
        /// The row.
        row: String,
    },
    /// A text that is no version.
    #[error("{file}: {row} names a version that is none")]
    Version {
        /// The file.
        file: String,
        /// The row.
        row: String,
        /// Which.
        #[source]
        source: NotARelease,
    },
    /// A range that holds nothing.
    #[error("{file}: {row} holds no version: {found}")]
    ImpossibleRange {
        /// The file.
        file: String,
        /// The row.
        row: String,
        /// The range.
        found: String,
    },
    /// A name used twice.
    #[error("{file}: {row} is there twice")]
    Twice {
        /// The file.
        file: String,
        /// The row.
        row: String,
    },
    /// A rule that the program speaks by and that is not there.
    #[error("{file} lacks the rule {rule}")]
    Missing {
        /// The file.
        file: String,
        /// The rule.
        rule: &'static str,
    },
    /// A row laid over the built-in ones that allows more than they do, without a word why.
    #[error("{file}: {row} loosens what is known, and no waived says why")]
    Loosens {
        /// The file.
        file: String,
        /// The row.
        row: String,
    },
    /// A file that no row is kept in.
    #[error("{file} is no file of an overlay")]
    UnknownFile {
        /// The file.
        file: String,
    },
    /// A file of changes that cannot be used.
    #[error(transparent)]
    Changes(#[from] ChangeError),
    /// A rule that speaks of a change and does not say where it begins.
    #[error("{file}: {row} tells of a change and has no since")]
    NoSince {
        /// The file.
        file: String,
        /// The row.
        row: String,
    },
}

/// A build or release line that is known by name.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its version.
    pub release: Release,
    /// When the vendor says that it came out.
    pub released: Option<Date>,
    /// When it was first seen, where the vendor does not say: not later than that.
    pub seen: Option<Date>,
    /// When the vendor's support ends.
    pub support_ends: Option<Date>,
    /// What the vendor calls it.
    pub label: String,
    /// The release line that the vendor counts it to.
    pub line: String,
    /// Whether the vendor offers it still.
    pub offered: bool,
    /// Which releases may be upgraded to it; none where no source says.
    pub ranges: Vec<Span>,
    /// Why it is laid over the built-in rows; none for those themselves.
    pub waived: Option<String>,
    /// Where it was read.
    pub origin: Origin,
}

/// All rows of one system.
#[derive(Debug, Clone)]
pub struct Book {
    /// The system.
    pub system: Known,
    /// The day up to which the rows are true.
    pub date: Date,
    /// What is said.
    pub rules: Vec<Rule>,
    /// The releases that are known by name, ascending.
    pub releases: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    date: Date,
    #[serde(default)]
    rule: Vec<RuleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    id: String,
    about: About,
    from: Option<(String, String)>,
    to: Option<(String, String)>,
    since: Option<String>,
    until: Option<String>,
    direction: Option<Direction>,
    #[serde(default)]
    when: Vec<Condition>,
    effect: Effect,
    text: String,
    #[serde(default)]
    advice: String,
    code: Option<String>,
    waived: Option<String>,
    #[serde(default)]
    source: String,
    confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleasesFile {
    #[serde(default)]
    release: Vec<ReleaseRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseRow {
    version: String,
    released: Option<Date>,
    seen: Option<Date>,
    support_ends: Option<Date>,
    #[serde(default)]
    label: String,
    #[serde(default)]
    line: String,
    #[serde(default = "yes")]
    offered: bool,
    #[serde(default)]
    ranges: Vec<RangeRow>,
    waived: Option<String>,
    #[serde(default)]
    source: String,
    confidence: Confidence,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeRow {
    min: Option<String>,
    max: Option<String>,
}

/// Where a row stands, for what is said of it.
struct At<'a> {
    system: Known,
    file: &'a str,
    row: String,
}

impl At<'_> {
    fn bound(&self, text: Option<&str>) -> Result<Option<Release>, BookError> {
        let read = text
            .filter(|text| !text.is_empty())
            .map(|text| Release::bound(self.system, text));
        read.transpose().map_err(|source| BookError::Version {
            file: self.file.to_owned(),
            row: self.row.clone(),
            source,
        })
    }

    fn span(&self, since: Option<&str>, until: Option<&str>) -> Result<Span, BookError> {
        let span = Span {
            since: self.bound(since)?,
            until: self.bound(until)?,
        };
        match span.is_impossible() {
            false => Ok(span),
            true => Err(BookError::ImpossibleRange {
                file: self.file.to_owned(),
                row: self.row.clone(),
                found: span.to_string(),
            }),
        }
    }

    fn origin(&self, source: String, confidence: Confidence) -> Result<Origin, BookError> {
        match source.trim().is_empty() {
            false => Ok(Origin { source, confidence }),
            true => Err(BookError::NoSource {
                file: self.file.to_owned(),
                row: self.row.clone(),
            }),
        }
    }

    fn twice(&self) -> BookError {
        BookError::Twice {
            file: self.file.to_owned(),
            row: self.row.clone(),
        }
    }
}

impl Book {
    /// Reads a system's rules and, where it has them, its releases. Its date is that of the oldest file.
    pub fn parse(
        system: Known,
        rules: &[(&str, &str)],
        releases: Option<(&str, &str)>,
    ) -> Result<Self, BookError> {
        let mut book = Self {
            system,
            date: Date::MAX,
            rules: Vec::new(),
            releases: Vec::new(),
        };
        for (file, text) in rules {
            let read: RulesFile = toml::from_str(text).map_err(|source| syntax(file, source))?;
            book.date = book.date.min(read.date);
            for row in read.rule {
                book.add_rule(file, rule(system, file, row)?)?;
            }
        }
        if let Some(rule) = general(system).iter().find(|id| book.rule(id).is_none()) {
            let file = rules.first().map_or(system.word(), |(file, _)| file).to_owned();
            return Err(BookError::Missing { file, rule });
        }
        if let Some((file, text)) = releases {
            let read: ReleasesFile = toml::from_str(text).map_err(|source| syntax(file, source))?;
            let rows = read.release.into_iter().map(|row| release(system, file, row));
            book.releases = rows.collect::<Result<_, _>>()?;
            book.releases.sort_by(|a, b| a.release.cmp(&b.release));
            let twice = book
                .releases
                .windows(2)
                .find(|two| two[0].release == two[1].release);
            if let Some(two) = twice {
                let row = format!("release {}", two[0].release);
                return Err(At { system, file, row }.twice());
            }
        }
        Ok(book)
    }

    /// Lays a person's own rules over these: what they refuse or warn of holds beside the rest, what
    /// they allow has to say why. Gives their number.
    pub(super) fn lay_rules(&mut self, file: &str, text: &str) -> Result<usize, BookError> {
        let read: RulesFile = toml::from_str(text).map_err(|source| syntax(file, source))?;
        let count = read.rule.len();
        for row in read.rule {
            let waived = row.waived.is_some();
            let rule = rule(self.system, file, row)?;
            if rule.effect == Effect::Allows && !waived {
                return Err(BookError::Loosens {
                    file: file.to_owned(),
                    row: format!("rule {}", rule.id),
                });
            }
            self.add_rule(file, rule)?;
        }
        Ok(count)
    }

    /// Lays a person's own releases over these, in place of those of the same version. A release that
    /// is offered may be gone to, so each has to say why; one that is not may only be left. Gives
    /// their number.
    pub(super) fn lay_releases(&mut self, file: &str, text: &str) -> Result<usize, BookError> {
        let read: ReleasesFile = toml::from_str(text).map_err(|source| syntax(file, source))?;
        let count = read.release.len();
        for row in read.release {
            let mut row = release(self.system, file, row)?;
            if row.waived.is_none() && (row.offered || !row.ranges.is_empty()) {
                return Err(BookError::Loosens {
                    file: file.to_owned(),
                    row: format!("release {}", row.release),
                });
            }
            let known = self
                .releases
                .iter()
                .position(|other| other.release == row.release);
            let alike = self
                .releases
                .iter()
                .find(|other| other.release.line() == row.release.line());
            if let Some(alike) = alike {
                fill(&mut row.label, &alike.label);
                fill(&mut row.line, &alike.line);
            }
            match known {
                None => self.releases.push(row),
                Some(at) => self.releases[at] = over(&self.releases[at], row),
            }
        }
        self.releases.sort_by(|a, b| a.release.cmp(&b.release));
        Ok(count)
    }

    fn add_rule(&mut self, file: &str, rule: Rule) -> Result<(), BookError> {
        if self.rule(&rule.id).is_some() {
            let (system, row) = (self.system, format!("rule {}", rule.id));
            return Err(At { system, file, row }.twice());
        }
        self.rules.push(rule);
        Ok(())
    }

    /// What is known of a release by name.
    pub fn release(&self, release: &Release) -> Option<&Named> {
        let at = self.releases.binary_search_by(|row| row.release.cmp(release));
        at.ok().and_then(|at| self.releases.get(at))
    }

    /// A rule by its name.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

fn fill(field: &mut String, known: &str) {
    if field.is_empty() {
        known.clone_into(field);
    }
}

/// A row in place of a known one: what it does not say stays as it was.
fn over(known: &Named, row: Named) -> Named {
    Named {
        released: row.released.or(known.released),
        seen: row.seen.or(known.seen),
        support_ends: row.support_ends.or(known.support_ends),
        ranges: match row.waived {
            Some(_) => row.ranges,
            None => known.ranges.clone(),
        },
        ..row
    }
}

/// The rules that the program speaks by itself, which every book of the system has to have.
const fn general(system: Known) -> &'static [&'static str] {
    match system {
        Known::Weka => weka::GENERAL,
        Known::RealtimeCompute => realtime_compute::GENERAL,
        Known::Flink | Known::Fluss | Known::Alluxio => &[],
    }
}

fn syntax(file: &str, source: toml::de::Error) -> BookError {
    BookError::Syntax {
        file: file.to_owned(),
        source: Box::new(source),
    }
}

fn rule(system: Known, file: &str, row: RuleRow) -> Result<Rule, BookError> {
    let at = At {
        system,
        file,
        row: format!("rule {}", row.id),
    };
    let ends = |pair: &Option<(String, String)>| match pair {
        None => Ok(Span::default()),
        Some((since, until)) => at.span(Some(since), Some(until)),
    };
    let life = at.span(row.since.as_deref(), row.until.as_deref())?;
    if row.about == About::Enters && life.since.is_none() {
        return Err(BookError::NoSince {
            file: file.to_owned(),
            row: at.row,
        });
    }
    Ok(Rule {
        from: ends(&row.from)?,
        to: ends(&row.to)?,
        since: life.since,
        until: life.until,
        origin: at.origin(row.source, row.confidence)?,
        id: row.id,
        about: row.about,
        direction: row.direction,
        when: row.when,
        effect: row.effect,
        text: row.text,
        advice: row.advice,
        code: row.code,
    })
}

fn release(system: Known, file: &str, row: ReleaseRow) -> Result<Named, BookError> {
    let at = At {
        system,
        file,
        row: format!("release {}", row.version),
    };
    let release = Release::parse(system, &row.version).map_err(|source| BookError::Version {
        file: file.to_owned(),
        row: at.row.clone(),
        source,
    })?;
    let ranges = row
        .ranges
        .iter()
        .map(|r| at.span(r.min.as_deref(), r.max.as_deref()));
    Ok(Named {
        release,
        released: row.released,
        seen: row.seen,
        support_ends: row.support_ends,
        label: row.label,
        line: row.line,
        offered: row.offered,
        ranges: ranges.collect::<Result<_, _>>()?,
        waived: row.waived,
        origin: at.origin(row.source, row.confidence)?,
    })
}
