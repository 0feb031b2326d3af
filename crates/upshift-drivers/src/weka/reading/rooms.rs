//! Rooms on a server's file systems.

use std::collections::BTreeMap;

use upshift_model::observed::{Gap, Observed};
use upshift_model::weka::Room;

use super::server::{known, mounted};
use crate::weka::frames::Frames;

pub(super) fn room(frames: &Frames) -> Room {
    Room {
        data: known(data(frames)),
        opt_free: known(df(frames, "opt", "room below /opt/weka").map(|[_, _, free]| free)),
        logs: known(df(frames, "logs", "room for logs").map(|[_, used, free]| (used, free))),
        traces: known(df(frames, "traces", "room for traces").map(|[size, _, _]| size)),
        file_system: known(file_system(frames)),
    }
}

/// Size, used and free in MiB, from `df -Pk`.
fn df(frames: &Frames, name: &str, what: &str) -> Result<[u64; 3], Gap> {
    let text = frames.text(name, what)?;
    let numbers = text.lines().last().and_then(|line| {
        let mut words = line.split_whitespace().skip(1);
        let mut next = || words.next()?.parse::<u64>().ok().map(|kib| kib / 1024);
        Some([next()?, next()?, next()?])
    });
    numbers.ok_or_else(|| Gap {
        what: what.to_owned(),
        reason: "df said something else than numbers".to_owned(),
    })
}

fn data(frames: &Frames) -> Result<BTreeMap<String, (u64, u64)>, Gap> {
    let what = "room for data of containers";
    let text = frames.text("data", what)?;
    let one = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next()?.to_owned();
        let mut next = || words.next()?.parse::<u64>().ok().map(|kib| kib / 1024);
        Some((name, (next()?, next()?)))
    };
    text.lines().map(one).collect::<Option<_>>().ok_or_else(|| Gap {
        what: what.to_owned(),
        reason: "du or df said something else than numbers".to_owned(),
    })
}

/// The kind of the file system whose mount point is the longest that `/opt/weka` lies below.
fn file_system(frames: &Frames) -> Result<String, Gap> {
    let all = mounted(frames)?;
    let below = |at: &str| at == "/" || "/opt/weka/".starts_with(&format!("{}/", at.trim_end_matches('/')));
    let found = all.into_iter().filter(|(_, at, _)| below(at));
    // Of two at one place the later one lies on top.
    let found = found
        .enumerate()
        .max_by_key(|(number, (_, at, _))| (at.len(), *number));
    found.map(|(_, (_, _, kind))| kind).ok_or_else(|| Gap {
        what: "the file system behind /opt/weka".to_owned(),
        reason: "/proc/mounts names none".to_owned(),
    })
}

pub(super) fn observed<T>(read: Result<T, Gap>) -> Observed<T> {
    read.map_or_else(Observed::Unknown, Observed::Known)
}
