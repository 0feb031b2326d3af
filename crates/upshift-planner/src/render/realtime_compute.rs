//! What only Realtime Compute knows, in words.

use upshift_model::realtime_compute::Preparation;

/// What is made ready.
pub(super) fn preparation(what: &Preparation) -> String {
    match what {
        Preparation::SaveAs { of, to, .. } => {
            format!("{of}: save its draft as {to} on the wanted engine, and read it back")
        }
        Preparation::Validate { of, .. } => {
            format!("{of}: let the service validate the new draft, and wait for its verdict")
        }
    }
}
