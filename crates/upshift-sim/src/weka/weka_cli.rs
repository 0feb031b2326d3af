//! `weka` and `wekactl`: from the words of a command to its answer.

use serde_json::{Value, json};

use super::answer::Answer;
use super::fault::Fault;
use super::world::{Place, World};
use super::{cluster, debug, inventory, local, protocols, status};

/// Exit code of a user who is not logged in.
const NOT_LOGGED_IN: i32 = 41;

/// A command line, taken apart.
struct Words<'a> {
    words: Vec<&'a str>,
    options: Vec<&'a str>,
    json: bool,
}

/// Options that are followed by a value.
const VALUED: [&str; 15] = [
    "--role",
    "-F",
    "-o",
    "--container",
    "-C",
    "--slot",
    "--stat",
    "--interval",
    "--resolution-secs",
    "--process-ids",
    "--format",
    "--category-list",
    "--category",
    "--num-results",
    "--from",
];

impl<'a> Words<'a> {
    fn of(args: &'a [String]) -> Self {
        let mut found = Self {
            words: Vec::new(),
            options: Vec::new(),
            json: false,
        };
        let mut args = args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            match arg {
                "-J" | "--json" => found.json = true,
                _ if VALUED.contains(&arg) => {
                    found.options.push(arg);
                    found.options.extend(args.next());
                }
                _ if arg.starts_with('-') => found.options.push(arg),
                _ => found.words.push(arg),
            }
        }
        found
    }

    fn value(&self, names: &[&str]) -> Option<&'a str> {
        let at = self.options.iter().position(|option| names.contains(option))?;
        self.options.get(at + 1).copied()
    }

    fn has(&self, name: &str) -> bool {
        self.options.contains(&name)
    }
}

/// What the command line answers on this server.
pub(super) fn answer(world: &World, place: Place, args: &[String]) -> Answer {
    let words = Words::of(args);
    if let Some(found) = of_server(world, place, &words) {
        return found;
    }
    if world.has(Fault::LoginExpired) {
        return Answer::failed(
            NOT_LOGGED_IN,
            "error: Authentication failed: please login with `weka user login`\n",
        );
    }
    if let Some(text) = plain(world, &words) {
        return Answer::text(text);
    }
    match of_cluster(world, &words) {
        None => Answer::failed(
            1,
            format!("error: unrecognized command: {}\n", words.words.join(" ")),
        ),
        Some(value) => spoilt(world, &words, told(world, value)),
    }
}

/// Commands that ask the agent of the server alone.
fn of_server(world: &World, place: Place, words: &Words<'_>) -> Option<Answer> {
    let value = match words.words.as_slice() {
        // Releases before 4.4 do not know the option.
        ["version"] if words.has("--full") && world.numbers() < [4, 4, 0, 0] => {
            return Some(Answer::failed(1, "error: unrecognized option --full\n"));
        }
        ["version"] => return Some(Answer::text(local::versions(world, place, words.has("--full")))),
        ["version", "current"] => return Some(Answer::text(format!("{}\n", world.version()))),
        ["local", "ps"] if words.json => local::processes(world, place),
        ["local", "ps"] => return Some(Answer::text(local::names(world, place))),
        ["local", "status"] => local::status(world, place),
        ["local", "resources"] => {
            let container = words.value(&["--container", "-C"])?;
            match local::resources(world, place, container) {
                Some(found) => found,
                None => return Some(Answer::failed(1, "error: no such container\n")),
            }
        }
        ["local", "exec", "tsmb-server"] => {
            let version = match world.hits(Fault::SmbPatched, place) {
                true => "3024.3.22.10",
                false => "3024.3.22.6",
            };
            return Some(Answer::text(format!("tsmb-server version {version}\n")));
        }
        _ => return None,
    };
    Some(Answer::json(&value))
}

/// Commands that know no JSON.
fn plain(world: &World, words: &Words<'_>) -> Option<String> {
    Some(match words.words.as_slice() {
        ["status"] if !words.json => format!("WekaIO v{} (CLI build {0})\n", world.release()),
        ["cluster", "client-target-version", "show"] => {
            let set = world.state.client_target.as_ref();
            let first = world.has(Fault::ClientTarget).then_some(&world.spec.version);
            set.or(first).map_or_else(String::new, |held| format!("{held}\n"))
        }
        ["stats"] => match world.has(Fault::BusyCompute) {
            true => "81.7%\n".to_owned(),
            false => "23.4%\n".to_owned(),
        },
        _ => return None,
    })
}

