//! `upshift emulate`: an emulated service of Realtime Compute in front of Flink clusters that run already.

use clap::Args as ClapArgs;
use serde_json::json;
use upshift_sim::realtime_compute::Injection;

use super::{say, say_json, tell};
use crate::app::emulate::{self, KEY, Offered, Wanted};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Serve an emulated Realtime Compute (OpenAPI `ververica` 2022-07-18) on this machine, to try upshift without an
/// account.
///
/// Jobs and savepoints are real ones on the Flink clusters that you name. What it does not prove: the service's own
/// state backend, and its own timing. Runs until it is ended.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// An engine version and the REST address of a Flink cluster of its line; the first is taken by itself. `paper` in
    /// place of an address runs nothing and is for trying the protocol alone.
    #[arg(long = "engine", value_name = "VERSION[:STATUS]=HOST:PORT", required = true)]
    pub engines: Vec<Offered>,
    /// Where savepoints go, as the clusters see it.
    #[arg(
        long,
        value_name = "URI",
        default_value = "file:///tmp/upshift-emulated-savepoints"
    )]
    pub savepoints: String,
    /// The port; 0 takes a free one, and prints it.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// The workspace's id.
    #[arg(long, value_name = "ID", default_value = "ws-emulated")]
    pub workspace: String,
    /// The namespace's name.
    #[arg(long, value_name = "NAME", default_value = "ns-default")]
    pub namespace: String,
    /// Cores of the queue `default-queue`; it has four gibibytes for each.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub cpu: u16,
    /// Milliseconds that a start, a stop and a savepoint take beside their own time.
    #[arg(long, value_names = ["START", "STOP", "SAVEPOINT"], num_args = 3)]
    pub delays: Vec<u32>,
    /// What goes wrong, by name; docs/realtime-compute.md lists them.
    #[arg(long = "fault", value_name = "NAME[@ACTION][*TIMES]")]
    pub faults: Vec<Injection>,
    /// Lets requests go wrong by chance, the same for the same seed.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Where it answers, as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Serves until the process is ended.
pub fn run(args: &Args) -> Result<Exit, Stop> {
    let delay = |at: usize| i64::from(args.delays.get(at).copied().unwrap_or(0));
    let cpu = f64::from(args.cpu);
    let emulator = emulate::start(&Wanted {
        port: args.port,
        workspace: args.workspace.clone(),
        namespace: args.namespace.clone(),
        engines: args.engines.clone(),
        savepoints: args.savepoints.clone(),
        queue: (cpu, 4.0 * cpu),
        delays: [delay(0), delay(1), delay(2)],
        faults: args.faults.clone(),
        seed: args.seed,
    })?;
    let endpoint = format!("http://{}", emulator.authority());
    if args.json {
        say_json(&json!({
            "endpoint": endpoint, "workspace": args.workspace, "namespace": args.namespace,
            "access_key_id": KEY.0, "access_key_secret": KEY.1,
        }))?;
    } else {
        say(&format!(
            "endpoint = \"{endpoint}\"\nworkspace = \"{}\"\nnamespace = \"{}\"",
            args.workspace, args.namespace
        ))?;
    }
    tell(&format!(
        "emulated, not the real service. Its key: ALIBABA_CLOUD_ACCESS_KEY_ID={} ALIBABA_CLOUD_ACCESS_KEY_SECRET={}",
        KEY.0, KEY.1
    ))?;
    emulator.wait();
    Ok(Exit::Done)
}
