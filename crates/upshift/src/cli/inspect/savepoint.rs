//! `upshift inspect savepoint PATH|URL`: what is in a snapshot, as a tree.

use clap::Args as ClapArgs;
use upshift_drivers::flink::inspect::HeadersWanted;

use super::{Shared, tree};
use crate::app::inspect::{self, Named};
use crate::cli::render::Paint;
use crate::exit::Exit;
use crate::trouble::Stop;

/// So many files are looked at between two lines of progress.
const STEP: usize = 5_000;

/// Show what is in a savepoint or checkpoint.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Its directory or its _metadata: a path, file: or s3: URI.
    place: String,
    /// Look at every file that it refers to: is it there, with its size; and open all state headers.
    #[arg(long)]
    files: bool,
    #[command(flatten)]
    shared: Shared,
}

pub(super) async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let opened = inspect::open(args.shared.system.as_deref(), &args.shared.uids)?;
    let headers = match args.files {
        true => HeadersWanted::All,
        false => HeadersWanted::FirstOfEach,
    };
    let read = inspect::snapshot(&opened.objects, &args.place, headers).await?;
    let mut account = inspect::account(&read, &opened.named);
    let mut exit = Exit::Done;
    if args.files {
        let progress = |done: usize, all: usize| {
            if done.is_multiple_of(STEP) {
                // A line of progress that cannot be shown stops nothing.
                crate::cli::tell(&format!("{done} of {all} files looked at")).ok();
            }
        };
        let checks = inspect::files(&opened.objects, &read, progress).await?;
        exit = inspect::exit_of(&checks);
        account.files = Some(inspect::files_account(&checks));
    }
    match args.shared.json {
        true => crate::cli::say_json(&account)?,
        false => crate::cli::say(&tree::text(&account, paint))?,
    }
    Ok(exit)
}

/// The account of a snapshot without a look at its files.
pub(super) async fn account_of(
    objects: &upshift_drivers::wire::objects::Objects,
    place: &str,
    named: &Named,
) -> Result<inspect::Account, Stop> {
    let read = inspect::snapshot(objects, place, HeadersWanted::FirstOfEach).await?;
    Ok(inspect::account(&read, named))
}
