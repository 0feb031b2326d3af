//! `upshift route SYSTEM FROM TO`: the way from one version to another, hop by hop.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_planner::knowledge::{Cited, Effect, Known, Verdict};
use upshift_planner::route::{Outcome, Step};

use super::known::{self, AgeView, RowView};
use super::render::Paint;
use crate::app::compat;
use crate::app::overlay;
use crate::app::route::{self, Asked, Question};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Search the way from one version to another.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// flink, fluss, realtime-compute, alluxio or weka.
    pub system: String,
    /// The version that runs.
    pub from: String,
    /// The version that is wanted.
    pub to: String,
    /// The version of the clients; they are left out of the way where it is not given.
    #[arg(long, value_name = "VERSION")]
    pub clients: Option<String>,
    /// Let nothing pass that bears a condition.
    #[arg(long)]
    pub strict: bool,
    /// Something about the system that rules ask for; the value `unknown` says that nobody can tell.
    #[arg(long = "fact", value_name = "K=V")]
    pub facts: Vec<String>,
    /// A folder with rows of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub overlay: Option<PathBuf>,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct View {
    verdict: Verdict,
    system: &'static str,
    from: String,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    clients: Option<String>,
    read_as: Vec<String>,
    hops: Vec<String>,
    order: Vec<StepView>,
    reasons: Vec<String>,
    blocked_by: Vec<RowView>,
    reached: Vec<String>,
    would_open: Vec<String>,
    knowledge: AgeView,
}

#[derive(Serialize)]
struct StepView {
    roles: Vec<&'static str>,
    from: String,
    to: String,
    verdict: Verdict,
    rule: String,
    rows: Vec<RowView>,
}

/// Prints the way, or what blocks it.
///
/// # Errors
/// When the system or a fact is none.
pub fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let question = Question {
        system: compat::system(&args.system)?,
        from: args.from.clone(),
        to: args.to.clone(),
        clients: args.clients.clone(),
        strict: args.strict,
        facts: compat::facts(&args.facts)?,
    };
    let library = overlay::library(args.overlay.as_deref())?;
    let asked = route::ask(&library, &question);
    let age = AgeView::of(&library, question.system);
    match args.json {
        true => super::say_json(&view(&question, &asked, age))?,
        false => super::say(&text(&question, &asked, &age, paint))?,
    }
    Ok(known::exit(asked.verdict()))
}

/// The row that lets a move be.
fn allows(step: &Step) -> Option<&Cited> {
    let answer = step.answer.as_ref()?;
    let allows = answer.rows.iter().find(|row| row.effect == Effect::Allows);
    allows.or_else(|| answer.because())
}

/// What a move depends on, or bears as a risk.
fn conditions(step: &Step) -> impl Iterator<Item = &Cited> {
    let rows = step.answer.iter().flat_map(|answer| &answer.rows);
    rows.filter(|row| matches!(row.effect, Effect::Refuses | Effect::Risk))
}

/// The rule behind a move, in words.
fn rule(step: &Step) -> String {
    allows(step).map_or_else(String::new, |row| row.text.clone())
}

fn view(question: &Question, asked: &Asked, knowledge: AgeView) -> View {
    let mut view = View {
        verdict: asked.verdict(),
        system: question.system.word(),
        from: question.from.clone(),
        to: question.to.clone(),
        clients: question.clients.clone(),
        read_as: Vec::new(),
        hops: Vec::new(),
        order: Vec::new(),
        reasons: Vec::new(),
        blocked_by: Vec::new(),
        reached: Vec::new(),
        would_open: Vec::new(),
        knowledge,
    };
    match asked {
        Asked::Unreadable(answer) => {
            view.would_open = answer
                .open
                .iter()
                .map(|open| format!("{}: {}", open.question, open.how))
                .collect();
        }
        Asked::Searched(searched) => {
            view.read_as.clone_from(&searched.read_as);
            match &searched.outcome {
                Outcome::Found(route) => {
                    view.hops = route.hops.iter().map(ToString::to_string).collect();
                    view.order = route.steps.iter().map(step_view).collect();
                    view.reasons.clone_from(&route.reasons);
                }
                Outcome::Blocked(blocked) => {
                    view.blocked_by = blocked.because.iter().map(RowView::from).collect();
                    view.reached = blocked.reached.iter().map(ToString::to_string).collect();
                    view.would_open.clone_from(&blocked.opens);
                }
            }
        }
    }
    view
}

fn step_view(step: &Step) -> StepView {
    let answer = step.answer.as_ref();
    StepView {
        roles: step.roles.clone(),
        from: step.from.to_string(),
        to: step.to.to_string(),
        verdict: answer.map_or(Verdict::Supported, |answer| answer.verdict),
        rule: rule(step),
        rows: answer
            .into_iter()
            .flat_map(|answer| &answer.rows)
            .map(RowView::from)
            .collect(),
    }
}

fn text(question: &Question, asked: &Asked, age: &AgeView, paint: Paint) -> String {
    let clients = question
        .clients
        .as_ref()
        .map_or_else(String::new, |clients| format!(", clients {clients}"));
    let mut lines = vec![format!(
        "{} {} → {}{clients}: {}",
        question.system,
        question.from,
        question.to,
        known::verdict(asked.verdict(), paint)
    )];
    match asked {
        Asked::Unreadable(answer) => lines.extend(known::open(&answer.open)),
        Asked::Searched(searched) => {
            lines.extend(searched.read_as.iter().map(|read| format!("  {read}")));
            lines.extend(match &searched.outcome {
                Outcome::Found(route) => found(route),
                Outcome::Blocked(blocked) => stuck(blocked, paint),
            });
            let has_clients = matches!(question.system, Known::Fluss | Known::Alluxio | Known::Weka);
            if has_clients && searched.wish.clients.is_none() {
                lines.push("  clients were left out: name theirs with --clients VERSION".to_owned());
            }
        }
    }
    lines.push(age.text(paint));
    lines.join("\n")
}

fn found(route: &upshift_planner::route::Route) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, step) in route.steps.iter().enumerate() {
        let verdict = step
            .answer
            .as_ref()
            .map_or(Verdict::Supported, |answer| answer.verdict);
        let roles = step.roles.join(" and ");
        lines.push(format!(
            "  {}  {roles:<15} {} → {}  {}",
            at + 1,
            step.from,
            step.to,
            verdict.word()
        ));
        lines.push(format!("       {}", rule(step)));
        lines.extend(allows(step).map(|row| format!("       from: {}", row.origin)));
        lines
            .extend(conditions(step).map(|row| format!("     {}", known::row(row).replace('\n', "\n     "))));
    }
    lines.extend(route.reasons.iter().map(|why| format!("  {why}")));
    lines
}

fn stuck(blocked: &upshift_planner::route::Blocked, paint: Paint) -> Vec<String> {
    let mut lines = vec![paint.bold("what blocks every way")];
    lines.extend(blocked.because.iter().map(known::row));
    let reached: Vec<String> = blocked.reached.iter().map(ToString::to_string).collect();
    lines.push(format!("  servers come as far as {}", reached.join(", ")));
    lines.push(paint.bold("what would open one"));
    lines.extend(blocked.opens.iter().map(|open| format!("  {open}")));
    lines
}
