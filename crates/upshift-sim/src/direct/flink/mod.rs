//! The direct face of the Flink world: the same plan, the same steps, the same judgement of each as the
//! real driver has, on a machine that is a value.

mod attempt;
mod codes;
mod contents;
mod expectation;
mod face;
mod given;
mod look;
mod observe;
mod scene;
mod standing;
mod strike;

pub use face::FlinkFace;
pub use given::machine as given_machine;
pub use scene::{Scene, Way};
