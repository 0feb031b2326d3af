//! Requests of the vendor's client, as they were written down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/realtime-compute")
}

/// A request, apart.
#[derive(Debug, Clone)]
pub(crate) struct Captured {
    pub(crate) method: String,
    /// As on the wire.
    pub(crate) path: String,
    /// Decoded, sorted.
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Captured {
    pub(crate) fn read(name: &str) -> Self {
        let file = folder().join("requests").join(name);
        Self::of(&std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())))
    }

    pub(crate) fn of(bytes: &[u8]) -> Self {
        let head = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head");
        let text = std::str::from_utf8(&bytes[..head]).expect("text");
        let mut lines = text.lines();
        let first: Vec<&str> = lines.next().expect("a first line").split(' ').collect();
        let (path, query) = first[1].split_once('?').unwrap_or((first[1], ""));
        let mut query: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').expect("name and value"))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        query.sort();
        let headers: BTreeMap<_, _> = lines
            .map(|line| line.split_once(':').expect("a header"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |n| n.parse().expect("a length"));
        Self {
            method: first[0].to_owned(),
            path: path.to_owned(),
            query,
            headers,
            body: bytes[head + 4..][..length].to_vec(),
        }
    }

    /// The part of the header `Authorization` behind this word.
    pub(crate) fn authorization(&self, word: &str) -> &str {
        let all = &self.headers["authorization"];
        let part = all.split([',', ' ']).find_map(|part| part.strip_prefix(word));
        part.and_then(|rest| rest.strip_prefix('='))
            .expect("a part of the header")
    }
}

/// `%XX` and `+`, as forms are encoded.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                u8::from_str_radix(std::str::from_utf8(&digits).expect("digits"), 16).expect("hex")
            }
            other => other,
        });
    }
    String::from_utf8(bytes).expect("text")
}
