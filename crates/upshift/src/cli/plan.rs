//! `upshift plan FILE -o PLAN`: everything that would be done, as a tree and as a sealed file.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_model::plan::Sealed;
use upshift_planner::render;

use super::findings;
use super::render::Paint;
use crate::app::check::{Case, Judgement, Overrides};
use crate::app::plan::{self, Planned};
use crate::app::{plan_file, rehearse};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Write down everything that would be done, sealed.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The system file.
    pub file: PathBuf,
    /// Write the plan to this file, and what it was made from to PLAN.inventory; without it the plan is only shown.
    #[arg(short, long, value_name = "PLAN")]
    pub output: Option<PathBuf>,
    /// How, whatever the file says.
    #[arg(long, value_name = "STRATEGY")]
    pub strategy: Option<super::common::StrategyWord>,
    /// Require explicit uids, whatever the file says.
    #[arg(long)]
    pub require_uids: bool,
    /// Read this savepoint or checkpoint in place of the newest one that the server knows; with
    /// several jobs, one for each.
    #[arg(long, value_name = "[JOB=]PATH")]
    pub savepoint: Vec<String>,
    /// Exit with 5 when the plan has changes to make.
    #[arg(long)]
    pub exit_code: bool,
    /// Show what is green, too, and where each rule comes from.
    #[arg(short, long)]
    pub verbose: bool,
    /// The same facts as JSON: the sealed plan and the verdict.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    verdict: &'static str,
    exit: u8,
    nothing_to_do: bool,
    sealed: Option<&'a Sealed>,
}

/// Shows the plan, and writes it where it is asked for.
///
/// # Errors
/// With the mistakes of the file, when the system cannot be seen, when no plan can be laid out, or
/// when the plan file cannot be written.
pub async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let overrides = Overrides {
        strategy: args.strategy.map(Into::into),
        require_uids: args.require_uids,
        snapshots: args.savepoint.clone(),
    };
    let case = Case::open(&args.file, overrides).await?;
    let judgement = case.judge()?;
    let planned = match plan::plan(&case, &judgement) {
        Ok(planned) => planned,
        Err(stop) => {
            // Why there is no plan is often a finding, too, with evidence and remedy.
            super::tell(&findings::text(&judgement.findings, args.verbose, paint))?;
            return Err(stop);
        }
    };
    if let (Some(path), Planned::Ready(sealed)) = (&args.output, &planned) {
        plan_file::write(path, sealed)?;
        rehearse::inventory::write(path, &case.inventory)?;
    }
    let exit = exit(args, &judgement, &planned);
    match args.json {
        true => super::say_json(&view(&judgement, &planned, exit))?,
        false => show(args, &judgement, &planned, paint)?,
    }
    Ok(exit)
}

fn exit(args: &Args, judgement: &Judgement, planned: &Planned) -> Exit {
    match (findings::exit(judgement.verdict), planned) {
        (_, Planned::NothingToDo(_)) => Exit::Done,
        (Exit::Done, Planned::Ready(_)) if args.exit_code => Exit::Changes,
        (exit, Planned::Ready(_)) => exit,
    }
}

fn view<'a>(judgement: &Judgement, planned: &'a Planned, exit: Exit) -> View<'a> {
    let sealed = match planned {
        Planned::NothingToDo(_) => None,
        Planned::Ready(sealed) => Some(&**sealed),
    };
    View {
        verdict: judgement.verdict.word(),
        exit: exit.number(),
        nothing_to_do: sealed.is_none(),
        sealed,
    }
}

fn show(args: &Args, judgement: &Judgement, planned: &Planned, paint: Paint) -> Result<(), Stop> {
    let sealed = match planned {
        Planned::NothingToDo(why) => return Ok(super::say(why)?),
        Planned::Ready(sealed) => sealed,
    };
    let list = findings::text(&judgement.findings, args.verbose, paint);
    let verdict = findings::verdict(judgement.verdict, &judgement.findings, paint);
    super::say(&format!(
        "{}\n\n{list}\n{verdict}",
        render::tree(sealed).trim_end()
    ))?;
    let file = args.output.as_ref().map(|path| path.display().to_string());
    super::tell(&match (findings::exit(judgement.verdict), file) {
        (Exit::Done, Some(file)) => format!("written to {file}; carry it out: upshift apply {file}"),
        (_, Some(file)) => format!("written to {file}; `upshift apply` refuses it while its verdict stands"),
        (_, None) => "not written: name a file with -o".to_owned(),
    })?;
    Ok(())
}
