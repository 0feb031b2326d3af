//! What only the stories need: what was said, and the run from beginning to where it stops.

use std::path::Path;
use std::process::Command;

use upshift_drivers::flink::process;
use upshift_model::flink::FlinkRole;

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

/// The job manager of the configuration ends, and its supervisor starts another one.
pub(crate) fn restart_job_manager(home: &Path, conf: &Path, log: &Path) {
    let managers = || {
        let all = process::scan().unwrap().into_iter().map(|seen| seen.process);
        let here = all.filter(|p| p.role == FlinkRole::JobManager && p.conf == conf);
        here.map(|p| i32::try_from(p.pid).unwrap()).collect::<Vec<_>>()
    };
    for pid in managers() {
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    wait(|| managers().is_empty());
    let status = Command::new(home.join("bin/jobmanager.sh"))
        .arg("start")
        .env("FLINK_CONF_DIR", conf)
        .env("FLINK_LOG_DIR", log)
        .status()
        .unwrap();
    assert!(status.success());
    wait(|| !managers().is_empty());
}
