//! A look at a namespace of Realtime Compute as a person reads it.

use upshift_model::inventory::Inventory;
use upshift_model::observed::Observed;
use upshift_model::realtime_compute::{Deployment, Facts, Job, Room};

use super::render::Paint;

/// The tree of a look.
pub(super) fn tree(look: &Inventory, facts: &Facts, paint: Paint) -> String {
    let (workspace, namespace) = &facts.place;
    let mut lines = vec![
        format!("{}   seen {}", paint.bold(look.system.as_str()), look.taken_at),
        format!(
            "namespace {namespace} of workspace {workspace} at {}",
            facts.endpoint
        ),
    ];
    let engines = seen(&facts.engines, paint, |all| {
        let words: Vec<_> = all
            .iter()
            .map(|one| format!("{} {}", one.version, one.status))
            .collect();
        words.join(", ")
    });
    lines.push(format!("engines        {engines}"));
    let queues = seen(&facts.queues, paint, |all| {
        let one = |queue: &upshift_model::realtime_compute::Queue| {
            let amount = |room: Option<Room>| room.map_or_else(|| "unknown".to_owned(), words);
            format!(
                "{}: {} of {}",
                queue.name,
                amount(queue.used),
                amount(queue.limit)
            )
        };
        all.iter().map(one).collect::<Vec<_>>().join("; ")
    });
    lines.push(format!("queues         {queues}"));
    lines.push(format!("deployments    {}", facts.deployments.len()));
    for one in &facts.deployments {
        deployment(&mut lines, one, paint);
    }
    lines.join("\n")
}

fn deployment(lines: &mut Vec<String>, one: &Deployment, paint: Paint) {
    let Deployment {
        name,
        kind,
        engine,
        mode,
        ..
    } = one;
    lines.push(format!("  {}   {kind} {mode} on {engine}", paint.bold(name)));
    let job = seen(&one.job, paint, |job| {
        job.as_ref().map_or_else(|| "none".to_owned(), told)
    });
    lines.push(format!("    job          {job}"));
    lines.push(format!(
        "    Flink        {}",
        seen(&one.build, paint, Clone::clone)
    ));
    let checkpoints = seen(&one.checkpoints, paint, |all| {
        format!("{} completed, {} failed", all.completed, all.failed)
    });
    lines.push(format!("    checkpoints  {checkpoints}"));
    let points = seen(&one.points, paint, |all| {
        let newest = all
            .iter()
            .filter(|point| point.state == "COMPLETED")
            .max_by_key(|point| point.created_at);
        let newest = newest.map_or_else(String::new, |point| format!(", the newest by {}", point.origin));
        format!("{}{newest}", all.len())
    });
    lines.push(format!("    state        {points}"));
    let libraries = seen(&one.libraries, paint, |all| {
        format!("{} of Flink or of the vendor inside", all.len())
    });
    lines.push(format!("    jars         {libraries}"));
}

fn told(job: &Job) -> String {
    let flink = job.flink.as_deref().unwrap_or("nothing");
    let restarts = job
        .restarts
        .map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let room = job
        .room
        .map_or_else(String::new, |room| format!(", {}", words(room)));
    format!(
        "{} {}, {flink} by Flink, {restarts} restarts{room}",
        job.id, job.state
    )
}

fn words(room: Room) -> String {
    let Room {
        millicores,
        mebibytes,
    } = room;
    format!(
        "{}.{} cores and {mebibytes} MiB",
        millicores / 1000,
        millicores % 1000 / 100
    )
}

fn seen<T>(fact: &Observed<T>, paint: Paint, word: impl Fn(&T) -> String) -> String {
    match fact {
        Observed::Known(fact) => word(fact),
        Observed::Unknown(gap) => format!("{} {gap}", paint.blue("unknown")),
    }
}
