//! Settings of the cluster that get into an upgrade's way.

use upshift_model::finding::Finding;
use upshift_model::topic::Topic;

use super::CHECKER;
use crate::systems::weka::codes;
use crate::systems::weka::judge::{self, One, list, one, red, yellow};
use crate::systems::weka::situation::{EVER, Situation, needs_override};

/// Two days.
const LONG: u64 = 172_800;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![traces(s), overrides(s), catalog(s), client_target(s)];
    found.extend(remote_traces(s));
    found.extend(retention(s));
    found.extend(mixed_accepted(s));
    found.extend(fsck(s));
    found.extend(rpc_override(s));
    found
}

fn traces(s: &Situation<'_>) -> Finding {
    let words = yellow("traces are off", "traces are written");
    let topic = Topic::new(codes::TRACES, "cluster")
        .fix("weka debug traces start")
        .source(CHECKER);
    one(topic, words, &s.cluster().inner.traces, |on| {
        One::of(*on, "whether traces are written", |on| {
            (!on).then(|| "they are not written".to_owned())
        })
    })
}

fn overrides(s: &Situation<'_>) -> Finding {
    let words = yellow("overrides are set", "no override is set");
    let topic = Topic::new(codes::OVERRIDES, "cluster")
        .fix("weka debug override list; ask the vendor which stay")
        .source(CHECKER);
    list(topic, words, &s.cluster().inner.overrides, |one| {
        One::Bad(one.key.clone().unwrap_or_else(|| "one without a key".to_owned()))
    })
}

fn catalog(s: &Situation<'_>) -> Finding {
    let words = red("the catalog is indexed", "the catalog is not indexed");
    let topic = Topic::new(codes::CATALOG, "cluster")
        .fix("turn the index off before")
        .source(CHECKER);
    one(topic, words, &s.cluster().inner.catalog, |on| {
        One::of(*on, "whether the catalog is indexed", |on| {
            on.then(|| "indexEnabled is true".to_owned())
        })
    })
}

fn client_target(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "clients are held at a release",
        "clients follow the cluster's release",
    );
    let topic = Topic::new(codes::CLIENT_TARGET, "clients")
        .fix("look whether it is meant: weka cluster client-target-version show")
        .source(CHECKER);
    one(topic, words, &s.cluster().client_target, |held| match held {
        Some(release) => One::Bad(format!("client-target-version is {release}")),
        None => One::Fine,
    })
}

fn remote_traces(s: &Situation<'_>) -> Option<Finding> {
    if !s.leaves("5.0.1", "5.1.2") {
        return None;
    }
    let words = red("traces go elsewhere", "traces stay here");
    let topic = Topic::new(codes::REMOTE_TRACES, "cluster")
        .fix("turn the remote endpoint off before")
        .source(CHECKER);
    Some(one(topic, words, &s.cluster().inner.remote_traces, |on| {
        One::of(*on, "whether traces go elsewhere", |on| {
            on.then(|| "a remote endpoint is on".to_owned())
        })
    }))
}

fn retention(s: &Situation<'_>) -> Option<Finding> {
    if !s.leaves("0.1", "4.2.7") {
        return None;
    }
    let words = yellow(
        "statistics are kept for long",
        "statistics are kept for two days at most",
    );
    let topic = Topic::new(codes::RETENTION, "cluster")
        .fix("shorten it for the time of the upgrade")
        .source(CHECKER);
    Some(one(topic, words, &s.cluster().inner.retention, |seconds| {
        One::of(*seconds, "how long statistics are kept", |seconds| {
            (seconds > LONG).then(|| format!("for {} days", seconds / 86_400))
        })
    }))
}

fn mixed_accepted(s: &Situation<'_>) -> Option<Finding> {
    if !s.goes_to("5.1.0", EVER) {
        return None;
    }
    let words = red(
        "versions were accepted in a mix",
        "no mix of versions is accepted",
    );
    let topic = Topic::new(codes::MIXED_ACCEPTED, "cluster")
        .fix("have the vendor clear it away")
        .source(CHECKER);
    Some(list(topic, words, &s.cluster().inner.mixed_accepted, |version| {
        One::Bad(version.clone())
    }))
}

/// Asked out of 4.4 into 5.1 before 5.1.30.
fn fsck(s: &Situation<'_>) -> Option<Finding> {
    if !(s.leaves("4.4", "4.5") && s.goes_to("5.1", "5.1.30")) {
        return None;
    }
    let words = red(
        "there is no clean check of filesystems since the last upgrade",
        "filesystems were checked since the last upgrade, and are clean",
    );
    let topic = Topic::new(codes::FSCK, "filesystems")
        .fix("run the check on 4.4, and wait for its end")
        .source(CHECKER);
    let inner = &s.cluster().inner;
    let last = match inner.last_upgrade.as_result() {
        Ok(last) => *last,
        Err(gap) => {
            return Some(judge::all(topic, words, [One::Unseen(gap.clone())]));
        }
    };
    // A cluster that was never upgraded was made by the release that runs.
    let own = inner.first_release.known().is_some_and(|first| {
        let current = s.declaration.current.as_str();
        first == current || current.starts_with(&format!("{first}."))
    });
    if last < 0 || own {
        return Some(topic.green("the cluster was never upgraded"));
    }
    Some(one(topic, words, &inner.fsck, |fsck| {
        One::of(
            fsck.issues.zip(fsck.began),
            "result and time of the last check",
            |(issues, began)| match (issues > 0, began < last) {
                (true, _) => Some(format!("the last check found {issues} issues")),
                (_, true) => Some("the last check is older than the last upgrade".to_owned()),
                _ => None,
            },
        )
    }))
}

/// Told by the two releases alone.
fn rpc_override(s: &Situation<'_>) -> Option<Finding> {
    needs_override(&s.from, &s.to).then(|| {
        Topic::new(codes::RPC_OVERRIDE, "cluster")
            .saw(format!("from {} to {}", s.from, s.to))
            .fix("the plan sets rpc.exception.version around the hop that needs it, and takes it away")
            .source(CHECKER)
            .yellow("an override for exceptions of RPC calls is needed around the upgrade")
    })
}
