//! Configuration.
use upshift_model::finding::Finding;

use super::view::View;

pub(super) fn check(_: &View<'_>) -> Vec<Finding> {
    Vec::new()
}
