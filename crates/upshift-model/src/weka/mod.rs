//! WEKA, in words that everybody shares: what a person wants, and what was seen of a cluster and its servers.

mod act;
mod cluster;
mod declaration;
mod facts;
mod server;
mod site;

pub use act::{Act, Condition, Fate, Former, Window};
pub use cluster::*;
pub use declaration::{ClientWay, Declaration, Rest, Source, TaskRule};
pub use facts::Facts;
pub use server::*;
pub use site::{Runner, Site, SiteClient, USUAL_PORT};
