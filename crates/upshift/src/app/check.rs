//! Judges an upgrade: reads the file, looks, and asks the planner's checks. Changes nothing.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use upshift_model::finding::Finding;
use upshift_model::flink::{Declaration, Facts, StrategyWish, Target};
use upshift_model::inventory::{self, Inventory};
use upshift_model::policy::Strategy;
use upshift_model::span::Millis;
use upshift_model::verdict::Verdict;
use upshift_model::version::Version;
use upshift_planner::knowledge::Knowledge;
use upshift_planner::situation::Situation;
use upshift_planner::systems::flink::{checks, strategy};

use super::observe::observe;
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes, config};

/// What the command line changes in what the file says.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--strategy`.
    pub strategy: Option<StrategyWish>,
    /// `--require-uids`.
    pub require_uids: bool,
    /// `--savepoint`, as given: `PATH` or `JOB=PATH`.
    pub snapshots: Vec<String>,
}

/// Everything that a judgement depends on, in hand.
#[derive(Debug)]
pub struct Case {
    /// What is wanted.
    pub declaration: Declaration,
    /// What was seen.
    pub inventory: Inventory,
    /// What is known.
    pub knowledge: Knowledge,
    /// When the judgement is made.
    pub now: Timestamp,
    /// Today, where the person is.
    pub today: Date,
    /// How long the look took.
    pub took: Millis,
}

/// Writes a snapshot that the command line names into the job that it is of.
fn name_snapshot(declaration: &mut Declaration, named: &str) -> Result<(), Trouble> {
    let names: Vec<_> = declaration.jobs.iter().map(|job| job.name.clone()).collect();
    let of_job = named
        .split_once('=')
        .and_then(|(name, path)| Some((names.iter().position(|known| known == name)?, path)));
    let (at, path) = match (of_job, names.len()) {
        (Some(found), _) => found,
        (None, 1) => (0, named),
        (None, _) => {
            let what = format!("--savepoint {named} does not say of which job it is");
            let expected = format!("JOB=PATH, with one of the jobs {}", names.join(", "));
            return Err(Trouble::usage(codes::USAGE, what).expected(expected));
        }
    };
    let location = match path.contains(":/") {
        true => path.to_owned(),
        false => {
            let absolute = std::path::absolute(path).map_err(|error| {
                Trouble::usage(codes::USAGE, format!("--savepoint {named}: {error}"))
                    .expected("a path or a URI of a savepoint or checkpoint")
            })?;
            format!("file://{}", absolute.display())
        }
    };
    declaration.jobs[at].snapshot = Some(location);
    Ok(())
}

/// What the checks came to.
#[derive(Debug)]
pub struct Judgement {
    /// Every finding, green ones included.
    pub findings: Vec<Finding>,
    /// The verdict over them.
    pub verdict: Verdict,
    /// How the upgrade would be carried out.
    pub strategy: Strategy,
    /// Why so.
    pub strategy_why: Vec<String>,
}

impl Case {
    /// Reads the file and looks at what it names.
    ///
    /// # Errors
    /// With the mistakes of the file, or when the system cannot be seen at all.
    pub async fn open(file: &Path, overrides: Overrides) -> Result<Self, Stop> {
        let mut declaration = config::load(file)?;
        if let Some(wish) = overrides.strategy {
            declaration.strategy = wish;
        }
        declaration.require_uids |= overrides.require_uids;
        for named in &overrides.snapshots {
            name_snapshot(&mut declaration, named)?;
        }
        let began = clock::now();
        let inventory = observe(&declaration).await?;
        let now = clock::now();
        Ok(Self {
            declaration,
            inventory,
            knowledge: Knowledge::builtin(),
            now,
            today: now.to_zoned(TimeZone::system()).date(),
            took: Millis::between(began, now),
        })
    }

    /// The case as the planner takes it.
    pub fn situation(&self) -> Situation<'_> {
        Situation {
            declaration: &self.declaration,
            inventory: &self.inventory,
            knowledge: &self.knowledge,
            today: self.today,
            now: self.now,
        }
    }

    /// Asks every check.
    pub fn judge(&self) -> Judgement {
        let situation = self.situation();
        let findings = checks::findings(&situation);
        let verdict = Verdict::of(&findings);
        let (strategy, strategy_why) = strategy::choose(&situation);
        Judgement {
            findings,
            verdict,
            strategy,
            strategy_why,
        }
    }

    /// The release that runs.
    pub fn from(&self) -> &Version {
        &self.facts().source.version
    }

    /// The release that is wanted; none where a running target cannot be seen.
    pub fn to(&self) -> Option<&Version> {
        match &self.declaration.target {
            Target::Release { installation, .. } => Some(&installation.version),
            Target::RunningCluster { .. } => self
                .facts()
                .target
                .as_ref()
                .and_then(|target| target.known())
                .map(|target| &target.version),
            Target::SameCluster => Some(self.from()),
        }
    }

    fn facts(&self) -> &Facts {
        match &self.inventory.facts {
            inventory::Facts::Flink(facts) => facts,
        }
    }
}
