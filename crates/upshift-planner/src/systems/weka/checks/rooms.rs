//! Room on backends.

use upshift_model::finding::Finding;
use upshift_model::topic::Topic;

use super::{CHECKER, DOCS};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{One, red, servers, yellow};
use crate::systems::weka::situation::{EVER, Situation};

use super::backends::on;

/// MiB that have to be free below `/opt/weka`.
const FREE: u64 = 4096;
/// File systems that know `fallocate`, and some that do not.
const KNOWING: [&str; 6] = ["ext4", "xfs", "btrfs", "tmpfs", "f2fs", "ocfs2"];
const NOT_KNOWING: [&str; 5] = ["ext2", "ext3", "vfat", "msdos", "exfat"];

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![data(s), logs(s), traces(s), opt(s)];
    found.extend(fallocate(s));
    found
}

fn data(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "there is little room for data of containers",
        "there is room for data of containers",
    );
    on(
        s,
        codes::DATA_ROOM,
        (words, "make room below /opt/weka"),
        |server| {
            One::seen(&server.room.data, |data| {
                let tight = data.iter().filter(|(_, (free, used))| free * 2 < used * 3);
                let tight: Vec<String> = tight
                    .map(|(name, (free, used))| format!("{name} takes {used} MiB, and {free} are free"))
                    .collect();
                (!tight.is_empty()).then(|| tight.join("; "))
            })
        },
    )
}

fn logs(s: &Situation<'_>) -> Finding {
    let words = yellow("there is little room for logs", "there is room for logs");
    on(
        s,
        codes::LOGS_ROOM,
        (words, "make room below /opt/weka/logs"),
        |server| {
            One::seen(&server.room.logs, |(used, free)| {
                (free * 5 < used + free).then(|| format!("{free} of {} MiB are free", used + free))
            })
        },
    )
}

fn traces(s: &Situation<'_>) -> Finding {
    let words = yellow("there is little room for traces", "there is room for traces");
    let topic = Topic::new(codes::TRACES_ROOM, "backends")
        .fix("make it larger, or let traces leave less")
        .source(CHECKER);
    let leave = s.cluster().inner.traces_leave_free.known().copied().flatten();
    servers(topic, words, &s.facts.backends, |_, server| match leave {
        None => One::of(None::<()>, "the room that traces must leave", |()| None),
        Some(leave) => One::seen(&server.room.traces, |size| {
            (*size < leave >> 20).then(|| format!("{size} MiB, and {} must stay free", leave >> 20))
        }),
    })
}

fn opt(s: &Situation<'_>) -> Finding {
    let words = red(
        "less than 4 GB are free below /opt/weka",
        "4 GB are free below /opt/weka",
    );
    let topic = Topic::new(codes::OPT_ROOM, "backends")
        .fix("make room; weka version rm removes releases that nobody uses")
        .source(DOCS);
    servers(topic, words, &s.facts.backends, |_, server| {
        One::seen(&server.room.opt_free, |free| {
            (*free < FREE).then(|| format!("{free} MiB are free"))
        })
    })
}

fn fallocate(s: &Situation<'_>) -> Option<Finding> {
    if !(s.goes_to("4.4.10.171", "5.0.0") || s.goes_to("5.1.0", EVER)) {
        return None;
    }
    let words = red(
        "the file system behind /opt/weka knows no fallocate",
        "the file system behind /opt/weka knows fallocate",
    );
    let words = (words, "move /opt/weka to another one, such as XFS or ext4");
    Some(on(s, codes::FALLOCATE, words, |server| {
        let kind = match server.room.file_system.as_result() {
            Ok(kind) => kind.as_str(),
            Err(gap) => return One::Unseen(gap.clone()),
        };
        match (KNOWING.contains(&kind), NOT_KNOWING.contains(&kind)) {
            (true, _) => One::Fine,
            (_, true) => One::Bad(format!("it is {kind}")),
            _ => One::of(None::<()>, "whether the file system knows fallocate", |()| None),
        }
    }))
}
