//! The reader of Flink snapshots against real snapshots and against bytes composed for the purpose.

mod bytes;
mod composed;
mod damage;
mod fixtures;
mod golden;
mod golden_kinds;
mod handles;
mod headers;
mod kinds;
mod opid;
mod truth;
