//! What is done to a namespace beside copying, saving, stopping and starting: a draft of SQL goes its own way to a
//! deployment.

use serde::{Deserialize, Serialize};

use crate::ids::{BindingName, ComponentId};

/// Things made ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preparation {
    /// The draft of a deployment is saved as another, on the wanted engine, and read back.
    SaveAs {
        /// Of which deployment.
        of: ComponentId,
        /// What the new draft is called, and later its deployment.
        to: ComponentId,
        /// Under which name the service's own id of the new draft is bound.
        into: BindingName,
    },
    /// The service validates the new draft against the wanted engine. It changes nothing.
    Validate {
        /// Of which deployment.
        of: ComponentId,
        /// Under which name the draft is bound.
        draft: BindingName,
    },
}
