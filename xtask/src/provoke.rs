//! `cargo xtask provoke`: rows of changes tried on the real classes of the releases before and after.
//!
//! What is asked of which row stands in `lab/provoke/flink.tsv`, with what each release answers. What was seen is
//! written into the row with `--write`; a release that answers otherwise fails the chore. No process of Flink runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use upshift_lab::{Cache, Home, Java};

use crate::workspace::{print, root};

/// Arguments of `provoke`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write what was seen into the rows.
    #[arg(long)]
    write: bool,
}

/// One row of the table.
struct Try {
    row: String,
    old: String,
    new: String,
    question: String,
    old_says: String,
    new_says: String,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let root = root();
    let table = root.join("lab/provoke/flink.tsv");
    let text = fs::read_to_string(&table).with_context(|| format!("reading {}", table.display()))?;
    let tries: Vec<Try> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(parsed)
        .collect::<Result<_>>()?;
    let answers = ask_all(&root, &tries)?;
    let mut wrong = 0;
    for one in &tries {
        let said = |version: &str| answers[&(version.to_owned(), one.question.clone())].as_str();
        let (old, new) = (said(&one.old), said(&one.new));
        if (old, new) == (one.old_says.as_str(), one.new_says.as_str()) {
            let seen = format!(
                "{}: {} says {old:?}, {} says {new:?}",
                one.question, one.old, one.new
            );
            print(&format!("{}: {seen}", one.row));
            if args.write {
                write(&root, &one.row, &seen)?;
            }
        } else {
            wrong += 1;
            print(&format!(
                "{}: {} says {old:?}, {} says {new:?}, expected {:?} and {:?}",
                one.row, one.old, one.new, one.old_says, one.new_says
            ));
        }
    }
    match wrong {
        0 => Ok(()),
        _ => bail!("{wrong} of {} rows were not seen so", tries.len()),
    }
}

fn parsed(line: &str) -> Result<Try> {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[row, old, new, question, old_says, new_says] = columns.as_slice() else {
        bail!("six columns expected: {line}");
    };
    Ok(Try {
        row: row.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
        question: question.to_owned(),
        old_says: old_says.to_owned(),
        new_says: new_says.to_owned(),
    })
}

/// Asks each release all of its questions at once.
fn ask_all(root: &Path, tries: &[Try]) -> Result<BTreeMap<(String, String), String>> {
    let cache = Cache::open()?;
    let java = Java::fetch(&cache)?;
    let mut by_version: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in tries {
        for version in [&one.old, &one.new] {
            by_version.entry(version).or_default().insert(&one.question);
        }
    }
    let mut answers = BTreeMap::new();
    for (version, questions) in by_version {
        let home = Home::fetch(&cache, version).with_context(|| format!("fetching Flink {version}"))?;
        let ran = Command::new(java.home().join("bin/java"))
            .arg("-cp")
            .arg(home.path().join("lib/*"))
            .arg(root.join("lab/provoke/Look.java"))
            .args(&questions)
            .output()
            .context("starting Java")?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let lines: Vec<&str> = said.lines().collect();
        if !ran.status.success() || lines.len() != questions.len() {
            bail!(
                "Flink {version} does not answer: {}",
                String::from_utf8_lossy(&ran.stderr)
            );
        }
        for (question, line) in questions.into_iter().zip(lines) {
            answers.insert((version.to_owned(), question.to_owned()), line.to_owned());
        }
    }
    Ok(answers)
}

/// Puts what was seen behind the row's confidence, in place of what stood there.
fn write(root: &Path, id: &str, seen: &str) -> Result<()> {
    let folder = root.join("knowledge/flink/changes");
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let Some(at) = text.find(&format!("id = \"{id}\"\n")) else {
            continue;
        };
        let end = text[at..].find("[[change]]").map_or(text.len(), |next| at + next);
        let kept = text[at..end]
            .lines()
            .filter(|line| !line.starts_with("provoked = "));
        let mut row = String::new();
        for line in kept {
            row += &format!("{line}\n");
            if line.starts_with("confidence = ") {
                row += &format!("provoked = '{}'\n", seen.replace('\'', "\""));
            }
        }
        let mut file = fs::File::create(path.with_extension("toml.new"))?;
        file.write_all(format!("{}{row}{}", &text[..at], &text[end..]).as_bytes())?;
        file.sync_all()?;
        fs::rename(path.with_extension("toml.new"), &path)?;
        return Ok(());
    }
    bail!("no row is called {id}")
}
