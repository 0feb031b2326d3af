//! The configuration that is carried over: there, understood by the target, and what really runs.
//!
//! What becomes of each entry is settled by the carrying over; here its notes become findings.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{ConfFacts, DeclaredInstallation};
use upshift_model::ids::Code;
use upshift_model::observed::{Gap, Observed};
use upshift_model::policy::Strategy;

use super::source;
use super::view::{NEW_CLUSTER, OLD_CLUSTER, View};
use crate::systems::flink::codes;
use crate::systems::flink::config::{self, Carrying, ConfigNote, Ports};
use upshift_model::topic::Topic;

/// What the look puts in place of a sensitive value.
const REDACTED: &str = "«redacted»";
/// The file by which a folder is known to have been written by an earlier run.
const MARKER: &str = ".upshift-carried-over";

/// All findings about configuration.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let Some(target) = view.target_installation() else {
        return Vec::new();
    };
    let mut found = vec![folder(view, target)];
    match &view.facts.host.current_conf {
        Some(Observed::Known(conf)) => {
            found.push(present(conf));
            found.extend(carried(view, conf, target));
            found.extend(stale(view, conf));
        }
        Some(Observed::Unknown(gap)) => found.push(absent(&gap.to_string())),
        None => found.push(absent("the file names no [installation] for the running release")),
    }
    found
}

fn absent(why: &str) -> Finding {
    Topic::new(codes::CONFIG_ABSENT, OLD_CLUSTER)
        .saw(why)
        .fix("set [installation] config to the running cluster's FLINK_CONF_DIR: `ps -ef | grep configDir` shows it")
        .refused("the running release's configuration cannot be read, so there is nothing to carry over")
}

fn present(conf: &ConfFacts) -> Finding {
    Topic::new(codes::CONFIG_ABSENT, OLD_CLUSTER)
        .saw(format!(
            "{}, {} entries, SHA-256 {}",
            conf.file,
            conf.entries.len(),
            conf.digest
        ))
        .green("the running release's configuration is in hand")
}

fn folder(view: &View<'_>, target: &DeclaredInstallation) -> Finding {
    let path = target.conf.display();
    let topic = Topic::new(codes::TARGET_CONF_DIR, NEW_CLUSTER)
        .fix(format!("name another: [installation] config = {{ current = \"…\", target = \"/an/empty/folder\" }}; or move this one away: mv {path} {path}.before"));
    match &view.facts.host.target_conf_entries {
        Some(Observed::Known(files)) if files.is_empty() => topic
            .saw(format!("{path} is absent or empty"))
            .green("the folder for the new configuration is free"),
        Some(Observed::Known(files)) if files.contains(MARKER) => topic
            .saw(format!("{path} was written by an earlier run"))
            .green("the folder for the new configuration is ours"),
        Some(Observed::Known(files)) => topic
            .saw(format!(
                "{path} holds {}",
                super::view::listed(files.iter().map(String::as_str))
            ))
            .refused("the folder for the new configuration holds something else"),
        Some(Observed::Unknown(gap)) => topic.unknown(
            gap,
            Severity::Red,
            "what the folder for the new configuration holds could not be seen",
        ),
        None => {
            let gap = Gap {
                what: path.to_string(),
                reason: "not looked at".into(),
            };
            topic.unknown(
                &gap,
                Severity::Red,
                "what the folder for the new configuration holds could not be seen",
            )
        }
    }
}

/// What the carrying over has to say, one finding for each code and subject.
fn carried(view: &View<'_>, conf: &ConfFacts, target: &DeclaredInstallation) -> Vec<Finding> {
    let whole = Topic::new(codes::CONFIG, NEW_CLUSTER)
        .fix("compare the file with the release's own list: Flink documentation, deployment/config");
    let old_home = view
        .declared
        .current
        .as_ref()
        .map(|current| current.home.as_path());
    let carrying = Carrying {
        flink: view.situation.knowledge.flink(),
        from: &view.facts.source.version,
        to: &target.version,
        conf,
        java: view.facts.host.target_java.as_result().map(|java| java.feature),
        ports: ports(view),
        old_home,
    };
    let carried = match config::carry(&carrying) {
        Ok(carried) => carried,
        Err(gap) => {
            return vec![whole.unknown(&gap, Severity::Red, "the configuration cannot be carried over")];
        }
    };
    let mut by_subject: BTreeMap<(Code, String), Vec<&ConfigNote>> = BTreeMap::new();
    for note in &carried.notes {
        by_subject.entry(about(note)).or_default().push(note);
    }
    let whole = whole.saw(format!(
        "{} becomes {}, {} edits",
        conf.file,
        carried.to_file,
        carried.edits.len()
    ));
    let mut found = vec![whole.green("the configuration is carried over; upshift diff PLAN shows how")];
    found.extend(
        by_subject
            .into_iter()
            .map(|((code, subject), notes)| noted(code, subject, &notes)),
    );
    found
}

