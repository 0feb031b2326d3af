//! Reads what the lab's job wrote and says whether a record was lost, doubled or computed on wrong state.
//!
//! Each subtask of each attempt of each job writes a file of its own: a line `#run job=… attempt=… …`, a line
//! `#tally …` with the restored state of the tally, then `wallMillis,seq,key,count,OK|BAD`. From that alone follows
//! what happened: a number missing is a record lost; a number twice in one attempt is a record doubled; a number in two
//! attempts is one replayed, which a planned stop must not cause and a rollback must; `BAD`, or a count that is not the
//! one that the number demands, is wrong state. It talks to no cluster and knows nothing of upgrades.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::OutputError;

/// Splits of the source: `seq % SPLITS` names the split of a record. The job's `Numbers.SPLITS`.
pub const SPLITS: u64 = 4;

/// Whether the job still writes. The subtasks flush apart from each other, so that the newest records of one may be
/// on disk before older ones of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// It does: what is missing among records of the last two seconds is not judged.
    Yes,
    /// It was stopped, with a savepoint: everything must be there.
    No,
}

/// How far back the output of a running job is left unjudged; the job flushes at least every 20 ms of its own time.
const UNSETTLED_MILLIS: u64 = 2000;

/// One attempt of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The id of the job.
    pub job: String,
    /// The attempt of its tasks, from 0.
    pub number: u32,
    /// The id of the checkpoint or savepoint it was restored from.
    pub restored_from: Option<u64>,
    /// Records it wrote.
    pub records: u64,
    /// When it wrote its first record, in milliseconds of the epoch.
    pub first: u64,
    /// When it wrote its last.
    pub last: u64,
    /// The tally that its subtasks restored, all together, if all have said.
    pub tally: Option<u64>,
    /// What the tally must be, from the numbers with which its splits began, if all of them did.
    pub tally_due: Option<u64>,
}

impl Attempt {
    /// Whether the operator state was whole; `None` when the attempt did not live long enough to tell.
    pub fn tally_holds(&self) -> Option<bool> {
        Some(self.tally? == self.tally_due?)
    }
}

/// What the output says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Different records written.
    pub records: u64,
    /// Records computed on wrong state.
    pub bad: u64,
    /// Records written more than once, by whichever attempt.
    pub duplicates: u64,
    /// Of these, records written twice by one and the same attempt.
    pub doubled: u64,
    /// Records that are missing though a later one of the same split is there.
    pub holes: u64,
    /// The longest time between two records, all subtasks together: the downtime as seen downstream.
    pub longest_gap: Duration,
    /// When that pause began, in milliseconds of the epoch.
    pub gap_began: u64,
    /// The attempts, in the order of their first records.
    pub attempts: Vec<Attempt>,
    /// The first few things wrong, in words.
    pub examples: Vec<String>,
}

impl Report {
    /// No record lost, none doubled, none replayed, none on wrong state, and the operator state whole.
    pub fn is_exactly_once(&self) -> bool {
        self.duplicates == 0 && self.is_complete()
    }

    /// The same, but records may have been replayed by a later attempt, as a rollback does.
    pub fn is_complete(&self) -> bool {
        let refuted = self.attempts.iter().any(|a| a.tally_holds() == Some(false));
        let proved = self
            .attempts
            .last()
            .is_some_and(|a| a.tally_holds() == Some(true));
        self.bad == 0 && self.doubled == 0 && self.holes == 0 && proved && !refuted
    }

    /// The ids of the jobs that wrote, in the order of their first records.
    pub fn jobs(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for a in &self.attempts {
            if !all.contains(&a.job.as_str()) {
                all.push(&a.job);
            }
        }
        all
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            records,
            bad,
            duplicates,
            doubled,
            holes,
            ..
        } = self;
        writeln!(
            f,
            "{records} records: {bad} on wrong state, {holes} lost, {doubled} doubled, {} replayed",
            duplicates - doubled
        )?;
        writeln!(
            f,
            "longest pause between two records {} ms",
            self.longest_gap.as_millis()
        )?;
        for a in &self.attempts {
            let from = a
                .restored_from
                .map_or_else(|| "afresh".to_owned(), |c| format!("from checkpoint {c}"));
            let known = |n: Option<u64>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
            let (tally, due) = (known(a.tally), known(a.tally_due));
            writeln!(
                f,
                "job {} attempt {} {from}: {} records, tally {tally}, due {due}",
                a.job, a.number, a.records
            )?;
        }
        self.examples.iter().try_for_each(|e| writeln!(f, "  {e}"))
    }
}

