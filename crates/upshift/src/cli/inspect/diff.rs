//! `upshift inspect diff A B`: in what two snapshots differ.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::Shared;
use super::savepoint::account_of;
use super::tree::{counted, label, line};
use crate::app::inspect::{self, Change, ChangedOperator, Difference, OperatorAccount};
use crate::cli::inventory::bytes;
use crate::cli::render::Paint;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Show in what two savepoints or checkpoints differ.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The first: a path, file: or s3: URI.
    a: String,
    /// The second.
    b: String,
    /// Exit with 5 when they differ.
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Serialize)]
struct View<'a> {
    a: &'a str,
    b: &'a str,
    #[serde(flatten)]
    difference: &'a Difference,
}

pub(super) async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let opened = inspect::open(args.shared.system.as_deref(), &args.shared.uids)?;
    let a = account_of(&opened.objects, &args.a, &opened.named).await?;
    let b = account_of(&opened.objects, &args.b, &opened.named).await?;
    let difference = inspect::difference(&a, &b);
    if args.shared.json {
        crate::cli::say_json(&View {
            a: &a.directory,
            b: &b.directory,
            difference: &difference,
        })?;
    } else {
        crate::cli::say(&text(&a.directory, &b.directory, &difference, paint))?;
    }
    Ok(match args.exit_code && !difference.is_empty() {
        true => Exit::Changes,
        false => Exit::Done,
    })
}

fn text(a: &str, b: &str, difference: &Difference, paint: Paint) -> String {
    let mut out = String::new();
    line(&mut out, &format!("from {a}\nto   {b}"));
    if difference.is_empty() {
        line(&mut out, "no difference in operators and states");
        return out;
    }
    changes(&mut out, "", &difference.whole);
    for (word, operators) in [("gone", &difference.gone), ("new", &difference.new)] {
        for operator in operators {
            line(
                &mut out,
                &format!("\n{}  {}  {}", paint.bold(word), operator.id, label(operator)),
            );
            line(&mut out, &format!("  {}", weight(operator)));
        }
    }
    for operator in &difference.changed {
        out.push_str(&changed(operator, paint));
    }
    out
}

fn weight(of: &OperatorAccount) -> String {
    match of.stateful {
        false => "no state".to_owned(),
        true => {
            let names: Vec<&str> = of.states.iter().map(|state| state.name.as_str()).collect();
            format!(
                "{} in {}: {}",
                bytes(of.bytes),
                counted(names.len(), "state"),
                names.join(", ")
            )
        }
    }
}

fn changed(of: &ChangedOperator, paint: Paint) -> String {
    let mut out = String::new();
    let label = of.label.as_deref().unwrap_or_default();
    line(
        &mut out,
        &format!("\n{}  {}  {label}", paint.bold("changed"), of.id),
    );
    for (word, states) in [("gone", &of.states_gone), ("new", &of.states_new)] {
        for state in states {
            line(
                &mut out,
                &format!("  state {word}: {} ({})", state.name, state.kind),
            );
        }
    }
    let differs = !of.states_gone.is_empty() || !of.states_new.is_empty();
    if differs && !of.states_complete {
        line(
            &mut out,
            "  (not all state headers were read: a state may only be unnamed)",
        );
    }
    changes(&mut out, "  ", &of.changes);
    out
}

fn changes(out: &mut String, indent: &str, all: &[Change]) {
    for change in all {
        let shown = |value: &str| match (change.what.as_str(), value.parse()) {
            ("bytes", Ok(count)) => bytes(count),
            _ => value.to_owned(),
        };
        let what = if change.what == "bytes" {
            "size"
        } else {
            &change.what
        };
        line(
            out,
            &format!("{indent}{what}: {} -> {}", shown(&change.from), shown(&change.to)),
        );
    }
}
