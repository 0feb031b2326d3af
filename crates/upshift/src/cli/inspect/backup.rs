//! `upshift inspect backup FILE`: what a backup of Alluxio holds, and whether it can be restored.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_drivers::wire::objects::Place;
use upshift_model::alluxio::{Backup, Mount};
use upshift_model::finding::Finding;
use upshift_planner::knowledge::Library;

use super::tree::line;
use crate::app::alluxio::{BackupAccount, Wish, backup_account, backup_place, rewrite, stored_account};
use crate::cli::findings::{self, Counts};
use crate::cli::inventory::bytes;
use crate::cli::render::Paint;
use crate::exit::Exit;
use crate::trouble::Stop;

/// So many mounts are named; all are in the JSON.
const NAMED: usize = 20;

/// Show what a backup of Alluxio holds, and whether it can be restored. Nothing but the file is asked for.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The backup: alluxio-backup-DATE-NUMBER.gz, a path or an s3: URI. One in S3 is streamed, and not copied here.
    file: String,
    /// A system file; its [objects] says how S3 is reached.
    #[arg(long, value_name = "FILE")]
    system: Option<PathBuf>,
    /// The release that is to restore it.
    #[arg(long, value_name = "VERSION")]
    target: Option<String>,
    /// The release that wrote it.
    #[arg(long, value_name = "VERSION")]
    source: Option<String>,
    /// How many entries the backup command told (Backup Entry Count).
    #[arg(long, value_name = "COUNT")]
    entries: Option<u64>,
    /// Write a copy that 2.x can read, without the fingerprints of 1.x; the original stays. The copy is judged.
    #[arg(long, value_name = "FILE")]
    rewrite: Option<PathBuf>,
    /// Show what is green, too, and where each rule comes from.
    #[arg(short, long)]
    verbose: bool,
    /// The same facts as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    backup: &'a Backup,
    taken_by: &'a [String],
    verdict: &'static str,
    exit: u8,
    counts: Counts,
    findings: &'a [Finding],
}

pub(super) async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let wish = Wish {
        target: args.target.as_deref(),
        source: args.source.as_deref(),
        entries: args.entries,
    };
    let library = Library::builtin();
    let place = backup_place(&args.file)?;
    let mut account = match &place {
        Place::Local(path) => backup_account(path, wish, &library, progress)?,
        Place::S3 { .. } => stored_account(args.system.as_deref(), &place, wish, &library, progress).await?,
    };
    if let Some(to) = &args.rewrite {
        let copy = rewrite(&account, to)?;
        crate::cli::tell(&format!(
            "{} holds the same {} entries without {} fingerprints of 1.x",
            copy.path, copy.entries, account.backup.tally.old_fingerprints
        ))?;
        account = backup_account(to, wish, &library, |_, _| {})?;
    }
    match args.json {
        true => crate::cli::say_json(&view(&account))?,
        false => crate::cli::say(&text(&account, args, paint))?,
    }
    Ok(findings::exit(account.verdict))
}

fn progress(read: u64, of: u64) {
    // A line of progress that cannot be shown stops nothing.
    crate::cli::tell(&format!("{} of {} read", bytes(read), bytes(of))).ok();
}

fn view(account: &BackupAccount) -> View<'_> {
    View {
        backup: &account.backup,
        taken_by: &account.taken_by,
        verdict: account.verdict.word(),
        exit: findings::exit(account.verdict).number(),
        counts: findings::counts(&account.findings),
        findings: &account.findings,
    }
}

fn text(account: &BackupAccount, args: &Args, paint: Paint) -> String {
    let backup = &account.backup;
    let mut out = String::new();
    line(&mut out, &paint.bold(&backup.path));
    line(
        &mut out,
        &format!(
            "{}, SHA-256 {}, {} entries in {}",
            bytes(backup.bytes),
            backup.sha256,
            backup.entries,
            bytes(backup.inflated)
        ),
    );
    if backup.entries > 0 {
        contents(&mut out, account);
    }
    line(&mut out, "");
    out.push_str(&findings::text(&account.findings, args.verbose, paint));
    line(&mut out, "");
    out.push_str(&findings::verdict(account.verdict, &account.findings, paint));
    if args.target.is_none() {
        line(
            &mut out,
            "\nNo release was named that is to restore it: --target VERSION asks for that, too.",
        );
    }
    out
}

fn contents(out: &mut String, account: &BackupAccount) {
    let backup = &account.backup;
    let mut fact = |name: &str, value: String| line(out, &format!("{name:<12}{value}"));
    let kinds = backup
        .kinds
        .iter()
        .map(|kind| format!("{} {}", kind.count, kind.name));
    fact("entries", kinds.collect::<Vec<_>>().join(", "));
    let tally = &backup.tally;
    fact(
        "tree",
        format!(
            "{} directories, {} files of {}, {} blocks of {}",
            tally.directories,
            tally.files,
            bytes(tally.file_bytes),
            tally.blocks,
            bytes(tally.block_bytes)
        ),
    );
    let special = [
        (tally.pinned, "pinned"),
        (tally.with_ttl, "with a TTL"),
        (tally.with_acl, "with an ACL"),
        (tally.with_attributes, "with extended attributes"),
        (tally.incomplete, "being written"),
        (tally.lost, "lost"),
    ];
    let special = special.iter().filter(|(count, _)| *count > 0);
    let special: Vec<String> = special.map(|(count, what)| format!("{count} {what}")).collect();
    if !special.is_empty() {
        fact("of them", special.join(", "));
    }
    if let Some(cluster) = &backup.cluster {
        fact("cluster", cluster.clone());
    }
    for one in backup.mounts.iter().take(NAMED) {
        fact("mount", mount(one));
    }
    if backup.mounts.len() > NAMED {
        fact("", format!("and {} more mounts", backup.mounts.len() - NAMED));
    }
    fact(
        "root mount",
        "not in a backup: the configuration of the masters names it".to_owned(),
    );
    if backup.whole {
        let ranges = match account.taken_by.as_slice() {
            [] => "no release that is known".to_owned(),
            ranges => ranges.join(", "),
        };
        fact("taken by", format!("{ranges}, by the types of its entries"));
    }
}

fn mount(mount: &Mount) -> String {
    let mut parts = vec![format!("{} on {}", mount.ufs, mount.path)];
    parts.extend(mount.read_only.then(|| "read only".to_owned()));
    parts.extend(mount.shared.then(|| "shared".to_owned()));
    if !mount.options.is_empty() {
        parts.push(format!(
            "{} with values that are not shown",
            mount.options.join(", ")
        ));
    }
    parts.join(", ")
}
