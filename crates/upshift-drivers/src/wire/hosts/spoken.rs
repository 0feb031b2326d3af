//! What came back of a program: how it ended, and its two streams apart from what the login shell said
//! before it began.
//!
//! A start-up file of a login shell may print anything. The script prints a word of its own on both
//! streams right before it becomes the program: what comes before it is the shell's, and when the word
//! never comes the program was certainly not started.

use std::fmt;

use super::kept::Kept;

/// The shell's own words are kept so far.
const LONGEST_PREAMBLE: usize = 16 << 10;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Code(i32),
    /// By a signal; over ssh its number does not come through.
    Signal(Option<i32>),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "ended with code {code}"),
            Self::Signal(Some(number)) => write!(f, "was ended by signal {number}"),
            Self::Signal(None) => f.write_str("was ended by a signal"),
        }
    }
}

/// One stream, as it arrives.
#[derive(Debug)]
pub(super) struct Stream {
    nonce: String,
    before: Vec<u8>,
    /// The rest of the line with the word, once it was there.
    begun: Option<String>,
    after: Kept,
}

impl Stream {
    pub(super) fn new(nonce: &str, keep: usize) -> Self {
        Self {
            nonce: nonce.to_owned(),
            before: Vec::new(),
            begun: None,
            after: Kept::up_to(keep),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.begun.is_some() {
            return self.after.push(bytes);
        }
        self.before.extend_from_slice(bytes);
        match find(&self.before, self.nonce.as_bytes()) {
            Some(at) => {
                let line = at + self.nonce.len();
                if let Some(end) = self.before[line..].iter().position(|b| *b == b'\n') {
                    let rest = String::from_utf8_lossy(&self.before[line..line + end]);
                    self.begun = Some(rest.trim().to_owned());
                    let after = self.before.split_off(line + end + 1);
                    self.before.truncate(at);
                    self.after.push(&after);
                }
            }
            None => {
                let over = self.before.len().saturating_sub(LONGEST_PREAMBLE);
                self.before.drain(..over);
            }
        }
    }

    /// Whether the program began.
    pub(super) fn begun(&self) -> bool {
        self.begun.is_some()
    }

    /// The number of its process, from the stream that tells it.
    pub(super) fn pid(&self) -> Option<i32> {
        self.begun.as_ref()?.parse().ok()
    }

    /// What was said before the program began.
    pub(super) fn preamble(&self) -> String {
        String::from_utf8_lossy(&self.before).trim().to_owned()
    }

    pub(super) fn kept(self) -> Kept {
        self.after
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_login_shell_says_is_not_the_programs() {
        let text = b"Welcome!\nno newline hereN0 4711\nout\nN0 again\n";
        for chunk in 1..text.len() {
            let mut stream = Stream::new("N0", 1024);
            text.chunks(chunk).for_each(|bytes| stream.push(bytes));
            assert_eq!(stream.preamble(), "Welcome!\nno newline here");
            assert_eq!(stream.pid(), Some(4711));
            assert_eq!(stream.kept().text(), "out\nN0 again\n");
        }
    }

    #[test]
    fn a_program_that_never_began_is_told_from_one_that_said_nothing() {
        let mut refused = Stream::new("N0", 1024);
        refused.push(b"This account is currently not available.\n");
        assert!(!refused.begun());
        let mut silent = Stream::new("N0", 1024);
        silent.push(b"N0\n");
        assert!(silent.begun());
        assert_eq!(silent.kept().whole().unwrap(), b"");
    }
}
