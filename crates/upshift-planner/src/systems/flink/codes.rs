//! The codes of Flink's findings.
