//! The name of a file or directory: a local path or the key of an object.

use std::fmt;
use std::path::{Component, PathBuf};

use super::error::{ObjectError, Why};
use crate::wire::redact::redact_url;

/// Schemes of Flink's file systems that nobody has proven, and what they are called.
const NOT_PROVEN: &[(&str, &str)] = &[
    ("hdfs", "HDFS"),
    ("viewfs", "HDFS"),
    ("webhdfs", "HDFS"),
    ("swebhdfs", "HDFS"),
    ("gs", "Google Cloud Storage"),
    ("oss", "Alibaba OSS"),
    ("abfs", "Azure Data Lake Storage"),
    ("abfss", "Azure Data Lake Storage"),
    ("wasb", "Azure Blob Storage"),
    ("wasbs", "Azure Blob Storage"),
];

/// A file or directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// On this machine.
    Local(PathBuf),
    /// In a bucket.
    S3 {
        /// As it was written: `s3`, `s3a`, `s3n` or `s3p`. They name the same object.
        scheme: String,
        /// The bucket.
        bucket: String,
        /// The key, without a slash at either end.
        key: String,
    },
}

impl Place {
    /// The place that a path or URI names.
    ///
    /// # Errors
    /// When it names none, or one in a store that is not proven.
    pub fn parse(text: &str) -> Result<Self, ObjectError> {
        let no = |why| Err(ObjectError::new(redact_url(text), Why::NotAPlace(why), None));
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
            _ if text.is_empty() => return no("it is empty"),
            _ => return Ok(Self::Local(PathBuf::from(text))),
        };
        match scheme {
            "file" => match rest.strip_prefix("//") {
                Some(path) if path.starts_with('/') => Ok(Self::Local(PathBuf::from(path))),
                Some(_) => no("a file: URI with a host; write file:///path"),
                None if rest.starts_with('/') => Ok(Self::Local(PathBuf::from(rest))),
                None => no("a file: URI without an absolute path"),
            },
            "s3" | "s3a" | "s3n" | "s3p" => {
                let (bucket, key) = rest
                    .strip_prefix("//")
                    .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
                    .unwrap_or_default();
                match bucket {
                    "" => no("no bucket: write s3://bucket/key"),
                    _ if bucket.contains('@') => no("credentials in an address (not shown)"),
                    _ => Ok(Self::S3 {
                        scheme: scheme.to_owned(),
                        bucket: bucket.to_owned(),
                        key: key.trim_matches('/').to_owned(),
                    }),
                }
            }
            other => {
                let name = NOT_PROVEN.iter().find(|(scheme, _)| *scheme == other);
                let name = name.map_or("a store of this kind", |(_, name)| *name);
                let scheme = other.to_owned();
                Err(ObjectError::new(
                    redact_url(text),
                    Why::NotProven { scheme, name },
                    None,
                ))
            }
        }
    }

    /// The place below this one. `..` leads upwards, as in a URI.
    #[must_use]
    pub fn join(&self, relative: &str) -> Self {
        match self {
            Self::Local(path) => {
                let mut path = path.clone();
                for part in PathBuf::from(relative).components() {
                    match part {
                        Component::CurDir => {}
                        Component::ParentDir => {
                            path.pop();
                        }
                        Component::Normal(name) => path.push(name),
                        Component::Prefix(_) | Component::RootDir => path = PathBuf::from("/"),
                    }
                }
                Self::Local(path)
            }
            Self::S3 { scheme, bucket, key } => {
                let mut parts: Vec<&str> = key.split('/').filter(|part| !part.is_empty()).collect();
                for part in relative.split('/') {
                    match part {
                        "" | "." => {}
                        ".." => {
                            parts.pop();
                        }
                        name => parts.push(name),
                    }
                }
                Self::S3 {
                    scheme: scheme.clone(),
                    bucket: bucket.clone(),
                    key: parts.join("/"),
                }
            }
        }
    }

    /// The directory it is in.
    #[must_use]
    pub fn parent(&self) -> Self {
        self.join("..")
    }

    /// Its last name; empty for a root.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Local(path) => path
                .file_name()
                .map_or(String::new(), |name| name.to_string_lossy().into_owned()),
            Self::S3 { key, .. } => key.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    /// Whether the two name the same thing, whatever the scheme is written like.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) => a == b,
            (
                Self::S3 {
                    bucket: a,
                    key: a_key,
                    ..
                },
                Self::S3 {
                    bucket: b,
                    key: b_key,
                    ..
                },
            ) => a == b && a_key == b_key,
            (Self::Local(_), Self::S3 { .. }) | (Self::S3 { .. }, Self::Local(_)) => false,
        }
    }

    /// Whether it is `other` or below it.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) => a.starts_with(b),
            (
                Self::S3 {
                    bucket: a,
                    key: a_key,
                    ..
                },
                Self::S3 {
                    bucket: b,
                    key: b_key,
                    ..
                },
            ) => {
                let rest = a_key.strip_prefix(b_key.as_str());
                a == b
                    && rest.is_some_and(|rest| b_key.is_empty() || rest.is_empty() || rest.starts_with('/'))
            }
            (Self::Local(_), Self::S3 { .. }) | (Self::S3 { .. }, Self::Local(_)) => false,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}", path.display()),
            Self::S3 { scheme, bucket, key } => write!(f, "{scheme}://{bucket}/{key}"),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::wire::codes;

    fn shown(text: &str) -> String {
        Place::parse(text).map_or_else(|e| e.code().to_string(), |place| place.to_string())
    }

    #[test]
    fn paths_and_uris_name_places() {
        for (text, place) in [
            ("/srv/sp", "/srv/sp"),
            ("sp/a", "sp/a"),
            ("file:/srv/sp", "/srv/sp"),
            ("file:///srv/sp", "/srv/sp"),
            ("s3://bucket/a/b/", "s3://bucket/a/b"),
            ("s3a://bucket", "s3a://bucket/"),
        ] {
            assert_eq!(shown(text), place);
        }
        for text in ["", "file://host/sp", "file:sp", "s3:/a/b", "s3://key:word@b/a"] {
            assert_eq!(shown(text), codes::NOT_A_PLACE.to_string(), "{text}");
        }
        let said = Place::parse("s3://key:hunter2@b/a")
            .expect_err("a secret")
            .to_string();
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[test]
    fn what_is_not_proven_is_refused_by_name() {
        for (text, name) in [
            ("hdfs://nn/sp", "HDFS"),
            ("gs://b/sp", "Google Cloud Storage"),
            ("oss://b/sp", "Alibaba OSS"),
            ("abfss://c@a/sp", "Azure Data Lake Storage"),
            ("ftp://h/sp", "a store of this kind"),
        ] {
            let error = Place::parse(text).expect_err("refused");
            assert_eq!(error.code(), codes::STORE_NOT_PROVEN);
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn places_are_joined_and_compared() {
        let dir = Place::parse("s3://b/job/chk-5").expect("a place");
        assert_eq!(dir.join("../shared/x").to_string(), "s3://b/job/shared/x");
        assert_eq!(dir.parent().name(), "job");
        assert!(dir.is(&Place::parse("s3a://b/job/chk-5/").expect("a place")));
        assert!(dir.is_below(&dir.parent()) && !dir.parent().is_below(&dir));
        assert!(!dir.is_below(&Place::parse("s3://b/jo").expect("a place")));
        let local = Place::parse("/a/b").expect("a place");
        assert_eq!(local.join("../c/./d").to_string(), "/a/c/d");
    }
}
