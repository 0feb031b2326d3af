//! What the load saw, judged: operations that failed, how long they waited, and whether each acknowledged one is there
//! exactly as it was written.
//!
//! An append that failed may be there once or not at all. Keys are written one version after the other, so a lookup may
//! answer neither less than was acknowledged before it began nor more than was sent before it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use crate::error::LoadError;

/// An operation without an answer for so long has failed, also when the answer came at last.
pub const PATIENCE: Duration = Duration::from_secs(30);
const EXAMPLES: usize = 8;

/// A kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A record into the log table.
    Append,
    /// A new version of a key.
    Upsert,
    /// A key's value.
    Lookup,
    /// A record that the reader of the log was given.
    Tail,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Append, Self::Upsert, Self::Lookup, Self::Tail];

    /// As the load writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Upsert => "upsert",
            Self::Lookup => "lookup",
            Self::Tail => "tail",
        }
    }
}

/// How operations of one kind went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Begun.
    pub begun: u64,
    /// Succeeded within [`PATIENCE`].
    pub succeeded: u64,
    /// All others: an error, no answer, or one that came too late.
    pub failed: u64,
    /// Of these: no answer to the end, or one that came too late.
    pub hung: u64,
    /// Half of the successful ones took at most so long.
    pub median: Duration,
    /// 99 of 100 of the successful ones took at most so long.
    pub p99: Duration,
    /// The longest that one waited: what a bucket without a leader costs.
    pub longest_wait: Duration,
    /// The longest time without a success, all buckets together.
    pub longest_gap: Duration,
}

/// The whole account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadAccount {
    operations: Vec<Operation>,
    /// Appends that were acknowledged.
    pub acknowledged: u64,
    /// Acknowledged appends that are not there, and keys that are older than what was acknowledged.
    pub lost: u64,
    /// Records and keys that are not as they were written, or that nobody wrote.
    pub wrong: u64,
    /// Appends that are there more than once.
    pub duplicated: u64,
    /// Lookups that answered less than was acknowledged before, or what was never sent.
    pub stale: u64,
    /// Acknowledged appends that the reader of the log was not given, or was given twice.
    pub misread: u64,
    /// Keys that could not be read back.
    pub unread: u64,
    /// The first few things wrong, in words.
    pub examples: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Operation {
    kind: Kind,
    number: i64,
    version: i64,
    begin: u64,
    end: u64,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Right,
    Wrong,
    Open,
    Error(String),
}

impl Operation {
    fn acknowledged(&self) -> bool {
        matches!(self.outcome, Outcome::Right | Outcome::Wrong)
    }

    fn took(&self) -> Duration {
        Duration::from_micros(self.end.saturating_sub(self.begin))
    }

    fn hung(&self) -> bool {
        self.outcome == Outcome::Open || self.took() > PATIENCE
    }

    fn failed(&self) -> bool {
        !self.acknowledged() || self.hung()
    }
}

impl LoadAccount {
    /// Nothing failed, and everything is there as it was written.
    pub fn is_clean(&self) -> bool {
        self.failed() == 0 && self.is_whole()
    }

    /// Everything that was acknowledged is there as it was written, and was read as it was.
    pub fn is_whole(&self) -> bool {
        let wrong = [
            self.lost,
            self.wrong,
            self.duplicated,
            self.stale,
            self.misread,
            self.unread,
        ];
        self.acknowledged > 0 && wrong.iter().all(|count| *count == 0)
    }

    /// Operations that failed, of all kinds.
    pub fn failed(&self) -> u64 {
        self.operations.iter().filter(|one| one.failed()).count() as u64
    }

    /// How operations of one kind went that began at any time.
    pub fn figures(&self, kind: Kind) -> Figures {
        self.between(kind, 0..u64::MAX)
    }

    /// How operations of one kind went that began in this time.
    pub fn during(&self, kind: Kind, time: Range<SystemTime>) -> Figures {
        self.between(kind, micros(time.start)..micros(time.end))
    }

    fn between(&self, kind: Kind, time: Range<u64>) -> Figures {
        let all: Vec<&Operation> = self
            .operations
            .iter()
            .filter(|one| one.kind == kind && time.contains(&one.begin))
            .collect();
        let mut took: Vec<Duration> = all
            .iter()
            .filter(|one| !one.failed())
            .map(|one| one.took())
            .collect();
        took.sort_unstable();
        let mut ends: Vec<u64> = all
            .iter()
            .filter(|one| one.acknowledged())
            .map(|one| one.end)
            .collect();
        ends.sort_unstable();
        let gap = ends
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .max()
            .unwrap_or_default();
        let failed = all.iter().filter(|one| one.failed()).count() as u64;
        let at = |hundredth: usize| {
            took.get(took.len() * hundredth / 100)
                .copied()
                .unwrap_or_default()
        };
        Figures {
            begun: all.len() as u64,
            succeeded: took.len() as u64,
            failed,
            hung: all.iter().filter(|one| one.hung()).count() as u64,
            median: at(50),
            p99: at(99),
            longest_wait: all.iter().map(|one| one.took()).max().unwrap_or_default(),
            longest_gap: Duration::from_micros(gap),
        }
    }
}

