//! The screen of somebody who follows a run: lines that stay, and below them what is being waited for, which is drawn
//! anew on a terminal and told now and then elsewhere. It reads nothing.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use upshift_model::run_state::RunState;

use super::{called, timeline};

/// How often a wait that has not changed is said again where there is no terminal to redraw.
const REPEAT: Duration = Duration::from_secs(15);
/// A terminal that does not tell its size.
const USUAL: (usize, usize) = (80, 24);

/// Where lines go, and what of them is taken back.
pub(super) struct Screen {
    terminal: bool,
    /// Lines that stand there until something else is said.
    drawn: usize,
    said: String,
    said_at: Option<jiff::Timestamp>,
}

impl Screen {
    /// Standard output.
    pub(super) fn new() -> Self {
        Self {
            terminal: std::io::stdout().is_terminal(),
            drawn: 0,
            said: String::new(),
            said_at: None,
        }
    }

    /// Prints lines that stay.
    pub(super) fn print(&mut self, lines: &[String]) -> std::io::Result<()> {
        self.clear()?;
        let mut out = std::io::stdout().lock();
        for line in lines {
            writeln!(out, "{}", called::again(line))?;
        }
        out.flush()
    }

    /// Takes back what is being waited for.
    pub(super) fn clear(&mut self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        for _ in 0..std::mem::take(&mut self.drawn) {
            write!(out, "\x1b[1A\x1b[2K")?;
        }
        out.flush()
    }

    /// What is being waited for: redrawn on a terminal; elsewhere a line when it changes or when it
    /// has not been said for a while.
    pub(super) fn note(
        &mut self,
        state: &RunState,
        note: &upshift_engine::store::Note,
    ) -> std::io::Result<()> {
        let waits: Vec<String> = note
            .lanes
            .iter()
            .filter(|lane| !state.is_done(&lane.step))
            .map(|lane| {
                let waited = upshift_model::span::Millis::between(lane.since, note.at);
                let until = lane.until.map_or_else(String::new, |u| {
                    format!(", gives up at {}", timeline::time_from(note.at, u))
                });
                format!(
                    "{}  {:<8} {} (waiting {waited}{until})",
                    timeline::clock_time(note.at),
                    lane.step,
                    shortened(&lane.what)
                )
            })
            .collect();
        if waits.is_empty() || note.at < state.last.at {
            return Ok(());
        }
        if self.terminal {
            let waits = fitted(&waits, size());
            let key = waits.join("\n");
            if self.drawn == 0 || key != self.said {
                self.print(&waits)?;
                self.drawn = waits.len();
                self.said = key;
            }
            return Ok(());
        }
        let key: String = note
            .lanes
            .iter()
            .map(|l| format!("{} {}\n", l.step, l.what))
            .collect();
        // Words that change all the time (bytes written so far) are said once a second at most.
        let pause = if key == self.said {
            REPEAT
        } else {
            Duration::from_secs(1)
        };
        if self
            .said_at
            .is_none_or(|at| note.at.duration_since(at).unsigned_abs() >= pause)
        {
            self.said = key;
            self.said_at = Some(note.at);
            self.print(&waits)?;
        }
        Ok(())
    }
}

/// A wait in one line of a usual terminal.
fn shortened(what: &str) -> String {
    const WIDTH: usize = 90;
    match what.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &what[..at]),
        None => what.to_owned(),
    }
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    match rustix::termios::tcgetwinsize(std::io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        Ok(_) | Err(_) => USUAL,
    }
}

/// Each in a row of its own and all of them on the screen: what wraps or scrolls away cannot be taken back.
fn fitted(lines: &[String], (columns, rows): (usize, usize)) -> Vec<String> {
    let fit = |line: &String| match line.char_indices().nth(columns.saturating_sub(1)) {
        Some((at, _)) if line.chars().count() > columns => format!("{}…", &line[..at]),
        _ => line.clone(),
    };
    // The cursor stands in the last row.
    let room = rows.saturating_sub(1).max(1);
    if lines.len() <= room {
        return lines.iter().map(fit).collect();
    }
    let shown = room - 1;
    let rest = format!("and {} more", lines.len() - shown);
    lines[..shown].iter().chain([&rest]).map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn what_is_drawn_anew_takes_as_many_rows_as_it_has_lines() {
        let lines = ["06:08:21  5.a.1    moves the journal → aside", "short"].map(str::to_owned);
        assert_eq!(fitted(&lines, (80, 24)), lines);
        assert_eq!(fitted(&lines, (20, 24)), ["06:08:21  5.a.1    …", "short"]);
        assert_eq!(fitted(&lines, (43, 24))[0].chars().count(), 43);
        let many: Vec<String> = (0..40).map(|lane| format!("lane {lane}")).collect();
        let drawn = fitted(&many, (80, 24));
        assert_eq!((drawn.len(), drawn[22].as_str()), (23, "and 18 more"));
        assert_eq!(fitted(&many, (3, 1)), ["an…"]);
    }
}
