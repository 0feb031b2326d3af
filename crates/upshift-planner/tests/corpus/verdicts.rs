//! How much of what broke is reported, and how often a good upgrade is called red.

use upshift_planner::knowledge::Library;
use upshift_planner::knowledge::changes::Weight;

use crate::case::{self, Case, Expect};
use crate::report::{Reported, reported};

/// Of what must be reported, at least so much is; of good upgrades, at most so many are called red.
const RECALL: f64 = 0.95;
const FALSE_REDS: f64 = 0.02;

fn meets(report: &Reported, expect: &Expect) -> bool {
    let text = report.text.to_lowercase();
    let severe = report.weight <= expect.severity;
    let area = report.area.is_none() || expect.area.is_none() || report.area == expect.area;
    severe && area && expect.says.iter().all(|word| text.contains(&word.to_lowercase()))
}

/// What of a breakage is not reported, in words.
fn missed(case: &Case, reports: &[Reported]) -> Vec<String> {
    let unmet = case
        .expect
        .iter()
        .filter(|expect| !reports.iter().any(|report| meets(report, expect)));
    unmet
        .map(|expect| {
            format!(
                "{} {} -> {}: {} {:?}",
                case.name,
                case.from,
                case.to,
                expect.severity.word(),
                expect.says
            )
        })
        .collect()
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).expect("a corpus of moderate size"));
    match whole {
        0 => 0.0,
        whole => number(part) / number(whole),
    }
}

#[test]
fn what_broke_is_reported_and_what_went_well_is_not_called_red() {
    let library = Library::builtin();
    let cases = case::all();
    let (mut broken, mut found, mut good) = (0, 0, 0);
    let (mut misses, mut false_reds) = (Vec::new(), Vec::new());
    for case in &cases {
        let reports = reported(&library, case);
        if case.is_good {
            good += 1;
            let red = reports.iter().find(|report| report.weight == Weight::Red);
            false_reds
                .extend(red.map(|red| format!("{} {} -> {}: {}", case.name, case.from, case.to, red.text)));
        } else {
            broken += 1;
            let unmet = missed(case, &reports);
            found += usize::from(unmet.is_empty());
            misses.extend(unmet);
        }
    }
    let (recall, reds) = (share(found, broken), share(false_reds.len(), good));
    println!(
        "corpus: {broken} breakages, {found} reported: recall {:.1} %",
        recall * 100.0
    );
    println!(
        "corpus: {good} good upgrades, {} called red: {:.1} %",
        false_reds.len(),
        reds * 100.0
    );
    for line in misses
        .iter()
        .map(|miss| format!("not reported: {miss}"))
        .chain(false_reds.iter().map(|red| format!("red without reason: {red}")))
    {
        println!("{line}");
    }
    assert!(broken > 0 && good > 0, "there is no corpus");
    assert!(recall >= RECALL, "recall {recall:.3}");
    assert!(reds <= FALSE_REDS, "false reds {reds:.3}");
}
