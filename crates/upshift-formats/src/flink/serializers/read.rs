//! Reads serializer snapshots.

use crate::cursor::{Cursor, Span};
use crate::flink::raw::skip_java_stream;
use crate::{FormatError, Limits};

use super::known::{self, Layout, OuterLayout};
use super::{Content, Field, Outer, Serializer};

const COMPOSITE_MAGIC: u32 = 0x000d_e704;
const NESTED_MAGIC: u32 = 0x0014_57fd;
const OPTIONAL_MAP_MAGIC: i64 = 0x4f2_c69a_3d70;
/// The version of the frame around a snapshot that state headers of proxy version 5 and 6 hold.
const PROXY_VERSION: i32 = 2;

/// Reads the snapshots of one header.
///
/// After an unknown class, [`SnapshotReader::stopped`] is set, the cursor stands at the contents of that
/// snapshot, and what was being read around it comes back incomplete.
#[derive(Debug)]
pub(crate) struct SnapshotReader<'l> {
    limits: &'l Limits,
    count: u32,
    depth: u32,
    /// Whether an unknown class was met.
    pub(crate) stopped: bool,
}

impl<'l> SnapshotReader<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            count: 0,
            depth: 0,
            stopped: false,
        }
    }

    /// Reads a snapshot with the version of its frame, as it stands in a state header.
    pub(crate) fn framed(&mut self, cur: &mut Cursor<'_>) -> Result<Serializer, FormatError> {
        let at = cur.at();
        let found = cur.i32("serializer frame version")?;
        if found != PROXY_VERSION {
            let (what, found) = ("serializer frame version", i64::from(found));
            return Err(FormatError::Version {
                at,
                what,
                expected: "2",
                found,
            });
        }
        self.versioned(cur)
    }

    fn versioned(&mut self, cur: &mut Cursor<'_>) -> Result<Serializer, FormatError> {
        let at = cur.at();
        let snapshot_class = cur.utf("serializer snapshot class")?.to_str().into_owned();
        let version = cur.i32("serializer snapshot version")?;
        self.enter(at)?;
        let content = self.content(cur, &snapshot_class, version)?;
        self.depth -= 1;
        self.stopped |= content == Content::Unknown;
        Ok(Serializer {
            at,
            snapshot_class,
            version,
            content,
        })
    }

    fn enter(&mut self, at: u64) -> Result<(), FormatError> {
        self.count += 1;
        self.depth += 1;
        for (what, limit, found) in [
            ("serializer count", self.limits.serializers, self.count),
            ("serializer depth", self.limits.depth, self.depth),
        ] {
            if found > limit {
                let (expected, found) = (u64::from(limit), u64::from(found));
                return Err(FormatError::Limit {
                    at,
                    what,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }

    fn content(&mut self, cur: &mut Cursor<'_>, class: &str, version: i32) -> Result<Content, FormatError> {
        Ok(match (known::layout(class), version) {
            (Layout::Simple, 3) => Content::Simple,
            (Layout::Simple, 2) => {
                cur.utf("serializer class")?;
                Content::Simple
            }
            (Layout::Pojo, 2) => self.pojo(cur)?,
            (Layout::Kryo, 2) => self.kryo(cur)?,
            (Layout::Enum, 3) => self.enumeration(cur)?,
            (Layout::OwnFormat, 2) => Content::OwnFormat {
                class: text(cur, "type class")?,
            },
            (Layout::Parameters(count), _) => {
                let numbers = (0..count).map(|_| cur.i32("serializer parameter"));
                Content::Parameters(numbers.collect::<Result<_, _>>()?)
            }
            (Layout::Nested, 2) => Content::Composite {
                outer: Outer::Nothing,
                nested: self.nested(cur)?,
            },
            (Layout::TtlAware, 1) => {
                let outer = Outer::Flag(cur.bool("TTL flag")?);
                Content::Composite {
                    outer,
                    nested: vec![self.versioned(cur)?],
                }
            }
            (Layout::RowData, 3) => {
                let count = cur.count("row type count", 8, self.limits.entries)?;
                let outer = self.objects(cur, count)?;
                Content::Composite {
                    outer,
                    nested: self.nested(cur)?,
                }
            }
            (Layout::JavaObjects(count, nested), 3) => {
                let outer = self.objects(cur, count)?;
                let nested = if nested { self.nested(cur)? } else { Vec::new() };
                Content::Composite { outer, nested }
            }
            (Layout::Composite, 3) => self.composite(cur, class)?,
            (Layout::Other, _) if starts_with(cur, COMPOSITE_MAGIC) => self.composite(cur, class)?,
            _ => Content::Unknown,
        })
    }

    fn composite(&mut self, cur: &mut Cursor<'_>, class: &str) -> Result<Content, FormatError> {
        cur.magic(COMPOSITE_MAGIC, "composite serializer")?;
        cur.i32("outer version of a composite serializer")?;
        let outer = if starts_with(cur, NESTED_MAGIC) {
            Outer::Nothing
        } else {
            match known::outer_layout(class) {
                Some(OuterLayout::Class) => Outer::Class(text(cur, "type class")?),
                Some(OuterLayout::Flag) => Outer::Flag(cur.bool("serializer flag")?),
                Some(OuterLayout::Number) => Outer::Number(cur.i32("serializer parameter")?),
                Some(OuterLayout::ObjectAndFlag) => {
                    let objects = self.objects(cur, 1)?;
                    cur.bool("serializer flag")?;
                    objects
                }
                // Also where the input ends within the magic number, which then is what is missing.
                None if known::layout(class) == Layout::Composite || cur.remaining() < 4 => Outer::Nothing,
                None => return Ok(Content::Unknown),
            }
        };
        Ok(Content::Composite {
            outer,
            nested: self.nested(cur)?,
        })
    }

    fn nested(&mut self, cur: &mut Cursor<'_>) -> Result<Vec<Serializer>, FormatError> {
        cur.magic(NESTED_MAGIC, "nested serializers")?;
        let at = cur.at();
        let found = cur.i32("nested serializers version")?;
        if found != 1 {
            let (what, found) = ("nested serializers version", i64::from(found));
            return Err(FormatError::Version {
                at,
                what,
                expected: "1",
                found,
            });
        }
        let count = cur.count("nested serializer count", 6, self.limits.serializers)?;
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.versioned(cur)?);
            if self.stopped {
                break;
            }
        }
        Ok(all)
    }

    fn objects(&self, cur: &mut Cursor<'_>, count: u32) -> Result<Outer, FormatError> {
        let mut classes = Vec::new();
        for _ in 0..count {
            let outline = skip_java_stream(cur, self.limits)?;
            classes.push(
                outline
                    .classes
                    .into_iter()
                    .next()
                    .unwrap_or_else(|| "null".to_owned()),
            );
        }
        Ok(Outer::Objects(classes))
    }

    fn pojo(&mut self, cur: &mut Cursor<'_>) -> Result<Content, FormatError> {
        let class = text(cur, "bean class")?;
        let mut fields = Vec::new();
        for entry in self.optional_map(cur)? {
            let serializer = entry.value.map(|frame| self.inside(frame)).transpose()?;
            fields.push(Field {
                name: entry.name,
                serializer,
            });
        }
        let registered = self
            .optional_map(cur)?
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        let others = self
            .optional_map(cur)?
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        Ok(Content::Pojo {
            class,
            fields,
            registered,
            others,
        })
    }

    /// Reads a snapshot in a frame of known length, so that an unknown class in it stops nothing else.
    fn inside(&mut self, frame: Span<'_>) -> Result<Serializer, FormatError> {
        let mut cur = Cursor::at_offset(frame.bytes, frame.at);
        let stopped = std::mem::replace(&mut self.stopped, false);
        let serializer = self.versioned(&mut cur)?;
        if !self.stopped {
            cur.end("serializer of a field")?;
        }
        self.stopped = stopped;
        Ok(serializer)
    }

    fn kryo(&self, cur: &mut Cursor<'_>) -> Result<Content, FormatError> {
        let class = text(cur, "type class")?;
        let registered = self
            .optional_map(cur)?
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        self.optional_map(cur)?;
        self.optional_map(cur)?;
        Ok(Content::Kryo { class, registered })
    }

    fn enumeration(&self, cur: &mut Cursor<'_>) -> Result<Content, FormatError> {
        let class = text(cur, "enum class")?;
        let count = cur.count("enum constant count", 2, self.limits.entries)?;
        let constants = (0..count)
            .map(|_| text(cur, "enum constant"))
            .collect::<Result<_, _>>()?;
        Ok(Content::Enum { class, constants })
    }

    fn optional_map<'a>(&self, cur: &mut Cursor<'a>) -> Result<Vec<Entry<'a>>, FormatError> {
        let at = cur.at();
        let what = "map of a serializer";
        let found = cur.i64(what)?;
        if found != OPTIONAL_MAP_MAGIC {
            let (expected, found) = (OPTIONAL_MAP_MAGIC.cast_unsigned(), found.cast_unsigned());
            return Err(FormatError::Magic {
                at,
                what,
                expected,
                found,
            });
        }
        let count = cur.count("map entry count", 4, self.limits.entries)?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let name = text(cur, "map key")?;
            self.frame(cur)?;
            entries.push(Entry {
                name,
                value: self.frame(cur)?,
            });
        }
        Ok(entries)
    }

    fn frame<'a>(&self, cur: &mut Cursor<'a>) -> Result<Option<Span<'a>>, FormatError> {
        if cur.bool("presence of a map frame")? {
            cur.block("map frame", self.limits.inline_bytes).map(Some)
        } else {
            Ok(None)
        }
    }
}

struct Entry<'a> {
    name: String,
    value: Option<Span<'a>>,
}

fn starts_with(cur: &Cursor<'_>, magic: u32) -> bool {
    cur.rest().starts_with(&magic.to_be_bytes())
}

fn text(cur: &mut Cursor<'_>, what: &'static str) -> Result<String, FormatError> {
    Ok(cur.utf(what)?.to_str().into_owned())
}
