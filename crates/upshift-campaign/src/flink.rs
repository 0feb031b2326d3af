//! Campaigns with a simulated Flink installation: planned by the real planner from what is observed, and
//! judged by whose history is in the state of each job.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use jiff::civil::date;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::finding::Finding;
use upshift_model::flink::{Declaration, Target};
use upshift_model::plan::Plan;
use upshift_model::record::Outcome;
use upshift_model::run_state::RunState;
use upshift_planner::knowledge::Knowledge;
use upshift_planner::systems::flink::checks;
use upshift_planner::systems::flink::recipe::{self, PlanError};
use upshift_planner::systems::flink::situation::Situation;
use upshift_planner::{dispatch, lint};

use crate::counsel::FlinkCounsel;
use crate::stage::{Origin, Stage};
use crate::system::{End, System};
use upshift_sim::direct::flink::{FlinkFace, Scene, Way};
use upshift_sim::direct::{Clockwork, Fault, Line};
use upshift_sim::flink::{Job, Machine, Phase, Wrong};

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(Knowledge::builtin);

pub(crate) const STRIKES: &[Fault] = &[
    Fault::FarSideRestarts,
    Fault::FarSideForgets,
    Fault::CacheLost,
    Fault::DiskFull,
    Fault::ProcessKilled,
    Fault::Stillborn,
    Fault::Loops,
    Fault::WrongState,
    Fault::StateLacking,
    Fault::WrittenOver,
    Fault::Stranger,
];

/// See the module.
pub(crate) struct Flink {
    stage: Stage,
    machine: Arc<Mutex<Machine>>,
    time: Clockwork,
}

impl Flink {
    /// Sets the stage. To be called inside a paused runtime.
    ///
    /// # Errors
    /// When a plan that is given is of no such system.
    pub(crate) fn set(stage: Stage, time: Clockwork) -> Result<Self, String> {
        let machine = Arc::new(Mutex::new(stage.machine(time.now())?));
        Ok(Self { stage, machine, time })
    }

