//! Makes a plan of a judged case: laid out, linted, sealed. Changes nothing.

use upshift_model::finding::Finding;
use upshift_model::plan::Sealed;
use upshift_planner::dispatch::{NoPlan, Reason};
use upshift_planner::lint;
use upshift_planner::systems::flink::codes;

use super::check::{Case, Judgement};
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// What planning came to.
#[derive(Debug)]
pub enum Planned {
    /// What runs is what is wanted.
    NothingToDo(String),
    /// A plan. Whether it may be applied is for the verdict to say.
    Ready(Box<Sealed>),
}

/// Lays out, lints and seals the plan of the case.
///
/// # Errors
/// When no plan can be laid out, or the linter refutes the one that was.
pub fn plan(case: &Case, judgement: &Judgement) -> Result<Planned, Stop> {
    let plan = match case.situation()?.plan(&judgement.findings) {
        Ok(plan) => plan,
        Err(no) if no.reason == Reason::NothingToDo => {
            let absent = absent_jobs(&judgement.findings);
            return if absent.is_empty() {
                Ok(Planned::NothingToDo(no.what))
            } else {
                Err(absent.into())
            };
        }
        Err(no) => return Err(no_plan(no).into()),
    };
    let flaws = lint::lint(&plan);
    if !flaws.is_empty() {
        let list: Vec<_> = flaws.iter().map(ToString::to_string).collect();
        return Err(anyhow::anyhow!("the linter refutes the plan:\n{}", list.join("\n")).into());
    }
    Ok(Planned::Ready(Box::new(plan.seal())))
}

/// Nothing has to be done for a job that runs as it is wanted; one that does not run is another matter.
fn absent_jobs(findings: &[Finding]) -> Vec<Trouble> {
    let absent = |finding: &&Finding| {
        finding.blocks() && [codes::JOB_RUNS, codes::JOB_NOT_UNIQUE].contains(&finding.code)
    };
    findings
        .iter()
        .filter(absent)
        .map(|finding| {
            let what = format!("{} ({})", finding.title, finding.subject);
            let trouble = Trouble::new(finding.code.clone(), Exit::Blocked, what);
            finding
                .remedy
                .iter()
                .fold(trouble, |trouble, remedy| trouble.next(remedy))
        })
        .collect()
}

/// Why no plan can be laid out of what the file says, however ready the system is.
///
/// # Errors
/// When a version that the file names is none of the system.
pub fn undeclared(case: &Case, judgement: &Judgement) -> Result<Option<NoPlan>, Stop> {
    let planned = case.situation()?.plan(&judgement.findings);
    Ok(planned.err().filter(|no| no.reason == Reason::Declared))
}

fn no_plan(no: NoPlan) -> Trouble {
    let evidence = "upshift check FILE shows the evidence and the remedies".to_owned();
    let (exit, next) = match no.reason {
        Reason::Unseen => (Exit::Unknown, evidence),
        Reason::Blocked => (Exit::Blocked, evidence),
        Reason::NothingToDo => (Exit::Done, evidence),
        Reason::Declared => {
            let next = format!("upshift explain {} says what to do", no.code);
            (Exit::Usage, next)
        }
    };
    Trouble::new(no.code, exit, no.what).next(next)
}
