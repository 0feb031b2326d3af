//! Finds the end of a Java serialization stream by its grammar, without making objects.
//!
//! Flink puts its checkpoint properties at the end of the metadata without a length. Walking the grammar
//! gives the length and a truncation can be told from an end. Field values are skipped; kept are the names
//! of the classes and the enum constants met on the way, which is all that is asked of it.

use crate::cursor::Cursor;
use crate::{FormatError, Limits};

const MAGIC: u32 = 0xaced_0005;
/// The number Java gives the first object of a stream.
const FIRST_HANDLE: u32 = 0x7e_0000;

const SC_WRITE_METHOD: u8 = 1;
const SC_SERIALIZABLE: u8 = 2;
const SC_EXTERNALIZABLE: u8 = 4;
const SC_BLOCK_DATA: u8 = 8;

/// What was met in a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JavaOutline {
    /// Offset of the stream.
    pub at: u64,
    /// Its length.
    pub bytes: u64,
    /// The classes it describes, in order.
    pub classes: Vec<String>,
    /// The enum constants it holds, in order.
    pub constants: Vec<EnumConstant>,
}

/// An enum constant in a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumConstant {
    /// The enum.
    pub class: String,
    /// The constant.
    pub name: String,
}

/// Walks one object and gives its outline; the cursor then stands behind it.
///
/// # Errors
/// [`FormatError`] where the stream ends early, uses what Flink's properties never do, or passes a limit.
pub fn skip_java_stream(cur: &mut Cursor<'_>, limits: &Limits) -> Result<JavaOutline, FormatError> {
    let at = cur.at();
    cur.magic(MAGIC, "Java serialization stream")?;
    let mut walk = Walk {
        limits,
        descriptions: Vec::new(),
        handles: Vec::new(),
        outline: JavaOutline {
            at,
            ..JavaOutline::default()
        },
    };
    walk.content(cur, 0)?;
    walk.outline.bytes = cur.at() - at;
    Ok(walk.outline)
}

/// What a back reference can lead to, as far as the walk cares.
#[derive(Debug, Clone)]
enum Handle {
    Class(usize),
    Text(String),
    Other,
}

#[derive(Debug)]
struct Description {
    name: String,
    flags: u8,
    fields: Vec<u8>,
    parent: Option<usize>,
}

struct Walk<'l> {
    limits: &'l Limits,
    descriptions: Vec<Description>,
    handles: Vec<Handle>,
    outline: JavaOutline,
}