impl fmt::Display for LoadAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            acknowledged,
            lost,
            wrong,
            duplicated,
            stale,
            misread,
            unread,
            ..
        } = self;
        writeln!(
            f,
            "{acknowledged} appends acknowledged; lost {lost}, wrong {wrong}, duplicated {duplicated}, stale lookups \
             {stale}, misread by the reader {misread}, keys not read back {unread}"
        )?;
        for kind in Kind::ALL {
            let it = self.figures(kind);
            writeln!(
                f,
                "{:<7} {} begun, {} failed ({} hung), median {:.2?}, p99 {:.2?}, longest wait {:.2?}, longest gap \
                 {:.2?}",
                kind.name(),
                it.begun,
                it.failed,
                it.hung,
                it.median,
                it.p99,
                it.longest_wait,
                it.longest_gap
            )?;
        }
        self.examples.iter().try_for_each(|one| writeln!(f, "  {one}"))
    }
}

fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Judges from what the load wrote down: the operations, and what was read back.
pub fn judge(operations: &str, read_back: &str) -> Result<LoadAccount, LoadError> {
    let operations = rows("operations.csv", operations, operation)?;
    let read_back = rows("read-back.csv", read_back, row)?;
    let mut judgement = Judgement::new(&operations);
    judgement.log(&read_back);
    judgement.keys(&read_back);
    judgement.lookups();
    judgement.tail();
    let Judgement { mut account, .. } = judgement;
    let errors = operations.iter().filter_map(|one| match &one.outcome {
        Outcome::Error(words) => Some(format!("{} {} failed: {words}", one.kind.name(), one.number)),
        _ if one.hung() => Some(format!(
            "{} {} hung for {:.1?}",
            one.kind.name(),
            one.number,
            one.took()
        )),
        _ => None,
    });
    account.examples.extend(errors.take(EXAMPLES));
    account.operations = operations;
    Ok(account)
}

struct Row {
    kind: Kind,
    number: i64,
    version: i64,
    outcome: Outcome,
}

struct Judgement<'a> {
    operations: &'a [Operation],
    account: LoadAccount,
}

