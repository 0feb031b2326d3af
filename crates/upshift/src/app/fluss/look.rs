//! Looks at a Fluss system that a file declares, and judges its upgrade. Changes nothing.

use jiff::tz::TimeZone;
use upshift_drivers::fluss::observe;
use upshift_model::finding::Finding;
use upshift_model::fluss::{Declaration, Look};
use upshift_model::span::Millis;
use upshift_model::verdict::Verdict;
use upshift_planner::knowledge::Library;
use upshift_planner::systems::fluss::checks::findings;
use upshift_planner::systems::fluss::situation::Situation;

use super::source::unread;
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes};

/// What was seen, and what the checks made of it.
#[derive(Debug)]
pub struct Judged {
    /// What was seen.
    pub look: Look,
    /// Every finding, green ones included.
    pub findings: Vec<Finding>,
    /// The verdict over them.
    pub verdict: Verdict,
    /// How long the look took.
    pub took: Millis,
}

/// Looks at what the declaration names.
///
/// # Errors
/// When ZooKeeper does not answer, or knows no such cluster.
pub async fn look(declared: &Declaration) -> Result<Look, Stop> {
    let seen = observe(declared, clock::now()).await;
    seen.map_err(|error| unread(&error).into())
}

/// Looks, and asks every check.
///
/// # Errors
/// As [`look`], and when a version of the declaration is none of Fluss.
pub async fn judge(declared: &Declaration, library: &Library) -> Result<Judged, Stop> {
    let began = clock::now();
    let look = look(declared).await?;
    let now = clock::now();
    let today = now.to_zoned(TimeZone::system()).date();
    let situation = Situation::new(declared, &look.facts, library, today)
        .map_err(|error| Trouble::usage(codes::NOT_A_VERSION, error.to_string()))?;
    let findings = findings(&situation);
    let verdict = Verdict::of(&findings);
    Ok(Judged {
        look,
        findings,
        verdict,
        took: Millis::between(began, now),
    })
}
