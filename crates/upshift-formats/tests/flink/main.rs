//! The reader of Flink snapshots against real snapshots and against bytes composed for the purpose.

mod bytes;
mod composed;
mod damage;
mod fixtures;
mod golden;
mod handles;
mod headers;
mod opid;
mod truth;