    /// The machine as it is now.
    fn machine(&self) -> MutexGuard<'_, Machine> {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        machine.advance(self.time.now());
        machine
    }

    /// Plans for a declaration.
    fn planned(
        &self,
        face: &FlinkFace,
        declaration: &Declaration,
    ) -> Result<Result<Plan, PlanError>, String> {
        let inventory = face.seen().map_err(|fault| fault.to_string())?;
        let facts = inventory.facts.flink().ok_or("the look is not of Flink")?;
        let situation = Situation {
            declaration,
            inventory: &inventory,
            facts,
            knowledge: &KNOWLEDGE,
            today: date(2026, 11, 20),
            now: self.time.stamp(),
        };
        let findings = checks::findings(&situation);
        let against = |f: &&Finding| f.blocks() || f.blinds();
        if let Some(finding) = findings.iter().find(against) {
            return Err(format!(
                "{} {}: {}: {}",
                finding.code,
                finding.subject,
                finding.title,
                finding.evidence.join(", ")
            ));
        }
        Ok(recipe::plan(&situation, &findings))
    }

    /// The declaration as a person has it after the upgrade: what is wanted has become what is.
    fn adopted(scene: &Scene) -> Declaration {
        let mut declaration = scene.declaration();
        match (scene.way, &declaration.target) {
            (Way::InPlace | Way::Shadow, Target::Release { installation, shadow }) => {
                declaration.current = Some(installation.clone());
                if let Some(shadow) = shadow {
                    declaration.rest = shadow.rest.clone();
                }
            }
            (Way::JobOnly, _) => {
                for job in &mut declaration.jobs {
                    job.current = job.target.clone();
                }
            }
            _ => {}
        }
        declaration
    }

    /// Planning once more finds nothing to do. Nobody knows what the person who gave a plan would declare.
    fn is_settled(&self) -> Result<(), String> {
        let Origin::Scene(scene) = &self.stage.origin else {
            return Ok(());
        };
        let declaration = Self::adopted(scene);
        let face = self.looking_by(&declaration);
        let inventory = face.seen().map_err(|fault| fault.to_string())?;
        let facts = inventory.facts.flink().ok_or("the look is not of Flink")?;
        let situation = Situation {
            declaration: &declaration,
            inventory: &inventory,
            facts,
            knowledge: &KNOWLEDGE,
            today: date(2026, 11, 20),
            now: self.time.stamp(),
        };
        match recipe::plan(&situation, &[]) {
            Err(PlanError::NothingToDo { .. }) => Ok(()),
            Ok(plan) => Err(format!("planning again would do {} steps", plan.steps().count())),
            Err(other) => Err(format!("planning again: {other}")),
        }
    }

    fn looking_by(&self, declaration: &Declaration) -> FlinkFace {
        Scene::looking_by(&self.machine, self.time, declaration)
    }

    fn instances(&self, machine: &Machine, name: &str) -> Vec<(String, String, Job)> {
        let of = |(release, id): (String, String)| {
            let clusters = machine.world.clusters().values();
            let job = clusters.filter_map(|c| c.jobs.get(&id)).next().cloned();
            job.map(|job| (release, id, job))
        };
        machine.world.alive(name).into_iter().filter_map(of).collect()
    }

    fn job_flaws(&self, machine: &Machine, name: &str, release: &str, forward: bool) -> Vec<String> {
        let all = self.instances(machine, name);
        let [(on, id, job)] = all.as_slice() else {
            return vec![format!("{name}: {} instances run, expected one", all.len())];
        };
        let mut flaws = Vec::new();
        if on != release {
            flaws.push(format!("{name} runs on {on}, expected {release}"));
        }
        let now = self.time.now();
        if job.phase(now) != Phase::Running || job.restarts(now) > 0 {
            flaws.push(format!(
                "{name} is {} and does not stay up",
                job.phase(now).word()
            ));
        }
        if self.stage.keeps_state(name) && !job.state.is_whole_of(name) {
            flaws.push(format!(
                "{name} runs with the state of {}, without that of {}",
                job.state.job,
                job.state.missing().join(", ")
            ));
        }
        for mishap in machine.world.mishaps().iter().filter(|m| m.id == *id) {
            match &mishap.what {
                Wrong::Replayed { records, by_order }
                    if forward && *by_order && !self.stage.may_replay(name) =>
                {
                    flaws.push(format!("{name} processed {records} records twice"));
                }
                Wrong::Foreign { of } => flaws.push(format!("{name} has the state of {of}")),
                Wrong::Lost { .. } | Wrong::Replayed { .. } | Wrong::Doubled { .. } => {}
            }
        }
        flaws
    }

    /// Whatever became of the job: its state is somewhere, whole, and at most once at work.
    fn survival_flaws(&self, machine: &Machine, name: &str) -> Vec<String> {
        let all = self.instances(machine, name);
        match all.as_slice() {
            [] | [_] if !self.stage.keeps_state(name) => Vec::new(),
            [] if machine.newest_whole(name).is_none() => vec![format!("{name}: its state is lost")],
            [(_, _, job)] if !job.state.is_whole_of(name) && machine.newest_whole(name).is_none() => {
                vec![format!("{name} runs without its state, and it is nowhere else")]
            }
            [] | [_] => Vec::new(),
            several => vec![format!("{name} runs {} times", several.len())],
        }
    }
}

impl System for Flink {
    fn words(&self) -> String {
        self.stage.words.clone()
    }

    fn subjects(&self) -> usize {
        self.stage.jobs.len()
    }

    fn plan(&self) -> Result<Plan, String> {
        let scene = match &self.stage.origin {
            Origin::Given(given) => return Ok(given.plan.plan.clone()),
            Origin::Scene(scene) => scene,
        };
        let face = scene.looking(&self.machine, self.time);
        let plan = self.planned(&face, &scene.declaration())?;
        let plan = plan.map_err(|e| e.to_string())?;
        let flaws = lint::lint(&plan);
        if let Some(flaw) = flaws.first() {
            return Err(format!("the linter: {flaw}"));
        }
        let seen = face.seen().map_err(|fault| fault.to_string())?;
        match dispatch::differences(&plan, &seen).first() {
            Some(difference) => Err(format!("drift: {difference}")),
            None => Ok(plan),
        }
    }

