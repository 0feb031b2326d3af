//! The plain values of the file: text, numbers, paths, addresses, words, lengths of time.

use std::path::{Component, Path, PathBuf};

use toml::de::DeValue;
use upshift_model::alluxio::{Unpersisted, Way};
use upshift_model::endpoint::SecretRef;
use upshift_model::flink::{FormWish, Sink, StrategyWish};
use upshift_model::policy::{OnFailedGate, OnLaneFailure};
use upshift_model::span::Millis;
use upshift_model::version::{SystemKind, Version};
use upshift_model::weka::ClientWay;

use super::duration;
use super::problem::Problem;
use super::read::{Node, Reader, Value};
use super::weka::Action;
use crate::codes;

impl Value for String {
    fn expected() -> String {
        "text in quotes".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        text::<Self>(node, reader)
    }
}

/// Text that is not empty; what else stands there is reported with what `T` expects.
fn text<T: Value>(node: &Node<'_>, reader: &Reader<'_>) -> Option<String> {
    match node.value {
        DeValue::String(text) if text.trim().is_empty() => reader.wrong_value::<T, _>(node, "empty"),
        DeValue::String(text) => Some(text.clone().into_owned()),
        _ => reader.wrong_type::<T, _>(node),
    }
}

/// An argument of a program: text that may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument(pub(super) String);

impl Value for Argument {
    fn expected() -> String {
        "text in quotes".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        match node.value {
            DeValue::String(text) => Some(Self(text.clone().into_owned())),
            _ => reader.wrong_type::<Self, _>(node),
        }
    }
}

/// The name of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(pub(super) String);

impl Value for Name {
    fn expected() -> String {
        "a name of letters, digits, `-`, `_` and `.`, at most 64 of them, beginning with a letter or digit"
            .to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let DeValue::String(text) = node.value else {
            return reader.wrong_type::<Self, _>(node);
        };
        let fits = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        match fits {
            true => Some(Self(text.clone().into_owned())),
            false => reader.wrong_value::<Self, _>(node, &format!("{text:?}")),
        }
    }
}

impl Value for bool {
    fn expected() -> String {
        "true or false".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        node.value
            .as_bool()
            .or_else(|| reader.wrong_type::<Self, _>(node))
    }
}

macro_rules! number {
    ($type:ty, $from:expr) => {
        impl Value for $type {
            fn expected() -> String {
                format!("a whole number from {} to {}", $from, Self::MAX)
            }

            fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
                let Some(number) = node.value.as_integer() else {
                    return reader.wrong_type::<Self, _>(node);
                };
                match Self::from_str_radix(number.as_str(), number.radix()) {
                    Ok(value) if value >= $from => Some(value),
                    _ => reader.wrong_value::<Self, _>(node, &number.to_string()),
                }
            }
        }
    };
}
number!(u16, 1);
number!(u32, 1);
number!(i32, 0);

impl Value for Millis {
    fn expected() -> String {
        "a length of time such as \"90s\", \"15m\", \"1h30m\" or \"7d\" (units ms, s, m, h, d, w)".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let DeValue::String(text) = node.value else {
            return reader.wrong_type::<Self, _>(node);
        };
        duration::parse(text).or_else(|| reader.wrong_value::<Self, _>(node, &format!("{text:?}")))
    }
}

impl Value for Version {
    fn expected() -> String {
        "a version in quotes such as \"1.20.5\"".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let DeValue::String(text) = node.value else {
            return reader.wrong_type::<Self, _>(node);
        };
        text.parse()
            .ok()
            .or_else(|| reader.wrong_value::<Self, _>(node, &format!("{text:?}")))
    }
}

impl Value for PathBuf {
    fn expected() -> String {
        "a path; a relative one is relative to this file".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = text::<Self>(node, reader)?;
        match text.starts_with("~") || text.contains("://") {
            true => reader.wrong_value::<Self, _>(node, &format!("{text:?}")),
            false => Some(absolute(reader.base, Path::new(&text))),
        }
    }
}

/// `path` below `base`, with `.` and `..` taken out, so that one place has one name.
pub(super) fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => clean.push(part),
        }
    }
    clean
}

/// A directory or file that may lie elsewhere: a URI, or a path made into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Uri(pub(super) String);

impl Value for Uri {
    fn expected() -> String {
        "a URI such as \"file:///srv/savepoints\" or \"s3://bucket/savepoints\", or a path".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = text::<Self>(node, reader)?;
        let uri = match text.split_once("://") {
            Some((_, rest)) if rest.is_empty() || holds_password(rest) => None,
            Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => Some(text.clone()),
            Some(_) => None,
            None if text.starts_with("file:/") => Some(text.replacen("file:", "file://", 1)),
            None if text.starts_with('~') => None,
            None => Some(format!(
                "file://{}",
                absolute(reader.base, Path::new(&text)).display()
            )),
        };
        match (uri, text.split_once("://")) {
            (Some(uri), _) => {
                let trimmed = uri.trim_end_matches('/');
                Some(Self(if trimmed.ends_with(':') {
                    uri
                } else {
                    trimmed.to_owned()
                }))
            }
            (None, Some((_, rest))) if holds_password(rest) => literal_secret(node, reader),
            (None, _) => reader.wrong_value::<Self, _>(node, &format!("{text:?}")),
        }
    }
}

/// Whether `user:password@` comes before the host.
pub(super) fn holds_password(after_scheme: &str) -> bool {
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or(after_scheme);
    authority.contains('@')
}

