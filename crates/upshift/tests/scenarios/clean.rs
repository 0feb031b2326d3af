//! Takes out of a text what differs from one time to the next: folder, port, person, ids, times, process numbers. What is left
//! is the story.

use std::path::Path;
use std::process::Command;

/// See the module.
pub(crate) struct Clean {
    dir: String,
    port: String,
    by: String,
}

impl Clean {
    pub(crate) fn of(dir: &Path, port: u16) -> Self {
        let asked = Command::new("id").arg("-un").output().unwrap();
        let user = String::from_utf8(asked.stdout).unwrap();
        Self {
            dir: dir.display().to_string(),
            port: port.to_string(),
            by: format!("by {}", user.trim()),
        }
    }

    pub(crate) fn text(&self, text: &str) -> String {
        let lines: Vec<String> = text
            .lines()
            .filter(|line| !is_a_wait(line))
            .map(|line| self.line(line))
            .collect();
        let mut told = String::new();
        for line in in_order(lines) {
            told += line.trim_end();
            told.push('\n');
        }
        told
    }

    fn line(&self, line: &str) -> String {
        let line = line
            .replace(&self.dir, "STAGE")
            .replace(&self.port, "PORT")
            .replace(&self.by, "by SOMEBODY");
        let mut told = String::new();
        let mut rest = line.as_str();
        while !rest.is_empty() {
            let (said, left) = process(rest, &told).unwrap_or_else(|| piece(rest, told.chars().next_back()));
            told += &said;
            rest = left;
        }
        told
    }
}

/// How often somebody looks before it is there depends on the machine.
fn is_a_wait(line: &str) -> bool {
    line.contains("(waiting ") || line.contains(", gives up at ")
}

/// The id of a process, which has as many digits as the machine had processes.
fn process<'a>(text: &'a str, told: &str) -> Option<(String, &'a str)> {
    let named = ["pid ", "process ", "processes ", "processes NUMBER, "];
    let digits = run_of(text, |c| c.is_ascii_digit());
    let is_one = !digits.is_empty() && named.iter().any(|word| told.ends_with(word));
    is_one.then(|| ("NUMBER".to_owned(), &text[digits.len()..]))
}

/// The beginning of the text as it is told, and what is left of it.
fn piece(text: &str, before: Option<char>) -> (String, &str) {
    let starts_a_word = !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    if starts_a_word {
        if fits(text, "dddd-dd-dd") {
            let left = &text[10..];
            let time = run_of(left, |c| c.is_ascii_digit() || "TZ:.".contains(c));
            return ("DATE".to_owned(), &left[time.len()..]);
        }
        if fits(text, "dd:dd:dd") {
            return ("HH:MM:SS".to_owned(), &text[8..]);
        }
        if let Some(left) = duration(text) {
            return ("TIME".to_owned(), left);
        }
        let id = run_of(text, |c| c.is_ascii_hexdigit() || c == '-');
        if id.len() == 36 {
            return ("RUN".to_owned(), &text[36..]);
        }
        let hex = run_of(text, |c| c.is_ascii_hexdigit());
        let ends = !text[hex.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if ends && hex.len() >= 6 {
            return ("HEX".to_owned(), &text[hex.len()..]);
        }
        let digits = run_of(text, |c| c.is_ascii_digit());
        // The digits of a code come after a hyphen.
        if digits.len() >= 4 && before != Some('-') {
            return ("NUMBER".to_owned(), &text[digits.len()..]);
        }
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    (text[..first].to_owned(), &text[first..])
}

fn run_of(text: &str, of: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c: char| !of(c)).unwrap_or(text.len())]
}

/// Digits where the shape has a `d`, the same elsewhere, and then no further digit.
fn fits(text: &str, shape: &str) -> bool {
    let same = |(c, s): (char, char)| if s == 'd' { c.is_ascii_digit() } else { c == s };
    text.len() >= shape.len()
        && text.chars().zip(shape.chars()).all(same)
        && !text.chars().nth(shape.len()).is_some_and(|c| c.is_ascii_digit())
}

/// `1.5 s`, `120 ms`, `60 m`: gives what comes after.
fn duration(text: &str) -> Option<&str> {
    let number = run_of(text, |c| c.is_ascii_digit() || c == '.');
    let rest = text[number.len()..]
        .strip_prefix(' ')
        .filter(|_| !number.is_empty())?;
    let unit = run_of(rest, |c| c.is_ascii_alphabetic());
    ["ms", "s", "m", "h"].contains(&unit).then(|| &rest[unit.len()..])
}

/// The lanes of the first wave run side by side: their lines are told lane by lane.
fn in_order(lines: Vec<String>) -> Vec<String> {
    let step = |line: &String| {
        let mut words = line.split_whitespace();
        let step = words
            .next()
            .filter(|word| *word == "HH:MM:SS")
            .and_then(|_| words.next());
        step.filter(|word| word.starts_with("1.a.") || word.starts_with("1.b."))
            .map(str::to_owned)
    };
    let mut ordered: Vec<String> = Vec::new();
    let mut block: Vec<String> = Vec::new();
    for line in lines {
        if step(&line).is_none() {
            block.sort_by_key(step);
            ordered.append(&mut block);
            ordered.push(line);
        } else {
            block.push(line);
        }
    }
    block.sort_by_key(step);
    ordered.append(&mut block);
    ordered
}
