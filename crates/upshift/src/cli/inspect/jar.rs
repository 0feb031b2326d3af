//! `upshift inspect jar JAR`: what a job's jar was made for and brings along, and what a release does not have of
//! that to which it refers.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use upshift_model::flink::MissingReference;

use super::tree::{counted, line};
use crate::app::inspect::{JarAccount, jar_account};
use crate::cli::inventory::bytes;
use crate::cli::render::Paint;
use crate::exit::Exit;
use crate::trouble::Stop;

/// So many missing references are shown; all are in the JSON.
const SHOWN: usize = 40;

/// Show what a job's jar was made for and brings along.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The jar.
    jar: PathBuf,
    /// A release to resolve its references against: its home, or its archive.
    #[arg(long, value_name = "DIR|ARCHIVE")]
    target: Option<PathBuf>,
    /// The same facts as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let account = jar_account(&args.jar, args.target.as_deref())?;
    match args.json {
        true => crate::cli::say_json(&account)?,
        false => crate::cli::say(&text(&account, paint))?,
    }
    Ok(account.exit())
}

fn text(account: &JarAccount, paint: Paint) -> String {
    let mut out = String::new();
    line(&mut out, &paint.bold(&account.jar));
    let classes = counted(
        usize::try_from(account.classes).unwrap_or(usize::MAX),
        "class file",
    );
    line(
        &mut out,
        &format!("{}, {classes}, SHA-256 {}", bytes(account.bytes), account.sha256),
    );
    let mut fact = |name: &str, value: String| line(&mut out, &format!("{name:<13}{value}"));
    fact("entry class", entry(account));
    if account.entry_class.is_none() || account.mains.len() > 1 {
        fact("with a main", listed(&account.mains));
    }
    fact(
        "bytecode",
        match (account.class_version, account.java) {
            (Some(version), Some(java)) => format!("Java {java} at most (class file version {version})"),
            _ => "no class that could be read".to_owned(),
        },
    );
    fact("Flink itself", bundled(account));
    let connectors = account.connectors.iter().map(|connector| match &connector.line {
        Some(line) => format!("{} {}: made for Flink {line}", connector.name, connector.version),
        None => format!(
            "{} {}: its version names no release line",
            connector.name, connector.version
        ),
    });
    let connectors: Vec<String> = connectors.collect();
    match connectors.as_slice() {
        [] => fact("connectors", "none that says so in META-INF/maven".to_owned()),
        some => some
            .iter()
            .for_each(|connector| fact("connector", connector.clone())),
    }
    account
        .unreadable
        .iter()
        .for_each(|class| fact("not read", class.clone()));
    references(&mut out, account, paint);
    out
}

fn entry(account: &JarAccount) -> String {
    match &account.entry_class {
        Some(class) => format!("{class}, as its manifest names it"),
        None => "its manifest names none".to_owned(),
    }
}

fn listed(mains: &[String]) -> String {
    match mains {
        [] => "no class".to_owned(),
        some => some.join(", "),
    }
}

fn bundled(account: &JarAccount) -> String {
    if !account.bundled.flink {
        return "not in the jar".to_owned();
    }
    let artifacts = match account.bundled.artifacts.as_slice() {
        [] => "no artifact says which".to_owned(),
        some => some.join(", "),
    };
    let classes = account.bundled.classes;
    format!("in the jar: {artifacts}; {classes} classes in Flink's packages")
}

fn references(out: &mut String, account: &JarAccount, paint: Paint) {
    let Some(found) = &account.references else {
        line(out, "references   not resolved: --target names a release");
        return;
    };
    line(out, "");
    let count = found.missing.len() as u64 + found.more_missing;
    if count == 0 {
        line(
            out,
            &format!("every reference to Flink resolves against {}", found.against),
        );
        return;
    }
    let head = format!(
        "{count} references to Flink do not resolve against {}",
        found.against
    );
    line(out, &paint.yellow(&head));
    for gap in found.missing.iter().take(SHOWN) {
        line(out, &format!("  {}", missing(gap)));
    }
    let left = count.saturating_sub(SHOWN as u64);
    if left > 0 {
        line(out, &format!("  and {left} more"));
    }
}

fn missing(gap: &MissingReference) -> String {
    let what = match &gap.member {
        None => gap.class.clone(),
        Some(member) => format!("{}.{member}", gap.class),
    };
    let whose = match gap.by_job {
        true => "the job's",
        false => "for libraries",
    };
    let opt = gap
        .in_opt
        .as_ref()
        .map_or_else(String::new, |jar| format!("; opt/{jar} has it"));
    format!("{what}  {whose}: {}{opt}", gap.by.join(", "))
}