impl<'a> Judgement<'a> {
    fn new(operations: &'a [Operation]) -> Self {
        let acknowledged = operations
            .iter()
            .filter(|one| one.kind == Kind::Append && one.acknowledged())
            .count() as u64;
        let account = LoadAccount {
            operations: Vec::new(),
            acknowledged,
            lost: 0,
            wrong: 0,
            duplicated: 0,
            stale: 0,
            misread: 0,
            unread: 0,
            examples: Vec::new(),
        };
        Self { operations, account }
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &'a Operation> + use<'a> {
        self.operations.iter().filter(move |one| one.kind == kind)
    }

    fn acknowledged_appends(&self) -> BTreeSet<i64> {
        let acknowledged = self.of(Kind::Append).filter(|one| one.acknowledged());
        acknowledged.map(|one| one.number).collect()
    }

    fn example(&mut self, words: String) {
        if self.account.examples.len() < EXAMPLES {
            self.account.examples.push(words);
        }
    }

    fn log(&mut self, read_back: &[Row]) {
        let sent: BTreeSet<i64> = self.of(Kind::Append).map(|one| one.number).collect();
        let mut seen = BTreeSet::new();
        for row in read_back.iter().filter(|row| row.kind == Kind::Append) {
            if row.outcome != Outcome::Right || !sent.contains(&row.number) {
                self.account.wrong += 1;
                self.example(format!("append {} is there and wrong", row.number));
            } else if !seen.insert(row.number) {
                self.account.duplicated += 1;
                self.example(format!("append {} is there twice", row.number));
            }
        }
        for number in self.acknowledged_appends().difference(&seen) {
            self.account.lost += 1;
            self.example(format!("append {number} was acknowledged and is not there"));
        }
    }

    fn keys(&mut self, read_back: &[Row]) {
        let mut found: BTreeMap<i64, &Row> = BTreeMap::new();
        for row in read_back.iter().filter(|row| row.kind == Kind::Upsert) {
            found.insert(row.number, row);
        }
        let keys: BTreeSet<i64> = self.of(Kind::Upsert).map(|one| one.number).collect();
        for key in keys {
            let (floor, top) = versions(
                self.of(Kind::Upsert).filter(|one| one.number == key),
                u64::MAX,
                u64::MAX,
            );
            match found.remove(&key) {
                Some(row) if matches!(row.outcome, Outcome::Error(_) | Outcome::Open) => {
                    self.account.unread += 1;
                    self.example(format!("key {key} could not be read back"));
                }
                Some(row) if row.outcome == Outcome::Wrong || row.version > top => {
                    self.account.wrong += 1;
                    self.example(format!("key {key} is wrong at version {}", row.version));
                }
                row => {
                    let version = row.map_or(0, |row| row.version);
                    if version < floor {
                        self.account.lost += 1;
                        self.example(format!(
                            "key {key} is at version {version}, acknowledged was {floor}"
                        ));
                    }
                }
            }
        }
        for (key, _) in found {
            self.account.wrong += 1;
            self.example(format!("key {key} was never written"));
        }
    }

    fn lookups(&mut self) {
        let mut upserts: BTreeMap<i64, Vec<&Operation>> = BTreeMap::new();
        for one in self.of(Kind::Upsert) {
            upserts.entry(one.number).or_default().push(one);
        }
        for look in self.of(Kind::Lookup).filter(|one| one.acknowledged()) {
            let writes = upserts.get(&look.number).into_iter().flatten().copied();
            let (floor, top) = versions(writes, look.begin, look.end);
            if look.outcome == Outcome::Wrong {
                self.account.wrong += 1;
                self.example(format!(
                    "a lookup of key {} answered what was not written",
                    look.number
                ));
            } else if look.version < floor || look.version > top {
                self.account.stale += 1;
                self.example(format!(
                    "a lookup of key {} answered version {}, due were {floor} to {top}",
                    look.number, look.version
                ));
            }
        }
    }

    fn tail(&mut self) {
        let mut seen = BTreeSet::new();
        for read in self.of(Kind::Tail).filter(|one| one.acknowledged()) {
            if read.outcome == Outcome::Wrong {
                self.account.wrong += 1;
                self.example(format!(
                    "the reader was given append {} and it is wrong",
                    read.number
                ));
            } else if !seen.insert(read.number) {
                self.account.misread += 1;
                self.example(format!("the reader was given append {} twice", read.number));
            }
        }
        for number in self.acknowledged_appends().difference(&seen) {
            self.account.misread += 1;
            self.example(format!("the reader was not given append {number}"));
        }
    }
}

/// The last version that was acknowledged before one moment, and the last that was sent before another.
fn versions<'a>(writes: impl Iterator<Item = &'a Operation>, begin: u64, end: u64) -> (i64, i64) {
    let (mut floor, mut top) = (0, 0);
    for write in writes {
        if write.acknowledged() && write.end < begin {
            floor = floor.max(write.version);
        }
        if write.begin <= end {
            top = top.max(write.version);
        }
    }
    (floor, top)
}

fn rows<T>(
    file: &'static str,
    text: &str,
    parse: impl Fn(&[&str]) -> Option<T>,
) -> Result<Vec<T>, LoadError> {
    let parsed = text.lines().enumerate().map(|(index, line)| {
        parse(&line.split(',').collect::<Vec<_>>()).ok_or_else(|| LoadError::Malformed {
            file,
            line: index + 1,
            text: line.to_owned(),
        })
    });
    parsed.collect()
}

fn operation(fields: &[&str]) -> Option<Operation> {
    let [kind, number, version, begin, end, outcome] = fields else {
        return None;
    };
    Some(Operation {
        kind: self::kind(kind)?,
        number: number.parse().ok()?,
        version: version.parse().ok()?,
        begin: begin.parse().ok()?,
        end: end.parse().ok()?,
        outcome: self::outcome(outcome),
    })
}

fn row(fields: &[&str]) -> Option<Row> {
    let [kind, number, version, outcome] = fields else {
        return None;
    };
    Some(Row {
        kind: self::kind(kind)?,
        number: number.parse().ok()?,
        version: version.parse().ok()?,
        outcome: self::outcome(outcome),
    })
}

fn kind(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name)
}

