//! What a look at a Flink system says in the terms that changes between releases ask in.
//!
//! What was not seen stays unseen, with the reason: it never becomes "not there". Nothing is judged
//! here.

use std::collections::BTreeMap;

use upshift_model::flink::fit::{StateTrait, place_of_state};
use upshift_model::flink::{Declaration, Facts, JobDetails, JobFacts, JobSnapshots, Mode, Provider};
use upshift_model::observed::Observed;

use crate::knowledge::Fact;
use crate::knowledge::changes::{Members, Number, Rest, Sight};

/// Kinds of state that a snapshot tells of, as facts.
const KINDS_OF_STATE: [(Fact, StateTrait); 6] = [
    (Fact::KryoTypes, StateTrait::Kryo),
    (Fact::CollectionInPojo, StateTrait::CollectionInPojo),
    (Fact::ScalaCaseClass, StateTrait::ScalaCaseClass),
    (Fact::ScalaTraversable, StateTrait::ScalaTraversable),
    (Fact::Cep, StateTrait::Cep),
    (Fact::BroadcastState, StateTrait::Broadcast),
];

/// Where the classes of tables and SQL live.
const TABLE: &str = "org.apache.flink.table.";

/// What is known of a system that was looked at.
pub fn sight(declared: &Declaration, facts: &Facts) -> Sight {
    let options = options(facts);
    let mut sight = Sight::default();
    sight.schemes = schemes(declared, facts, &options);
    sight.java = java(facts);
    jars(&mut sight, declared, facts);
    backend(&mut sight, &options, facts);
    sight.options = match options {
        Ok(all) => {
            let by = format!("the configuration that runs has {} keys", all.len());
            Members::all(all, by)
        }
        Err(reason) => Members::unseen(reason),
    };
    deployment(&mut sight, facts);
    state(&mut sight, declared, facts);
    sight
}

/// What the job manager runs with, and what the file says beside it.
fn options(facts: &Facts) -> Result<BTreeMap<String, String>, String> {
    let file = facts.host.current_conf.as_ref().and_then(Observed::known);
    let mut all: BTreeMap<String, String> = match (&facts.source.config, file) {
        (Observed::Known(running), _) => running.clone(),
        (Observed::Unknown(_), Some(_)) => BTreeMap::new(),
        (Observed::Unknown(gap), None) => return Err(gap.to_string()),
    };
    for entry in file.into_iter().flat_map(|conf| &conf.entries) {
        all.insert(entry.key.clone(), entry.value.clone());
    }
    Ok(all)
}

/// Schemes of the values of the configuration, of the savepoints and of the checkpoints that the
/// server tells of. What a job opens by itself is not seen.
fn schemes(
    declared: &Declaration,
    facts: &Facts,
    options: &Result<BTreeMap<String, String>, String>,
) -> Members {
    let mut found = match options {
        Ok(_) => Members::all(
            [],
            "no path of the configuration, the savepoints or the checkpoints has it",
        ),
        Err(reason) => Members::unseen(reason.clone()),
    };
    let values = options.iter().flat_map(BTreeMap::values).map(String::as_str);
    let snapshots = details(facts).filter_map(|(_, details)| details.checkpoints.known());
    let paths = snapshots.flat_map(|history| {
        let newest = [&history.latest_completed, &history.latest_savepoint];
        newest
            .into_iter()
            .flatten()
            .filter_map(|snapshot| snapshot.path.as_deref())
    });
    let all: Vec<&str> = values
        .chain(paths)
        .chain([declared.savepoints.as_str()])
        .collect();
    for scheme in all.into_iter().filter_map(scheme) {
        found.add(scheme, "");
    }
    found
}

/// The scheme of a path: `s3a://…`, `file:/…`.
fn scheme(text: &str) -> Option<String> {
    let (scheme, rest) = text.trim().split_once(":/")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let fits = !scheme.is_empty() && scheme.bytes().all(plain) && !rest.is_empty();
    let of_web = matches!(scheme, "http" | "https");
    (fits && !of_web).then(|| scheme.to_ascii_lowercase())
}

fn java(facts: &Facts) -> Number {
    match &facts.host.target_java {
        Observed::Known(java) => Number::Is(java.feature, java.path.display().to_string()),
        Observed::Unknown(gap) => Number::Unseen(gap.to_string()),
    }
}