impl Walk<'_> {
    fn remember(&mut self, at: u64, handle: Handle) -> Result<(), FormatError> {
        let (what, expected) = ("Java object count", u64::from(self.limits.java_objects));
        let found = self.handles.len() as u64 + 1;
        if found > expected {
            return Err(FormatError::Limit {
                at,
                what,
                expected,
                found,
            });
        }
        self.handles.push(handle);
        Ok(())
    }

    fn check_depth(&self, at: u64, depth: u32) -> Result<(), FormatError> {
        let (what, expected, found) = (
            "Java object depth",
            u64::from(self.limits.depth),
            u64::from(depth),
        );
        if found > expected {
            return Err(FormatError::Limit {
                at,
                what,
                expected,
                found,
            });
        }
        Ok(())
    }

    fn content(&mut self, cur: &mut Cursor<'_>, depth: u32) -> Result<Handle, FormatError> {
        let at = cur.at();
        let tag = cur.u8("Java object tag")?;
        self.tagged(cur, at, tag, depth + 1)
    }

    fn tagged(&mut self, cur: &mut Cursor<'_>, at: u64, tag: u8, depth: u32) -> Result<Handle, FormatError> {
        self.check_depth(at, depth)?;
        match tag {
            0x70 => {}
            0x71 => return self.reference(cur),
            0x72 => return self.class_description(cur, at, depth),
            0x73 => {
                let class = self.class(cur, depth)?;
                self.remember(at, Handle::Other)?;
                self.object_data(cur, class, depth)?;
            }
            0x74 => {
                let text = cur.utf("Java string")?.to_str().into_owned();
                self.remember(at, Handle::Text(text.clone()))?;
                return Ok(Handle::Text(text));
            }
            0x75 => self.array(cur, at, depth)?,
            0x76 => {
                self.class(cur, depth)?;
                self.remember(at, Handle::Other)?;
            }
            0x77 => {
                let length = cur.u8("Java block length")?;
                cur.take(u64::from(length), "Java block")?;
            }
            0x7a => {
                cur.block("Java block", self.limits.inline_bytes)?;
            }
            0x7e => self.constant(cur, at, depth)?,
            other => {
                let (what, found) = ("Java object tag", i64::from(other));
                return Err(FormatError::Value {
                    at,
                    what,
                    expected: "0x70 to 0x77, 0x7a or 0x7e",
                    found,
                });
            }
        }
        Ok(Handle::Other)
    }

    fn reference(&self, cur: &mut Cursor<'_>) -> Result<Handle, FormatError> {
        let at = cur.at();
        let number = cur.i32("Java back reference")?;
        let known = number
            .cast_unsigned()
            .checked_sub(FIRST_HANDLE)
            .and_then(|n| usize::try_from(n).ok());
        known
            .and_then(|index| self.handles.get(index))
            .cloned()
            .ok_or(FormatError::Value {
                at,
                what: "Java back reference",
                expected: "an object met before",
                found: i64::from(number),
            })
    }

    /// Reads a class description that must be there, itself or as a reference.
    fn class(&mut self, cur: &mut Cursor<'_>, depth: u32) -> Result<usize, FormatError> {
        let (at, found) = (cur.at(), cur.rest().first().copied().map_or(0, i64::from));
        match self.content(cur, depth)? {
            Handle::Class(index) => Ok(index),
            Handle::Text(_) | Handle::Other => {
                let what = "Java object tag";
                Err(FormatError::Value {
                    at,
                    what,
                    expected: "a class description",
                    found,
                })
            }
        }
    }

    fn class_description(
        &mut self,
        cur: &mut Cursor<'_>,
        at: u64,
        depth: u32,
    ) -> Result<Handle, FormatError> {
        let name = cur.utf("Java class name")?.to_str().into_owned();
        cur.i64("Java class version")?;
        let index = self.descriptions.len();
        self.remember(at, Handle::Class(index))?;
        self.outline.classes.push(name.clone());
        self.descriptions.push(Description {
            name,
            flags: 0,
            fields: Vec::new(),
            parent: None,
        });
        let flags = cur.u8("Java class flags")?;
        let count = cur.u16("Java field count")?;
        let mut fields = Vec::new();
        for _ in 0..count {
            let at = cur.at();
            let kind = cur.u8("Java field type")?;
            cur.utf("Java field name")?;
            match kind {
                b'B' | b'C' | b'D' | b'F' | b'I' | b'J' | b'S' | b'Z' => {}
                b'L' | b'[' => {
                    self.content(cur, depth)?;
                }
                other => {
                    let (what, found) = ("Java field type", i64::from(other));
                    return Err(FormatError::Value {
                        at,
                        what,
                        expected: "one of BCDFIJSZL[",
                        found,
                    });
                }
            }
            fields.push(kind);
        }
        self.annotation(cur, depth)?;
        let parent = match self.content(cur, depth)? {
            Handle::Class(parent) => Some(parent),
            Handle::Text(_) | Handle::Other => None,
        };
        if let Some(description) = self.descriptions.get_mut(index) {
            description.flags = flags;
            description.fields = fields;
            // A parent is described after its child; anything else would be a circle.
            description.parent = parent.filter(|&p| p != index);
        }
        Ok(Handle::Class(index))
    }

    fn annotation(&mut self, cur: &mut Cursor<'_>, depth: u32) -> Result<(), FormatError> {
        loop {
            let at = cur.at();
            match cur.u8("Java object tag")? {
                0x78 => return Ok(()),
                tag => {
                    self.tagged(cur, at, tag, depth + 1)?;
                }
            }
        }
    }

    /// Walks the field values of an object, topmost ancestor first.
    fn object_data(&mut self, cur: &mut Cursor<'_>, class: usize, depth: u32) -> Result<(), FormatError> {
        let mut line = Vec::new();
        let mut next = Some(class);
        while let Some(index) = next {
            self.check_depth(cur.at(), u32::try_from(line.len()).unwrap_or(u32::MAX))?;
            line.push(index);
            next = self.descriptions.get(index).and_then(|d| d.parent);
        }
        for index in line.into_iter().rev() {
            let Some(description) = self.descriptions.get(index) else {
                continue;
            };
            let (flags, fields) = (description.flags, description.fields.clone());
            if flags & SC_SERIALIZABLE != 0 {
                for kind in fields {
                    self.value(cur, kind, depth)?;
                }
                if flags & SC_WRITE_METHOD != 0 {
                    self.annotation(cur, depth)?;
                }
            } else if flags & SC_EXTERNALIZABLE != 0 && flags & SC_BLOCK_DATA != 0 {
                self.annotation(cur, depth)?;
            } else if flags & SC_EXTERNALIZABLE != 0 {
                let (at, found) = (cur.at(), i64::from(flags));
                let (what, expected) = ("Java class flags", "externalizable data in blocks");
                return Err(FormatError::Value {
                    at,
                    what,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }

    fn value(&mut self, cur: &mut Cursor<'_>, kind: u8, depth: u32) -> Result<(), FormatError> {
        let bytes = match kind {
            b'B' | b'Z' => 1,
            b'C' | b'S' => 2,
            b'F' | b'I' => 4,
            b'D' | b'J' => 8,
            _ => {
                self.content(cur, depth)?;
                return Ok(());
            }
        };
        cur.take(bytes, "Java field value")?;
        Ok(())
    }

    fn array(&mut self, cur: &mut Cursor<'_>, at: u64, depth: u32) -> Result<(), FormatError> {
        let class = self.class(cur, depth)?;
        self.remember(at, Handle::Other)?;
        let kind = self
            .descriptions
            .get(class)
            .and_then(|d| d.name.as_bytes().get(1).copied());
        let count = cur.count("Java array length", 1, self.limits.entries)?;
        for _ in 0..count {
            self.value(cur, kind.unwrap_or(b'L'), depth)?;
        }
        Ok(())
    }

    fn constant(&mut self, cur: &mut Cursor<'_>, at: u64, depth: u32) -> Result<(), FormatError> {
        let class = self.class(cur, depth)?;
        self.remember(at, Handle::Other)?;
        let (name_at, found) = (cur.at(), cur.rest().first().copied().map_or(0, i64::from));
        let Handle::Text(name) = self.content(cur, depth)? else {
            let what = "Java enum constant";
            return Err(FormatError::Value {
                at: name_at,
                what,
                expected: "a string",
                found,
            });
        };
        let class = self
            .descriptions
            .get(class)
            .map_or_else(String::new, |d| d.name.clone());
        self.outline.constants.push(EnumConstant { class, name });
        Ok(())
    }
}
