//! `upshift inspect journal DIR`: of which kind a journal of Alluxio's masters is, and whether a release reads it.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_model::alluxio::{Journal, JournalKind};
use upshift_model::finding::Finding;

use super::tree::line;
use crate::app::alluxio::{JournalAccount, journal_account};
use crate::cli::findings;
use crate::cli::render::Paint;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Show of which kind a journal folder of Alluxio's masters is, and whether a release reads it. It is only read.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The folder of alluxio.master.journal.folder.
    dir: PathBuf,
    /// The release that is to start on it.
    #[arg(long, value_name = "VERSION")]
    target: Option<String>,
    /// The same facts as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    journal: &'a Journal,
    verdict: &'static str,
    exit: u8,
    findings: &'a [Finding],
}

pub(super) fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let account = journal_account(&args.dir, args.target.as_deref())?;
    let exit = findings::exit(account.verdict);
    match args.json {
        true => crate::cli::say_json(&View {
            journal: &account.journal,
            verdict: account.verdict.word(),
            exit: exit.number(),
            findings: &account.findings,
        })?,
        false => crate::cli::say(&text(&account, paint))?,
    }
    Ok(exit)
}

fn text(account: &JournalAccount, paint: Paint) -> String {
    let journal = &account.journal;
    let mut out = String::new();
    line(&mut out, &paint.bold(&journal.path));
    line(
        &mut out,
        match journal.kind {
            JournalKind::Empty => "empty",
            JournalKind::UnderStore => "a journal in the under-store",
            JournalKind::Ratis => "an embedded journal of 2.4 or later",
            JournalKind::Copycat => "an embedded journal of 2.3 or earlier",
            JournalKind::Foreign => "no journal, or more than one",
        },
    );
    if journal.kind == JournalKind::UnderStore {
        let formatted = if journal.formatted {
            "formatted"
        } else {
            "without a mark of a format"
        };
        let checkpoints = if journal.checkpoints {
            "with checkpoints"
        } else {
            "without checkpoints"
        };
        line(
            &mut out,
            &format!("{formatted}, {checkpoints}; {}", journal.masters.join(", ")),
        );
    }
    for log in &journal.logs {
        line(
            &mut out,
            &format!("  {:<18} {}  {} entries", log.master, log.name, log.entries),
        );
    }
    line(&mut out, "");
    out.push_str(&findings::text(&account.findings, false, paint));
    line(&mut out, "");
    out.push_str(&findings::verdict(account.verdict, &account.findings, paint));
    out
}