fn deployment(sight: &mut Sight, facts: &Facts) {
    let seen = match &facts.source.deployment {
        Observed::Known(seen) => seen,
        Observed::Unknown(gap) => {
            for fact in [Fact::Provider, Fact::Mode, Fact::HighAvailability] {
                sight.say(fact, None, gap.to_string());
            }
            return;
        }
    };
    let by = seen.evidence.join("; ");
    let provider = match seen.provider {
        Provider::Standalone => "standalone",
        Provider::Yarn => "yarn",
        Provider::Kubernetes => "kubernetes",
        Provider::Mesos => "mesos",
    };
    let mode = match seen.mode {
        Mode::Session => "session",
        Mode::Application => "application",
    };
    let kind = seen
        .high_availability
        .as_deref()
        .unwrap_or("none")
        .to_ascii_lowercase();
    let known = [
        ("zookeeper", "zookeeper"),
        ("kubernetes", "kubernetes"),
        ("none", "none"),
    ];
    let high_availability = known
        .into_iter()
        .find(|(word, _)| kind.contains(word))
        .map_or("other", |(_, value)| value);
    sight.say(Fact::Provider, Some(provider), by.clone());
    sight.say(Fact::Mode, Some(mode), by.clone());
    sight.say(Fact::HighAvailability, Some(high_availability), by);
}

/// The state backend that the server names, of any job; else the one that is configured.
fn backend(sight: &mut Sight, options: &Result<BTreeMap<String, String>, String>, facts: &Facts) {
    let of_jobs = details(facts)
        .filter_map(|(_, details)| details.checkpointing.known())
        .find_map(|checkpointing| checkpointing.state_backend.as_deref());
    let configured = options.as_ref().ok().and_then(|all| {
        let keys = ["state.backend.type", "state.backend"];
        keys.iter().find_map(|key| all.get(*key)).map(String::as_str)
    });
    let Some(word) = of_jobs.or(configured) else {
        return sight.say(
            Fact::Backend,
            None,
            "neither a job nor the configuration names one",
        );
    };
    let lower = word.to_ascii_lowercase();
    let kinds = [
        ("rocksdb", "rocksdb"),
        ("forst", "forst"),
        ("hashmap", "hashmap"),
        ("filesystem", "hashmap"),
        ("fsstatebackend", "hashmap"),
        ("jobmanager", "hashmap"),
        ("memorystatebackend", "hashmap"),
    ];
    let kind = kinds
        .into_iter()
        .find(|(mark, _)| lower.contains(mark))
        .map_or("other", |(_, kind)| kind);
    sight.say(Fact::Backend, Some(kind), word);
}

fn state(sight: &mut Sight, declared: &Declaration, facts: &Facts) {
    let stateless = !declared.jobs.is_empty() && declared.jobs.iter().all(|job| job.stateless);
    match stateless {
        true => sight.say(Fact::Stateful, Some("false"), "every job is declared stateless"),
        false => sight.say(Fact::Stateful, Some("true"), "jobs are not declared stateless"),
    }
    if !declared.jobs.iter().any(|job| job.may_use_checkpoint) {
        let by = "jobs resume from a savepoint, never from a checkpoint";
        sight.say(Fact::UnalignedCheckpoint, Some("false"), by);
        sight.say(Fact::ChangelogCheckpoint, Some("false"), by);
    }
    kinds_of_state(sight, declared, facts);
    table_program(sight, facts);
    python(sight, declared, facts);
}

/// What the jobs' snapshots hold, as far as they were read: one of them is enough for a yes, all of
/// them are needed for a no.
fn kinds_of_state(sight: &mut Sight, declared: &Declaration, facts: &Facts) {
    let mut unread = declared.jobs.is_empty().then(|| "no job is declared".to_owned());
    let mut read = Vec::new();
    for job in declared.jobs.iter().filter(|job| !job.stateless) {
        match facts.snapshots.get(&job.name).and_then(JobSnapshots::read) {
            Some((look, contents)) => read.push((look, contents)),
            None => unread = Some(format!("no snapshot of {} was read", job.name)),
        }
    }
    for (fact, on) in KINDS_OF_STATE {
        let mut told = unread.clone().map(Err);
        for (look, contents) in &read {
            match place_of_state(contents, on) {
                Ok(None) => {}
                Ok(Some(place)) => {
                    told = Some(Ok(format!("{}: {place}", look.location)));
                    break;
                }
                Err(why) => told = Some(Err(format!("{}: {why}", look.location))),
            }
        }
        match told {
            Some(Ok(place)) => sight.say(fact, Some("true"), place),
            Some(Err(why)) => sight.say(fact, None, why),
            None => sight.say(fact, Some("false"), "no snapshot of the jobs holds any"),
        }
    }
}

