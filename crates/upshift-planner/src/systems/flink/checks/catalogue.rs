//! What the catalogue says, as findings.

use upshift_model::finding::Finding;
use upshift_model::version::Version;

use super::view::View;

pub(super) fn age(_: &View<'_>) -> Vec<Finding> {
    Vec::new()
}

pub(super) fn pair(_: &View<'_>, _: &Version, _: &Version) -> Vec<Finding> {
    Vec::new()
}
