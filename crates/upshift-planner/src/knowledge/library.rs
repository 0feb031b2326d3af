//! Everything that is known, of every system, and the questions that it answers.
//!
//! The Flink catalogue that checks and plans are made with is one part of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use upshift_model::digest::Digest;
use upshift_model::plan::KnowledgeStamp;
use upshift_model::version::Version;

use super::answer::{Answer, Cited};
use super::book::{Book, BookError, Named};
use super::catalogue::{self, Knowledge};
use super::changes::Changes;
use super::entry_types::EntryTypes;
use super::fact::{Fact, Facts};
use super::flink::{self, PairVerdict, Reason};
use super::option_changes::{self, OptionChanges, RemovedKeys};
use super::options::OptionTable;
use super::release::Release;
use super::row::{Confidence, Origin};
use super::rule::{About, Effect, Rule};
use super::system::Known;
use super::{realtime_compute, weka};

/// The files of one system: each with its name below `knowledge/`.
struct Files {
    system: Known,
    rules: &'static [(&'static str, &'static str)],
    releases: (&'static str, &'static str),
    options: Option<&'static str>,
    removed_keys: Option<&'static str>,
}

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../../knowledge/", $name)))
    };
}

impl Files {
    fn digest(&self) -> Digest {
        let own = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let rows = self
            .rules
            .iter()
            .chain([&self.releases])
            .map(|(name, text)| own(name, text));
        let tables = [("options", self.options), ("removed keys", self.removed_keys)];
        let tables = tables
            .into_iter()
            .filter_map(|(name, text)| Some(own(name, text?)));
        let all = rows.chain(tables).chain(Changes::built_in_files(self.system));
        catalogue::digest(&all.collect())
    }
}

const BUILT_IN: [Files; 5] = [
    Files {
        system: Known::Flink,
        rules: &[file!("flink/rules.toml"), file!("flink/operation.toml")],
        releases: file!("flink/versions.toml"),
        options: None,
        removed_keys: None,
    },
    Files {
        system: Known::Fluss,
        rules: &[file!("fluss/rules.toml"), file!("fluss/operation.toml")],
        releases: file!("fluss/releases.toml"),
        options: Some(file!("fluss/options.tsv").1),
        removed_keys: None,
    },
    Files {
        system: Known::RealtimeCompute,
        rules: &[
            file!("realtime-compute/rules.toml"),
            file!("realtime-compute/operation.toml"),
        ],
        releases: file!("realtime-compute/releases.toml"),
        options: None,
        removed_keys: None,
    },
    Files {
        system: Known::Alluxio,
        rules: &[file!("alluxio/rules.toml"), file!("alluxio/operation.toml")],
        releases: file!("alluxio/releases.toml"),
        options: Some(file!("alluxio/options.tsv").1),
        removed_keys: Some(file!("alluxio/removed-keys.tsv").1),
    },
    Files {
        system: Known::Weka,
        rules: &[file!("weka/rules.toml"), file!("weka/operation.toml")],
        releases: file!("weka/releases.toml"),
        options: None,
        removed_keys: None,
    },
];

/// All that is known of all systems.
#[derive(Debug, Clone)]
pub struct Library {
    flink: Knowledge,
    entry_types: EntryTypes,
    shelves: BTreeMap<Known, Shelf>,
}

/// What is known of one system.
#[derive(Debug, Clone)]
struct Shelf {
    book: Book,
    options: Option<OptionTable>,
    removed: RemovedKeys,
    changes: Changes,
    /// Over all files, those that were laid over them included.
    digest: Digest,
}

impl Library {
    /// What this program was built with.
    ///
    /// # Panics
    /// Never in a program that passed this crate's tests: they load the same files.
    pub fn builtin() -> Self {
        let read = |files: Files| {
            let book = Book::parse(files.system, files.rules, Some(files.releases));
            let options = files.options.map(OptionTable::parse).transpose();
            let removed = files.removed_keys.map(RemovedKeys::parse).transpose();
            let changes = Changes::parse(files.system, &Changes::built_in_files(files.system));
            let loads = "the built-in rows load: a test of this crate loads them";
            Shelf {
                digest: files.digest(),
                book: book.expect(loads),
                options: options.expect(loads),
                removed: removed.expect(loads).unwrap_or_default(),
                changes: changes.expect(loads),
            }
        };
        Self {
            flink: Knowledge::builtin(),
            entry_types: EntryTypes::parse(file!("alluxio/entry-types.tsv").1)
                .expect("the built-in rows load: a test of this crate loads them"),
            shelves: BUILT_IN.map(|files| (files.system, read(files))).into(),
        }
    }

