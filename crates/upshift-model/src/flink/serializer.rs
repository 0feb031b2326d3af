//! What a state was written with, as far as a snapshot tells it without the job's jar.

use serde::{Deserialize, Serialize};

/// The snapshot of one serializer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerializerShape {
    /// The class of the snapshot.
    pub snapshot_class: String,
    /// What it holds.
    pub kind: SerializerKind,
}

/// What the snapshot of a serializer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SerializerKind {
    /// Nothing but its class: numbers, strings, windows.
    Plain,
    /// Serializers inside a serializer.
    Composite {
        /// The class of the whole or of its elements, where it says.
        of: Option<String>,
        /// Those inside, in Flink's order.
        parts: Vec<SerializerShape>,
    },
    /// A Java bean.
    Pojo {
        /// Its class.
        class: String,
        /// Its fields; without a serializer where the writer had none any more.
        fields: Vec<(String, Option<SerializerShape>)>,
    },
    /// A type left to Kryo.
    Kryo {
        /// Its class.
        class: String,
    },
    /// A Java enum.
    Enum {
        /// Its class.
        class: String,
        /// Its constants in the order of their numbers.
        constants: Vec<String>,
    },
    /// A type that serializes itself.
    OwnFormat {
        /// Its class.
        class: String,
    },
    /// A class whose contents the reader does not know.
    Unknown,
}

impl SerializerShape {
    /// Visits this one and all inside it, outermost first, each with the names of the fields that
    /// lead to it.
    pub fn walk<'s>(&'s self, each: &mut impl FnMut(&[&'s str], &'s Self)) {
        self.walk_below(&mut Vec::new(), each);
    }

    fn walk_below<'s>(&'s self, path: &mut Vec<&'s str>, each: &mut impl FnMut(&[&'s str], &'s Self)) {
        each(path, self);
        match &self.kind {
            SerializerKind::Composite { parts, .. } => {
                parts.iter().for_each(|part| part.walk_below(path, each));
            }
            SerializerKind::Pojo { fields, .. } => {
                for (name, serializer) in fields {
                    path.push(name);
                    serializer.iter().for_each(|s| s.walk_below(path, each));
                    path.pop();
                }
            }
            SerializerKind::Plain
            | SerializerKind::Kryo { .. }
            | SerializerKind::Enum { .. }
            | SerializerKind::OwnFormat { .. }
            | SerializerKind::Unknown => {}
        }
    }

    /// Whether it and all inside it are known, so that nothing may hide in it.
    pub fn is_known(&self) -> bool {
        let mut known = true;
        self.walk(&mut |_, inner| known &= inner.kind != SerializerKind::Unknown);
        known
    }

    /// In a few words: `Long`, `Map<String, Long>`, `Pojo<a.Order>{id, tags}`, `Kryo<a.Blob>`.
    pub fn words(&self) -> String {
        let inside = |parts: &[Self]| parts.iter().map(Self::words).collect::<Vec<_>>().join(", ");
        match &self.kind {
            SerializerKind::Plain => self.short().to_owned(),
            SerializerKind::Composite { of: Some(of), parts } => {
                format!("{}<{of}>[{}]", self.short(), inside(parts))
            }
            SerializerKind::Composite { of: None, parts } => format!("{}<{}>", self.short(), inside(parts)),
            SerializerKind::Pojo { class, fields } => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                format!("Pojo<{class}>{{{}}}", names.join(", "))
            }
            SerializerKind::Kryo { class } => format!("Kryo<{class}>"),
            SerializerKind::Enum { class, .. } => format!("Enum<{class}>"),
            SerializerKind::OwnFormat { class } => format!("{}<{class}>", self.short()),
            SerializerKind::Unknown => format!("{} (not known to the reader)", self.snapshot_class),
        }
    }

    /// The snapshot's class without package, and without the words that every such class ends in.
    fn short(&self) -> &str {
        let last = self.snapshot_class.rsplit(['.', '$']).next();
        let last = last.unwrap_or(&self.snapshot_class);
        let short = last.strip_suffix("Snapshot").unwrap_or(last);
        short.strip_suffix("Serializer").unwrap_or(short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(class: &str) -> SerializerShape {
        SerializerShape {
            snapshot_class: class.to_owned(),
            kind: SerializerKind::Plain,
        }
    }

    fn kryo(class: &str) -> SerializerShape {
        SerializerShape {
            snapshot_class: "a.KryoSerializerSnapshot".to_owned(),
            kind: SerializerKind::Kryo {
                class: class.to_owned(),
            },
        }
    }

    fn order() -> SerializerShape {
        SerializerShape {
            snapshot_class: "a.PojoSerializerSnapshot".to_owned(),
            kind: SerializerKind::Pojo {
                class: "shop.Order".to_owned(),
                fields: vec![
                    (
                        "id".to_owned(),
                        Some(plain("b.LongSerializer$LongSerializerSnapshot")),
                    ),
                    ("tags".to_owned(), Some(kryo("java.util.List"))),
                ],
            },
        }
    }

    #[test]
    fn a_walk_names_the_fields_that_lead_to_a_serializer() {
        let map = SerializerShape {
            snapshot_class: "a.MapSerializerSnapshot".to_owned(),
            kind: SerializerKind::Composite {
                of: None,
                parts: vec![plain("a.StringSerializer$StringSerializerSnapshot"), order()],
            },
        };
        let mut found = Vec::new();
        map.walk(&mut |path, inner| {
            if matches!(inner.kind, SerializerKind::Kryo { .. }) {
                found.push(path.join("."));
            }
        });
        assert_eq!(found, ["tags"]);
        assert_eq!(map.words(), "Map<String, Pojo<shop.Order>{id, tags}>");
        assert!(map.is_known());
    }

    #[test]
    fn what_the_reader_does_not_know_is_not_known_wherever_it_stands() {
        let mut odd = order();
        let SerializerKind::Pojo { fields, .. } = &mut odd.kind else {
            panic!("{odd:?}")
        };
        fields[0].1 = Some(SerializerShape {
            snapshot_class: "shop.MoneySnapshot".to_owned(),
            kind: SerializerKind::Unknown,
        });
        assert!(!odd.is_known());
    }
}
