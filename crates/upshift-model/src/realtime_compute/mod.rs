//! What is known of a namespace of Realtime Compute for Apache Flink, and how it is reached.

mod declaration;
mod facts;
mod program;
mod service;
mod site;
mod work;

pub use declaration::{Declaration, GraphHome, Select};
pub use facts::{Checkpoints, Deployment, Draft, Engine, Facts, Job, Library, Point, Queue, Room};
pub use program::Program;
pub use service::{Credentials, Service};
pub use site::{Deployed, Drafted, Place, Site};
pub use work::Preparation;
