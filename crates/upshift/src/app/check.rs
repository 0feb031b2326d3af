//! Judges an upgrade: reads the file, looks, and asks the planner's checks. Changes nothing.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use upshift_model::finding::Finding;
use upshift_model::flink::{self, Declaration, StrategyWish, Target};
use upshift_model::inventory::{Facts, Inventory};
use upshift_model::plan::{InventoryStamp, KnowledgeStamp};
use upshift_model::policy::Strategy;
use upshift_model::realtime_compute;
use upshift_model::span::Millis;
use upshift_model::verdict::Verdict;
use upshift_model::version::SystemKind;
use upshift_model::version::Version;
use upshift_planner::dispatch::Situation;
use upshift_planner::knowledge::{Known, Library};
use upshift_planner::systems::realtime_compute::situation as of_namespace;
use upshift_planner::systems::{
    alluxio::situation as of_alluxio, flink::situation as of_flink, fluss::situation as of_fluss,
    weka::situation as of_weka,
};

use super::systems::observe;
use crate::config::{self, Declared};
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes};

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

impl Overrides {
    /// What the command line changes is of Flink: said of another system it would be heard by nobody.
    fn lay_over(&self, declared: &mut Declared) -> Result<(), Stop> {
        let kind = declared.kind();
        let Declared::Flink(declaration) = declared else {
            let given = [
                (self.strategy.is_some(), "--strategy"),
                (self.require_uids, "--require-uids"),
                (!self.snapshots.is_empty(), "--savepoint"),
            ];
            return match given.iter().find(|(given, _)| *given) {
                Some((_, option)) => {
                    let what = format!("{option} means nothing to {kind}");
                    Err(Trouble::usage(codes::USAGE, what)
                        .expected("a system file of Flink beside it")
                        .into())
                }
                None => Ok(()),
            };
        };
        if let Some(wish) = self.strategy {
            declaration.strategy = wish;
        }
        declaration.require_uids |= self.require_uids;
        for named in &self.snapshots {
            name_snapshot(declaration, named)?;
        }
        Ok(())
    }
}

