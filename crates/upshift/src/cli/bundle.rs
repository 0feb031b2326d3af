//! `upshift bundle RUN`: everything about one run in one archive, without secrets.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::app::bundle::Bundle;
use crate::app::context::Context;
use crate::app::find_run;
use crate::codes;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Put everything about a run into one archive, without secrets, for a colleague or a vendor.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id, its beginning, or the system's name; the only open run where it is left out.
    pub run: Option<String>,
    /// The archive [default: upshift-RUN.tar.gz].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Collects and writes it.
///
/// # Errors
/// When no run fits, or the archive is there already or cannot be written.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find(context, args.run.as_deref()).await?;
    let named = args.output.clone();
    let path = named.unwrap_or_else(|| PathBuf::from(format!("upshift-{}.tar.gz", found.state.run)));
    let bundle = Bundle::of(context, &found);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path);
    let file = file.map_err(|e| {
        Trouble::usage(codes::OUTPUT, format!("cannot be written: {e}"))
            .at(path.display().to_string())
            .next("upshift bundle RUN -o ANOTHER")
    })?;
    bundle.write(file)?;
    let (files, missing) = bundle.contents();
    super::say(&format!("{}: {} files", path.display(), files.len()))?;
    for line in missing {
        super::tell(&format!("not in it: {line}"))?;
    }
    Ok(Exit::Done)
}