fn outcome(word: &str) -> Outcome {
    match word {
        "ok" => Outcome::Right,
        "wrong" => Outcome::Wrong,
        "open" => Outcome::Open,
        error => Outcome::Error(error.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Kind, LoadAccount, judge};

    const FINE: &str = "append,0,0,1000,2000,ok\nupsert,7,1,1000,2000,ok\ntail,0,0,2000,2000,ok\n\
                        lookup,7,1,3000,4000,ok\n";
    const THERE: &str = "append,0,0,ok\nupsert,7,1,ok\n";

    fn account(operations: &str, read_back: &str) -> LoadAccount {
        judge(operations, read_back).unwrap()
    }

    /// Everything that was counted against it.
    fn faults(one: &LoadAccount) -> [u64; 6] {
        [
            one.lost,
            one.wrong,
            one.duplicated,
            one.stale,
            one.misread,
            one.unread,
        ]
    }

    #[test]
    fn what_is_there_as_it_was_written_is_clean() {
        let all = account(FINE, THERE);
        assert!(all.is_clean(), "{all}");
        assert_eq!(all.figures(Kind::Append).median, Duration::from_millis(1));
    }

    #[test]
    fn nothing_acknowledged_proves_nothing() {
        assert!(!account("", "").is_whole());
    }

    #[test]
    fn each_fault_is_counted_as_what_it_is() {
        let and = |more: &str| format!("{FINE}{more}");
        let cases = [
            (account(FINE, "upsert,7,1,ok\n"), [1, 0, 0, 0, 0, 0]),
            (account(FINE, "append,0,0,ok\n"), [1, 0, 0, 0, 0, 0]),
            (
                account(FINE, "append,0,0,ok\nupsert,7,0,ok\n"),
                [1, 0, 0, 0, 0, 0],
            ),
            (
                account(FINE, "append,0,0,ok\nupsert,7,2,ok\n"),
                [0, 1, 0, 0, 0, 0],
            ),
            (
                account(FINE, &format!("{THERE}append,5,0,ok\n")),
                [0, 1, 0, 0, 0, 0],
            ),
            (
                account(FINE, &format!("{THERE}upsert,8,1,ok\n")),
                [0, 1, 0, 0, 0, 0],
            ),
            (
                account(FINE, &format!("{THERE}append,0,0,ok\n")),
                [0, 0, 1, 0, 0, 0],
            ),
            (
                account(&and("lookup,7,0,3000,4000,ok\n"), THERE),
                [0, 0, 0, 1, 0, 0],
            ),
            (
                account(&and("lookup,7,2,3000,4000,ok\n"), THERE),
                [0, 0, 0, 1, 0, 0],
            ),
            (
                account(&and("tail,0,0,5000,5000,ok\n"), THERE),
                [0, 0, 0, 0, 1, 0],
            ),
            (
                account(&FINE.replace("tail,0", "tail,1"), THERE),
                [0, 0, 0, 0, 1, 0],
            ),
            (
                account(FINE, "append,0,0,ok\nupsert,7,0,Timeout: x\n"),
                [0, 0, 0, 0, 0, 1],
            ),
        ];
        for (index, (all, expected)) in cases.iter().enumerate() {
            assert_eq!(faults(all), *expected, "case {index}: {all}");
            assert!(!all.is_whole());
        }
    }

    #[test]
    fn a_failed_append_may_be_there_or_not_and_a_late_answer_has_failed() {
        let failed = format!("{FINE}append,1,0,1000,2000,Timeout: gone\nappend,2,0,1000,2000,open\n");
        for there in [THERE.to_owned(), format!("{THERE}append,1,0,ok\nappend,2,0,ok\n")] {
            let all = account(&failed, &there);
            assert!(all.is_whole() && !all.is_clean(), "{all}");
            assert_eq!((all.failed(), all.figures(Kind::Append).hung), (2, 1));
        }
        let late = account(
            &FINE.replace("upsert,7,1,1000,2000", "upsert,7,1,1000,31000000"),
            THERE,
        );
        assert_eq!((late.failed(), late.figures(Kind::Upsert).hung), (1, 1));
    }

    #[test]
    fn a_line_that_the_load_does_not_write_is_refused() {
        let error = judge("append,0,0,1000\n", "").unwrap_err().to_string();
        assert_eq!(
            error,
            "operations.csv:1: not what the load writes: append,0,0,1000"
        );
    }

    #[test]
    fn figures_of_a_time_hold_what_began_in_it() {
        let all = account(
            "append,0,0,1000,2000,ok\nappend,1,0,5000,9000,ok\nappend,2,0,6000,9500,open\n",
            "",
        );
        let at = |micros| std::time::UNIX_EPOCH + Duration::from_micros(micros);
        let figures = all.during(Kind::Append, at(3000)..at(10_000));
        assert_eq!((figures.begun, figures.succeeded, figures.failed), (2, 1, 1));
        assert_eq!(figures.longest_wait, Duration::from_millis(4));
        let whole = all.figures(Kind::Append);
        assert_eq!(whole.longest_gap, Duration::from_millis(7));
    }
}