    fn key(&self, plan: &Plan) -> String {
        dispatch::system_key(plan)
    }

    fn driver(&self, plan: &Plan, line: &Arc<Line>) -> Arc<dyn Driver> {
        let face = Scene::acting(&self.machine, line, self.time, plan);
        Arc::new(face.expect("a plan of the planner has an old cluster"))
    }

    fn counsel(&self, plan: &Plan) -> Arc<dyn Counsel> {
        let line = Arc::new(Line::default());
        let face = Scene::acting(&self.machine, &line, self.time, plan);
        Arc::new(FlinkCounsel {
            face: face.expect("a plan of the planner has an old cluster"),
            machine: Arc::clone(&self.machine),
            time: self.time,
        })
    }

    fn strikes(&self) -> &'static [Fault] {
        STRIKES
    }

    fn rules(&self, _: &RunState) -> Vec<String> {
        let machine = self.machine();
        let mut flaws = Vec::new();
        for (at, one) in machine.all_processes().iter().enumerate() {
            let mixed = machine.all_processes()[at + 1..]
                .iter()
                .any(|other| other.conf == one.conf && other.release != one.release);
            if mixed {
                flaws.push(format!("{} has processes of two releases", one.conf.display()));
            }
        }
        for name in &self.stage.jobs {
            let alive = machine.world.alive(name).len();
            if alive > 1 {
                flaws.push(format!("{name} runs {alive} times"));
            }
            if alive == 0 && self.stage.keeps_state(name) && machine.newest_whole(name).is_none() {
                flaws.push(format!("{name} is down and its state lies nowhere"));
            }
        }
        flaws
    }

    fn judge(&self, end: &End<'_>) -> Vec<String> {
        let machine = self.machine();
        let mut flaws = Vec::new();
        for mishap in machine.world.mishaps() {
            if let Wrong::Doubled { other } = &mishap.what {
                flaws.push(format!("{} started while {other} was alive", mishap.job));
            }
        }
        // What the far side loses of itself is not upshift's to bring back, only to leave intact.
        let destroyed = [Fault::FarSideForgets, Fault::ProcessKilled]
            .iter()
            .any(|f| end.had(*f));
        let ended = machine.world.reached("stranger").is_some() && machine.world.alive("stranger").is_empty();
        if ended && !destroyed && !end.hung_where(Fault::Stranger) {
            flaws.push("the job that the plan did not name was ended".to_owned());
        }
        let parked = end.state.parked();
        for name in &self.stage.jobs {
            let is_parked = parked.iter().any(|job| job.as_str() == format!("job/{name}"));
            flaws.extend(match end.outcome {
                Some(Outcome::Finalized) if !is_parked => {
                    self.job_flaws(&machine, name, &self.stage.to, true)
                }
                Some(Outcome::RolledBack) if !destroyed => {
                    self.job_flaws(&machine, name, &self.stage.from, false)
                }
                _ => self.survival_flaws(&machine, name),
            });
        }
        drop(machine);
        if end.outcome == Some(Outcome::Finalized) && parked.is_empty() && flaws.is_empty() {
            flaws.extend(self.is_settled().err());
        }
        flaws
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        let machine = self.machine();
        let all = machine.world.effects().iter();
        all.map(|(what, times)| (what.clone(), u64::from(*times)))
            .collect()
    }

    fn picture(&self) -> String {
        let (machine, now) = (self.machine(), self.time.now());
        let mut all: Vec<String> = Vec::new();
        for name in &self.stage.jobs {
            for (release, _, job) in self.instances(&machine, name) {
                let whole = if job.state.is_whole_of(name) {
                    "whole"
                } else {
                    "not whole"
                };
                all.push(format!("{name} on {release}, {}, {whole}", job.phase(now).word()));
            }
        }
        let processes = machine.all_processes().iter();
        let mut processes: Vec<String> = processes
            .map(|p| format!("{} of {} from {}", p.role.words(), p.release, p.conf.display()))
            .collect();
        processes.sort();
        all.extend(processes);
        all.join("; ")
    }
}
