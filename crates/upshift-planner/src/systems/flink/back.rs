//! The way back from every wave of a Flink upgrade.