/// An address over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url(pub(super) String);

impl Value for Url {
    fn expected() -> String {
        "an address such as \"http://127.0.0.1:8081\" or \"https://flink.example:8081/base\"".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = text::<Self>(node, reader)?;
        let after = text
            .strip_prefix("http://")
            .or_else(|| text.strip_prefix("https://"));
        match after {
            Some(rest) if holds_password(rest) => literal_secret(node, reader),
            None if text.contains('@') => literal_secret(node, reader),
            Some(rest) if host_fits(rest) && !text.contains(char::is_whitespace) => {
                Some(Self(text.trim_end_matches('/').to_owned()))
            }
            _ => reader.wrong_value::<Self, _>(node, &format!("{text:?}")),
        }
    }
}

/// Whether a host, and a port that can be one, come first.
fn host_fits(after_scheme: &str) -> bool {
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or(after_scheme);
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
        _ => !authority.is_empty(),
    }
}

fn literal_secret<T>(node: &Node<'_>, reader: &Reader<'_>) -> Option<T> {
    let what = format!(
        "{} holds a user or a password in its address (not shown)",
        node.place.words()
    );
    reader.problems.add(
        Problem::new(codes::LITERAL_SECRET, node.span.clone(), what)
            .expected("an address without them; where it is one over HTTP, `auth` takes a reference")
            .next("{ url = \"…\", auth = { basic = { user = \"…\", password = \"env:NAME\" } } }"),
    );
    None
}

impl Value for SecretRef {
    fn expected() -> String {
        "a reference to a secret, \"env:NAME\" or \"file:/path\", never the secret itself".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = node.value.as_str();
        match text.and_then(|text| text.parse().ok()) {
            Some(Self::Env(name)) if is_variable(&name) => Some(Self::Env(name)),
            Some(Self::File(path)) => Some(Self::File(absolute(reader.base, &path))),
            Some(Self::Env(_)) | None => {
                let what = format!(
                    "{} is not a reference to a secret (its value is not shown)",
                    node.place.words()
                );
                reader.problems.add(
                    Problem::new(codes::LITERAL_SECRET, node.span.clone(), what)
                        .expected(Self::expected())
                        .next("put the secret into a file that only you can read, and write \"file:/path\""),
                );
                None
            }
        }
    }
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The SHA-512 of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sha512(pub(super) String);

impl Value for Sha512 {
    fn expected() -> String {
        "a SHA-512 of 128 hex digits, as `sha512sum FILE` prints it".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = text::<Self>(node, reader)?;
        match text.len() == 128 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            true => Some(Self(text.to_ascii_lowercase())),
            false => {
                reader.wrong_value::<Self, _>(node, &format!("a text of {} characters", text.chars().count()))
            }
        }
    }
}

/// The SHA-256 of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sha256(pub(super) String);

impl Value for Sha256 {
    fn expected() -> String {
        "a SHA-256 of 64 hex digits, as `sha256sum FILE` prints it".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = text::<Self>(node, reader)?;
        match text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            true => Some(Self(text.to_ascii_lowercase())),
            false => {
                reader.wrong_value::<Self, _>(node, &format!("a text of {} characters", text.chars().count()))
            }
        }
    }
}

impl Value for jiff::civil::Date {
    fn expected() -> String {
        "a day such as 2026-12-31".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = match node.value {
            DeValue::Datetime(when) if when.time.is_none() && when.offset.is_none() => when.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Datetime(when) => return reader.wrong_value::<Self, _>(node, &when.to_string()),
            _ => return reader.wrong_type::<Self, _>(node),
        };
        text.parse()
            .ok()
            .or_else(|| reader.wrong_value::<Self, _>(node, &format!("{text:?}")))
    }
}

macro_rules! words {
    ($type:ty { $($word:literal => $value:expr,)+ }) => {
        impl Value for $type {
            fn expected() -> String {
                [$(concat!("\"", $word, "\"")),+].join(", ").replace(", ", " or ")
            }

            fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
                let Some(text) = node.value.as_str() else { return reader.wrong_type::<Self, _>(node) };
                match text {
                    $($word => Some($value),)+
                    _ => reader.wrong_value::<Self, _>(node, &format!("{text:?}")),
                }
            }
        }
    };
}

words!(SystemKind {
    "flink" => Self::Flink,
    "fluss" => Self::Fluss,
    "weka" => Self::Weka,
    "realtime-compute" => Self::RealtimeCompute,
    "alluxio" => Self::Alluxio,
});
words!(Way { "in-place" => Self::InPlace, "backup" => Self::Backup, });
words!(Unpersisted { "keep" => Self::Keep, "refuse" => Self::Refuse, "persist" => Self::Persist, });
words!(StrategyWish { "auto" => Self::Auto, "in-place" => Self::InPlace, "shadow" => Self::Shadow, });
words!(FormWish { "auto" => Self::Auto, "canonical" => Self::Canonical, "native" => Self::Native, });
words!(Sink {
    "idempotent" => Self::Idempotent,
    "transactional" => Self::Transactional,
    "append" => Self::Append,
});
words!(OnFailedGate { "ask" => Self::Ask, "roll-back" => Self::RollBack, });
words!(ClientWay { "batches" => Self::Batches, "locally" => Self::Locally, });
words!(Action {
    "wait" => Self::Wait,
    "pause" => Self::Pause,
    "abort" => Self::Abort,
    "delete" => Self::Delete,
});
words!(OnLaneFailure { "all" => Self::All, "park" => Self::Park, });
