//! `cargo xtask stage`: an old cluster with the lab's job and a system file, to try upshift on by hand.
//!
//! It stands until standard input ends or somebody ends it; then everything in it is ended and removed.

use anyhow::Result;
use clap::ValueEnum;
use upshift_lab::{Cache, Scene, Stage, Strategy, Variant, Writing, check_output};

use crate::fetch;
use crate::until_told;
use crate::workspace::{print, say};

/// Arguments of `stage`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release that runs.
    #[arg(default_value = "1.18.1")]
    from: String,
    /// The release that is wanted.
    #[arg(default_value = "1.20.5")]
    to: String,
    /// How the upgrade is to be done.
    #[arg(long, value_enum, default_value = "shadow")]
    strategy: Way,
    /// The job on the target fails so many seconds after its restore.
    #[arg(long)]
    fails_after: Option<u32>,
    /// Unpack the target from an archive.
    #[arg(long)]
    from_archive: bool,
    /// The name of the system, the job and the sandbox.
    #[arg(long, default_value = "stage")]
    name: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    InPlace,
    Shadow,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    fetch::needed(&cache, &[&args.from, &args.to])?;
    let strategy = match args.strategy {
        Way::InPlace => Strategy::InPlace,
        Way::Shadow => Strategy::Shadow,
    };
    let mut scene = Scene::new(&args.name, &args.from, &args.to, strategy);
    scene.from_archive = args.from_archive;
    if let Some(seconds) = args.fails_after {
        scene.target_variant = Variant::FailsAfterRestore(seconds);
    }
    say("waiting for the machine's turn, then starting the old cluster");
    let stage = Stage::set(&cache, &scene)?;
    print(&format!("cd {}", stage.sandbox().dir().display()));
    print(&format!("export JAVA_HOME={}", stage.java().home().display()));
    print(&format!(
        "upshift --state-dir {} plan {} -o up.plan",
        stage.state_dir().display(),
        stage.system_file().display()
    ));
    say(&format!(
        "job {} runs at {}; Ctrl-D or Ctrl-C clears up",
        stage.job_id(),
        stage.old().rest().url()
    ));
    until_told::wait()?;
    print(&check_output(&stage.job().out, Writing::Yes)?.to_string());
    Ok(())
}
