//! How much of what broke is reported, and how often a good upgrade is called red.

use std::collections::BTreeMap;

use upshift_planner::knowledge::changes::Weight;
use upshift_planner::knowledge::{Known, Library};

use crate::case::{self, Case, Dated, Expect};
use crate::report::{Reported, reported};

/// Of what must be reported, at least so much is; of good upgrades, at most so many are called red.
const RECALL: f64 = 0.95;
const FALSE_REDS: f64 = 0.02;
/// What the corpus has to hold to prove anything.
const BREAKAGES: usize = 200;
const GOOD: usize = 40;
/// Cases of one cause; more of them would count one row many times.
const ALIKE: usize = 3;

fn meets(report: &Reported, expect: &Expect) -> bool {
    let severe = report.weight <= expect.severity;
    let area = report.area.is_none() || expect.area.is_none() || report.area == expect.area;
    severe && area && says(report, expect)
}

fn says(report: &Reported, expect: &Expect) -> bool {
    let text = report.text.to_lowercase();
    expect.says.iter().all(|word| text.contains(&word.to_lowercase()))
}

/// What of a breakage is not reported, and what was in its place.
fn missed(case: &Case, reports: &[Reported]) -> Vec<String> {
    let unmet = case
        .expect
        .iter()
        .filter(|expect| !reports.iter().any(|report| meets(report, expect)));
    unmet
        .map(|expect| {
            let wanted = format!(
                "corpus/{} {} -> {}: expected {} {:?}",
                case.path(),
                case.from,
                case.to,
                expect.severity.word(),
                expect.says
            );
            format!("{wanted}\n{}", instead(expect, reports))
        })
        .collect()
}

/// Reports with the words but not as severe, else all that is as severe.
fn instead(expect: &Expect, reports: &[Reported]) -> String {
    let worded: Vec<&Reported> = reports.iter().filter(|report| says(report, expect)).collect();
    let shown = match worded.is_empty() {
        true => reports
            .iter()
            .filter(|report| report.weight <= expect.severity)
            .collect(),
        false => worded,
    };
    if shown.is_empty() {
        return "    instead: nothing as severe".to_owned();
    }
    let lines: Vec<String> = shown
        .iter()
        .map(|report| format!("    instead: {} {}", report.weight.word(), brief(&report.text)))
        .collect();
    lines.join("\n")
}

fn brief(text: &str) -> String {
    text.chars().take(120).collect()
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).expect("a corpus of moderate size"));
    match whole {
        0 => 0.0,
        whole => number(part) / number(whole),
    }
}

/// What was found of each group.
struct Tally<K>(BTreeMap<K, (usize, usize)>);

impl<K: Ord> Tally<K> {
    const fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn add(&mut self, key: K, found: bool) {
        let (all, hit) = self.0.entry(key).or_default();
        *all += 1;
        *hit += usize::from(found);
    }

    fn sum(&self) -> (usize, usize) {
        self.0
            .values()
            .fold((0, 0), |(all, hit), one| (all + one.0, hit + one.1))
    }

    fn lines(&self, word: impl Fn(&K) -> &'static str) -> String {
        let lines = self
            .0
            .iter()
            .map(|(key, (all, hit))| format!("    {}: {hit} of {all}", word(key)));
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn what_broke_is_reported_and_what_went_well_is_not_called_red() {
    let library = Library::builtin();
    let (mut by_system, mut by_source) = (Tally::new(), Tally::new());
    let mut good = Tally::new();
    let mut at_first = Tally::new();
    let (mut misses, mut false_reds) = (Vec::new(), Vec::new());
    for case in &case::all() {
        let reports = reported(&library, case);
        if case.is_good {
            let red = reports.iter().find(|report| report.weight == Weight::Red);
            good.add(case.system, red.is_none());
            false_reds.extend(red.map(|red| {
                format!(
                    "corpus/{} {} -> {}: {}",
                    case.path(),
                    case.from,
                    case.to,
                    brief(&red.text)
                )
            }));
        } else {
            let unmet = missed(case, &reports);
            by_system.add(case.system, unmet.is_empty());
            by_source.add(case.dated, unmet.is_empty());
            at_first.add(case.dated, !case.was_missed);
            misses.extend(unmet);
        }
    }
    let ((broken, found), (well, not_red)) = (by_system.sum(), good.sum());
    let (recall, reds) = (share(found, broken), share(well - not_red, well));
    println!(
        "corpus: {broken} breakages, {found} reported: recall {:.1} %",
        recall * 100.0
    );
    println!("{}", by_system.lines(|system: &Known| system.word()));
    println!("{}", by_source.lines(|dated: &Dated| dated.word()));
    let (_, first) = at_first.sum();
    println!(
        "corpus: {first} reported when the case was written, before any row was added for it: {:.1} %",
        share(first, broken) * 100.0
    );
    println!("{}", at_first.lines(|dated: &Dated| dated.word()));
    println!(
        "corpus: {well} good upgrades, {} called red: {:.1} %",
        well - not_red,
        reds * 100.0
    );
    println!("{}", good.lines(|system: &Known| system.word()));
    misses.iter().for_each(|miss| println!("not reported: {miss}"));
    false_reds
        .iter()
        .for_each(|red| println!("red without reason: {red}"));
    assert!(
        broken >= BREAKAGES && well >= GOOD,
        "{broken} breakages and {well} good upgrades: too few"
    );
    assert!(
        recall >= RECALL,
        "recall {recall:.3}: the misses are printed above"
    );
    assert!(reds <= FALSE_REDS, "false reds {reds:.3}: they are printed above");
}

#[test]
fn no_cause_is_counted_more_than_three_times() {
    let mut causes: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    let cases = case::all();
    for case in cases.iter().filter(|case| !case.is_good) {
        let words = case.expect.iter().flat_map(|expect| expect.says.clone());
        let words = words.collect::<Vec<_>>().join(", ").to_lowercase();
        causes
            .entry((case.system.word(), words))
            .or_default()
            .push(case.path());
    }
    let often: Vec<_> = causes.iter().filter(|(_, files)| files.len() > ALIKE).collect();
    assert!(
        often.is_empty(),
        "the same words are expected by too many: {often:#?}"
    );
}

#[test]
fn every_kind_of_source_is_there() {
    let cases = case::all();
    for dated in Dated::ALL {
        assert!(
            cases.iter().any(|case| case.dated == dated),
            "no case is dated {}",
            dated.word()
        );
    }
}
