//! What a person is told when a command cannot go on: code, place, what, what was expected, what to
//! do next, and the exit code.
//!
//! Only the shape. The text is put together in `cli::render`, and findings of a check are results
//! and never troubles.

use upshift_model::ids::Code;

use crate::exit::Exit;

/// One reason why a command cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Its page.
    pub code: Code,
    /// Where: `orders.toml:14:1`, a plan file, an address; none for the command line.
    pub place: Option<String>,
    /// What is wrong: one line, lower case, no full stop.
    pub what: String,
    /// What would have been right.
    pub expected: Option<String>,
    /// What the far side said last, in its own words.
    pub far_side: Option<String>,
    /// What to do next, one thing a line, literal commands where there are any.
    pub next: Vec<String>,
    /// How the command ends.
    pub exit: Exit,
}

impl Trouble {
    /// A trouble with what the reader of the command line gave: exit code 2.
    pub fn usage(code: Code, what: impl Into<String>) -> Self {
        Self::new(code, Exit::Usage, what)
    }

    /// A trouble with any exit code.
    pub fn new(code: Code, exit: Exit, what: impl Into<String>) -> Self {
        Self {
            code,
            place: None,
            what: what.into(),
            expected: None,
            far_side: None,
            next: Vec::new(),
            exit,
        }
    }

    /// The same at a place.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same with what would have been right.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The same with one more thing to do.
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next.push(next.into());
        self
    }
}

/// Why a command ended without a result.
#[derive(Debug)]
pub enum Stop {
    /// Reasons that have a code and a page, at least one.
    Troubles(Vec<Trouble>),
    /// Something that should not happen.
    Unexpected(anyhow::Error),
}

impl Stop {
    /// How the command ends: the gravest of its troubles.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Troubles(troubles) => troubles.iter().map(|t| t.exit).max().unwrap_or(Exit::Unexpected),
            Self::Unexpected(_) => Exit::Unexpected,
        }
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Troubles(vec![trouble])
    }
}

impl From<Vec<Trouble>> for Stop {
    fn from(troubles: Vec<Trouble>) -> Self {
        Self::Troubles(troubles)
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Unexpected(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Unexpected(error.into())
    }
}
