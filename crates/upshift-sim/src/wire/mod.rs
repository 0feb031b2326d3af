//! The wire faces: loopback servers, stand-in processes and stand-in installations in front of the world
//! models, so that the real drivers and the real program can be told stories.

mod clock;
mod control;
mod http;
mod installation;
mod jar;
mod ports;
mod process;
mod realtime_compute;
mod server;
mod stage;
mod weka;

pub use installation::{Program, java};
pub use jar::jar;
pub use ports::free_port;
pub use process::run_if_started_by_a_script;
pub use realtime_compute::{Emulator, RunsOn};
pub use server::{Contact, Hand, Moment, Server, Verdict};
pub use stage::{JobEntry, Scene, Stage, StageError};
pub use weka::serve_weka_rest;
