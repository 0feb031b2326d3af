//! One class file.
//!
//! References are those of the constant pool: classes, fields and methods that the code names. Types that
//! come only in descriptors are told as classes too. What is found by reflection is not in a class file.

use std::collections::BTreeSet;

use super::pool::{Entry, MemberRef, Pool};
use crate::cursor::Cursor;
use crate::error::FormatError;

/// An attribute's length is held against the bytes that are left; Java's bound of an array is above.
const MOST: u32 = 0x7fff_ffff;
const MAGIC: u32 = 0xcafe_babe;

/// How much a class file may have. The format itself counts in 16 bits; these are for its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassLimits {
    /// Bytes of one class file; 16 MiB. The largest of Flink 2.3 has 0.4 MiB.
    pub bytes: u64,
}

impl Default for ClassLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20 }
    }
}

/// A class, its names in internal form (`java/lang/Object`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class<'a> {
    /// The version of the format: 52 is Java 8.
    pub major: u16,
    /// Access flags.
    pub flags: u16,
    /// Its name.
    pub name: &'a str,
    /// Its superclass; none of `java/lang/Object` and of modules.
    pub superclass: Option<&'a str>,
    /// Interfaces it implements or extends.
    pub interfaces: Vec<&'a str>,
    /// Its fields.
    pub fields: Vec<Member<'a>>,
    /// Its methods.
    pub methods: Vec<Member<'a>>,
    /// Classes that it names, arrays taken apart, itself left out.
    pub classes: BTreeSet<&'a str>,
    /// Members that it names.
    pub members: BTreeSet<MemberRef<'a>>,
}

/// A field or method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// Access flags.
    pub flags: u16,
    /// Its name.
    pub name: &'a str,
    /// Its descriptor.
    pub descriptor: &'a str,
}

/// Reads a class file.
///
/// # Errors
/// [`FormatError`] when it is none, is cut off, or is longer than the limit.
pub fn read_class<'a>(bytes: &'a [u8], limits: &ClassLimits) -> Result<Class<'a>, FormatError> {
    if bytes.len() as u64 > limits.bytes {
        return Err(FormatError::Limit {
            at: 0,
            what: "a class file",
            expected: limits.bytes,
            found: bytes.len() as u64,
        });
    }
    let mut cursor = Cursor::new(bytes);
    cursor.magic(MAGIC, "a class file")?;
    cursor.u16("the minor version")?;
    let major = cursor.u16("the major version")?;
    let pool = Pool::read(&mut cursor)?;
    let flags = cursor.u16("access flags")?;
    let name = pool.class(cursor.u16("the name of the class")?)?;
    let superclass = match cursor.u16("the superclass")? {
        0 => None,
        index => Some(pool.class(index)?),
    };
    let count = cursor.u16("the count of interfaces")?;
    let interfaces = (0..count)
        .map(|_| pool.class(cursor.u16("an interface")?))
        .collect::<Result<_, _>>()?;
    let fields = members(&mut cursor, &pool)?;
    let methods = members(&mut cursor, &pool)?;
    attributes(&mut cursor)?;
    cursor.end("the class file")?;
    let (classes, members) = references(&pool, name, fields.iter().chain(&methods))?;
    Ok(Class {
        major,
        flags,
        name,
        superclass,
        interfaces,
        fields,
        methods,
        classes,
        members,
    })
}

fn members<'a>(cursor: &mut Cursor<'a>, pool: &Pool<'a>) -> Result<Vec<Member<'a>>, FormatError> {
    let at = cursor.at();
    let count = cursor.u16("the count of members")?;
    cursor.check_count(at, "members", u32::from(count), 8, u32::from(u16::MAX))?;
    (0..count)
        .map(|_| {
            let flags = cursor.u16("access flags")?;
            let name = pool.text(cursor.u16("the name of a member")?)?;
            let descriptor = pool.text(cursor.u16("the descriptor of a member")?)?;
            attributes(cursor)?;
            Ok(Member {
                flags,
                name,
                descriptor,
            })
        })
        .collect()
}

fn attributes(cursor: &mut Cursor<'_>) -> Result<(), FormatError> {
    for _ in 0..cursor.u16("the count of attributes")? {
        cursor.u16("the name of an attribute")?;
        cursor.block("an attribute", MOST)?;
    }
    Ok(())
}

type References<'a> = (BTreeSet<&'a str>, BTreeSet<MemberRef<'a>>);

fn references<'a, 'm>(
    pool: &Pool<'a>,
    own: &str,
    declared: impl Iterator<Item = &'m Member<'a>>,
) -> Result<References<'a>, FormatError>
where
    'a: 'm,
{
    let (mut classes, mut members) = (BTreeSet::new(), BTreeSet::new());
    for member in declared {
        classes.extend(types(member.descriptor));
    }
    for entry in pool.entries() {
        match *entry {
            Entry::Class(name) => classes.extend(element(pool.text(name)?)),
            Entry::NameAndType(_, descriptor) | Entry::MethodType(descriptor) => {
                classes.extend(types(pool.text(descriptor)?));
            }
            Entry::Member(kind, class, name_and_type) => {
                let (name, descriptor) = pool.name_and_type(name_and_type)?;
                members.insert(MemberRef {
                    class: pool.class(class)?,
                    name,
                    descriptor,
                    kind,
                });
            }
            Entry::Text(_) | Entry::Other => {}
        }
    }
    classes.remove(own);
    Ok((classes, members))
}

/// The class of a constant: arrays are constants, too (`[Ljava/lang/String;`).
fn element(name: &str) -> Option<&str> {
    match name.strip_prefix('[') {
        None => Some(name),
        Some(_) => types(name).next(),
    }
}

/// The classes that a descriptor names, in internal form.
pub fn types(descriptor: &str) -> impl Iterator<Item = &str> {
    let mut rest = descriptor;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once('L')?;
        let (name, after) = after.split_once(';')?;
        rest = after;
        Some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_taken_out_of_descriptors() {
        let all = |text| types(text).collect::<Vec<_>>();
        assert_eq!(
            all("(I[Ljava/lang/Long;La/LB;J)Lc/D;"),
            ["java/lang/Long", "a/LB", "c/D"]
        );
        assert_eq!(all("([IJ)V"), [""; 0]);
        assert_eq!(all("L"), [""; 0]);
        assert_eq!(element("[[I"), None);
        assert_eq!(element("[La/B;"), Some("a/B"));
    }
}
