//! `upshift observe FILE`: what is there, as a tree or as the inventory document.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::inventory;
use super::render::Paint;
use crate::app::systems::observe;
use crate::config;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Look at a system and show what is there.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The system file.
    pub file: PathBuf,
    /// Show the configuration and all evidence, too.
    #[arg(short, long)]
    pub verbose: bool,
    /// The inventory document as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Prints what was seen. Gaps are part of it and no error.
///
/// # Errors
/// With the mistakes of the file, or when the system cannot be seen at all.
pub async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let seen = observe(&config::load_any(&args.file)?).await?;
    match args.json {
        true => super::say_json(&seen)?,
        false => super::say(&inventory::tree(&seen, args.verbose, paint))?,
    }
    Ok(Exit::Done)
}
