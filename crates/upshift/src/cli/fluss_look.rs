//! A look at a Fluss system as a person reads it.

use upshift_model::fluss::{Line, Role, ServerId, System};
use upshift_model::inventory::Inventory;
use upshift_model::observed::Observed;
use upshift_planner::knowledge::Library;

use super::inspect::fluss_tree;
use super::render::Paint;
use crate::app::fluss;

/// The tree of a look.
pub(super) fn tree(look: &Inventory, system: &System, paint: Paint) -> String {
    let System {
        cluster,
        answers,
        processes,
        target_java,
        target_home,
    } = system;
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
