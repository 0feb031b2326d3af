//! What a program says and how it ends.

use serde_json::Value;

/// What a program says and how it ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit code.
    pub code: i32,
}

impl Answer {
    pub(super) fn text(stdout: impl Into<String>) -> Self {
        Self {
            stdout: stdout.into(),
            ..Self::default()
        }
    }

    pub(super) fn json(value: &Value) -> Self {
        Self::text(format!("{value:#}\n"))
    }

    pub(super) fn failed(code: i32, stderr: impl Into<String>) -> Self {
        Self {
            stderr: stderr.into(),
            code,
            ..Self::default()
        }
    }

    pub(super) fn ended(code: i32) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }
}
