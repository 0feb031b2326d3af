//! `upshift check FILE`: findings and a verdict.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_model::finding::Finding;
use upshift_model::plan::KnowledgeStamp;
use upshift_model::version::SystemKind;
use upshift_planner::dispatch::NoPlan;

use super::findings::{self, Counts};
use super::render::Paint;
use super::weka_look::{self, VendorArgs};
use crate::app::check::{Case, Judgement, Overrides};
use crate::app::plan::undeclared;
use crate::app::weka::{VALID_FOR, Vendor};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Judge an upgrade: findings and a verdict.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The system file.
    pub file: PathBuf,
    /// Show what is green, too, and where each rule comes from.
    #[arg(short, long)]
    pub verbose: bool,
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
    /// The vendor's own checker, beside.
    #[command(flatten)]
    pub vendor: VendorArgs,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    system: &'a str,
    kind: &'static str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    strategy: upshift_model::policy::Strategy,
    strategy_why: &'a [String],
    inventory: Stamp,
    knowledge: KnowledgeStamp,
    verdict: &'static str,
    exit: u8,
    counts: Counts,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    no_plan: Option<NoPlanView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<&'a Vendor>,
}

/// What the system file lacks before a plan can be made.
#[derive(Serialize)]
struct NoPlanView<'a> {
    code: &'a str,
    what: &'a str,
}

#[derive(Serialize)]
struct Stamp {
    taken_at: jiff::Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<jiff::Timestamp>,
    digest: upshift_model::digest::Digest,
}

/// Prints what the checks came to.
///
/// # Errors
/// With the mistakes of the file, or when the system cannot be seen at all.
pub async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let overrides = Overrides {
        strategy: args.strategy.map(Into::into),
        require_uids: args.require_uids,
        snapshots: args.savepoint.clone(),
    };
    let case = Case::open(&args.file, overrides).await?;
    let judgement = case.judge()?;
    let vendor = weka_look::vendor(&args.vendor, &case.declared).await?;
    let no_plan = undeclared(&case, &judgement)?;
    let beside = Beside {
        vendor: vendor.as_ref(),
        no_plan: no_plan.as_ref(),
    };
    match args.json {
        true => super::say_json(&view(&case, &judgement, beside))?,
        false => super::say(&text(&case, &judgement, beside, args.verbose, paint))?,
    }
    Ok(findings::exit(judgement.verdict))
}

/// What is told beside the findings.
#[derive(Clone, Copy)]
struct Beside<'a> {
    vendor: Option<&'a Vendor>,
    no_plan: Option<&'a NoPlan>,
}

/// Until when the look counts, where the system's own word says so.
fn valid_until(case: &Case) -> Option<jiff::Timestamp> {
    (case.kind() == SystemKind::Weka).then(|| case.inventory.taken_at + VALID_FOR)
}

fn view<'a>(case: &'a Case, judgement: &'a Judgement, beside: Beside<'a>) -> View<'a> {
    View {
        system: case.declared.name().as_str(),
        kind: case.kind().word(),
        from: case.from(),
        to: case.to(),
        strategy: judgement.strategy,
        strategy_why: &judgement.strategy_why,
        inventory: Stamp {
            taken_at: case.inventory.taken_at,
            valid_until: valid_until(case),
            digest: case.inventory.digest(),
        },
        knowledge: case.knowledge(),
        verdict: judgement.verdict.word(),
        exit: findings::exit(judgement.verdict).number(),
        counts: findings::counts(&judgement.findings),
        findings: &judgement.findings,
        no_plan: beside.no_plan.map(|no| NoPlanView {
            code: no.code.as_str(),
            what: &no.what,
        }),
        vendor: beside.vendor,
    }
}

fn text(case: &Case, judgement: &Judgement, beside: Beside<'_>, verbose: bool, paint: Paint) -> String {
    let list = findings::text(&judgement.findings, verbose, paint);
    let verdict = findings::verdict(judgement.verdict, &judgement.findings, paint);
    let mut text = format!("{}\n\n{list}\n{verdict}", headline(case, judgement, paint));
    if let Some(until) = valid_until(case) {
        text.push_str(&format!(
            "\nIt counts until {until:.0}: look again after that, and before every hop."
        ));
    }
    if let Some(no) = beside.no_plan {
        text.push_str(&format!(
            "\nNo plan can be made yet: {}.   upshift explain {}",
            no.what, no.code
        ));
    }
    if let Some(vendor) = beside.vendor {
        text.push('\n');
        text.push_str(&weka_look::beside(vendor));
    }
    text
}

/// What is judged, and how much was looked at.
pub(super) fn headline(case: &Case, judgement: &Judgement, paint: Paint) -> String {
    let counts = findings::counts(&judgement.findings);
    let unseen = match case.kind() {
        SystemKind::RealtimeCompute => "several engines",
        SystemKind::Flink | SystemKind::Fluss | SystemKind::Weka | SystemKind::Alluxio => {
            "a release that cannot be seen"
        }
    };
    let release = |version: Option<&str>| version.unwrap_or(unseen).to_owned();
    let what = format!(
        "{}: {} {} → {}, {}",
        case.declared.name(),
        case.kind(),
        release(case.from()),
        release(case.to()),
        judgement.strategy
    );
    format!(
        "{}   looked at {} things, {} unknown, in {}",
        paint.bold(&what),
        counts.looked_at,
        counts.unknown,
        case.took
    )
}
