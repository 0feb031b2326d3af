//! Values on their way to another release: gone ones, unfit ones, Java's options, ports, paths.
//!
//! Keys are settled before, in the parent module.

use upshift_model::version::Version;

use super::{Carrying, ConfigNote, DEFAULT_JAVA_OPTIONS, Ports, REDACTED, Work};
use crate::knowledge::ConfigOption;
use crate::knowledge::Flink;

/// An option whose default is another one in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultChange {
    /// The key.
    pub key: String,
    /// The default now; empty where there is none.
    pub from: String,
    /// The default in the target.
    pub to: String,
}

/// Defaults that change under a configuration that does not set them, `set` being what it sets.
pub fn changed_defaults(
    flink: &Flink,
    from: &Version,
    to: &Version,
    set: impl Fn(&str) -> bool,
) -> Vec<DefaultChange> {
    let keys = flink.options.keys(from).filter(|key| !set(key) && *key != IMAGE);
    let changed = keys.filter_map(|key| {
        let (old, new) = (flink.options.option(from, key)?, flink.options.option(to, key)?);
        let same = old.default == new.default
            || nanos(&old.default).is_some_and(|ns| Some(ns) == nanos(&new.default));
        (!same).then(|| DefaultChange {
            key: key.to_owned(),
            from: old.default.clone(),
            to: new.default.clone(),
        })
    });
    changed.collect()
}

/// Its default names the release itself.
const IMAGE: &str = "kubernetes.container.image.ref";

impl<'a> Work<'a> {
    pub(super) fn values(&mut self) {
        for (key, entry) in self.entries.clone() {
            let value = entry.value.as_str();
            if value.contains(REDACTED) {
                continue;
            }
            let bare = bare(&key, value);
            if bare != value {
                self.set(
                    &key,
                    bare.to_owned(),
                    "white space or quotes around it would become part of it",
                );
                self.notes.push(ConfigNote::Trimmed { key: key.clone() });
            }
            self.known_value(&key, &entry.key, bare);
        }
    }

    fn known_value(&mut self, key: &str, old_key: &str, value: &str) {
        let Carrying { flink, from, to, .. } = self.given;
        if let Some(change) = flink.value_change(to, key, value)
            && flink.value_change(from, old_key, value).is_none()
        {
            self.set(key, change.becomes.to_owned(), change.why);
            self.notes.push(ConfigNote::ValueGone {
                key: key.to_owned(),
                value: value.to_owned(),
                becomes: change.becomes.to_owned(),
                why: change.why.to_owned(),
                source: change.origin.to_string(),
            });
            return;
        }
        let (old, new) = (flink.options.option(from, old_key), flink.options.option(to, key));
        if let (Some(old), Some(new)) = (old, new)
            && old.kind != new.kind
            && !fits(new, value)
        {
            let (key, value, kind) = (key.to_owned(), value.to_owned(), new.kind.clone());
            self.notes.push(ConfigNote::Unfit { key, value, kind });
        }
    }

    pub(super) fn java(&mut self) {
        let Carrying { flink, to, java, .. } = self.given;
        let Some(key) = flink.java_options_key(to) else {
            let reason = format!("the scripts of Flink {to} were never read");
            self.notes.push(ConfigNote::JavaUnknown { reason });
            return;
        };
        let feature = match java {
            Ok(feature) => feature,
            Err(gap) => {
                self.notes.push(ConfigNote::JavaUnknown {
                    reason: gap.to_string(),
                });
                return;
            }
        };
        let Some((needed, origin)) = flink.java_options(to, feature) else {
            return;
        };
        let old = self.value_of(key).unwrap_or("");
        let defaults = self.value_of(DEFAULT_JAVA_OPTIONS).unwrap_or("");
        let present = joined_options(&format!("{} {}", bare(key, old), bare(key, defaults)));
        let missing: Vec<String> = needed
            .iter()
            .filter(|option| !present.contains(option))
            .cloned()
            .collect();
        if missing.is_empty() {
            return;
        }
        let source = origin.to_string();
        let why = format!("what Flink {} needs on Java {feature}", to.line());
        let free = flink.options.option(to, DEFAULT_JAVA_OPTIONS).is_some() && defaults.is_empty();
        let key = match old.contains(REDACTED) {
            false => {
                let value = format!("{} {}", bare(key, old), missing.join(" "));
                self.set(key, value.trim().to_owned(), &why);
                key
            }
            // The value cannot be written without showing what is hidden in it; where the release has
            // a second key for such options, that one is free.
            true if free => {
                self.set(DEFAULT_JAVA_OPTIONS, missing.join(" "), &why);
                DEFAULT_JAVA_OPTIONS
            }
            true => {
                self.notes.push(ConfigNote::JavaOptionsByHand {
                    key: key.to_owned(),
                    missing,
                    source,
                });
                return;
            }
        };
        let (key, missing) = (key.to_owned(), missing.len());
        self.notes
            .push(ConfigNote::JavaOptionsAdded { key, missing, source });
    }