fn of_cluster(world: &World, words: &Words<'_>) -> Option<Value> {
    let old = !world.is_new_cli();
    Some(match words.words.as_slice() {
        ["status"] => status::status(world),
        ["status", "rebuild"] => status::rebuild(world),
        ["user", "whoami"] => status::whoami(world),
        // Each release knows one name of the option.
        ["events"] if words.has(if old { "--category" } else { "--category-list" }) => return None,
        ["events"] => events(world, words),
        ["alerts"] => Value::Array(status::alerts(world)),
        ["cluster", "task" | "tasks"] => Value::Array(status::tasks(world)),
        ["cluster", "container"] => containers(world, words),
        ["cluster", "container", "net"] => Value::Array(cluster::cards(world)),
        ["cluster", "container", "info-hw", addresses @ ..] => debug::hardware(world, addresses),
        ["cluster", "process" | "nodes"] => processes(world, words),
        ["cluster", "servers", "list"] if old => servers(world, words),
        ["cluster", "server", "list"] if !old => servers(world, words),
        ["cluster", "drive"] => Value::Array(cluster::drives(world)),
        ["fs"] => inventory::filesystems(world),
        ["fs", "snapshot"] => inventory::snapshots(world),
        ["fs", "tier", "s3"] => json!([]),
        ["stats", "retention", "status"] => debug::retention(world),
        ["debug", "traces", "status"] => debug::traces(world),
        ["debug", "traces", "remote-endpoint", "status"] => debug::remote_traces(world),
        ["debug", "override", "list"] => debug::overrides(world),
        ["debug", "blacklist", "list"] => status::denied(world),
        ["debug", "config", "show", path] => debug::config(world, path)?,
        ["debug", "manhole", "get_completed_fsck_info"] => debug::fsck(world),
        ["s3", "cluster"] => protocols::s3(world),
        ["s3", "cluster", "status"] => protocols::s3_status(world),
        ["s3", "bucket", "list"] => protocols::buckets(),
        ["s3", "bucket", "lifecycle-rule", "list", _] => protocols::lifecycle(world),
        ["smb", "cluster"] => protocols::smb(world),
        ["smb", "cluster", "status"] => protocols::smb_status(world),
        ["nfs", "interface-group"] => protocols::interface_groups(world),
        ["nfs", "global-config", "show"] => protocols::global_config(world),
        ["nfs", "custom-options"] => protocols::custom_options(world),
        ["org"] if old => debug::organizations(world),
        ["tenant"] if !old => debug::organizations(world),
        _ => return None,
    })
}

/// The newest first.
fn events(world: &World, words: &Words<'_>) -> Value {
    let most = words
        .value(&["--num-results"])
        .and_then(|count| count.parse().ok());
    let all = world.state.events.iter().rev().take(most.unwrap_or(50));
    all.map(|event| json!({"type": event.kind, "category": "Upgrade", "severity": "INFO", "timestamp": event.at()}))
        .collect()
}

fn containers(world: &World, words: &Words<'_>) -> Value {
    let wanted = match (words.has("-b"), words.has("-c")) {
        (true, _) => Some("backend"),
        (_, true) => Some("client"),
        _ => None,
    };
    let all = cluster::containers(world).into_iter();
    all.filter(|container| wanted.is_none_or(|mode| container["mode"] == mode))
        .collect()
}

fn processes(world: &World, words: &Words<'_>) -> Value {
    let role = words
        .value(&["-F"])
        .and_then(|filter| filter.strip_prefix("role="));
    let all = cluster::processes(world).into_iter();
    let is = |process: &Value, role: &str| {
        process["roles"]
            .as_array()
            .is_some_and(|roles| roles.contains(&json!(role)))
    };
    all.filter(|process| role.is_none_or(|role| is(process, role)))
        .collect()
}

fn servers(world: &World, words: &Words<'_>) -> Value {
    Value::Array(cluster::servers(world, words.value(&["--role"])))
}

/// Field that no reader of today knows; and, from 6.0 on, identifiers that are plain numbers.
fn told(world: &World, mut value: Value) -> Value {
    if world.spec.seed % 2 == 1 {
        unheard_of(&mut value);
    }
    if world.is_new_cli() {
        numbered(&mut value);
    }
    value
}

fn unheard_of(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(unheard_of),
        Value::Object(map) if map.contains_key("status") || map.contains_key("type") => {
            map.insert("unheard_of".to_owned(), json!({"deep": [1, "two", null]}));
        }
        _ => {}
    }
}

fn numbered(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(numbered),
        Value::Object(map) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            for key in keys {
                let mut inner = map.remove(&key).expect("one of its keys");
                numbered(&mut inner);
                let key = number_of(&key).map_or(key, |number| number.to_string());
                map.insert(key, inner);
            }
        }
        Value::String(text) => {
            if let Some(number) = number_of(text) {
                *value = json!(number);
            }
        }
        _ => {}
    }
}

/// `7` of `HostId<7>`.
fn number_of(text: &str) -> Option<u64> {
    let (kind, number) = text.strip_suffix('>')?.split_once("Id<")?;
    let plain = kind.chars().all(|c| c.is_ascii_alphabetic());
    plain.then(|| number.parse().ok()).flatten()
}

/// Answers that are damaged.
fn spoilt(world: &World, words: &Words<'_>, value: Value) -> Answer {
    let whole = Answer::json(&value);
    match words.words.as_slice() {
        ["cluster", "drive"] if world.has(Fault::DrivesCut) => {
            let half: String = whole.stdout.chars().take(whole.stdout.len() / 2).collect();
            Answer::text(half)
        }
        ["cluster", "drive"] if world.has(Fault::DrivesNoJson) => {
            Answer::text("error: Timed out waiting for the leader\n")
        }
        _ => whole,
    }
}