/// What the jobs' jars refer to and bring along. What is not packed in them (in the cluster's `lib`) is
/// not looked for.
fn jars(sight: &mut Sight, declared: &Declaration, facts: &Facts) {
    let by = |what: &str| format!("no jar of the jobs {what}");
    sight.classes = Members::all([], by("refers to it or brings it along"));
    sight.members = Members::all([], by("refers to it"));
    sight.connectors = Members::all([], by("brings it along"));
    let mut unseen = None;
    for job in &declared.jobs {
        let read = match facts.references.get(&job.name) {
            Some(Observed::Known(read)) => read,
            Some(Observed::Unknown(gap)) => {
                unseen = Some(gap.to_string());
                continue;
            }
            None => {
                unseen = Some(format!("the jar of {} was not looked through", job.name));
                continue;
            }
        };
        if let Some(first) = read.unreadable.first() {
            unseen = Some(format!(
                "a class of the jar of {} could not be read: {first}",
                job.name
            ));
        }
        read.of_flink
            .iter()
            .for_each(|class| sight.classes.add(class, ""));
        read.members_of_flink
            .iter()
            .for_each(|member| sight.members.add(member, ""));
        for named in read.of_flink.iter().filter_map(|class| connector_of_class(class)) {
            sight.connectors.add(named, "");
        }
        if read.of_flink.iter().any(|class| class.starts_with(TABLE)) {
            sight.connectors.rest =
                Rest::Unseen("a job with tables may load connectors from the cluster's lib".to_owned());
        }
        for artifact in &read.artifacts {
            if let Some(connector) = connector(&artifact.name) {
                sight.connectors.add(connector, artifact.version.clone());
            }
        }
    }
    if let Some(reason) = unseen {
        for set in [&mut sight.classes, &mut sight.members, &mut sight.connectors] {
            set.rest = Rest::Unseen(reason.clone());
        }
    }
}

/// The connector that a class belongs to, by its package.
fn connector_of_class(class: &str) -> Option<&str> {
    const BASE: [&str; 3] = ["base", "testutils", "source"];
    let rest = class
        .strip_prefix("org.apache.flink.connector.")
        .or_else(|| class.strip_prefix("org.apache.flink.streaming.connectors."))?;
    let (name, _) = rest.split_once('.')?;
    (!BASE.contains(&name)).then_some(name)
}

/// The connector of an artifact: `kafka` of `flink-connector-kafka_2.12` and `flink-sql-connector-kafka`.
fn connector(artifact: &str) -> Option<&str> {
    let name = artifact
        .strip_prefix("flink-connector-")
        .or_else(|| artifact.strip_prefix("flink-sql-connector-"))?;
    Some(name.split_once('_').map_or(name, |(name, _)| name))
}

/// Jobs in Python are started by a class of Flink's own, in `flink-python`.
fn python(sight: &mut Sight, declared: &Declaration, facts: &Facts) {
    const DRIVER: &str = "org.apache.flink.client.python.";
    let mut all_seen = true;
    for job in &declared.jobs {
        let jar = facts.host.jars.get(&job.target.jar).and_then(Observed::known);
        let main = jar.and_then(|jar| job.target.entry_class.as_ref().or(jar.main_class.as_ref()));
        match main {
            Some(class) if class.starts_with(DRIVER) => {
                return sight.say(Fact::Python, Some("true"), format!("{} starts {class}", job.name));
            }
            Some(_) => {}
            None => all_seen = false,
        }
    }
    match all_seen {
        true => sight.say(Fact::Python, Some("false"), "no job starts the Python driver"),
        false => sight.say(Fact::Python, None, "the class that starts a job was not seen"),
    }
}

/// The planner of the Table API names its operators by its own classes, with a number in brackets.
fn table_program(sight: &mut Sight, facts: &Facts) {
    let mut seen = false;
    for (job, details) in details(facts) {
        seen = true;
        let named = details
            .vertices
            .iter()
            .find(|vertex| super::is_named_by_sql(&vertex.name));
        if let Some(vertex) = named {
            let by = format!(
                "vertex {:?} of {} is named as SQL names them",
                vertex.name, job.name
            );
            return sight.say(Fact::TableProgram, Some("true"), by);
        }
    }
    match seen {
        true => sight.say(
            Fact::TableProgram,
            Some("false"),
            "no vertex is named as SQL names them",
        ),
        false => sight.say(Fact::TableProgram, None, "no running job was seen"),
    }
}

fn details(facts: &Facts) -> impl Iterator<Item = (&JobFacts, &JobDetails)> {
    let jobs = facts.source.jobs.known().into_iter().flatten();
    jobs.filter_map(|job| Some((job, job.details.known()?)))
}

#[cfg(test)]
mod tests {
    use super::{connector, connector_of_class, scheme};

    #[test]
    fn a_connector_is_known_by_its_artifact() {
        assert_eq!(connector("flink-connector-kafka_2.12"), Some("kafka"));
        assert_eq!(
            connector("flink-sql-connector-elasticsearch7"),
            Some("elasticsearch7")
        );
        assert_eq!(connector("flink-json"), None);
        let class = "org.apache.flink.connector.kafka.source.KafkaSource";
        assert_eq!(connector_of_class(class), Some("kafka"));
        assert_eq!(
            connector_of_class("org.apache.flink.connector.base.DeliveryGuarantee"),
            None
        );
    }

    #[test]
    fn a_path_has_a_scheme_and_an_address_of_the_web_has_none() {
        assert_eq!(scheme("s3a://bucket/x").as_deref(), Some("s3a"));
        assert_eq!(scheme("file:/srv/x").as_deref(), Some("file"));
        assert_eq!(scheme("http://host:8081"), None);
        assert_eq!(scheme("/srv/x"), None);
        assert_eq!(scheme("-Dkey=a:/b"), None);
    }
}
