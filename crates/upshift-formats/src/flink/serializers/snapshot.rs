//! Serializer snapshots as values: their shapes, what is inside them, whether two say the same.

use super::known;

/// The snapshot of one serializer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serializer {
    /// Offset of its class name.
    pub at: u64,
    /// The class of the snapshot.
    pub snapshot_class: String,
    /// The version that class gave its contents.
    pub version: i32,
    /// Its contents.
    pub content: Content,
}

/// What a snapshot holds, by the shape of its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing but its class: numbers, strings, namespaces, windows.
    Simple,
    /// Serializers inside a serializer: lists, maps, tuples, rows, TTL, timers.
    Composite {
        /// What it says of itself.
        outer: Outer,
        /// The serializers inside, in Flink's order.
        nested: Vec<Serializer>,
    },
    /// A Java bean.
    Pojo {
        /// The class of the bean.
        class: String,
        /// Its fields.
        fields: Vec<Field>,
        /// Subclasses registered with Flink.
        registered: Vec<String>,
        /// Subclasses met in the data.
        others: Vec<String>,
    },
    /// A type left to Kryo.
    Kryo {
        /// The class.
        class: String,
        /// Classes registered with Kryo.
        registered: Vec<String>,
    },
    /// A Java enum.
    Enum {
        /// The enum.
        class: String,
        /// Its constants in the order of their numbers.
        constants: Vec<String>,
    },
    /// A type that serializes itself.
    OwnFormat {
        /// The class.
        class: String,
    },
    /// Numbers only, such as precision and scale.
    Parameters(Vec<i32>),
    /// A class this reader does not know.
    Unknown,
}

/// What a composite snapshot says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outer {
    /// Nothing.
    Nothing,
    /// The class of the whole, or of its elements.
    Class(String),
    /// A setting.
    Flag(bool),
    /// A number.
    Number(i32),
    /// Java objects, such as the SQL types of a row, by the class of each.
    Objects(Vec<String>),
}

/// A field of a Java bean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is written with; `None` where the writer no longer had it.
    pub serializer: Option<Serializer>,
}

impl Serializer {
    /// The class of the snapshot without its package and outer class.
    #[must_use]
    pub fn short_class(&self) -> &str {
        known::short(&self.snapshot_class)
    }

    /// Visits this snapshot and all inside it, outermost first.
    pub fn visit<'s>(&'s self, each: &mut impl FnMut(&'s Self)) {
        each(self);
        match &self.content {
            Content::Composite { nested, .. } => nested.iter().for_each(|s| s.visit(each)),
            Content::Pojo { fields, .. } => {
                fields
                    .iter()
                    .filter_map(|f| f.serializer.as_ref())
                    .for_each(|s| s.visit(each));
            }
            Content::Simple
            | Content::Kryo { .. }
            | Content::Enum { .. }
            | Content::OwnFormat { .. }
            | Content::Parameters(_)
            | Content::Unknown => {}
        }
    }
}

impl Serializer {
    /// Whether two snapshots say the same, wherever they stand.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.snapshot_class == other.snapshot_class
            && self.version == other.version
            && match (&self.content, &other.content) {
                (
                    Content::Composite { outer, nested },
                    Content::Composite {
                        outer: other_outer,
                        nested: other_nested,
                    },
                ) => {
                    let pairs = nested.iter().zip(other_nested);
                    outer == other_outer
                        && nested.len() == other_nested.len()
                        && pairs.into_iter().all(|(a, b)| a.same_as(b))
                }
                (
                    Content::Pojo {
                        class,
                        fields,
                        registered,
                        others,
                    },
                    Content::Pojo {
                        class: other_class,
                        fields: other_fields,
                        registered: other_registered,
                        others: other_others,
                    },
                ) => {
                    let same_field = |(a, b): (&Field, &Field)| {
                        a.name == b.name
                            && match (&a.serializer, &b.serializer) {
                                (Some(a), Some(b)) => a.same_as(b),
                                (a, b) => a.is_none() && b.is_none(),
                            }
                    };
                    class == other_class
                        && registered == other_registered
                        && others == other_others
                        && fields.len() == other_fields.len()
                        && fields.iter().zip(other_fields).all(same_field)
                }
                (mine, theirs) => mine == theirs,
            }
    }
}
