//! What is known of a namespace of Realtime Compute for Apache Flink, and how it is reached.

mod declaration;
mod facts;
mod service;
mod site;
mod work;

pub use declaration::{Declaration, Select};
pub use facts::{Checkpoints, Deployment, Draft, Engine, Facts, Job, Library, Point, Queue, Room};
pub use service::{Credentials, Service};
pub use site::{Deployed, Drafted, Place, Site};
pub use work::Preparation;