struct Line {
    at: u64,
    seq: u64,
    bad: bool,
    attempt: usize,
}

#[derive(Default)]
struct Reading {
    lines: Vec<Line>,
    attempts: Vec<Attempt>,
    subtasks: Vec<BTreeMap<u64, u64>>,
    parallelism: Vec<u64>,
}

/// Reads all files of the directory.
pub fn check_output(dir: &Path, writing: Writing) -> Result<Report, OutputError> {
    let mut reading = Reading::default();
    for path in files(dir)? {
        let text = fs::read_to_string(&path).map_err(|source| OutputError::Io {
            path: path.clone(),
            source,
        })?;
        reading.file(&path, &text, writing)?;
    }
    if reading.lines.is_empty() {
        return Err(OutputError::Empty { dir: dir.to_owned() });
    }
    Ok(reading.judge(writing))
}

/// The number of records written so far; cheap enough to poll.
pub fn count_records(dir: &Path) -> Result<u64, OutputError> {
    let mut count = 0;
    for path in files(dir)? {
        let text = fs::read(&path).map_err(|source| OutputError::Io { path, source })?;
        count += text
            .split(|b| *b == b'\n')
            .filter(|l| l.first().is_some_and(u8::is_ascii_digit))
            .count() as u64;
    }
    Ok(count)
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, OutputError> {
    let fail = |source| OutputError::Io {
        path: dir.to_owned(),
        source,
    };
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(fail)?,
    };
    let mut all = entries
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(fail)?;
    all.sort();
    Ok(all)
}

impl Reading {
    fn file(&mut self, path: &Path, text: &str, writing: Writing) -> Result<(), OutputError> {
        // The last line of a file that is being written, or whose writer was killed, may be half a line.
        let whole = match (text.rfind('\n'), writing) {
            (Some(end), _) => &text[..=end],
            (None, _) => "",
        };
        let mut attempt = None;
        for (number, line) in whole.lines().enumerate() {
            let malformed = |problem: &str| OutputError::Malformed {
                path: path.to_owned(),
                line: number + 1,
                problem: format!("{problem}: {line}"),
            };
            if let Some(head) = line.strip_prefix("#run ") {
                attempt = Some(
                    self.attempt(&fields(head))
                        .ok_or_else(|| malformed("not a header"))?,
                );
                continue;
            }
            let of = attempt.ok_or_else(|| malformed("before any header"))?;
            if let Some(head) = line.strip_prefix("#tally ") {
                let f = fields(head);
                let pair = number_of(&f, "subtask").zip(number_of(&f, "restored"));
                let (subtask, restored) = pair.ok_or_else(|| malformed("not a tally"))?;
                self.subtasks[of].insert(subtask, restored);
            } else {
                self.lines
                    .push(record(line, of).ok_or_else(|| malformed("not a record"))?);
            }
        }
        Ok(())
    }

    fn attempt(&mut self, f: &BTreeMap<&str, &str>) -> Option<usize> {
        let job = (*f.get("job")?).to_owned();
        let number = u32::try_from(number_of(f, "attempt")?).ok()?;
        let restored_from = number_of(f, "restored");
        let parallelism = number_of(f, "of")?;
        if let Some(known) = self
            .attempts
            .iter()
            .position(|a| a.job == job && a.number == number)
        {
            return Some(known);
        }
        let (first, last) = (u64::MAX, 0);
        let new = Attempt {
            job,
            number,
            restored_from,
            records: 0,
            first,
            last,
            tally: None,
            tally_due: None,
        };
        self.attempts.push(new);
        self.subtasks.push(BTreeMap::new());
        self.parallelism.push(parallelism);
        Some(self.attempts.len() - 1)
    }

