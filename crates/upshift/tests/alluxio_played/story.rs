//! One run of the real program on a played cluster.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::played::{FROM, Played, TO, put};
use crate::ran::{Ran, Running};

pub(crate) struct Story {
    pub(crate) played: Played,
    commands: Cell<u32>,
}

/// A run that waits for a person has a process that waits: none outlives its story.
impl Drop for Story {
    fn drop(&mut self) {
        for pid in self.workers() {
            kill_process(pid, Signal::KILL).ok();
        }
    }
}

impl Story {
    /// A cluster that runs, and a system file.
    pub(crate) fn set() -> Self {
        let story = Self {
            played: Played::start(),
            commands: Cell::new(0),
        };
        put(&story.at("lake.toml"), story.system_file().as_bytes());
        story
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.played.at(name)
    }

    fn system_file(&self) -> String {
        let writers = |name: &str| {
            format!(
                "{:?}",
                ["/usr/bin/touch".to_owned(), self.at(name).display().to_string()]
            )
        };
        format!(
            "kind = \"alluxio\"\nname = \"lake\"\nmasters = [{:?}]\ncurrent = {FROM:?}\ntarget = {TO:?}\nhome = {:?}\n\
             target_home = {:?}\nmaster_log = {:?}\nbackups = \"ours\"\nway = \"backup\"\nsoak = \"1s\"\n\n\
             [writers]\nstop = {}\nstart = {}\n\n[[client]]\nname = \"spark\"\nversion = {TO:?}\n\n\
             [[waive]]\ncode = \"UP-ALLUXIO-0123\"\nsubject = \"masters\"\nreason = \"masters of other tests\"\n",
            self.played.rest(),
            self.played.home(FROM),
            self.played.home(TO),
            self.played.home(TO).join("logs/master.out"),
            writers("writers-stopped"),
            writers("writers-started"),
        )
    }

    pub(crate) fn start(&self, words: &[&str]) -> Running {
        let number = self.commands.replace(self.commands.get() + 1);
        let mut command = Command::new(env!("CARGO_BIN_EXE_upshift"));
        command
            // Relative: whoever looks for its processes later does not stand here.
            .args(["--state-dir", "state"])
            .current_dir(self.at(""))
            .env("HOME", self.at(""))
            .env("NO_COLOR", "1");
        Running::start(command, words, &self.at(&format!("command-{number}")))
    }

    #[track_caller]
    pub(crate) fn upshift(&self, words: &[&str]) -> Ran {
        self.start(words).end()
    }

    #[track_caller]
    pub(crate) fn plan(&self) {
        self.upshift(&["plan", "lake.toml", "-o", "up.plan"]).exits(0);
    }

    /// The journal of the run.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        self.upshift(&["status", "lake", "--json"]).json()
    }

    /// Steps that were begun.
    pub(crate) fn begun(&self) -> Vec<String> {
        let status = self.status();
        let journal = status["journal"].as_array().expect("a journal");
        let intents = journal.iter().filter(|entry| entry["is"] == "intent");
        intents
            .map(|entry| entry["step"].as_str().expect("a step").to_owned())
            .collect()
    }

    /// Processes of upshift that carry this story's run, by the state directory on their command line.
    pub(crate) fn workers(&self) -> Vec<Pid> {
        let dir = self.at("state").display().to_string();
        let Ok(all) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let pids = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        let ours = |pid: &i32| {
            let words = fs::read(format!("/proc/{pid}/cmdline"));
            words.is_ok_and(|words| {
                let words = String::from_utf8_lossy(&words).into_owned();
                words.split('\0').any(|word| word == dir) && words.contains("worker")
            })
        };
        pids.filter(ours).filter_map(Pid::from_raw).collect()
    }
}
