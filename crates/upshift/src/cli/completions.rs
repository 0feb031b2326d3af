//! `upshift completions SHELL`: what a shell needs to complete command lines.

use clap::{Args as ClapArgs, CommandFactory as _};
use clap_complete::Shell;

use super::dispatch::Cli;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Print completions for a shell.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The shell.
    pub shell: Shell,
}

/// Prints them.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &Args) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "upshift", &mut script);
    super::say(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
