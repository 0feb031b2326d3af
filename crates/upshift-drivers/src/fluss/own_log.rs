//! What a server's own log says of a start that does not come to its end: a process may die, or live on and never
//! register. Only the end of the log is read, and of that only what this start wrote; nothing that looks secret is repeated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use upshift_model::fluss::ServerId;
use upshift_model::observed::Observed;
use upshift_model::span::Millis;

use super::conceal::is_sensitive;
use super::machine::LogEnd;
use crate::wire::{REDACTED, redact_text};

/// A server registers within seconds; after this its log is looked at.
pub(super) const LOOKED_AT_AFTER: Millis = Millis::from_secs(60);
/// A look is not made more often than this: the log may lie behind a slow line.
const EVERY: Millis = Millis::from_secs(10);
/// The longest line that is repeated.
const LONGEST: usize = 400;
/// Every start of every release writes its options first.
const BEGINS: &str = "Loading configuration property";

/// What is written there by a server that gives up, ends nothing, and lives on.
const GAVE_UP: &str = "Fatal error occurred while running";

/// Logs of servers that do not register.
#[derive(Debug, Default)]
pub(super) struct OwnLogs {
    /// What was read last of each process, with when.
    read: Mutex<BTreeMap<u32, (Timestamp, Said)>>,
    /// Where that of each server lay when its process was last seen: of one that has died nobody tells it.
    lie: Mutex<BTreeMap<ServerId, PathBuf>>,
}

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) words: String,
    /// Whether the server gave up, and never registers.
    pub(super) gave_up: bool,
}

impl OwnLogs {
    /// What was said a moment ago.
    pub(super) fn lately(&self, pid: u32, now: Timestamp) -> Option<Said> {
        let logs = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, said) = logs.get(&pid)?;
        (Millis::between(*at, now) < EVERY).then(|| said.clone())
    }

    pub(super) fn keep(&self, pid: u32, now: Timestamp, said: &Said) {
        let mut logs = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        logs.insert(pid, (now, said.clone()));
    }

    pub(super) fn lies(&self, server: ServerId, at: Option<&Path>) {
        let mut all = self.lie.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(at.map(|at| (server, at.to_owned())));
    }

    pub(super) fn of(&self, server: ServerId) -> Option<PathBuf> {
        let all = self.lie.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&server).cloned()
    }
}

/// What the log says; of a process that lives, too, who has to end it.
pub(super) fn said(log: &Observed<LogEnd>, lives: Option<u32>) -> Said {
    let quiet = |words: String| Said {
        words,
        gave_up: false,
    };
    let log = match log.as_result() {
        Ok(log) => log,
        Err(gap) => return quiet(format!("what its own log says is not known: {}", gap.reason)),
    };
    let file = log.file.display();
    let (lines, whole) = of_this_start(&log.text);
    let from = match whole {
        true => "",
        false => " (whether of this start is not told: the log is long)",
    };
    let Some((error, cause)) = last_error(&lines) else {
        let last = lines.iter().rev().find(|line| !line.trim().is_empty());
        let last = last.map_or_else(|| "nothing".to_owned(), |line| shown(line));
        return quiet(format!("{file} has no error{from}; its last line: {last}"));
    };
    let cause = cause
        .map(|cause| format!("; {}", shown(cause)))
        .unwrap_or_default();
    let gave_up = whole && lines.iter().any(|line| line.contains(GAVE_UP));
    let ended = match lives.filter(|_| error.contains(GAVE_UP) || gave_up) {
        Some(pid) => format!(
            ". It does not end by itself, and never registers: end it by its pid (kill -TERM {pid}), and it is started anew"
        ),
        None => String::new(),
    };
    Said {
        words: format!("the last error in {file}{from}: {}{cause}{ended}", shown(error)),
        gave_up,
    }
}

/// Lines that the newest start wrote, and whether its beginning was seen.
fn of_this_start(text: &str) -> (Vec<&str>, bool) {
    let lines: Vec<&str> = text.lines().collect();
    let options = |line: &&str| line.contains(BEGINS);
    match lines.iter().rposition(options) {
        Some(at) => (lines[at + 1..].to_vec(), true),
        None => (lines, false),
    }
}

/// The last line of a grave level, and the last cause that follows it.
fn last_error<'t>(lines: &[&'t str]) -> Option<(&'t str, Option<&'t str>)> {
    let grave = |line: &str| {
        let mut level = line.split_whitespace().take(4);
        level.any(|word| matches!(word, "ERROR" | "FATAL"))
    };
    let at = lines.iter().rposition(|line| grave(line))?;
    let cause = lines[at + 1..].iter().rev();
    let cause = cause
        .copied()
        .find(|line| line.trim_start().starts_with("Caused by:"));
    // Where nothing caused it, what was thrown stands right below.
    let thrown = lines.get(at + 1).copied();
    let thrown = thrown.filter(|line| line.contains("Exception") || line.contains("Error"));
    Some((lines[at], cause.or(thrown)))
}

