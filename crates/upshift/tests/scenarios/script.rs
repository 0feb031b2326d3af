//! The words of a story, one to a line. `#` begins a remark.
//!
//! | | |
//! |---|---|
//! | `policy KEY = VALUE` | a key of `[policy]` |
//! | `job NAME` | one more job beside `orders` |
//! | `before NAME …`, `after NAME …` | how a job behaves on the old release, on the new one |
//! | `when WHAT arrives: …`, `when WHAT is done: …` | what happens at the first such request to Flink, once |
//! | `$ upshift …` | a command, with all that it says and its exit code |
//! | `> upshift …` | the same with its exit code only |
//! | `wait for …` | until `the end` of the run, until `the old job` is back after its stop, until `the kill` of upshift that a request brings, or until its journal says so |
//! | `do …` | something that happens between two commands |
//! | `world` | what was done in the world, which jobs run, which savepoints lie there |

use upshift_sim::flink::{JobManner, Restoring, Saving};
use upshift_sim::wire::{JobEntry, Moment, Scene};

/// A story.
pub(crate) struct Script {
    pub(crate) scene: Scene,
    pub(crate) events: Vec<Event>,
    pub(crate) lines: Vec<Line>,
}

/// What happens at a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) what: String,
    pub(crate) moment: Moment,
    pub(crate) deed: Deed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// No answer comes.
    CutAnswer,
    /// `kill -9`, and no answer comes.
    KillUpshift,
    /// The old job manager dies and another one comes.
    RestartJobManager,
    /// Answers that it is busy, so many times.
    Busy(i64),
    /// The old job is there again, under its old id: at the first such request after it was gone.
    BringBackJob,
    /// The newest savepoint loses its metadata.
    LoseMetadata,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Command { words: Vec<String>, heard: bool },
    WaitFor(String),
    Do(Deed),
    World,
}

impl Script {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let scene = Scene::new()
            .policy("soak", "\"100ms\"")
            .policy("finalize_after", "\"1ms\"");
        let mut script = Self {
            scene,
            events: Vec::new(),
            lines: Vec::new(),
        };
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                script
                    .take_in(line)
                    .map_err(|e| format!("line {}: {e}: {line}", at + 1))?;
            }
        }
        Ok(script)
    }

    fn take_in(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "policy" => {
                let (key, value) = rest.split_once(" = ").ok_or("KEY = VALUE was expected")?;
                self.scene.policy.insert(key.to_owned(), value.to_owned());
            }
            "job" => self.scene.jobs.push(JobEntry::named(rest)),
            "before" | "after" => {
                let (name, how) = rest.split_once(' ').ok_or("a job and its manner were expected")?;
                let job = self
                    .scene
                    .jobs
                    .iter_mut()
                    .find(|job| job.name == name)
                    .ok_or("there is no such job")?;
                let manner = if word == "before" {
                    &mut job.before
                } else {
                    &mut job.after
                };
                behave(manner, how)?;
            }
            "when" => self.events.push(event(rest)?),
            "$" | ">" => {
                let words = rest.strip_prefix("upshift ").ok_or("only upshift is run")?;
                let words = words.split(' ').map(str::to_owned).collect();
                self.lines.push(Line::Command {
                    words,
                    heard: word == "$",
                });
            }
            "wait" => self.lines.push(Line::WaitFor(
                rest.strip_prefix("for ")
                    .ok_or("`wait for` was expected")?
                    .to_owned(),
            )),
            "do" => self.lines.push(Line::Do(deed(rest)?)),
            "world" => self.lines.push(Line::World),
            _ => return Err("no word of a story".to_owned()),
        }
        Ok(())
    }
}

fn behave(manner: &mut JobManner, how: &str) -> Result<(), String> {
    let (word, rest) = how.split_once(' ').unwrap_or((how, ""));
    let number = || rest.parse::<i64>().map_err(|e| format!("milliseconds: {e}"));
    match word {
        "starts-in" => manner.starts_in = number()?,
        "savepoint-takes" => manner.savepoint_takes = number()?,
        "savepoint-fails" => manner.saving = Saving::Fails(rest.to_owned()),
        "savepoint-hangs" => manner.saving = Saving::Hangs,
        "savepoint-lacks-metadata" => manner.saving = Saving::LacksMetadata,
        "start-fails" => manner.restoring = Restoring::Fails(rest.to_owned()),
        "start-is-refused" => manner.restoring = Restoring::Refused(rest.to_owned()),
        "restores-from" => manner.restoring = Restoring::From(rest.to_owned()),
        _ => return Err("no manner of a job".to_owned()),
    }
    Ok(())
}

fn event(text: &str) -> Result<Event, String> {
    let (when, what_then) = text.split_once(": ").ok_or("WHAT arrives: DEED was expected")?;
    let (what, moment) = match (when.strip_suffix(" arrives"), when.strip_suffix(" is done")) {
        (Some(what), _) => (what, Moment::Before),
        (_, Some(what)) => (what, Moment::After),
        _ => return Err("`arrives` or `is done` was expected".to_owned()),
    };
    Ok(Event {
        what: what.to_owned(),
        moment,
        deed: deed(what_then)?,
    })
}

fn deed(text: &str) -> Result<Deed, String> {
    Ok(match text {
        "no answer comes" => Deed::CutAnswer,
        "kill -9 upshift" => Deed::KillUpshift,
        "the job manager is restarted" => Deed::RestartJobManager,
        "the old job comes back" => Deed::BringBackJob,
        "the newest savepoint loses its metadata" => Deed::LoseMetadata,
        other => match other
            .strip_prefix("busy ")
            .and_then(|rest| rest.strip_suffix(" times"))
        {
            Some(times) => Deed::Busy(times.parse().map_err(|e| format!("how many times: {e}"))?),
            None => return Err("no deed of a story".to_owned()),
        },
    })
}
