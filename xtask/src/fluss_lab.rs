//! `cargo xtask fluss-lab`: a real Fluss cluster on this machine under a load that checks itself, and a system file for
//! its upgrade.
//!
//! It stands until standard input ends or somebody ends it; then the load's account is printed, and everything in it is
//! ended and removed.

use std::fs::{self, File};
use std::io::Write as _;

use anyhow::{Result, ensure};
use upshift_lab::fluss::ledger::Kind;
use upshift_lab::{
    Cache, FlussCluster, FlussHome, FlussLoad, FlussOptions, Java, LoadAccount, LoadOptions, Sandbox,
};

use crate::fetch;
use crate::until_told;
use crate::workspace::{print, say};

/// Arguments of `fluss-lab`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release that runs.
    #[arg(default_value = "0.7.0")]
    from: String,
    /// The release that is wanted.
    #[arg(default_value = "0.9.1-incubating")]
    to: String,
    /// Tablet servers.
    #[arg(long, default_value_t = 3)]
    servers: u32,
    /// Replicas of each bucket of the load's tables.
    #[arg(long, default_value_t = 3)]
    replicas: u32,
    /// `log.replica.min-in-sync-replicas-number`.
    #[arg(long)]
    min_in_sync: Option<u32>,
    /// No load and no tables: 0.6 does not understand the load's client.
    #[arg(long)]
    without_load: bool,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    fetch::fluss_of(&cache, &[&args.from, &args.to])?;
    let java = Java::ready(&cache)?;
    let from = FlussHome::ready(&cache, &args.from)?;
    let to = FlussHome::ready(&cache, &args.to)?;
    say("waiting for the machine's turn, then starting ZooKeeper and the servers");
    let sandbox = Sandbox::new(&cache, "fluss-lab")?;
    let standard = FlussOptions::default();
    let options = FlussOptions {
        tablet_servers: args.servers,
        min_in_sync: args.min_in_sync.unwrap_or(standard.min_in_sync),
        ..standard
    };
    let cluster = FlussCluster::start(&from, &java, &sandbox.path("cluster"), &options)?;
    let evidence = sandbox.path("evidence");
    fs::create_dir_all(&evidence)?;
    let text = cluster.system_file("lab", (&from, &to), &evidence.display().to_string());
    let file = sandbox.path("lab.toml");
    File::create(&file)?.write_all(text.as_bytes())?;
    let load = match args.without_load {
        true => None,
        false => {
            let wish = LoadOptions {
                replicas: args.replicas,
                ..LoadOptions::default()
            };
            Some(FlussLoad::start(
                &cache,
                &java,
                &cluster,
                &sandbox.path("load"),
                wish,
            )?)
        }
    };
    print(&format!(
        "upshift inspect fluss --zookeeper {}",
        cluster.zookeeper()
    ));
    print(&format!("upshift check {}", file.display()));
    print(&format!("upshift plan {} -o up.plan", file.display()));
    say("Ctrl-D or Ctrl-C clears up");
    until_told::wait()?;
    if let Some(load) = load {
        let account = load.stop()?;
        print(&told(&account));
        ensure!(
            account.is_whole(),
            "records were lost, wrong or doubled: {:?}",
            account.examples
        );
    }
    Ok(())
}

fn told(account: &LoadAccount) -> String {
    let kinds = [Kind::Append, Kind::Upsert, Kind::Lookup].map(|kind| {
        let of = account.figures(kind);
        format!(
            "{}: {} of {} succeeded, {} failed, {} unanswered after 30 s; longest wait {:.2} s",
            kind.name(),
            of.succeeded,
            of.begun,
            of.failed,
            of.hung,
            of.longest_wait.as_secs_f64()
        )
    });
    format!(
        "{}\nrecords: {} acknowledged, {} lost, {} wrong, {} doubled, {} stale",
        kinds.join("\n"),
        account.acknowledged,
        account.lost,
        account.wrong,
        account.duplicated,
        account.stale
    )
}
