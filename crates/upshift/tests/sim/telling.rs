//! What only the stories need: what was said, and the run from beginning to where it stops.

use std::path::Path;
use std::process::Command;

use upshift_drivers::flink::process;
use upshift_model::flink::FlinkRole;
use upshift_model::ids::StepId;
use upshift_model::record::{AttemptOutcome, Record};
use upshift_planner::render;

use crate::support::{Ran, Story};

impl Ran {
    /// The same, after looking whether it said something on either stream.
    #[track_caller]
    pub(crate) fn says(self, what: &str) -> Self {
        assert!(
            self.out.contains(what) || self.err.contains(what),
            "{what:?} in\n{}\n{}",
            self.out,
            self.err
        );
        self
    }
}

impl Story {
    /// Plans, applies, and follows to where it stops.
    pub(crate) fn apply(&self) -> Ran {
        self.plan();
        self.upshift(&["apply", "up.plan"])
    }
}

impl Story {
    /// The journal after the first wave, whose lanes run side by side, and then what was done in the
    /// world. Nothing in it depends on the time, and of the place only folder and port.
    pub(crate) fn timeline(&self) -> String {
        let (lines, state) = self.journal();
        let plan = |step: &StepId| {
            let back = state.back.as_ref().filter(|_| step.as_str().starts_with("back."));
            back.map_or(&state.plan.plan, |back| &back.plan)
        };
        let mut told = String::new();
        for line in &lines {
            let record = &line.entry().record;
            let Some(step) = record.step() else {
                told += &format!("{}\n", record.word());
                continue;
            };
            if step.as_str().starts_with("1.") {
                continue;
            }
            let planned = state
                .step(step)
                .or_else(|| state.plan.plan.steps().find(|s| s.id == *step));
            let text = match record {
                Record::Intent { .. } => planned.map(|s| render::words(plan(step), &s.effect)),
                Record::Attempted {
                    outcome: AttemptOutcome::Ambiguous(_),
                    ..
                } => Some("no answer".to_owned()),
                Record::Failed { failure, .. } => failure.far_side.clone(),
                Record::Halted { halt, .. } => halt.failure.far_side.clone(),
                _ => None,
            };
            let text = text.unwrap_or_default();
            told += format!("{:<9} {:<10} {text}", step.as_str(), record.word()).trim_end();
            told.push('\n');
        }
        let port = format!(":{}", self.stage.rest());
        let told = told
            .replace(&self.dir.path().display().to_string(), "STAGE")
            .replace(&port, ":PORT");
        format!("{told}---\n{}\n", self.effects().join("\n"))
    }
}

/// Waits until it holds; a minute at most.
#[track_caller]
pub(crate) fn wait(holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed().as_secs() < 60, "it came to hold");
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
}

/// Writes a program.
pub(crate) fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let beside = path.with_extension("new");
    std::fs::File::create(&beside)
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .unwrap();
    std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Under its name only once it is closed: a file that is open for writing cannot be run.
    std::fs::rename(&beside, path).unwrap();
}

/// Pids of the job managers of the configuration.
pub(crate) fn job_managers(conf: &Path) -> Vec<i32> {
    let all = process::scan().unwrap().into_iter().map(|seen| seen.process);
    let here = all.filter(|p| p.role == FlinkRole::JobManager && p.conf == conf);
    here.map(|p| i32::try_from(p.pid).unwrap()).collect()
}

/// The job managers of the configuration end without a word.
pub(crate) fn kill_job_managers(conf: &Path) {
    for pid in job_managers(conf) {
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    wait(|| job_managers(conf).is_empty());
}

/// The job manager of the configuration ends, and its supervisor starts another one.
pub(crate) fn restart_job_manager(home: &Path, conf: &Path, log: &Path) {
    kill_job_managers(conf);
    let status = Command::new(home.join("bin/jobmanager.sh"))
        .arg("start")
        .env("FLINK_CONF_DIR", conf)
        .env("FLINK_LOG_DIR", log)
        .status()
        .unwrap();
    assert!(status.success());
    wait(|| !job_managers(conf).is_empty());
}
