//! Java.
use upshift_model::finding::Finding;
use upshift_model::flink::DeclaredInstallation;

use super::topic::Topic;
use super::view::{NEW_CLUSTER, View};
use crate::systems::flink::codes;

pub(super) fn fit(_: &View<'_>, _: &DeclaredInstallation) -> Finding {
    Topic::new(codes::JAVA, NEW_CLUSTER).green("x")
}
