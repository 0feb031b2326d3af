//! The direct face of the Alluxio world: the same plan, the same steps, the same judgement of each as the real driver
//! has, on a cluster that is a value.

mod attempt;
mod codes;
mod condition;
mod face;
mod observe;
mod scene;
mod standing;
mod strike;

pub use face::AlluxioFace;
pub use scene::{JOURNAL, declaration};