    fn judge(mut self, writing: Writing) -> Report {
        self.lines.sort_by_key(|l| l.at);
        self.settle_attempts();
        let mut examples = Vec::new();
        let newest = self.lines.last().map_or(0, |l| l.at);
        let bad = self.lines.iter().filter(|l| l.bad).count() as u64;
        examples.extend(
            self.lines
                .iter()
                .filter(|l| l.bad)
                .take(3)
                .map(|l| format!("record {} on wrong state", l.seq)),
        );

        // The first time each record was written, and by which attempts.
        let mut seen: BTreeMap<u64, (u64, BTreeSet<usize>)> = BTreeMap::new();
        let (mut duplicates, mut doubled) = (0, 0);
        for l in &self.lines {
            let entry = seen.entry(l.seq).or_insert_with(|| (l.at, BTreeSet::new()));
            if !entry.1.is_empty() {
                duplicates += 1;
            }
            if !entry.1.insert(l.attempt) {
                doubled += 1;
                examples.push(format!("record {} twice from one attempt", l.seq));
            }
        }
        let old = |at| at + UNSETTLED_MILLIS <= newest;
        let holes = holes(&seen, |at| writing == Writing::No || old(at), old);
        examples.extend(holes.iter().take(3).map(|seq| format!("record {seq} missing")));
        examples.truncate(8);
        let (longest_gap, gap_began) = longest_gap(&self.lines);
        Report {
            records: seen.len() as u64,
            bad,
            duplicates,
            doubled,
            holes: holes.len() as u64,
            longest_gap,
            gap_began,
            attempts: self.in_order(),
            examples,
        }
    }

    /// Fills in what an attempt is known by only after all its records are read.
    fn settle_attempts(&mut self) {
        let mut began: Vec<BTreeMap<u64, u64>> = vec![BTreeMap::new(); self.attempts.len()];
        for l in &self.lines {
            let a = &mut self.attempts[l.attempt];
            a.records += 1;
            a.first = a.first.min(l.at);
            a.last = a.last.max(l.at);
            let from = began[l.attempt].entry(l.seq % SPLITS).or_insert(l.seq);
            *from = l.seq.min(*from);
        }
        for (i, a) in self.attempts.iter_mut().enumerate() {
            // A split that began at n had n / SPLITS records before: that many were counted when it was stopped.
            let whole = began[i].len() as u64 == SPLITS;
            a.tally_due = whole.then(|| began[i].values().map(|n| n / SPLITS).sum());
            let told = &self.subtasks[i];
            let all = told.len() as u64 == self.parallelism[i];
            a.tally = all.then(|| told.values().sum());
        }
    }

    fn in_order(self) -> Vec<Attempt> {
        let mut all: Vec<_> = self.attempts.into_iter().filter(|a| a.records > 0).collect();
        all.sort_by_key(|a| a.first);
        all
    }
}

/// What is missing before a settled record, and the next record of a split that fell silent before the others.
fn holes(
    seen: &BTreeMap<u64, (u64, BTreeSet<usize>)>,
    settled: impl Fn(u64) -> bool,
    silent: impl Fn(u64) -> bool,
) -> Vec<u64> {
    let mut missing = Vec::new();
    for split in 0..SPLITS {
        let (mut due, mut newest) = (split, 0);
        for (seq, (at, _)) in seen.iter().filter(|(seq, _)| *seq % SPLITS == split) {
            if settled(*at) {
                missing.extend((due..*seq).step_by(usize::try_from(SPLITS).expect("four fits")));
            }
            due = seq + SPLITS;
            newest = newest.max(*at);
        }
        if silent(newest) {
            missing.push(due);
        }
    }
    missing.sort_unstable();
    missing
}

fn longest_gap(sorted: &[Line]) -> (Duration, u64) {
    let gaps = sorted.windows(2).map(|w| (w[1].at - w[0].at, w[0].at));
    let (gap, began) = gaps.max_by_key(|(gap, _)| *gap).unwrap_or_default();
    (Duration::from_millis(gap), began)
}

fn fields(head: &str) -> BTreeMap<&str, &str> {
    head.split(' ').filter_map(|f| f.split_once('=')).collect()
}

fn number_of(fields: &BTreeMap<&str, &str>, name: &str) -> Option<u64> {
    fields.get(name)?.parse().ok()
}

fn record(line: &str, attempt: usize) -> Option<Line> {
    let mut f = line.split(',');
    let at = f.next()?.parse().ok()?;
    let seq = f.next()?.parse().ok()?;
    let _key: u64 = f.next()?.parse().ok()?;
    let _count: i64 = f.next()?.parse().ok()?;
    let bad = match f.next()? {
        "OK" => false,
        "BAD" => true,
        _ => return None,
    };
    f.next().is_none().then_some(Line {
        at,
        seq,
        bad,
        attempt,
    })
}
