//! The constant pool: entries as ranges of the input, looked up by index when they are needed.

use crate::cursor::Cursor;
use crate::error::FormatError;

/// A reference to a member of another class, or of the class itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberRef<'a> {
    /// The class it is looked for in, in internal form: `java/util/List`, or an array: `[I`.
    pub class: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its descriptor: `(I)V`, `J`.
    pub descriptor: &'a str,
    /// What it is.
    pub kind: MemberKind,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberKind {
    /// A field.
    Field,
    /// A method of a class.
    Method,
    /// A method of an interface.
    InterfaceMethod,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Entry<'a> {
    Text(&'a str),
    Class(u16),
    NameAndType(u16, u16),
    Member(MemberKind, u16, u16),
    MethodType(u16),
    /// Of no interest here, or the second half of a wide one.
    Other,
}

/// Entry 0 is not used, as in the file.
pub(super) struct Pool<'a> {
    entries: Vec<Entry<'a>>,
    /// Offset of the pool, for errors about its entries.
    at: u64,
}

impl<'a> Pool<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, FormatError> {
        let at = cursor.at();
        let count = cursor.u16("the count of constants")?;
        // The shortest entry has 3 bytes, and a wide one counts twice with 9.
        cursor.check_count(
            at,
            "constants",
            u32::from(count.saturating_sub(1)),
            3,
            u32::from(u16::MAX),
        )?;
        let mut entries = Vec::with_capacity(usize::from(count));
        entries.push(Entry::Other);
        while entries.len() < usize::from(count) {
            let (entry, wide) = entry(cursor)?;
            entries.push(entry);
            if wide {
                entries.push(Entry::Other);
            }
        }
        Ok(Self { entries, at })
    }

    pub(super) fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    fn wrong(&self, index: u16, what: &'static str, expected: &'static str) -> FormatError {
        FormatError::Value {
            at: self.at,
            what,
            expected,
            found: i64::from(index),
        }
    }

    pub(super) fn text(&self, index: u16) -> Result<&'a str, FormatError> {
        match self.entries.get(usize::from(index)) {
            Some(Entry::Text(text)) => Ok(text),
            _ => Err(self.wrong(index, "the index of a constant", "that of a text")),
        }
    }

    pub(super) fn class(&self, index: u16) -> Result<&'a str, FormatError> {
        match self.entries.get(usize::from(index)) {
            Some(Entry::Class(name)) => self.text(*name),
            _ => Err(self.wrong(index, "the index of a constant", "that of a class")),
        }
    }

    pub(super) fn name_and_type(&self, index: u16) -> Result<(&'a str, &'a str), FormatError> {
        match self.entries.get(usize::from(index)) {
            Some(Entry::NameAndType(name, descriptor)) => Ok((self.text(*name)?, self.text(*descriptor)?)),
            _ => Err(self.wrong(index, "the index of a constant", "that of a name and type")),
        }
    }
}

/// One entry, and whether it takes two places.
fn entry<'a>(cursor: &mut Cursor<'a>) -> Result<(Entry<'a>, bool), FormatError> {
    let at = cursor.at();
    let what = "a constant";
    let tag = cursor.u8("the kind of a constant")?;
    let pair = |cursor: &mut Cursor<'a>| Ok::<_, FormatError>((cursor.u16(what)?, cursor.u16(what)?));
    let entry = match tag {
        1 => Entry::Text(text(cursor)?),
        3 | 4 => {
            cursor.take(4, what)?;
            Entry::Other
        }
        5 | 6 => {
            cursor.take(8, what)?;
            return Ok((Entry::Other, true));
        }
        7 => Entry::Class(cursor.u16(what)?),
        9..=11 => {
            let kind = match tag {
                9 => MemberKind::Field,
                10 => MemberKind::Method,
                _ => MemberKind::InterfaceMethod,
            };
            let (class, name_and_type) = pair(cursor)?;
            Entry::Member(kind, class, name_and_type)
        }
        12 => {
            let (name, descriptor) = pair(cursor)?;
            Entry::NameAndType(name, descriptor)
        }
        15 => {
            cursor.take(3, what)?;
            Entry::Other
        }
        16 => Entry::MethodType(cursor.u16(what)?),
        17 | 18 => {
            cursor.take(4, what)?;
            Entry::Other
        }
        8 | 19 | 20 => {
            cursor.take(2, what)?;
            Entry::Other
        }
        other => {
            return Err(FormatError::Value {
                at,
                what: "the kind of a constant",
                expected: "one of 1, 3 to 12, 15 to 20",
                found: i64::from(other),
            });
        }
    };
    Ok((entry, false))
}

/// Names and descriptors are almost always ASCII. A text that is not plain UTF-8 (Java writes NUL and
/// characters beyond U+FFFF its own way) is a string constant and no name that anything is looked up by.
fn text<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, FormatError> {
    let length = cursor.u16("the length of a text")?;
    let span = cursor.take(u64::from(length), "a text")?;
    Ok(std::str::from_utf8(span.bytes).unwrap_or(NOT_A_NAME))
}

/// Stands for a text that is no name: it holds a character that no Java name may hold.
const NOT_A_NAME: &str = "\u{0}";
