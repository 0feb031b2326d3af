//! One command of upshift: started, waited for with a limit, and what came of it.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};

use super::{LIMIT, pause};

/// What came of one command.
pub(crate) struct Ran {
    pub(crate) line: String,
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The same, after looking at its exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code of {self}");
        self
    }

    /// The same, after looking whether it said something, on either stream.
    #[track_caller]
    pub(crate) fn says(self, what: &str) -> Self {
        assert!(
            self.out.contains(what) || self.err.contains(what),
            "{what:?} is not in what was said: {self}"
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, code, out, err } = self;
        write!(
            f,
            "`{line}` ended with {code}\n--- stdout\n{out}\n--- stderr\n{err}"
        )
    }
}

/// A command that goes on while the story does something else.
pub(crate) struct Running {
    child: Child,
    line: String,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    /// Starts it in a process group of its own, as a shell does, writing to files: a pipe that nobody reads would stop
    /// it, and one that is read would keep the story waiting for whoever inherited it.
    pub(crate) fn start(mut command: Command, words: &[&str], files: &Path) -> Self {
        let (out, err) = (files.with_extension("out"), files.with_extension("err"));
        let file = |path: &Path| File::create(path).expect("a file for what is said can be made");
        let child = command
            .args(words)
            .stdin(Stdio::null())
            .stdout(file(&out))
            .stderr(file(&err))
            .process_group(0)
            .spawn()
            .expect("upshift starts");
        Self {
            child,
            line: format!("upshift {}", words.join(" ")),
            out,
            err,
        }
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ran {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be asked for") {
                // A signal is no code: it is given as what a shell would call it.
                let code = status.code().unwrap_or_else(|| {
                    128 + std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or(0)
                });
                return self.told(code);
            }
            if begun.elapsed() > LIMIT {
                self.child.kill().expect("a child can be killed");
                self.child.wait().expect("a killed child ends");
                let told = self.told(-1);
                panic!("not over after {LIMIT:?}: {told}");
            }
            pause(std::time::Duration::from_millis(10));
        }
    }

    /// The terminal goes away: the kernel hangs up on the whole process group.
    pub(crate) fn hang_up(self) -> Ran {
        let group = i32::try_from(self.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a child has a number");
        kill_process_group(group, Signal::HUP).expect("the group is there");
        self.end()
    }

    fn told(&self, code: i32) -> Ran {
        let text = |path: &Path| fs::read_to_string(path).expect("what was said can be read");
        Ran {
            line: self.line.clone(),
            code,
            out: text(&self.out),
            err: text(&self.err),
        }
    }
}
