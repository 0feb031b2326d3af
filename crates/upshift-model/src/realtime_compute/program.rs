//! What a copy runs in place of what its original does.

use serde::{Deserialize, Serialize};

/// A jar that was built for the wanted engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Where it lies, as the service reads it.
    pub jar: String,
    /// The class with `main`; none for the one of the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_class: Option<String>,
    /// Arguments of `main`, in one line as the console has them; none for those of the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    /// Additional dependencies; none for those of the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<String>>,
}
