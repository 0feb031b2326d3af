//! `upshift rehearse PLAN`: what would become of a plan, played where nothing can be harmed.

pub mod real;
pub mod simulated;
pub mod survey;

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args as ClapArgs;
use upshift_model::span::Millis;
use upshift_sim::direct::Fault;

use super::common::length;
use super::render::Paint;
use super::speaker::Speaker;
use crate::app::rehearse::simulated::At;

/// Play a plan where nothing can be harmed.
///
/// Without --real on a simulated system that is like the one the plan was made for: first with nothing going wrong, then
/// with every fault at every step at which it can strike. Nothing real is touched. Ends with exit code 8 when a fault
/// would lose or double state.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The plan file that `upshift plan` wrote.
    pub plan: PathBuf,
    /// One fault, at this step: its id or its number, with STEP:lookN or STEP:tryN at which contact.
    #[arg(long, value_name = "STEP", requires = "fault", conflicts_with_all = ["seed", "faults"])]
    pub at: Option<At>,
    /// The fault; docs/simulator.md lists them.
    #[arg(long, value_name = "FAULT", requires = "at")]
    pub fault: Option<Fault>,
    /// One to three of these faults, or of all, where a seed draws them.
    #[arg(long, value_name = "LIST|all", value_delimiter = ',')]
    pub faults: Vec<FaultWord>,
    /// The seed [default: drawn from the clock, and printed].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The system as this document of `upshift observe --json` has it [default: as the plan was made from].
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// Threads [default: one a core].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
    /// On real servers: a scratch cluster of the new release on this machine. The real cluster is asked for a savepoint
    /// of each job, and for nothing else.
    #[arg(long, conflicts_with_all = ["at", "faults", "seed", "inventory", "threads", "json"])]
    pub real: bool,
    /// With --real: how long the copies must run without a restart or an exception.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = length, requires = "real")]
    pub soak: Millis,
    /// With --real: configuration of the scratch cluster alone, such as less memory.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair, requires = "real")]
    pub set: Vec<(String, String)>,
    /// With --real: let the copies write where the real jobs write, where the file gives no `rehearsal_args`.
    #[arg(long, requires = "real")]
    pub with_real_sinks: bool,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

/// A fault, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultWord {
    /// All.
    All,
    /// This one.
    One(Fault),
}

impl FromStr for FaultWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            word => word.parse().map(Self::One),
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| "KEY=VALUE was expected".to_owned())
}