    /// Lays a person's own rows over what is known, by file name (`weka/rules.toml`); gives how many
    /// rows each file holds. Nothing is laid where one file cannot be used.
    pub fn lay(&mut self, files: &BTreeMap<String, String>) -> Result<BTreeMap<String, usize>, BookError> {
        let mut shelves = self.shelves.clone();
        let mut counts = BTreeMap::new();
        for (name, text) in files {
            let unknown = || BookError::UnknownFile { file: name.clone() };
            let (folder, file) = name.split_once('/').ok_or_else(unknown)?;
            let system: Known = folder.parse().map_err(|_| unknown())?;
            let shelf = shelves.get_mut(&system).expect("every system has its shelf");
            let laid = BTreeMap::from([
                (shelf.digest.hex().to_owned(), String::new()),
                (name.clone(), text.clone()),
            ]);
            shelf.digest = catalogue::digest(&laid);
            let count = match file {
                "rules.toml" => shelf.book.lay_rules(name, text)?,
                "releases.toml" if system != Known::Flink => shelf.book.lay_releases(name, text)?,
                file if file.starts_with("changes/") => shelf.changes.lay(name, text)?,
                _ => return Err(unknown()),
            };
            counts.insert(name.clone(), count);
        }
        self.shelves = shelves;
        Ok(counts)
    }

    /// The rows of a system.
    pub fn book(&self, system: Known) -> &Book {
        &self.shelf(system).book
    }

    fn shelf(&self, system: Known) -> &Shelf {
        self.shelves.get(&system).expect("every system has its shelf")
    }

    /// The options of a system's releases, where they were read.
    pub fn options(&self, system: Known) -> Option<&OptionTable> {
        match system {
            Known::Flink => Some(&self.flink().options),
            other => self.shelf(other).options.as_ref(),
        }
    }

    /// What becomes of options between two releases; none where those of one of them were not read.
    pub fn option_changes(&self, from: &Release, to: &Release) -> Option<OptionChanges> {
        let line = |release: &Release| -> Option<Version> {
            let (major, minor) = release.line();
            format!("{major}.{minor}").parse().ok()
        };
        let table = self.options(from.system())?;
        let removed = &self.shelf(from.system()).removed;
        option_changes::between(table, removed, &line(from)?, &line(to)?)
    }

    /// What changed between the releases of a system.
    pub fn changes(&self, system: Known) -> &Changes {
        &self.shelf(system).changes
    }

    /// Which journal entries the releases of Alluxio take.
    pub fn entry_types(&self) -> &EntryTypes {
        &self.entry_types
    }

    /// The Flink catalogue.
    pub fn flink(&self) -> &flink::Flink {
        self.flink.flink()
    }

    /// The day up to which the rows of a system are true.
    pub fn date(&self, system: Known) -> Date {
        match system {
            Known::Flink => self.flink.stamp().date,
            other => self.book(other).date,
        }
    }

    /// Date and digest of what is known of a system, as a plan carries them.
    pub fn stamp(&self, system: Known) -> KnowledgeStamp {
        match system {
            Known::Flink => self.flink.stamp().clone(),
            other => KnowledgeStamp {
                date: self.date(other),
                digest: self.shelf(other).digest.clone(),
            },
        }
    }

    /// The Flink catalogue as checks and plans of Flink take it.
    pub fn catalogue(&self) -> &Knowledge {
        &self.flink
    }

    /// Whether one release may be replaced by another.
    pub fn pair(&self, from: &Release, to: &Release, facts: &Facts) -> Answer {
        let book = self.book(from.system());
        let mut answer = match from.system() {
            Known::Flink => self.flink_pair(from, to, facts),
            Known::Weka => weka::pair(book, from, to, facts),
            Known::RealtimeCompute => realtime_compute::pair(book, from, to, facts),
            Known::Fluss | Known::Alluxio => by_rules(book, from, to, facts),
        };
        answer.rows.extend(book.release(to).and_then(support));
        answer.rows.extend(
            [from, to]
                .into_iter()
                .filter_map(|release| unlisted(book, release)),
        );
        answer
    }

