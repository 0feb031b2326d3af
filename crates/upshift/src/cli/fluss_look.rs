//! `upshift observe` and `upshift check` of a Fluss system, as a person and as a machine reads them.

use serde::Serialize;
use upshift_model::finding::Finding;
use upshift_model::fluss::{Declaration, Line, Look, Role, ServerId, System};
use upshift_model::observed::Observed;
use upshift_planner::knowledge::{Known, Library};

use super::findings::{self, Counts};
use super::inspect::fluss_tree;
use super::known::AgeView;
use super::render::Paint;
use crate::app::fluss::{self, Judged};
use crate::exit::Exit;
use crate::trouble::Stop;

#[derive(Serialize)]
struct View<'a> {
    system: &'a str,
    kind: &'static str,
    from: &'a str,
    to: &'a str,
    taken_at: jiff::Timestamp,
    knowledge: AgeView,
    verdict: &'static str,
    exit: u8,
    counts: Counts,
    findings: &'a [Finding],
}

/// Prints what was seen. Gaps are part of it and no error.
///
/// # Errors
/// When the system cannot be seen at all.
pub(super) async fn observe(declared: &Declaration, json: bool, paint: Paint) -> Result<Exit, Stop> {
    let look = fluss::look(declared).await?;
    match json {
        true => super::say_json(&look)?,
        false => super::say(&tree(&look, paint))?,
    }
    Ok(Exit::Done)
}

/// Prints what the checks came to.
///
/// # Errors
/// As [`observe`].
pub(super) async fn check(
    declared: &Declaration,
    verbose: bool,
    json: bool,
    paint: Paint,
) -> Result<Exit, Stop> {
    let library = Library::builtin();
    let judged = fluss::judge(declared, &library).await?;
    let exit = findings::exit(judged.verdict);
    match json {
        true => super::say_json(&View {
            system: declared.name.as_str(),
            kind: Known::Fluss.word(),
            from: declared.current.as_str(),
            to: declared.target.as_str(),
            taken_at: judged.look.taken_at,
            knowledge: AgeView::of(&library, Known::Fluss),
            verdict: judged.verdict.word(),
            exit: exit.number(),
            counts: findings::counts(&judged.findings),
            findings: &judged.findings,
        })?,
        false => super::say(&judgement(declared, &judged, verbose, paint))?,
    }
    Ok(exit)
}

fn judgement(declared: &Declaration, judged: &Judged, verbose: bool, paint: Paint) -> String {
    let counts = findings::counts(&judged.findings);
    let what = format!(
        "{}: Fluss {} → {}",
        declared.name, declared.current, declared.target
    );
    let head = format!(
        "{}   looked at {} things, {} unknown, in {}",
        paint.bold(&what),
        counts.looked_at,
        counts.unknown,
        judged.took
    );
    let list = findings::text(&judged.findings, verbose, paint);
    let verdict = findings::verdict(judged.verdict, &judged.findings, paint);
    format!("{head}\n\n{list}\n{verdict}")
}

fn tree(look: &Look, paint: Paint) -> String {
    let System {
        cluster,
        answers,
        processes,
        target_java,
        target_home,
    } = &look.facts;
    let coordinator = answers
        .iter()
        .find(|answer| answer.server == ServerId::Coordinator);
    let line = coordinator.and_then(|answer| answer.line.known().copied());
    let of: Vec<Line> = line.into_iter().collect();
    let account = fluss::account(cluster, &Library::builtin(), &of);
    let mut lines = vec![
        format!("{}   seen {}", paint.bold(look.system.as_str()), look.taken_at),
        fluss_tree::text(&account, paint).trim_end().to_owned(),
        paint.bold("what servers answer"),
    ];
    lines.extend(answers.iter().map(|answer| {
        let said = seen(&answer.line, paint, |(major, minor)| format!("{major}.{minor}"));
        format!("  {} at {}: {said}", answer.server, answer.address)
    }));
    lines.push(paint.bold("processes on this machine"));
    match processes {
        Observed::Unknown(gap) => lines.push(format!("  {} {gap}", paint.blue("unknown"))),
        Observed::Known(found) if found.is_empty() => lines.push("  none".to_owned()),
        Observed::Known(found) => lines.extend(found.iter().map(|process| {
            let role = match process.role {
                Role::Coordinator => "coordinator",
                Role::TabletServer => "tablet server",
            };
            let id = process
                .option("tablet-server.id")
                .map_or_else(String::new, |id| format!(" {id}"));
            let jar = seen(&process.jar, paint, Clone::clone);
            format!(
                "  pid {}  {role}{id}, jar {jar}, {}",
                process.pid,
                process.conf.display()
            )
        })),
    }
    lines.push(format!(
        "java           {}",
        seen(target_java, paint, ToString::to_string)
    ));
    if let Some(home) = target_home {
        lines.push(format!("target home    {}", seen(home, paint, Clone::clone)));
    }
    lines.join("\n")
}

fn seen<T>(fact: &Observed<T>, paint: Paint, word: impl Fn(&T) -> String) -> String {
    match fact {
        Observed::Known(fact) => word(fact),
        Observed::Unknown(gap) => format!("{} {gap}", paint.blue("unknown")),
    }
}