fn ports(view: &View<'_>) -> Option<Ports> {
    let ports = view
        .shadow_ports()
        .filter(|_| view.ways.chosen == Strategy::Shadow)?;
    Some(Ports {
        rest: ports.rest.port()?,
        rpc: ports.rpc_port,
        blob: ports.blob_port,
    })
}

fn noted(code: Code, subject: String, notes: &[&ConfigNote]) -> Finding {
    let mut topic = Topic::new(code, subject).saw_all(notes.iter().map(ToString::to_string));
    for note in notes {
        topic = topic.fix(advice(note));
        topic = match said_by(note) {
            Some(source) => topic.source(source),
            None => topic,
        };
    }
    let worst = notes.iter().copied().max_by_key(|note| note.severity());
    let title = worst.map_or("nothing to say", title);
    match worst.map(ConfigNote::severity) {
        None | Some(Severity::Green) => topic.green(title),
        Some(severity) => topic.at(severity, title),
    }
}

/// Under which code and subject a note is shown.
fn about(note: &ConfigNote) -> (Code, String) {
    match note {
        ConfigNote::FileRenamed { from, .. } => (codes::CONFIG_RENAMED, format!("file {from}")),
        ConfigNote::TwoFiles { ignored, .. } => (codes::CONFIG_FILES, format!("file {ignored}")),
        ConfigNote::Renamed { key, .. }
        | ConfigNote::Shadowed { key, .. }
        | ConfigNote::ReadBySeveral { key, .. }
        | ConfigNote::Deprecated { key } => (codes::CONFIG_RENAMED, subject(key)),
        ConfigNote::Removed { key, .. } => (codes::CONFIG_REMOVED, subject(key)),
        ConfigNote::UnknownKey { key, .. } => (codes::CONFIG_UNKNOWN, subject(key)),
        ConfigNote::Duplicate { key, .. } => (codes::CONFIG_DUPLICATE, subject(key)),
        ConfigNote::ValueGone { key, .. } | ConfigNote::Unfit { key, .. } | ConfigNote::Trimmed { key } => {
            (codes::CONFIG_VALUE, subject(key))
        }
        ConfigNote::JavaOptionsAdded { key, .. } | ConfigNote::JavaOptionsByHand { key, .. } => {
            (codes::JAVA_OPTIONS, subject(key))
        }
        ConfigNote::JavaUnknown { .. } => (codes::JAVA_OPTIONS, NEW_CLUSTER.to_owned()),
        ConfigNote::PortShared { key, .. } => (codes::PORTS, subject(key)),
        ConfigNote::NamesOldHome { key, .. } => (codes::OLD_HOME_NAMED, subject(key)),
        ConfigNote::OptionsNotRead { version } => (codes::CONFIG, format!("options of Flink {version}")),
    }
}

fn title(note: &ConfigNote) -> &'static str {
    match note {
        ConfigNote::FileRenamed { .. } => "the main file has another name in the target",
        ConfigNote::TwoFiles { .. } => "two main files lie there, and one is not read",
        ConfigNote::Renamed { .. } => "a key has another name in the target",
        ConfigNote::Shadowed { .. } => "a key is set under two names, and the newer counts",
        ConfigNote::ReadBySeveral { .. } => "a key is an older name of several options",
        ConfigNote::Deprecated { .. } => "a key is deprecated in the target",
        ConfigNote::Removed { .. } => "a key is gone in the target",
        ConfigNote::UnknownKey { .. } => "a key that no list of options knows",
        ConfigNote::Duplicate { .. } => "a key comes twice",
        ConfigNote::ValueGone { .. } => "the target no longer knows a value",
        ConfigNote::Unfit { .. } => "the target cannot read a value",
        ConfigNote::Trimmed { .. } => "a value is carried over without what surrounds it",
        ConfigNote::JavaOptionsAdded { .. } => "options that the target's Java needs are added",
        ConfigNote::JavaOptionsByHand { .. } => "options that the target's Java needs are missing",
        ConfigNote::JavaUnknown { .. } => "whether the target's Java needs options is not known",
        ConfigNote::PortShared { .. } => "both clusters would want one port",
        ConfigNote::NamesOldHome { .. } => "a value names the folder of the release that runs now",
        ConfigNote::OptionsNotRead { .. } => "the options of a release were never read",
    }
}

