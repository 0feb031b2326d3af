//! The list of checks before a Flink upgrade, in order.
