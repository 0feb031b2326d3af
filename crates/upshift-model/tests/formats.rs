//! Documents of every format that was ever written still load: the samples are never made anew.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::path::Path;

use upshift_model::plan::Sealed;
use upshift_model::record::{Line, Outcome};
use upshift_model::run_state::{Phase, RunState};

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/formats")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_plan_of_format_1_loads_and_its_seal_holds() {
    let sealed = Sealed::from_file(&sample("plan-1.json")).unwrap();
    assert!(sealed.plan.steps().count() > 5);
}

#[test]
fn a_journal_of_format_1_loads_and_folds_to_its_end() {
    let lines: Vec<Line> = sample("journal-1.jsonl")
        .lines()
        .map(|line| Line::read(line.to_owned()).unwrap())
        .collect();
    let state = RunState::fold(&lines).unwrap();
    let Phase::Closed { outcome, .. } = state.phase else {
        panic!("{:?}", state.phase)
    };
    assert_eq!(outcome, Outcome::Finalized);
}
