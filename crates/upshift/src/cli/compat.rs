//! `upshift compat SYSTEM FROM TO`: whether one version may be replaced by another.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_planner::knowledge::realtime_compute::Classified;
use upshift_planner::knowledge::{Open, OptionChanges, Verdict};

use super::known::{self, AgeView, ReleaseView, RowView};
use super::render::Paint;
use crate::app::compat::{self, Asked, Question};
use crate::app::overlay;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Say whether one version may be replaced by another.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// flink, fluss, realtime-compute, alluxio or weka.
    pub system: String,
    /// The version that runs.
    pub from: String,
    /// The version that is wanted.
    pub to: String,
    /// The version of the clients, judged against TO.
    #[arg(long, value_name = "VERSION")]
    pub client: Option<String>,
    /// Something about the system that rules ask for; the value `unknown` says that nobody can tell.
    #[arg(long = "fact", value_name = "K=V")]
    pub facts: Vec<String>,
    /// A folder with rows of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub overlay: Option<PathBuf>,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
    /// List the configuration options that change, not only their number.
    #[arg(long)]
    pub options: bool,
}

#[derive(Serialize)]
struct View {
    verdict: Verdict,
    system: &'static str,
    from: String,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(flatten)]
    classified: Option<Classified>,
    read_as: Vec<String>,
    rows: Vec<RowView>,
    needs: Vec<RowView>,
    open: Vec<Open>,
    procedure: Vec<GuideView>,
    releases: Vec<ReleaseView>,
    options: Option<OptionChanges>,
    knowledge: AgeView,
}

#[derive(Serialize)]
struct GuideView {
    text: String,
    source: String,
}

/// Prints the answer.
///
/// # Errors
/// When the system or a fact is none.
pub fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let question = Question {
        system: compat::system(&args.system)?,
        from: args.from.clone(),
        to: args.to.clone(),
        client: args.client.clone(),
        facts: compat::facts(&args.facts)?,
    };
    let library = overlay::library(args.overlay.as_deref())?;
    let asked = compat::ask(&library, &question);
    let age = AgeView::of(&library, question.system);
    match args.json {
        true => super::say_json(&view(&question, &asked, age))?,
        false => super::say(&text(&question, &asked, &age, args.options, paint))?,
    }
    Ok(known::exit(asked.answer.verdict))
}

fn view(question: &Question, asked: &Asked, knowledge: AgeView) -> View {
    let answer = &asked.answer;
    let guide = |(text, source): &(String, String)| GuideView {
        text: text.clone(),
        source: source.clone(),
    };
    View {
        verdict: answer.verdict,
        system: question.system.word(),
        from: question.from.clone(),
        to: question.to.clone(),
        client: question.client.clone(),
        classified: asked.classified,
        read_as: asked.read_as.clone(),
        rows: answer.rows.iter().map(RowView::from).collect(),
        needs: answer.needs.iter().map(RowView::from).collect(),
        open: answer.open.clone(),
        procedure: asked.guidance.iter().map(guide).collect(),
        releases: asked.releases.iter().map(ReleaseView::from).collect(),
        options: asked.options.clone(),
        knowledge,
    }
}

fn text(question: &Question, asked: &Asked, age: &AgeView, options: bool, paint: Paint) -> String {
    let answer = &asked.answer;
    let clients = question
        .client
        .as_ref()
        .map_or_else(String::new, |client| format!(", clients {client}"));
    let mut lines = vec![format!(
        "{} {} → {}{clients}: {}",
        question.system,
        question.from,
        question.to,
        known::verdict(answer.verdict, paint)
    )];
    lines.extend(asked.read_as.iter().map(|read| format!("  {read}")));
    lines.extend(asked.releases.iter().filter_map(known::dates));
    lines.extend(answer.rows.iter().map(known::row));
    let parts = [
        ("what would settle it", known::open(&answer.open)),
        (
            "what must not be so of the system",
            answer.needs.iter().map(known::row).collect(),
        ),
        (
            "how it goes",
            asked
                .guidance
                .iter()
                .map(|(text, source)| format!("  {text}\n          from: {source}"))
                .collect(),
        ),
        (
            "what becomes of configuration options",
            asked
                .options
                .as_ref()
                .map_or_else(Vec::new, |changes| known::options(changes, options)),
        ),
    ];
    for (title, part) in parts {
        if !part.is_empty() {
            lines.push(paint.bold(title));
            lines.extend(part);
        }
    }
    lines.push(age.text(paint));
    lines.join("\n")
}
