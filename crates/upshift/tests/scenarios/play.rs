//! Plays a story: sets the stage, lets happen what the script says, and writes down everything that was said.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use upshift_sim::flink::Answer;
use upshift_sim::wire::{Contact, Hand, Moment, Stage, Verdict};

use crate::clean::Clean;
use crate::script::{Deed, Event, Line, Script};
use crate::support::{Story, is_alive, workers};
use crate::telling::{restart_job_manager, wait};

pub(crate) fn play(script: &Script) -> String {
    let story = Story::set(&script.scene);
    watch(&story, &script.events);
    let clean = Clean::of(story.dir.path(), story.stage.rest());
    let mut told = String::new();
    for line in &script.lines {
        match line {
            Line::Command { words, heard } => {
                let words: Vec<String> = words.iter().map(|word| stand_for(&story, word)).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let ran = story.upshift(&words);
                let said = if *heard {
                    format!("{}{}", ran.err, ran.out)
                } else {
                    String::new()
                };
                told += &clean.text(&format!("$ upshift {}\n{said}", words.join(" ")));
                told += &format!("exit {}\n\n", ran.code);
            }
            Line::WaitFor(what) if what == "the end" => {
                story.closed();
            }
            // The intent of a request is there before the request itself, and longer so on a busy machine.
            Line::WaitFor(what) if what == "the kill" => {
                wait(|| !workers(story.dir.path()).into_iter().any(is_alive));
            }
            Line::WaitFor(what) if what == "the old job" => story
                .stage
                // The stop's savepoint comes to the disk after its job has gone: alive then, it is back.
                .wait_for(|_| {
                    snapshots(&story.stage.path("sp")).len() > 1 && !story.alive("orders").is_empty()
                })
                .unwrap(),
            Line::WaitFor(what) => story
                .stage
                .wait_for(|_| story.words().contains(what.as_str()))
                .unwrap(),
            Line::Do(deed) => Act::of(&story).carry_out(deed),
            Line::World => told += &clean.text(&world(&story)),
        }
    }
    told
}

/// `S/orders` as the argument of a command is where that restore point lies.
fn stand_for(story: &Story, word: &str) -> String {
    let Some(slot) = word.strip_prefix('@') else {
        return word.to_owned();
    };
    let (_, state) = story.journal();
    let point = state.bindings.slot(&upshift_model::ids::Slot::new(slot)).unwrap();
    point.location.clone()
}

fn world(story: &Story) -> String {
    let mut told = "the world:\n".to_owned();
    for effect in story.effects() {
        told += &format!("  {effect}\n");
    }
    let jobs = ["orders", "billing"];
    for job in jobs {
        for release in story.alive(job) {
            told += &format!("  {job} runs on {release}\n");
        }
    }
    let points = snapshots(&story.stage.path("sp")).len();
    told + &format!("  {points} savepoints on disk\n")
}

fn snapshots(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.retain(|path| path.join("_metadata").exists());
    found.sort_by_key(|path| {
        std::fs::metadata(path.join("_metadata"))
            .and_then(|m| m.modified())
            .unwrap()
    });
    found
}

/// What a deed needs of the story, held by whoever watches the far side.
struct Act {
    dir: PathBuf,
    home: PathBuf,
    conf: PathBuf,
    log: PathBuf,
    savepoints: PathBuf,
    hand: Hand,
    now: i64,
}

impl Act {
    fn of(story: &Story) -> Self {
        let stage = &story.stage;
        Self {
            dir: story.dir.path().to_owned(),
            home: stage.path("flink-1.18.1"),
            conf: stage.path("conf"),
            log: stage.path("log"),
            savepoints: stage.path("sp"),
            hand: stage.server.hand(),
            now: stage.server.now(),
        }
    }

    fn carry_out(&self, deed: &Deed) {
        match deed {
            Deed::CutAnswer | Deed::Busy(_) => {}
            Deed::KillUpshift => {
                let there = workers(&self.dir);
                for pid in &there {
                    let pid = rustix::process::Pid::from_raw(*pid).unwrap();
                    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
                }
                wait(|| !there.iter().any(|pid| is_alive(*pid)));
            }
            Deed::RestartJobManager => restart_job_manager(&self.home, &self.conf, &self.log),
            Deed::BringBackJob => {
                let conf = self.conf.display().to_string();
                self.hand
                    .world()
                    .submit(&conf, &Stage::job_id(0), "orders", self.now);
            }
            Deed::LoseMetadata => {
                let newest = snapshots(&self.savepoints).pop().unwrap();
                std::fs::remove_file(newest.join("_metadata")).unwrap();
            }
        }
    }
}

fn watch(story: &Story, events: &[Event]) {
    let act = Act::of(story);
    let left: Vec<(Event, AtomicI64)> = events
        .iter()
        .map(|event| {
            let times = if let Deed::Busy(times) = event.deed {
                times
            } else {
                1
            };
            (event.clone(), AtomicI64::new(times))
        })
        .collect();
    story.stage.server.watch(move |contact: &Contact| {
        let due = left.iter().find(|(event, times)| {
            let meant = event.what == contact.what || event.what == "anything";
            let gone = event.deed != Deed::BringBackJob || act.hand.world().alive("orders").is_empty();
            meant && gone && event.moment == contact.moment && times.fetch_sub(1, Ordering::Relaxed) > 0
        });
        let Some((event, _)) = due else { return Verdict::Go };
        act.carry_out(&event.deed);
        match event.deed {
            Deed::CutAnswer | Deed::KillUpshift => Verdict::Cut,
            Deed::Busy(_) if contact.moment == Moment::Before => {
                let text =
                    "Service temporarily unavailable due to an ongoing leader election. Please refresh.";
                Verdict::Tell(Answer {
                    status: 503,
                    body: json!({ "errors": [text] }),
                })
            }
            _ => Verdict::Go,
        }
    });
}