    pub(super) fn ports(&mut self, ports: Ports) {
        let own = [
            ("rest.port", ports.rest, true),
            ("rest.bind-port", ports.rest, false),
            ("jobmanager.rpc.port", ports.rpc, true),
            ("jobmanager.rpc.bind-port", ports.rpc, false),
            ("blob.server.port", ports.blob, true),
        ];
        for (key, port, always) in own {
            if always || self.has(key) {
                self.set(key, port.to_string(), "a port of its own beside the old cluster");
            }
        }
        for (key, entry) in self.entries.clone() {
            let names_port = key.ends_with(".port") || key.ends_with(".ports") || key.ends_with("bind-port");
            let one = entry.value.trim().parse::<u16>().is_ok_and(|port| port != 0);
            if names_port && one && !own.iter().any(|(own, _, _)| *own == key) {
                self.notes.push(ConfigNote::PortShared {
                    key,
                    value: entry.value.clone(),
                });
            }
        }
    }

    pub(super) fn old_home(&mut self) {
        let Some(home) = self.given.old_home.and_then(|home| home.to_str()) else {
            return;
        };
        for (key, entry) in &self.entries {
            let ends = |rest: &str| {
                rest.is_empty() || !rest.starts_with(|c: char| c.is_alphanumeric() || "-._".contains(c))
            };
            if entry
                .value
                .match_indices(home)
                .any(|(at, _)| entry.value.get(at + home.len()..).is_some_and(ends))
            {
                self.notes.push(ConfigNote::NamesOldHome {
                    key: key.clone(),
                    value: entry.value.clone(),
                });
            }
        }
    }
}

/// The value without white space around it; options of Java also without the quotes that the
/// release's scripts take away themselves.
fn bare<'v>(key: &str, value: &'v str) -> &'v str {
    let value = value.trim();
    match key.starts_with("env.java.") {
        true => value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(value),
        false => value,
    }
}

/// The options of a command line, those that are parted from their value by a space joined.
fn joined_options(text: &str) -> Vec<String> {
    let mut options: Vec<String> = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match (word, words.clone().next()) {
            ("--add-opens" | "--add-exports", Some(value)) => {
                options.push(format!("{word}={value}"));
                words.next();
            }
            _ => options.push(word.to_owned()),
        }
    }
    options
}

/// Whether a value can be read as the type that an option has. Types with free text always can.
fn fits(option: &ConfigOption, value: &str) -> bool {
    match option.kind.as_str() {
        "Integer" => value.parse::<i32>().is_ok(),
        "Long" => value.parse::<i64>().is_ok(),
        "Float" | "Double" => value.parse::<f64>().is_ok(),
        "Boolean" => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
        "Duration" => nanos(value).is_some(),
        _ => true,
    }
}

/// A duration as Flink reads it (`TimeUtils`): digits, then a unit, milliseconds where there is none.
fn nanos(text: &str) -> Option<u128> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u128 = number.parse::<u64>().ok()?.into();
    let factor_in_nanos: u128 = match unit.trim().to_lowercase().as_str() {
        "" | "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 1_000_000,
        "d" | "day" | "days" => 86_400_000_000_000,
        "h" | "hour" | "hours" => 3_600_000_000_000,
        "min" | "m" | "minute" | "minutes" => 60_000_000_000,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000_000,
        "µs" | "micro" | "micros" | "microsecond" | "microseconds" => 1_000,
        "ns" | "nano" | "nanos" | "nanosecond" | "nanoseconds" => 1,
        _ => return None,
    };
    Some(number * factor_in_nanos)
}