    /// Whether a server of one release may have clients of another.
    pub fn client(&self, server: &Release, client: &Release, facts: &Facts) -> Answer {
        let book = self.book(server.system());
        match server.system() {
            Known::Weka => weka::client(book, server, client, facts),
            system => {
                let rules = book
                    .rules
                    .iter()
                    .filter(|rule| rule.speaks_of_client(server, client));
                let rows: Vec<Cited> = rules.map(|rule| Cited::of(rule, facts)).collect();
                match rows.is_empty() {
                    false => Answer::of(rows, Vec::new()),
                    true => Answer::unknown(
                        format!("whether {system} {server} serves clients of {client}"),
                        "no source that upshift knows speaks of them; try both in a place where nothing can be lost",
                    ),
                }
            }
        }
    }

    /// How a move from one release to another is carried out.
    pub fn guidance(&self, from: &Release, to: &Release) -> Vec<&Rule> {
        let rules = self.book(from.system()).rules.iter();
        rules.filter(|rule| rule.guides(from, to)).collect()
    }

    /// What a person's word for a version may stand for: a WEKA line (`4.2`) stands for the builds of
    /// it that are known, everything else for itself.
    pub fn builds_of(&self, release: &Release) -> Vec<Release> {
        let whole_line = release.system() == Known::Weka && release.given() == 2;
        let rows = self.book(release.system()).releases.iter();
        let of_line: Vec<&Named> = rows
            .filter(|row| whole_line && row.release.line() == release.line())
            .collect();
        let offered = of_line.iter().any(|row| row.offered);
        let kept = of_line.into_iter().filter(|row| row.offered || !offered);
        let builds: Vec<Release> = kept.map(|row| row.release.clone()).collect();
        match builds.is_empty() {
            true => vec![release.clone()],
            false => builds,
        }
    }

    /// The releases that are known by name, ascending: for Flink its lines.
    pub fn releases(&self, system: Known) -> Vec<Release> {
        match system {
            Known::Flink => {
                let lines = (1..=2).flat_map(|major| (0..=30).map(move |minor| format!("{major}.{minor}")));
                let known = lines.filter(|line| self.knows_flink_line(line));
                known
                    .filter_map(|line| Release::parse(system, &line).ok())
                    .collect()
            }
            other => self
                .book(other)
                .releases
                .iter()
                .map(|row| row.release.clone())
                .collect(),
        }
    }

    /// A line is known where a row says what becomes of its own savepoints.
    fn knows_flink_line(&self, line: &str) -> bool {
        let version: Result<Version, _> = line.parse();
        version.is_ok_and(|version| {
            !matches!(self.flink().pair(&version, &version), PairVerdict::Unknown { .. })
        })
    }

    fn flink_pair(&self, from: &Release, to: &Release, facts: &Facts) -> Answer {
        let version = |release: &Release| -> Option<Version> { release.as_str().parse().ok() };
        let (Some(low), Some(high)) = (version(from), version(to)) else {
            return Answer::unknown(
                format!("what {from} and {to} are"),
                "give versions such as 1.20.5",
            );
        };
        let verdict = self.flink().pair(&low, &high);
        let mut rows: Vec<Cited> = verdict
            .reasons()
            .iter()
            .map(|reason| cited(reason, facts))
            .collect();
        let of_reasons: Vec<String> = verdict
            .reasons()
            .iter()
            .map(|reason| reason.origin.to_string())
            .collect();
        let own = verdict
            .sources()
            .iter()
            .filter(|source| !of_reasons.contains(source));
        let own: Vec<String> = own.cloned().collect();
        let own = match own.is_empty() {
            true => verdict.sources().to_vec(),
            false => own,
        };
        match &verdict {
            PairVerdict::Supported { .. } | PairVerdict::Conditional { .. } => {
                rows.push(said(
                    "resume",
                    Effect::Allows,
                    format!("{to} resumes savepoints of {from}"),
                    &own,
                ));
            }
            PairVerdict::Unsupported { .. } => {
                rows.push(said(
                    "resume",
                    Effect::Refuses,
                    format!("{to} does not resume savepoints of {from}"),
                    &own,
                ));
            }
            PairVerdict::Unknown { .. } => {}
        }
        let book = self.book(Known::Flink);
        let told = book.rules.iter().filter(|rule| rule.speaks_of(from, to));
        let (needs, told): (Vec<&Rule>, Vec<&Rule>) = told.partition(|rule| rule.about == About::Need);
        rows.extend(told.into_iter().map(|rule| Cited::of(rule, facts)));
        let needs = needs.into_iter().map(|rule| Cited::of(rule, facts)).collect();
        let mut answer = Answer::of(rows, needs);
        if let PairVerdict::Unknown { gap, .. } = &verdict {
            let open = Answer::unknown(
                gap.what.clone(),
                format!("{}; try it with a copy of the state", gap.reason),
            );
            answer = answer.and(open);
        }
        answer
    }
}

