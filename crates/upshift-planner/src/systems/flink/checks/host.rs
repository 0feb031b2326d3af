//! The target's installation on this machine: Java, home, archive, room; and the running release's.
//!
//! What is fetched or unpacked is the driver's business; here it is only compared.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{Archive, ArchiveFacts, DeclaredInstallation, HomeFacts};
use upshift_model::observed::{Gap, Observed};

use super::source;
use super::view::{self, NEW_CLUSTER, OLD_CLUSTER, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// An unpacked release takes at most so many times its archive: it is nearly all jars, which are
/// compressed already (230 MB packed, 230 to 330 MB unpacked, measured over nine releases).
const UNPACKED: u64 = 2;

/// All findings about installations.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(target) = view.target_installation() {
        found.push(super::java::fit(view, target));
        found.extend(home(view, target));
    }
    found.extend(current_home(view));
    found
}

fn home(view: &View<'_>, target: &DeclaredInstallation) -> Vec<Finding> {
    match &view.facts.host.target_home {
        Some(Observed::Known(seen)) => vec![same_release(target, seen)],
        Some(Observed::Unknown(gap)) => to_unpack(view, target, gap),
        None => {
            let gap = Gap {
                what: target.home.display().to_string(),
                reason: "not looked at".into(),
            };
            to_unpack(view, target, &gap)
        }
    }
}

fn same_release(target: &DeclaredInstallation, seen: &HomeFacts) -> Finding {
    let home = target.home.display();
    let topic = Topic::new(codes::HOME_VERSION, NEW_CLUSTER)
        .saw(format!("{home}: Flink {} by its flink-dist jar", seen.version))
        .fix(format!(
            "ls {home}/lib/flink-dist-*.jar; then correct home or version of [installation] target"
        ));
    if seen.version == target.version {
        topic.green("the target's home holds the release that is wanted")
    } else {
        topic
            .saw(format!("wanted: {}", target.version))
            .refused("the target's home holds another release")
    }
}

fn to_unpack(view: &View<'_>, target: &DeclaredInstallation, gap: &Gap) -> Vec<Finding> {
    let Some(archive) = &target.archive else {
        return vec![
            Topic::new(codes::HOME_ABSENT, NEW_CLUSTER)
                .saw(gap.to_string())
                .fix("name what it is unpacked from: [installation] target = { version = \"…\", archive = \"file:///path/flink-VERSION-bin-scala_2.12.tgz\", sha512 = \"…\" }")
                .fix(format!("or unpack it yourself: tar -xzf ARCHIVE --strip-components=1 -C {}", target.home.display()))
                .refused("the target's home is absent and no archive is named"),
        ];
    };
    match &view.facts.host.target_archive {
        Some(Observed::Known(seen)) => vec![digest(archive, seen), unpack_room(view, target, seen)],
        Some(Observed::Unknown(gap)) => vec![archive_absent(archive, gap)],
        None => {
            let gap = Gap {
                what: archive.uri.clone(),
                reason: "not looked at".into(),
            };
            vec![archive_absent(archive, &gap)]
        }
    }
}

fn digest(archive: &Archive, seen: &ArchiveFacts) -> Finding {
    let topic = Topic::new(codes::ARCHIVE_DIGEST, NEW_CLUSTER)
        .saw(format!("{}, {}", archive.uri, view::bytes(seen.bytes)))
        .saw(format!("SHA-512 {}", seen.sha512))
        .fix("fetch it again from https://archive.apache.org/dist/flink/ with its .sha512 beside it, and compare: sha512sum -c");
    if seen.sha512.eq_ignore_ascii_case(&archive.sha512) {
        topic.green("the archive is the one that is named")
    } else {
        topic
            .saw(format!("expected {}", archive.sha512))
            .refused("the archive is not the one that is named")
    }
}

/// An archive behind a URL is fetched and compared before anything stops; a local one must be there
/// now.
fn archive_absent(archive: &Archive, gap: &Gap) -> Finding {
    let topic = Topic::new(codes::ARCHIVE_ABSENT, NEW_CLUSTER);
    if archive.uri.starts_with("http:") || archive.uri.starts_with("https:") {
        return topic
            .fix(format!("to be sure beforehand: curl -fsSIL {}", archive.uri))
            .unknown(
                gap,
                Severity::Yellow,
                "the archive is fetched and compared when the plan is carried out",
            );
    }
    topic
        .saw(gap.to_string())
        .fix(format!(
            "correct archive = {:?} in [installation] target",
            archive.uri
        ))
        .refused("the archive cannot be read")
}

fn unpack_room(view: &View<'_>, target: &DeclaredInstallation, archive: &ArchiveFacts) -> Finding {
    let needed = archive.bytes.saturating_mul(UNPACKED);
    let topic = Topic::new(codes::UNPACK_DISK, NEW_CLUSTER)
        .saw(format!(
            "{} wanted: the archive's {}, times {UNPACKED}",
            view::bytes(needed),
            view::bytes(archive.bytes)
        ))
        .fix(format!("make room where {} lies: df -h", target.home.display()));
    let unlooked = Gap {
        what: "free room for the target's home".into(),
        reason: "not looked at".into(),
    };
    match view.facts.host.target_home_free.as_ref().map(Observed::as_result) {
        None => topic.unknown(
            &unlooked,
            Severity::Yellow,
            "whether there is room for the release could not be seen",
        ),
        Some(Err(gap)) => topic.unknown(
            gap,
            Severity::Yellow,
            "whether there is room for the release could not be seen",
        ),
        Some(Ok(free)) => {
            let topic = topic.saw(format!("{} free", view::bytes(*free)));
            if *free < needed {
                topic.red("there is no room for the release")
            } else {
                topic.green("there is room for the release")
            }
        }
    }
}

/// The way back after an upgrade in place starts the old release again.
fn current_home(view: &View<'_>) -> Option<Finding> {
    view.target_installation()?;
    let current = view.declared.current.as_ref()?;
    let home = current.home.display();
    let topic = Topic::new(codes::CURRENT_HOME, OLD_CLUSTER)
        .source(source::SCOPE)
        .fix(format!(
            "ls {home}/lib/flink-dist-*.jar; then correct [installation] current.home"
        ));
    Some(
        match view.facts.host.current_home.as_ref().map(Observed::as_result) {
            Some(Ok(seen)) if seen.version == view.facts.source.version => topic
                .saw(format!("{home}: Flink {}", seen.version))
                .green("the running release's installation is in hand"),
            Some(Ok(seen)) => topic
                .saw(format!(
                    "{home} holds Flink {}, and {} runs",
                    seen.version, view.facts.source.version
                ))
                .yellow("the home named for the running release holds another one: the way back is closed"),
            Some(Err(gap)) => topic
                .saw(gap.to_string())
                .yellow("the running release's installation is not in hand: the way back is closed"),
            None => topic
                .saw(format!("{home}: not looked at"))
                .yellow("the running release's installation is not in hand: the way back is closed"),
        },
    )
}
