//! Output of many programs in one: which said what, and how each ended.

use std::collections::BTreeMap;

use serde_json::Value;
use upshift_model::observed::{Gap, Observed};

/// How a program ends that is not logged in.
const NOT_LOGGED_IN: i32 = 41;
/// How `timeout` ends when it was needed.
const OUT_OF_TIME: i32 = 124;

/// What programs said, by name.
#[derive(Debug, Default)]
pub(super) struct Frames(BTreeMap<String, Frame>);

/// What one said.
#[derive(Debug, Default, Clone)]
pub(super) struct Frame {
    /// Standard output.
    pub(super) out: String,
    err: String,
    /// How it ended; none where the end was not heard.
    pub(super) code: Option<i32>,
}

impl Frames {
    /// Takes both streams apart by lines that begin with `mark`.
    pub(super) fn read(mark: &str, out: &str, err: &str) -> Self {
        let mut all = Self::default();
        all.take(mark, out, |frame| &mut frame.out);
        all.take(mark, err, |frame| &mut frame.err);
        all
    }

    fn take(&mut self, mark: &str, text: &str, stream: fn(&mut Frame) -> &mut String) {
        let mut at: Option<String> = None;
        for line in text.split_inclusive('\n') {
            let told = line
                .trim_end()
                .strip_prefix(mark)
                .and_then(|rest| rest.strip_prefix(' '));
            match (told, &at) {
                (Some(end), Some(name)) if end.starts_with("= ") => {
                    self.0.entry(name.clone()).or_default().code = end[2..].parse().ok();
                    at = None;
                }
                (Some(name), _) => {
                    self.0.entry(name.to_owned()).or_default();
                    at = Some(name.to_owned());
                }
                (None, Some(name)) => {
                    stream(self.0.entry(name.clone()).or_default()).push_str(line);
                }
                (None, None) => {}
            }
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Puts an answer in as if a program had given it.
    pub(super) fn put(&mut self, name: &str, answer: &Value) {
        let frame = Frame {
            out: answer.to_string(),
            err: String::new(),
            code: Some(0),
        };
        self.0.insert(name.to_owned(), frame);
    }

    /// Puts in what a program said, and how it ended.
    pub(super) fn say(&mut self, name: &str, out: String, code: i32) {
        let frame = Frame {
            out,
            err: String::new(),
            code: Some(code),
        };
        self.0.insert(name.to_owned(), frame);
    }

    /// Names of all that answered.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Frame> {
        self.0.get(name)
    }

    /// Whether the cluster knows who asks; none where it did not say.
    pub(super) fn logged_in(&self, name: &str) -> Option<bool> {
        match self.0.get(name)?.code? {
            0 => Some(true),
            NOT_LOGGED_IN => Some(false),
            _ => None,
        }
    }

    /// What a program said, where it ended well.
    pub(super) fn text(&self, name: &str, what: &str) -> Result<&str, Gap> {
        let gap = |reason: String| Gap {
            what: what.to_owned(),
            reason,
        };
        let frame = self
            .0
            .get(name)
            .ok_or_else(|| gap("it was not asked, or the answer was lost".to_owned()))?;
        match frame.code {
            None => Err(gap("the answer breaks off".to_owned())),
            Some(0) => Ok(frame.out.trim()),
            Some(NOT_LOGGED_IN) => Err(gap("nobody is logged in there: weka user login".to_owned())),
            Some(OUT_OF_TIME) => Err(gap("no answer within 30 s".to_owned())),
            Some(127) => Err(gap("there is no such program".to_owned())),
            Some(code) => Err(gap(frame.complaint(code))),
        }
    }

    /// The same as JSON.
    pub(super) fn json(&self, name: &str, what: &str) -> Result<Value, Gap> {
        let text = self.text(name, what)?;
        // The text itself is not shown: it may hold anything.
        serde_json::from_str(text).map_err(|error| Gap {
            what: what.to_owned(),
            reason: format!("the answer is no JSON: {error}"),
        })
    }

    /// The same as a list, each entry read by `read`.
    pub(super) fn list<T>(&self, name: &str, what: &str, read: impl Fn(&Value) -> T) -> Observed<Vec<T>> {
        match self.json(name, what) {
            Err(gap) => Observed::Unknown(gap),
            Ok(Value::Array(entries)) => Observed::Known(entries.iter().map(read).collect()),
            Ok(_) => Observed::unknown(what, "the answer is no list"),
        }
    }

    /// The same as one fact.
    pub(super) fn one<T>(&self, name: &str, what: &str, read: impl Fn(&Value) -> T) -> Observed<T> {
        match self.json(name, what) {
            Err(gap) => Observed::Unknown(gap),
            Ok(value) => Observed::Known(read(&value)),
        }
    }
}

impl Frame {
    /// How it ended, and the last line that it wrote.
    fn complaint(&self, code: i32) -> String {
        let last = self.err.lines().map(str::trim).rfind(|line| !line.is_empty());
        match last {
            Some(line) => format!(
                "it ended with code {code}: {}",
                crate::weka::record::redacted(line)
            ),
            None => format!("it ended with code {code} and said nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Frames;

    #[test]
    fn each_program_has_its_own_output_and_end_and_one_without_an_end_broke_off() {
        let out = "\n@x a\n{\"n\": 18446744073709551615}\n\n@x = 0\n\n@x b\n\n@x = 41\n\n@x c\n[1,\n";
        let err = "\n@x a\n\n@x b\nerror: no\n\n@x c\n";
        let frames = Frames::read("@x", out, err);
        let whole = frames.json("a", "A").unwrap();
        assert_eq!(whole["n"].as_u64(), Some(u64::MAX));
        assert_eq!(frames.logged_in("b"), Some(false));
        assert_eq!(
            frames.text("b", "B").unwrap_err().reason,
            "nobody is logged in there: weka user login"
        );
        assert_eq!(frames.json("c", "C").unwrap_err().reason, "the answer breaks off");
        assert!(frames.text("d", "D").is_err());
    }
}
