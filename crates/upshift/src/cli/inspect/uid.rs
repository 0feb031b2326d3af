//! `upshift inspect uid NAME…`: the operator ids that Flink makes of uids.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::app::inspect::id_of;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Print the operator ids of uids.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Uids, as the job's author gave them.
    #[arg(required = true, value_name = "UID")]
    uids: Vec<String>,
    /// The same facts as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    uid: &'a str,
    id: String,
}

pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let all: Vec<View<'_>> = args.uids.iter().map(|uid| View { uid, id: id_of(uid) }).collect();
    if args.json {
        crate::cli::say_json(&all)?;
    } else {
        let lines: Vec<String> = all
            .iter()
            .map(|view| format!("{}  {}", view.id, view.uid))
            .collect();
        crate::cli::say(&lines.join("\n"))?;
    }
    Ok(Exit::Done)
}
