//! `cargo xtask bench savepoint`: how long it takes to read large snapshot metadata, by upshift and by Flink's own loader.
//!
//! Same files, same machine, turn by turn, a process for every load. A measurement, not a test.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use upshift_lab::metadata::{MetadataLab, Took, measure};
use upshift_lab::{Cache, Home, Java};

use super::run::release_build;
use crate::fetch;
use crate::workspace::{print, root, say};

/// Arguments of `bench savepoint`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How often each file is loaded by each.
    #[arg(long, default_value_t = 5)]
    turns: u32,
    /// An upshift that is built already; otherwise a release build is made.
    #[arg(long)]
    program: Option<PathBuf>,
}

/// Release, shape, operators and subtasks: about 100 MB each, and what a Flink of 200 and more operators writes.
const SHAPES: [(&str, &str, u32, u32); 5] = [
    ("2.3.0", "canonical", 200, 1000),
    ("1.18.1", "canonical", 200, 1000),
    ("2.3.0", "incremental", 100, 500),
    ("2.3.0", "lists", 100, 1000),
    ("2.3.0", "inline", 100, 1000),
];
const TINY: &str = "fixtures/flink-savepoints/2.3.0-hashmap-canonical-only-pojo";

struct Case {
    name: String,
    dir: PathBuf,
    lab: MetadataLab,
}

/// Runs the chore.
pub(super) fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    fetch::needed(&cache, &["1.18.1", "2.3.0"])?;
    let program = match &args.program {
        Some(program) => program.clone(),
        None => release_build()?,
    };
    let java = Java::ready(&cache)?;
    let mut lines = vec![format!(
        "{:<30} {:>9} {:>22} {:>22} {:>7} {:>9} {:>15} {:>19}",
        "file",
        "MB",
        "flink s (spread)",
        "upshift s (spread)",
        "ratio",
        "MB/s",
        "cpu s f / u",
        "peak MiB f / u"
    )];
    for case in cases(&cache, &java)? {
        let (mut flink, mut upshift) = (Vec::new(), Vec::new());
        for turn in 1..=args.turns {
            say(&format!("{}, turn {turn}", case.name));
            flink.push(whole(case.lab.load(&case.dir)?)?);
            upshift.push(whole(ours(&program, &case.dir)?)?);
        }
        lines.push(line(&case, &flink, &upshift)?);
    }
    print(&lines.join("\n"));
    Ok(())
}

fn cases(cache: &Cache, java: &Java) -> Result<Vec<Case>> {
    let mut all = Vec::new();
    for (version, shape, operators, subtasks) in SHAPES {
        let lab = MetadataLab::build(cache, java, &Home::ready(cache, version)?)?;
        say(&format!("{version}, {shape}: writing, where it is not there"));
        all.push(Case {
            name: format!("{shape} {version} {operators}x{subtasks}"),
            dir: lab.metadata(shape, operators, subtasks)?,
            lab,
        });
    }
    let lab = MetadataLab::build(cache, java, &Home::ready(cache, "2.3.0")?)?;
    all.push(Case {
        name: "tiny 2.3.0, a fixture".to_owned(),
        dir: root().join(TINY),
        lab,
    });
    Ok(all)
}

fn ours(program: &Path, dir: &Path) -> Result<Took> {
    let words = ["inspect", "savepoint"].map(OsString::from);
    let words = [&words[..], &[dir.into(), "--json".into()]].concat();
    Ok(measure(program, &words)?)
}

fn whole(took: Took) -> Result<Took> {
    ensure!(took.status == 0, "exit {}: {}", took.status, took.said);
    Ok(took)
}

fn line(case: &Case, flink: &[Took], upshift: &[Took]) -> Result<String> {
    let file = case.dir.join("_metadata");
    let bytes = std::fs::metadata(&file).with_context(|| format!("looking at {}", file.display()))?;
    let size = bytes.len() as f64 / 1e6;
    let (theirs, mine) = (median(flink, wall), median(upshift, wall));
    Ok(format!(
        "{:<30} {size:>9.3} {:>22} {:>22} {:>6.1}x {:>9.0} {:>7.2} / {:>5.2} {:>9} / {:>7}",
        case.name,
        spread(flink),
        spread(upshift),
        theirs / mine,
        size / mine,
        median(flink, |took| took.cpu),
        median(upshift, |took| took.cpu),
        peak(flink),
        peak(upshift),
    ))
}

fn wall(took: &Took) -> f64 {
    took.wall
}

fn sorted(all: &[Took], of: fn(&Took) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = all.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(all: &[Took], of: fn(&Took) -> f64) -> f64 {
    let values = sorted(all, of);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn spread(all: &[Took]) -> String {
    let walls = sorted(all, wall);
    let end = |wall: Option<&f64>| wall.copied().unwrap_or(f64::NAN);
    format!(
        "{:.3} ({:.3}-{:.3})",
        median(all, wall),
        end(walls.first()),
        end(walls.last())
    )
}

fn peak(all: &[Took]) -> u64 {
    all.iter().map(|took| took.peak).max().unwrap_or(0) >> 20
}