/// Everything that a judgement depends on, in hand.
#[derive(Debug)]
pub struct Case {
    /// What is wanted.
    pub declared: Declared,
    /// What was seen.
    pub inventory: Inventory,
    /// What is known.
    pub library: Library,
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
        let mut declared = config::load_any(file)?;
        overrides.lay_over(&mut declared)?;
        let began = clock::now();
        let inventory = observe(&declared).await?;
        let now = clock::now();
        Ok(Self {
            declared,
            inventory,
            library: Library::builtin(),
            now,
            today: now.to_zoned(TimeZone::system()).date(),
            took: Millis::between(began, now),
        })
    }

    /// The case as the planner takes it.
    ///
    /// # Errors
    /// When a version that the file names is none of the system.
    pub fn situation(&self) -> Result<Situation<'_>, Stop> {
        match (&self.declared, &self.inventory.facts) {
            (Declared::Flink(_), Facts::Flink(_)) => self.flink().map(Situation::Flink),
            (Declared::Fluss(declared), Facts::Fluss(system)) => of_fluss::Situation::new(
                declared,
                system,
                &self.library,
                (self.today, self.now),
                self.stamp(),
            )
            .map(|situation| Situation::Fluss(Box::new(situation)))
            .map_err(|error| Trouble::usage(codes::NOT_A_VERSION, error.to_string()).into()),
            (Declared::Weka(declared), Facts::Weka(facts)) => of_weka::Situation::new(
                declared,
                facts,
                &self.library,
                (self.today, self.now),
                self.stamp(),
            )
            .map(|situation| Situation::Weka(Box::new(situation)))
            .map_err(|error| Trouble::usage(codes::NOT_A_VERSION, error.to_string()).into()),
            (Declared::RealtimeCompute(declared), Facts::RealtimeCompute(facts)) => {
                of_namespace::Situation::new(
                    declared,
                    facts,
                    &self.library,
                    (self.today, self.now),
                    self.stamp(),
                )
                .map(|situation| Situation::RealtimeCompute(Box::new(situation)))
                .map_err(|error| Trouble::usage(codes::NOT_A_VERSION, error.to_string()).into())
            }
            (Declared::Alluxio(declared), Facts::Alluxio(facts)) => {
                let at = (self.today, self.now);
                of_alluxio::Situation::new(declared, facts, &self.library, at, self.stamp())
                    .map(|situation| Situation::Alluxio(Box::new(situation)))
                    .map_err(|error| Trouble::usage(codes::NOT_A_VERSION, error.to_string()).into())
            }
            (declared, _) => Err(anyhow::anyhow!("the look is not one at {}", declared.kind()).into()),
        }
    }

    fn stamp(&self) -> InventoryStamp {
        InventoryStamp {
            taken_at: self.inventory.taken_at,
            digest: self.inventory.digest(),
        }
    }

    /// The case of a Flink system, for what only Flink has.
    ///
    /// # Errors
    /// When the file is of another kind of system.
    pub fn flink(&self) -> Result<of_flink::Situation<'_>, Stop> {
        let declaration = self.declared.flink()?;
        let facts = self.inventory.facts.flink();
        Ok(of_flink::Situation {
            declaration,
            inventory: &self.inventory,
            facts: facts.ok_or_else(|| anyhow::anyhow!("the look is not one at Flink"))?,
            knowledge: self.library.catalogue(),
            today: self.today,
            now: self.now,
        })
    }

    /// Asks every check.
    ///
    /// # Errors
    /// As [`Self::situation`].
    pub fn judge(&self) -> Result<Judgement, Stop> {
        let situation = self.situation()?;
        let findings = situation.findings();
        let verdict = Verdict::of(&findings);
        let (strategy, strategy_why) = situation.strategy();
        Ok(Judgement {
            findings,
            verdict,
            strategy,
            strategy_why,
        })
    }

    /// What kind of system it is.
    pub fn kind(&self) -> SystemKind {
        self.declared.kind()
    }

    /// Date and digest of what is known of such systems.
    pub fn knowledge(&self) -> KnowledgeStamp {
        self.library.stamp(Known::from(self.kind()))
    }

    /// The release that runs; none where it cannot be seen, or where every part of the system has its own.
    pub fn from(&self) -> Option<&str> {
        match (&self.declared, &self.inventory.facts) {
            (Declared::Fluss(declared), _) => Some(declared.current.as_str()),
            (Declared::Weka(declared), _) => Some(declared.current.as_str()),
            (Declared::Alluxio(declared), _) => Some(declared.current.as_str()),
            (Declared::Flink(_), Facts::Flink(facts)) => Some(facts.source.version.as_str()),
            (Declared::RealtimeCompute(_), Facts::RealtimeCompute(facts)) => one_engine(facts),
            (Declared::Flink(_) | Declared::RealtimeCompute(_), _) => None,
        }
    }

    /// The release that is wanted; none where a running target cannot be seen.
    pub fn to(&self) -> Option<&str> {
        match (&self.declared, &self.inventory.facts) {
            (Declared::Fluss(declared), _) => Some(declared.target.as_str()),
            (Declared::Weka(declared), _) => Some(declared.target.as_str()),
            (Declared::Alluxio(declared), _) => Some(declared.target.as_str()),
            (Declared::RealtimeCompute(declared), _) => Some(&declared.target),
            (Declared::Flink(declared), Facts::Flink(facts)) => wanted(declared, facts).map(Version::as_str),
            (Declared::Flink(_), _) => None,
        }
    }
}

/// The engine of all deployments, where they have one.
fn one_engine(facts: &realtime_compute::Facts) -> Option<&str> {
    let mut engines = facts.deployments.iter().map(|one| one.engine.as_str());
    let first = engines.next()?;
    engines.all(|other| other == first).then_some(first)
}

fn wanted<'a>(declared: &'a Declaration, facts: &'a flink::Facts) -> Option<&'a Version> {
    match &declared.target {
        Target::Release { installation, .. } => Some(&installation.version),
        Target::RunningCluster { .. } => facts
            .target
            .as_ref()
            .and_then(|target| target.known())
            .map(|target| &target.version),
        Target::SameCluster => Some(&facts.source.version),
    }
}
