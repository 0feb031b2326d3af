//! The dump file: one JSON object from path to what the node holds. A node with a JSON object stands as
//! that object, text as `{"text":…}`, all other bytes as `{"hex":…}`, an empty node as `null`; an ephemeral
//! one has it in `{"ephemeral":true,"value":…}`, a part that could not be read is `{"unread":…}`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use super::{Data, Tree};

/// Why a file is no dump.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DumpError {
    /// It is not JSON, not an object, or names a path twice.
    #[error("is no dump: {0}")]
    Json(String),
    /// A node that cannot be.
    #[error("{path}: {why}")]
    Node {
        /// Its path.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// The members that stand for something else than themselves.
const MARKS: [&str; 4] = ["text", "hex", "ephemeral", "unread"];

/// Reads a dump.
///
/// # Errors
/// When it is none.
pub fn read_dump(bytes: &[u8]) -> Result<Tree, DumpError> {
    let Nodes(nodes) = serde_json::from_slice(bytes).map_err(|e| DumpError::Json(e.to_string()))?;
    let mut tree = Tree::default();
    for (path, value) in nodes {
        let wrong = |why: &str| DumpError::Node {
            path: path.clone(),
            why: why.to_owned(),
        };
        let whole =
            path.starts_with('/') && !path.contains("//") && (path.len() == 1 || !path.ends_with('/'));
        if !whole {
            return Err(wrong("expected a path that begins with / and has no empty part"));
        }
        if let Some(why) = mark(&value, "unread") {
            let why = why.as_str().ok_or_else(|| wrong("expected text at unread"))?;
            tree.could_not_read(path, why);
            continue;
        }
        let (value, ephemeral) = match &value {
            Value::Object(members)
                if members.get("ephemeral") == Some(&Value::Bool(true)) && members.len() == 2 =>
            {
                let value = members.get("value").cloned();
                (
                    value.ok_or_else(|| wrong("expected value beside ephemeral"))?,
                    true,
                )
            }
            _ => (value, false),
        };
        let bytes = content(&value).map_err(|why| wrong(&why))?;
        let written_ms = None;
        tree.put(
            path,
            Data {
                bytes,
                ephemeral,
                written_ms,
            },
        );
    }
    Ok(tree)
}

/// Writes a dump. What is JSON keeps its content, not the order of its members; all else keeps its bytes.
pub fn write_dump(tree: &Tree) -> String {
    let mut nodes = Map::new();
    for (path, data) in tree.nodes() {
        let value = value(&data.bytes);
        let value = match data.ephemeral {
            true => json!({ "ephemeral": true, "value": value }),
            false => value,
        };
        nodes.insert(path.to_owned(), value);
    }
    for unread in tree.unread() {
        nodes.insert(unread.path, json!({ "unread": unread.why }));
    }
    let mut text = serde_json::to_string_pretty(&Value::Object(nodes)).expect("a map of texts is JSON");
    text.push('\n');
    text
}

/// The value of a member, where it is the only one.
fn mark<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get(name)
}

fn content(value: &Value) -> Result<Vec<u8>, String> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    if let Some(text) = mark(value, "text") {
        let text = text.as_str().ok_or("expected text at text")?;
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(hex) = mark(value, "hex") {
        return unhex(hex.as_str().ok_or("expected hex digits at hex")?);
    }
    match value {
        Value::Object(_) => Ok(value.to_string().into_bytes()),
        _ => Err("expected an object or null".to_owned()),
    }
}

fn value(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    let object = serde_json::from_slice::<Value>(bytes).ok();
    let plain = |value: &Value| {
        let members = value.as_object();
        members.is_some_and(|members| !MARKS.iter().any(|mark| members.contains_key(*mark)))
    };
    match object.filter(plain) {
        Some(object) => object,
        None => match std::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(char::is_control) => json!({ "text": text }),
            _ => json!({ "hex": bytes.iter().map(|b| format!("{b:02x}")).collect::<String>() }),
        },
    }
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0);
    let digits = digits.ok_or("expected pairs of hex digits at hex")?;
    let pairs = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit));
    pairs
        .map(|byte| u8::try_from(byte).map_err(|e| e.to_string()))
        .collect()
}

/// The nodes of a file; a path that comes twice is no dump.
struct Nodes(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Nodes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Nodes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object from path to node")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nodes, A::Error> {
                let mut nodes = BTreeMap::new();
                while let Some((path, value)) = map.next_entry::<String, Value>()? {
                    if nodes.contains_key(&path) {
                        return Err(A::Error::custom(format!("{path} is there twice")));
                    }
                    nodes.insert(path, value);
                }
                Ok(Nodes(nodes))
            }
        }
        from.deserialize_map(Once)
    }
}