/// Until when the vendor supports a release, where a page says so.
fn support(row: &Named) -> Option<Cited> {
    let end = row.support_ends?;
    let text = format!("the vendor's support of {} ends on {end}", row.release);
    let note = said("support-ends", Effect::Note, text, &[]);
    Some(Cited {
        origin: row.origin.clone(),
        ..note
    })
}

/// A version that no list names, although the list goes as far as its line.
fn unlisted(book: &Book, release: &Release) -> Option<Cited> {
    let of_line: Vec<&Named> = book
        .releases
        .iter()
        .filter(|row| row.release.line() == release.line() && row.release.product() == release.product())
        .collect();
    let whole_line = release.given() <= 2 && release.system() != Known::RealtimeCompute;
    let judged_alone = release.system() == Known::Weka;
    if of_line.is_empty() || whole_line || judged_alone || book.release(release).is_some() {
        return None;
    }
    let names: Vec<&str> = of_line.iter().map(|row| row.release.as_str()).collect();
    let text = format!(
        "no release that is known is called {release}; of its line these are: {}",
        names.join(", ")
    );
    Some(said("unlisted", Effect::Note, text, &[]))
}

fn by_rules(book: &Book, from: &Release, to: &Release, facts: &Facts) -> Answer {
    let rules = book.rules.iter().filter(|rule| rule.speaks_of(from, to));
    let (needs, rows): (Vec<_>, Vec<_>) = rules.partition(|rule| rule.about == About::Need);
    if from == to {
        let text = format!("{from} is {to}: nothing is upgraded");
        return Answer::of(vec![said("same-version", Effect::Allows, text, &[])], Vec::new());
    }
    let cite = |rules: Vec<&Rule>| {
        rules
            .into_iter()
            .map(|rule| Cited::of(rule, facts))
            .collect::<Vec<_>>()
    };
    let mut answer = Answer::of(cite(rows), cite(needs));
    let allowed = answer.rows.iter().any(|row| row.effect == Effect::Allows);
    if answer.verdict == super::answer::Verdict::Unknown && !allowed {
        let question = format!("whether {} {from} may be replaced by {to}", book.system);
        answer = answer.and(Answer::unknown(
            question,
            "no source that upshift knows speaks of the pair",
        ));
    }
    answer
}

fn cited(reason: &Reason, facts: &Facts) -> Cited {
    let when = Fact::of_flink(reason.when).map(|fact| super::fact::Condition { fact, is: "true" });
    let when: Vec<_> = when.into_iter().collect();
    Cited {
        id: format!(
            "limit/{}",
            when.first().map_or("always", |condition| condition.fact.word())
        ),
        effect: match reason.effect {
            flink::Effect::Risk => Effect::Risk,
            flink::Effect::Fails => Effect::Refuses,
        },
        truth: super::fact::all_hold(&when, facts),
        when,
        text: reason.ground.to_string(),
        advice: reason.ground.advice().to_owned(),
        code: None,
        origin: reason.origin.clone(),
    }
}

/// A statement over the pair as a whole, which already names its sources and how sure they are.
fn said(id: &str, effect: Effect, text: String, sources: &[String]) -> Cited {
    let confidence = match sources.iter().any(|source| source.ends_with("(vendor)")) {
        true => Confidence::Vendor,
        false => Confidence::Inferred,
    };
    let bare = |source: &String| {
        source
            .rsplit_once(" (")
            .map_or_else(|| source.clone(), |(bare, _)| bare.to_owned())
    };
    Cited {
        id: id.to_owned(),
        effect,
        when: Vec::new(),
        truth: super::fact::Truth::Holds,
        text,
        advice: String::new(),
        code: None,
        origin: Origin {
            source: match sources {
                [] => "the order of versions".to_owned(),
                sources => sources.iter().map(bare).collect::<Vec<_>>().join("; "),
            },
            confidence,
        },
    }
}