/// A line as it may be repeated: without what is secret, and not for ever.
fn shown(line: &str) -> String {
    let line = line.trim();
    if is_sensitive(line) {
        return format!("a line that may hold a secret {REDACTED}");
    }
    let line = redact_text(line);
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(text: &str) -> Observed<LogEnd> {
        Observed::Known(LogEnd {
            file: "/srv/ts-1/server.log".into(),
            text: text.to_owned(),
        })
    }

    fn words(log: &Observed<LogEnd>, lives: Option<u32>) -> String {
        said(log, lives).words
    }

    const FATAL: &str = "2026-11-28T06:40:12,003 ERROR org.apache.fluss.server.ServerBase               Fatal error occurred while running the TabletServer. Shutting it down...";

    #[test]
    fn the_last_error_of_this_start_is_told_with_its_cause_and_who_has_to_end_it() {
        let text = format!(
            "2026-11-28T06:38:00,000 ERROR x of an earlier start\n2026-11-28T06:39:00,000 INFO  GlobalConfiguration {BEGINS}: data.dir, /d\n{FATAL}\norg.apache.fluss.exception.FlussException: Failed to start\n\tat a.b(C.java:1)\nCaused by: java.io.IOException: one\n\tat d\nCaused by: KeeperException$ConnectionLossException: KeeperErrorCode = ConnectionLoss\n"
        );
        let said = words(&log(&text), Some(812));
        assert!(
            said.contains("Fatal error occurred while running the TabletServer"),
            "{said}"
        );
        assert!(
            said.contains("ConnectionLoss") && said.contains("kill -TERM 812"),
            "{said}"
        );
        assert!(
            !said.contains("earlier start") && !said.contains("not told"),
            "{said}"
        );
    }

    #[test]
    fn a_server_gave_up_where_this_very_start_says_so() {
        let gave_up = |text: &str| said(&log(text), Some(1)).gave_up;
        let starts = format!("INFO {BEGINS}: a, b\n");
        assert!(gave_up(&format!("{starts}{FATAL}\n")));
        assert!(gave_up(&format!("{starts}{FATAL}\nt ERROR and more\n")));
        assert!(!gave_up(&format!("{FATAL}\n{starts}")));
        // It may be of an earlier start.
        assert!(!gave_up(&format!("{FATAL}\n")));
        let of_a_dead_one = words(&log(&format!("{starts}{FATAL}\n")), None);
        assert!(!of_a_dead_one.contains("kill"), "{of_a_dead_one}");
    }

    #[test]
    fn a_log_without_an_error_one_that_is_long_and_one_that_is_not_found_are_told_apart() {
        let quiet = words(
            &log(&format!(
                "x ERROR old\nINFO {BEGINS}: a, b\nINFO Recovering logs\n\n"
            )),
            Some(1),
        );
        assert!(
            quiet.contains("has no error; its last line: INFO Recovering logs"),
            "{quiet}"
        );
        let long = words(&log("t ERROR it broke\n"), Some(1));
        assert!(
            long.contains("whether of this start is not told") && long.contains("it broke"),
            "{long}"
        );
        let none = words(
            &Observed::unknown("its log", "no -Dlog.file is on its command line"),
            Some(1),
        );
        assert!(none.contains("is not known: no -Dlog.file"), "{none}");
    }

    #[test]
    fn nothing_secret_is_repeated_and_no_line_is_endless() {
        let said = words(&log("t ERROR cannot use s3.secret-key: hunter2\n"), None);
        assert!(!said.contains("hunter2"), "{said}");
        let said = words(
            &log(&format!("t ERROR {} https://u:p@h/\n", "é".repeat(2_000))),
            None,
        );
        assert!(said.chars().count() < 700, "{said}");
        assert!(!words(&log("t ERROR no https://u:p@h/\n"), None).contains("u:p"));
    }

    #[test]
    fn a_log_is_not_read_again_and_again() {
        let logs = OwnLogs::default();
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).expect("a time");
        let said = said(&log("t ERROR it broke\n"), Some(7));
        logs.keep(7, at(0), &said);
        assert_eq!(logs.lately(7, at(9)), Some(said));
        assert_eq!(logs.lately(7, at(10)), None);
        assert_eq!(logs.lately(8, at(1)), None);
    }
}
