//! `cargo xtask knowledge`: a skeleton for a new row of changes, and a quick look whether all can be read.
//!
//! What a row has to have is the planner's; here a row is only written down.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use upshift_planner::knowledge::changes::Changes;
use upshift_planner::knowledge::{Known, Release};

use crate::workspace::{print, root, say};

/// Arguments of `knowledge`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Append a row to the file of a release line, which is made where it is absent; prints the file.
    New {
        /// flink, fluss, realtime-compute, alluxio or weka.
        system: String,
        /// The release where it begins to bite; or `measured` or `connector-NAME`.
        release: String,
        /// The row's name.
        id: String,
    },
    /// Read all files of changes; prints the rows of each.
    Check,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    match &args.what {
        What::New { system, release, id } => new(&root(), system.parse()?, release, id),
        What::Check => check(&root()),
    }
}

fn folder(root: &Path, system: Known) -> PathBuf {
    root.join("knowledge").join(system.word()).join("changes")
}

fn new(root: &Path, system: Known, release: &str, id: &str) -> Result<()> {
    let known = read(root, system)?;
    if known.row(id).is_some() {
        bail!("{system} has a row {id} already");
    }
    let dir = folder(root, system);
    let (file, since) = place(system, release)?;
    let path = dir.join(format!("{file}.toml"));
    let today = jiff::Zoned::now().date();
    let old = match path.exists() {
        true => fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?,
        false => format!("date = \"{today}\"\n"),
    };
    let dated = old
        .lines()
        .map(|line| match line.starts_with("date =") {
            true => format!("date = \"{today}\"\n"),
            false => format!("{line}\n"),
        })
        .collect::<String>();
    fs::create_dir_all(&dir)?;
    let text = format!("{dated}\n{}", skeleton(id, &since, today));
    replace(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    print(&path.display().to_string());
    say("fill it in, then: cargo xtask knowledge check");
    Ok(())
}

/// Written beside and renamed, so that a crash leaves no half of a file of rows.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("toml.new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// The file for a release, and what stands behind `since`.
fn place(system: Known, release: &str) -> Result<(String, String)> {
    if release == "measured" || release.starts_with("connector-") {
        return Ok((release.to_owned(), String::new()));
    }
    let read = Release::parse(system, release)
        .or_else(|error| Release::bound(system, release).map_err(|_| error))?;
    let file = match system {
        Known::RealtimeCompute => read.number(0).to_string(),
        Known::Alluxio if read.given() == 1 => read.number(0).to_string(),
        Known::Flink | Known::Fluss | Known::Alluxio | Known::Weka => {
            format!("{}.{}", read.number(0), read.number(1))
        }
    };
    Ok((file, release.to_owned()))
}

fn skeleton(id: &str, since: &str, today: jiff::civil::Date) -> String {
    format!(
        "[[change]]\nid = \"{id}\"\nsince = \"{since}\"\nadded = \"{today}\"\narea = \"\"\nact = \"\"\nseverity = \"\"\n\
         when = []\ntext = \"\"\nadvice = \"\"\nsource = \"\"\nconfidence = \"vendor\"\n"
    )
}

fn files(root: &Path, system: Known) -> Result<Vec<(String, String)>> {
    let dir = folder(root, system);
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("listing {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.strip_prefix(root)?.display().to_string();
            all.push((name, fs::read_to_string(&path)?));
        }
    }
    all.sort();
    Ok(all)
}

fn read(root: &Path, system: Known) -> Result<Changes> {
    let mut changes = Changes::none(system);
    for (name, text) in files(root, system)? {
        changes.lay(&name, &text)?;
    }
    Ok(changes)
}

fn check(root: &Path) -> Result<()> {
    let mut wrong = 0;
    for system in Known::ALL {
        let mut changes = Changes::none(system);
        for (name, text) in files(root, system)? {
            match changes.lay(&name, &text) {
                Ok(rows) => print(&format!("{name}: {rows} rows")),
                Err(error) => {
                    wrong += 1;
                    print(&error.to_string());
                }
            }
        }
    }
    match wrong {
        0 => Ok(()),
        _ => bail!("{wrong} files cannot be used"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skeleton_is_appended_and_what_is_to_be_filled_in_is_named() {
        let dir = std::env::temp_dir().join(format!("upshift-knowledge-new-{}", std::process::id()));
        new(&dir, Known::Flink, "1.19.2", "some-row").unwrap();
        let path = dir.join("knowledge/flink/changes/1.19.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("since = \"1.19.2\""), "{text}");
        let error = read(&dir, Known::Flink).unwrap_err().to_string();
        assert!(
            error.contains("1.19.toml: change some-row: key severity"),
            "{error}"
        );
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_file_is_that_of_the_release_line() {
        for (system, release, file) in [
            (Known::Flink, "2.0", "2.0"),
            (Known::Fluss, "0.9.1-incubating", "0.9"),
            (Known::RealtimeCompute, "8.0.3", "8"),
            (Known::Alluxio, "2.9.4", "2.9"),
            (Known::Alluxio, "313", "313"),
            (Known::Weka, "4.4.6.122", "4.4"),
        ] {
            assert_eq!(place(system, release).unwrap().0, file, "{system} {release}");
        }
    }
}
