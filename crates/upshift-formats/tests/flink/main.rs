//! The reader of Flink snapshots against real snapshots and against bytes composed for the purpose.

mod fixtures;
mod truth;
