//! The exit codes of every command, in one place.
//!
//! A blocking finding, a drift or a question is a result with its own code, not an error. What is
//! printed along with a code is the commands' business.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, ready (yellow findings included), or nothing to do.
    Done = 0,
    /// Something that should not happen.
    Unexpected = 1,
    /// The command line, the system file or a plan file cannot be used as it is.
    Usage = 2,
    /// At least one red finding that nobody waived.
    Blocked = 3,
    /// Something that had to be seen was not seen.
    Unknown = 4,
    /// The plan has changes to make; only with `--exit-code`.
    Changes = 5,
    /// The run waits for a person.
    Waiting = 6,
    /// The run halted, or the world differs from the plan; the state is safe.
    Halted = 7,
    /// Somebody must look at a state: of a job whose run halted, or of a journal that is not whole.
    Attention = 8,
}

impl Exit {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Unexpected,
        Self::Usage,
        Self::Blocked,
        Self::Unknown,
        Self::Changes,
        Self::Waiting,
        Self::Halted,
        Self::Attention,
    ];

    /// The number that the shell sees.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What the number means, as `--help` says it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, ready (yellow findings included), or nothing to do",
            Self::Unexpected => "something that should not happen",
            Self::Usage => "the command line, the system file or a plan file cannot be used as it is",
            Self::Blocked => "blocked by findings",
            Self::Unknown => "something that had to be seen was not seen",
            Self::Changes => "the plan has changes to make (only with --exit-code)",
            Self::Waiting => "the run waits for a person",
            Self::Halted => "the run halted or the world differs from the plan; the state is safe",
            Self::Attention => {
                "a state needs a look: of a job whose run halted, or of a journal that is not whole"
            }
        }
    }

    /// The list that `--help` ends with.
    pub fn help() -> String {
        Self::ALL.iter().fold(String::from("Exit codes:"), |text, exit| {
            format!("{text}\n  {}  {}", exit.number(), exit.meaning())
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn numbers_are_their_places_and_every_one_has_its_line_of_help() {
        for (place, exit) in Exit::ALL.iter().enumerate() {
            assert_eq!(usize::from(exit.number()), place);
        }
        assert_eq!(Exit::help().lines().count(), Exit::ALL.len() + 1);
    }
}