/// What a person can do; nothing is needed where the carrying over does it.
fn advice(note: &ConfigNote) -> String {
    match note {
        ConfigNote::TwoFiles { ignored, .. } => format!("move {ignored} away"),
        ConfigNote::Shadowed { key, .. } => format!("delete {key} from the running release's file"),
        ConfigNote::Removed {
            key, advice: None, ..
        } => {
            format!("delete {key} if nobody needs it, or look for its successor in Flink's release notes")
        }
        ConfigNote::Removed {
            advice: Some(advice), ..
        } => advice.clone(),
        ConfigNote::UnknownKey { key, .. } => {
            format!("correct {key} if it is misspelt; leave it if a job or a plugin reads it")
        }
        ConfigNote::Duplicate { key, .. } => format!("delete all lines of {key} but the last"),
        ConfigNote::ValueGone { key, becomes, .. } => {
            format!("set {key}: {becomes} yourself if another is meant")
        }
        ConfigNote::Unfit { key, kind, .. } => {
            format!("correct the value of {key}: the target wants a {kind}")
        }
        ConfigNote::JavaOptionsByHand { key, missing, .. } => format!("add to {key}: {}", missing.join(" ")),
        ConfigNote::JavaUnknown { .. } => {
            "name the target's Java: [installation] java_home = { current = \"…\", target = \"…\" }"
                .to_owned()
        }
        ConfigNote::PortShared { key, .. } => {
            format!("take {key} out of the file, or give it a range of ports")
        }
        ConfigNote::NamesOldHome { key, .. } => {
            format!("see whether {key} should name a folder outside of the installation")
        }
        ConfigNote::OptionsNotRead { .. } => {
            "look for a newer release of upshift: upshift --version".to_owned()
        }
        ConfigNote::FileRenamed { .. }
        | ConfigNote::Renamed { .. }
        | ConfigNote::ReadBySeveral { .. }
        | ConfigNote::Deprecated { .. }
        | ConfigNote::Trimmed { .. }
        | ConfigNote::JavaOptionsAdded { .. } => {
            "nothing to do: upshift diff PLAN shows the change".to_owned()
        }
    }
}

fn said_by(note: &ConfigNote) -> Option<&str> {
    match note {
        ConfigNote::FileRenamed { source, .. }
        | ConfigNote::TwoFiles { source, .. }
        | ConfigNote::Removed { source, .. }
        | ConfigNote::ValueGone { source, .. }
        | ConfigNote::JavaOptionsAdded { source, .. }
        | ConfigNote::JavaOptionsByHand { source, .. } => Some(source),
        ConfigNote::Renamed { .. }
        | ConfigNote::Shadowed { .. }
        | ConfigNote::ReadBySeveral { .. }
        | ConfigNote::Deprecated { .. }
        | ConfigNote::UnknownKey { .. }
        | ConfigNote::Duplicate { .. }
        | ConfigNote::Unfit { .. }
        | ConfigNote::Trimmed { .. }
        | ConfigNote::JavaUnknown { .. }
        | ConfigNote::PortShared { .. }
        | ConfigNote::NamesOldHome { .. }
        | ConfigNote::OptionsNotRead { .. } => None,
    }
}

/// Values that the file gives and the cluster does not run with: the new cluster would start with
/// what nobody has tried yet.
fn stale(view: &View<'_>, conf: &ConfFacts) -> Option<Finding> {
    let running = view.facts.source.config.known()?;
    let wanted: BTreeMap<_, _> = conf
        .entries
        .iter()
        .map(|entry| (entry.key.as_str(), entry.value.as_str()))
        .collect();
    let differs = |(key, value): &(&str, &str)| {
        let runs = running.get(*key)?;
        let hidden = *value == REDACTED || runs == REDACTED;
        let own = MADE_ITS_OWN.contains(key);
        (!hidden && !own && bare(value) != bare(runs))
            .then(|| format!("{key}: {value} in the file, {runs} in the cluster"))
    };
    let differing: Vec<_> = wanted.into_iter().filter_map(|entry| differs(&entry)).collect();
    let topic = Topic::new(codes::CONFIG_STALE, OLD_CLUSTER).source(source::REST);
    Some(if differing.is_empty() {
        topic.green("the cluster runs with what its configuration file says")
    } else {
        topic
            .saw_all(differing)
            .saw("the file may have been edited since the start, or an option was given on the command line")
            .fix("make the file say what is meant for the target: its values are carried over")
            .yellow("the configuration file is not what the cluster runs with")
    })
}

/// Keys whose value a job manager changes when it starts: it makes a folder of its own below the one
/// that the file names (seen on 1.18.1).
const MADE_ITS_OWN: [&str; 1] = ["web.tmpdir"];

/// A value without quotes, surrounding space and letters' case: `'TRUE' ` is `true`.
fn bare(value: &str) -> String {
    value.trim().trim_matches(['\'', '"']).to_ascii_lowercase()
}

fn subject(key: &str) -> String {
    format!("key {key}")
}
