//! The state of the cluster as a whole: who asks, how well data is protected, what is being done to it.

use upshift_model::finding::{Finding, Severity};
use upshift_model::topic::Topic;
use upshift_model::version::Version;

use super::{CHECKER, DOCS};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{self, One, one, red, some, yellow};
use crate::systems::weka::situation::{EVER, Situation};

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    vec![
        login(s),
        release(s),
        status(s),
        marked(s),
        rebuild(s),
        alerts(s),
        upgrading(s),
        conversion(s),
        role(s),
    ]
}

fn login(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::LOGIN, s.facts.entry.as_str()).source(CHECKER);
    match s.cluster().logged_in {
        Some(true) => topic.green("somebody is logged in there"),
        Some(false) => topic
            .fix("on that backend, as the same user: weka user login")
            .refused("nobody is logged in there"),
        None => match s.cluster().status.gap() {
            Some(gap) => topic.unknown(gap, Severity::Red, "not known whether somebody is logged in"),
            None => topic.green("somebody is logged in there"),
        },
    }
}

fn release(s: &Situation<'_>) -> Finding {
    let words = red("another release runs", "the release of the file runs");
    let topic = Topic::new(codes::RELEASE, "cluster").fix("write the release that runs under current");
    one(topic, words, &s.cluster().status, |status| {
        One::of(status.release.as_ref(), "the cluster's release", |seen| {
            let same = seen.parse::<Version>().is_ok_and(|seen| {
                let plain: Option<Version> =
                    seen.as_str().split('-').next().and_then(|text| text.parse().ok());
                seen == s.declaration.current || plain.as_ref() == Some(&s.declaration.current)
            });
            (!same).then(|| {
                format!(
                    "it answers as {seen}, and the file says {}",
                    s.declaration.current
                )
            })
        })
    })
}

fn status(s: &Situation<'_>) -> Finding {
    let words = red(
        "the cluster is not fine",
        "the cluster is fine, and all of it is active",
    );
    let topic = Topic::new(codes::STATUS, "cluster")
        .fix("weka status; wait until all is active")
        .source(CHECKER);
    one(topic, words, &s.cluster().status, |status| {
        let away = status.active.iter().filter(|(_, (active, total))| active < total);
        let away: Vec<String> = away
            .map(|(part, (active, total))| format!("{active} of {total} {part} are active"))
            .collect();
        One::of(status.status.as_ref(), "the cluster's state", |state| {
            let is_fine = state == "OK" && away.is_empty();
            (!is_fine).then(|| {
                let mut said = vec![format!("its state is {state}")];
                said.extend(away);
                said.join("; ")
            })
        })
    })
}

fn marked(s: &Situation<'_>) -> Finding {
    let words = yellow("a build of its own", "the release bears no letters");
    let topic = Topic::new(codes::MARKED, "cluster")
        .fix("ask the vendor whether the wanted release has the same fixes")
        .source(CHECKER);
    one(topic, words, &s.cluster().status, |status| {
        One::of(status.release.as_ref(), "the cluster's release", |release| {
            let plain = release.trim_end_matches("-hcfs");
            plain
                .contains(|c: char| c.is_ascii_alphabetic())
                .then(|| format!("it is {release}"))
        })
    })
}

fn rebuild(s: &Situation<'_>) -> Finding {
    let words = red("data is not fully protected", "all data is fully protected");
    let topic = Topic::new(codes::REBUILD, "cluster")
        .fix("wait until weka status rebuild says that no data has a failure")
        .source(DOCS);
    one(topic, words, &s.cluster().rebuild, |rebuild| {
        let all = rebuild
            .progress
            .zip(rebuild.hurt_mib)
            .zip(rebuild.unavailable_mib);
        One::of(
            all,
            "the protection of data",
            |((progress, hurt), unavailable)| {
                let mut said = Vec::new();
                said.extend((progress > 0).then(|| format!("a rebuild is at {progress} %")));
                said.extend((hurt > 0).then(|| format!("{hurt} MiB have lost a copy")));
                said.extend((unavailable > 0).then(|| format!("{unavailable} MiB cannot be read")));
                (!said.is_empty()).then(|| said.join("; "))
            },
        )
    })
}

fn alerts(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::ALERTS, "cluster").source(CHECKER);
    let alerts = match s.cluster().alerts.as_result() {
        Ok(alerts) => alerts,
        Err(gap) => return topic.unknown(gap, Severity::Red, "not known whether alerts are open"),
    };
    let stops = alerts
        .iter()
        .any(|alert| alert.kind.as_deref() == Some("DataIntegrity"));
    let said = alerts.iter().map(|alert| {
        let text = |field: &Option<String>| field.clone().unwrap_or_else(|| "?".to_owned());
        format!(
            "{} {}: {}",
            alert.count.unwrap_or(1),
            text(&alert.kind),
            text(&alert.title)
        )
    });
    let topic = topic.saw_all(some(said.collect()));
    let topic = topic.fix("weka alerts; mend what each says");
    match (alerts.is_empty(), stops && s.goes_to("5.0", EVER)) {
        (true, _) => topic.green("no alert is open"),
        (false, true) => topic.red("an alert about the integrity of data stops upgrades to 5.0 and later"),
        (false, false) => topic.yellow("alerts are open"),
    }
}

fn upgrading(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::UPGRADING, "cluster").source(DOCS);
    let status = match s.cluster().status.as_result() {
        Ok(status) => status,
        Err(gap) => return topic.unknown(gap, Severity::Red, "not known whether an upgrade is under way"),
    };
    let alerts = s.cluster().alerts.known().into_iter().flatten();
    let alert = alerts
        .filter_map(|alert| alert.kind.as_deref())
        .find(|kind| ["ClusterIsUpgrading", "LeaderPreparedForUpgrade"].contains(kind));
    let phase = One::of(
        status.upgrade_phase.as_ref(),
        "the phase of an upgrade",
        |phase| (!phase.is_empty()).then(|| format!("its phase is {phase}")),
    );
    let alert = match alert {
        Some(kind) => One::Bad(format!("the alert {kind} is open")),
        None => One::Fine,
    };
    let words = red("an upgrade is under way", "no upgrade is under way");
    let topic = topic.fix("end it, or find out with the vendor where it stands");
    judge::all(topic, words, [phase, alert])
}

fn conversion(s: &Situation<'_>) -> Finding {
    let words = red(
        "metadata is still being converted",
        "no conversion of metadata runs",
    );
    let topic = Topic::new(codes::CONVERSION, "cluster")
        .fix("wait until weka status says that block_upgrade_task is IDLE")
        .source(DOCS);
    one(topic, words, &s.cluster().status, |status| {
        One::of(
            status.conversion.as_ref(),
            "the conversion of metadata",
            |state| (state != "IDLE").then(|| format!("it is {state}")),
        )
    })
}

fn role(s: &Situation<'_>) -> Finding {
    let words = red("the user is no cluster admin", "the user is a cluster admin");
    let topic = Topic::new(codes::ROLE, s.facts.entry.as_str())
        .fix("weka user login as a cluster admin")
        .source(DOCS);
    one(topic, words, &s.cluster().role, |role| {
        One::of(role.as_ref(), "the role of the user", |role| {
            (role != "ClusterAdmin").then(|| format!("the role is {role}"))
        })
    })
}
