//! One upgrade of the corpus, read strictly: `corpus/SYSTEM/breakages/NAME.toml` or
//! `corpus/SYSTEM/good/NAME.toml`.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use upshift_planner::knowledge::Known;
use upshift_planner::knowledge::changes::{Area, Weight};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    date: String,
    dated: Dated,
    source: String,
    #[serde(default)]
    missed: bool,
    system: String,
    from: String,
    to: String,
    #[serde(default)]
    facts: Vec<String>,
    #[serde(default)]
    expect: Vec<Expect>,
}

/// Which day `date` is: that says how far the case was written without the rows in sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Dated {
    /// Somebody told of it: the day that an issue, a pull request or a mail was written.
    Report,
    /// A release: the day of the one whose notes or announcement tell of it, or that mends it.
    Release,
    /// The vendor's own tools check for it: the day of the commit.
    Commit,
    /// A page of documentation: the day of the edition.
    Page,
    /// Our own run.
    Run,
}

impl Dated {
    pub(crate) const ALL: [Self; 5] = [Self::Report, Self::Release, Self::Commit, Self::Page, Self::Run];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Release => "release",
            Self::Commit => "commit",
            Self::Page => "page",
            Self::Run => "run",
        }
    }
}

/// What must be reported.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) area: Option<Area>,
    pub(crate) severity: Weight,
    pub(crate) says: Vec<String>,
}

/// One upgrade.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) dated: Dated,
    /// Whether nothing was reported when the case was written; the row came after it.
    pub(crate) was_missed: bool,
    pub(crate) system: Known,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) facts: Vec<String>,
    pub(crate) expect: Vec<Expect>,
    pub(crate) is_good: bool,
}

impl Case {
    /// Its file below `corpus/`.
    pub(crate) fn path(&self) -> String {
        let kind = if self.is_good { "good" } else { "breakages" };
        format!("{}/{kind}/{}.toml", self.system.word(), self.name)
    }
}

pub(crate) fn all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus");
    let mut cases = Vec::new();
    for system in Known::ALL {
        for (kind, is_good) in [("breakages", false), ("good", true)] {
            let folder = root.join(system.word()).join(kind);
            if !folder.is_dir() {
                continue;
            }
            let entries = std::fs::read_dir(&folder).expect("a folder of the corpus");
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
            paths.sort();
            cases.extend(paths.iter().map(|path| read(path, system, is_good)));
        }
    }
    cases
}

fn read(path: &Path, system: Known, is_good: bool) -> Case {
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let text = std::fs::read_to_string(path).expect("a file of the corpus");
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let place = path.display();
    assert_eq!(
        file.system,
        system.word(),
        "{place}: lies in another system's folder"
    );
    assert!(
        file.date.parse::<Date>().is_ok(),
        "{place}: date {:?} is no day",
        file.date
    );
    for said in [&file.title, &file.source] {
        assert!(!said.trim().is_empty(), "{place}: title and source say something");
    }
    assert!(!text.contains("UP-"), "{place}: a situation names no codes");
    assert_eq!(
        file.expect.is_empty(),
        is_good,
        "{place}: a breakage says what must be reported, a good upgrade does not"
    );
    assert!(
        !(is_good && file.missed),
        "{place}: only a breakage can have been missed"
    );
    let empty = file
        .expect
        .iter()
        .any(|expect| expect.says.iter().all(|word| word.trim().is_empty()));
    assert!(!empty, "{place}: says names no words");
    Case {
        name,
        dated: file.dated,
        was_missed: file.missed,
        system,
        from: file.from,
        to: file.to,
        facts: file.facts,
        expect: file.expect,
        is_good,
    }
}
