//! What the reader of the job's output says about outputs that are right and wrong in known ways.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use tempfile::TempDir;
use upshift_lab::{Report, Writing, check_output};

/// A subtask that does all the work of its attempt: header, tally and records `first..end`, one a millisecond from `at`.
fn part(job: &str, attempt: u32, at: u64, tally: u64, numbers: impl Iterator<Item = u64>) -> String {
    let mut text = format!(
        "#run job={job} attempt={attempt} subtask=0 of=1 restored=-\n#tally subtask=0 restored={tally}\n"
    );
    for (i, n) in numbers.enumerate() {
        text += &format!("{},{n},{},{},OK\n", at + i as u64, n % 8, n / 8 + 1);
    }
    text
}

fn report(parts: &[String], writing: Writing) -> Report {
    let dir = TempDir::new().expect("a directory can be made");
    for (i, text) in parts.iter().enumerate() {
        put(&dir.path().join(format!("part-{i}.csv")), text);
    }
    check_output(dir.path(), writing).expect("the output can be read")
}

fn put(path: &Path, text: &str) {
    let mut file = File::create(path).expect("a file can be made");
    file.write_all(text.as_bytes()).expect("a file can be written");
}

#[test]
fn a_planned_stop_is_exactly_once_and_its_pause_is_measured() {
    let r = report(
        &[part("a", 0, 1000, 0, 0..100), part("b", 0, 4000, 100, 100..200)],
        Writing::No,
    );
    assert!(r.is_exactly_once(), "{r}");
    assert_eq!(
        (r.records, r.longest_gap.as_millis(), r.gap_began),
        (200, 2901, 1099)
    );
    assert_eq!(r.jobs(), ["a", "b"]);
}

#[test]
fn a_rollback_is_complete_though_it_replays() {
    let old = part("a", 0, 1000, 0, 0..100);
    let new = part("b", 0, 2000, 100, 100..160);
    let back = part("c", 0, 3000, 100, 100..200);
    let r = report(&[old, new, back], Writing::No);
    assert!(r.is_complete() && !r.is_exactly_once(), "{r}");
    assert_eq!((r.duplicates, r.doubled), (60, 0));
}

#[test]
fn a_lost_record_is_a_hole() {
    let r = report(
        &[part("a", 0, 1000, 0, (0..100).filter(|n| *n != 42))],
        Writing::No,
    );
    assert_eq!((r.holes, r.is_complete()), (1, false));
    assert!(r.examples.iter().any(|e| e.contains("42")), "{r}");
}

#[test]
fn a_split_that_falls_silent_is_a_hole() {
    let r = report(
        &[part(
            "a",
            0,
            1000,
            0,
            (0..20_000).filter(|n| *n < 100 || n % 4 != 3),
        )],
        Writing::No,
    );
    assert_eq!(r.holes, 1, "{r}");
}

#[test]
fn the_newest_records_of_a_running_job_are_not_judged() {
    let parts = [part("a", 0, 1000, 0, (0..5000).filter(|n| *n != 4900))];
    assert_eq!(report(&parts, Writing::Yes).holes, 0);
    assert_eq!(report(&parts, Writing::No).holes, 1);
}

#[test]
fn a_record_twice_in_one_attempt_is_doubled() {
    let r = report(&[part("a", 0, 1000, 0, (0..100).chain(99..100))], Writing::No);
    assert_eq!((r.duplicates, r.doubled, r.is_complete()), (1, 1, false));
}

#[test]
fn a_job_started_afresh_on_old_offsets_is_found_by_its_tally_and_its_counts() {
    let lost = part("b", 0, 4000, 0, 100..200).replace(",OK", ",BAD");
    let r = report(&[part("a", 0, 1000, 0, 0..100), lost], Writing::No);
    assert_eq!(
        (r.bad, r.attempts[1].tally_holds(), r.is_complete()),
        (100, Some(false), false)
    );
}

#[test]
fn half_a_line_at_the_end_is_no_record_and_nonsense_is_an_error() {
    let cut = part("a", 0, 1000, 0, 0..100) + "1100,10";
    assert_eq!(report(&[cut], Writing::Yes).records, 100);

    let dir = TempDir::new().unwrap();
    put(
        &dir.path().join("part-0.csv"),
        &(part("a", 0, 1000, 0, 0..3) + "1,2,3,4,perhaps\n"),
    );
    let error = check_output(dir.path(), Writing::No).unwrap_err().to_string();
    assert!(error.contains("part-0.csv:6: not a record"), "{error}");
    let error = check_output(&dir.path().join("nothing"), Writing::No)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("the job wrote nothing into"), "{error}");
}
