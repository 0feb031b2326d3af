//! A Fluss cluster as text: health and why, coordinators, tablet servers, tables, ways back.

use upshift_planner::knowledge::{Effect, Truth};
use upshift_planner::systems::fluss::ways_back::WayBack;

use super::tree::{counted, line};
use crate::app::fluss::{Account, CoordinatorAccount, ServerAccount, TableAccount};
use crate::cli::known;
use crate::cli::render::Paint;

/// So many reasons and tables are named; the rest is counted, and all are in the JSON.
const NAMED: usize = 20;

/// The whole text.
pub(in crate::cli) fn text(account: &Account, paint: Paint) -> String {
    let mut out = String::new();
    line(&mut out, &paint.bold(&account.cluster));
    line(&mut out, &health(account, paint));
    block(&mut out, "why it is not green", &account.why_not_green, paint);
    block(&mut out, "to be known", &account.notes, paint);
    coordinators(&mut out, account, paint);
    line(&mut out, &paint.bold("tablet servers"));
    if account.tablet_servers.is_empty() {
        line(&mut out, "  none");
    }
    account
        .tablet_servers
        .iter()
        .for_each(|one| line(&mut out, &server(one, paint)));
    told(&mut out, account, paint);
    line(&mut out, &paint.bold("tables"));
    if account.tables.is_empty() {
        line(&mut out, "  none");
    }
    account
        .tables
        .iter()
        .take(NAMED)
        .for_each(|one| line(&mut out, &table(one)));
    rest(&mut out, account.tables.len());
    block(&mut out, "not seen", &account.gaps, paint);
    ways_back(&mut out, account, paint);
    out
}

fn health(account: &Account, paint: Paint) -> String {
    let word = account.health.to_uppercase();
    let word = match account.health {
        "green" => paint.green(&word),
        "yellow" => paint.yellow(&word),
        "unknown" => paint.blue(&word),
        _ => paint.red(&word),
    };
    let Account {
        buckets,
        led,
        replicas,
        in_sync,
        ..
    } = account;
    format!("health {word}   {led} of {buckets} buckets led, {in_sync} of {replicas} replicas in sync")
}

/// That both sides were asked, and what of the servers' side is not as ZooKeeper has it.
fn told(out: &mut String, account: &Account, paint: Paint) {
    let title = paint.bold("leaders as servers tell clients, beside ZooKeeper");
    let Some(told) = &account.told else { return };
    line(out, &title);
    if told.servers.is_empty() {
        line(out, "  no server was asked");
    }
    for (server, same) in &told.servers {
        let said = match same {
            Some(same) => format!("the same of {same} of {}", counted(account.buckets, "bucket")),
            None => paint.blue("not known"),
        };
        line(out, &format!("  {server}: {said}"));
    }
    if let Some(count) = &told.own_count {
        line(out, &format!("  the coordinator counts by itself: {count}"));
    }
}

fn block(out: &mut String, title: &str, said: &[String], paint: Paint) {
    if said.is_empty() {
        return;
    }
    line(out, &paint.bold(title));
    said.iter()
        .take(NAMED)
        .for_each(|said| line(out, &format!("  {said}")));
    rest(out, said.len());
}

fn rest(out: &mut String, all: usize) {
    if all > NAMED {
        line(out, &format!("  and {} more; --json lists all", all - NAMED));
    }
}

fn coordinators(out: &mut String, account: &Account, paint: Paint) {
    line(out, &paint.bold("coordinator"));
    match &account.coordinator {
        Some(one) => line(out, &coordinator(one, "leads")),
        None => line(out, "  none leads"),
    }
    account
        .standbys
        .iter()
        .for_each(|one| line(out, &coordinator(one, "stands by")));
    if let Some(epoch) = account.coordinator_epoch {
        line(out, &format!("  epoch {epoch}"));
    }
}

fn coordinator(one: &CoordinatorAccount, does: &str) -> String {
    format!("  {}  {}, {does}", one.listeners.join(","), lines(&one.lines))
}

/// `registers as 0.7 to 0.9 do`.
fn lines(lines: &[String]) -> String {
    match lines {
        [] => "registers as no release that is known does".to_owned(),
        [one] => format!("registers as {one} does"),
        [first, .., last] => format!("registers as {first} to {last} do"),
    }
}

fn server(one: &ServerAccount, paint: Paint) -> String {
    let mut parts = Vec::new();
    parts.extend(one.unseen.as_ref().map(|why| paint.red(why)));
    if one.unseen.is_none() {
        parts.push(lines(&one.lines));
    }
    parts.extend(one.registered_at.map(|time| format!("since {time}")));
    parts.extend(one.rack.as_ref().map(|rack| format!("rack {rack}")));
    parts.push(format!(
        "leads {}, {} of {} replicas in sync",
        one.leads, one.in_sync, one.replicas
    ));
    parts.extend(one.tag.as_ref().map(|tag| format!("tagged {tag}")));
    format!(
        "  {:<3} {}  {}",
        one.id,
        one.listeners.join(","),
        parts.join(", ")
    )
}

fn table(one: &TableAccount) -> String {
    let kind = match one.kind {
        "unknown" => "kind not seen".to_owned(),
        kind => format!("{kind} table"),
    };
    let mut parts = vec![kind];
    parts.extend(one.partitions.map(|count| counted(count, "partition")));
    parts.push(counted(one.bucket_count, "bucket"));
    parts.extend(one.replicas.map(|count| counted(count, "replica")));
    parts.extend(
        one.kv_snapshots
            .map(|count| format!("KV snapshots of {count} of {}", one.bucket_count)),
    );
    parts.extend(one.lake.clone());
    parts.extend(
        one.schemas
            .filter(|count| *count > 1)
            .map(|count| format!("{count} schemas")),
    );
    format!("  {}  (id {}) {}", one.name, one.id, parts.join(", "))
}

fn ways_back(out: &mut String, account: &Account, paint: Paint) {
    line(out, &paint.bold("ways back"));
    if !account.half_way.is_empty() {
        let ids: Vec<String> = account.half_way.iter().map(i32::to_string).collect();
        let text = format!(
            "  tablet servers {} are of a later release than the coordinator: an upgrade is half-way",
            ids.join(", ")
        );
        line(out, &text);
    }
    if account.ways_back.is_empty() {
        line(out, "  not known: no coordinator tells which release runs");
    }
    for way in &account.ways_back {
        line(out, &way_back(way, paint));
    }
}

fn way_back(way: &WayBack, paint: Paint) -> String {
    let mut text = format!(
        "  {} → {}: {}",
        way.from,
        way.to,
        known::verdict(way.answer.verdict, paint)
    );
    let rows = way.answer.rows.iter().filter(|row| row.effect != Effect::Note);
    let said = rows.map(|row| (row.effect.word(), row));
    for (word, row) in said.chain(way.not_now.iter().map(|row| ("not now", row))) {
        let when: Vec<String> = row.when.iter().map(ToString::to_string).collect();
        let open = match row.truth {
            Truth::NotTold => format!(" [if {}]", when.join(" and ")),
            Truth::CannotTell => format!(" [cannot be told: {}]", when.join(" and ")),
            Truth::Holds | Truth::DoesNotHold => String::new(),
        };
        text += &format!("\n    {word:<8}{}{open}", row.text);
    }
    text
}
