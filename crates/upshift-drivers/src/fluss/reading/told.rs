//! How a node, or its absence, becomes a fact or a gap.

use upshift_formats::fluss::{Tree, Unread, ZnodeError};
use upshift_model::observed::{Gap, Observed};

/// A node that may be absent.
pub(super) fn node<T>(
    tree: &Tree,
    path: &str,
    what: &str,
    read: impl FnOnce(&[u8]) -> Result<T, ZnodeError>,
) -> Observed<Option<T>> {
    match tree.get(path) {
        Ok(None) => Observed::Known(None),
        Ok(Some(data)) => match read(&data.bytes) {
            Ok(found) => Observed::Known(Some(found)),
            Err(error) => Observed::unknown(what, format!("{path}: {error}")),
        },
        Err(unread) => Observed::Unknown(unseen(what, &unread)),
    }
}

/// A gap where a part of the tree could not be read.
pub(super) fn unseen(what: &str, unread: &Unread) -> Gap {
    Gap {
        what: what.to_owned(),
        reason: unread.to_string(),
    }
}
