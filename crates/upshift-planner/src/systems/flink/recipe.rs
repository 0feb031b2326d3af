//! The waves of a Flink upgrade.
