//! Where a reference leads: to the jar, to the release, to Java itself, or nowhere.
//!
//! Flink's class loader asks the jar first, and for Flink's own classes the release first
//! (`classloader.parent-first-patterns.default`). A member is looked for in the class and everything above
//! it; where that leads out into Java's own classes the member is believed to be there.

use std::collections::{BTreeMap, BTreeSet};

use super::ReferencesError;
use super::classes::{FLINK, Jars, Shape};
use super::judge::Seen;

/// A class, or a member that its class does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    pub(super) class: String,
    pub(super) member: Option<Wanted>,
}

/// A member as it is referred to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) descriptor: String,
    pub(super) field: bool,
}

/// What is missing, and who refers to it.
pub(super) type Gaps = BTreeMap<Gap, BTreeSet<String>>;

/// Packages that come with every Java, and those that left it with Java 11 (JEP 320).
const OF_JAVA: [&str; 12] = [
    "java/",
    "javax/",
    "jdk/",
    "sun/",
    "com/sun/",
    "org/w3c/dom/",
    "org/xml/sax/",
    "org/ietf/jgss/",
    "netscape/javascript/",
    "com/oracle/",
    "oracle/jrockit/",
    "apple/",
];
const NOT_OF_JAVA: [&str; 7] = [
    "javax/xml/bind/",
    "javax/xml/ws/",
    "javax/xml/soap/",
    "javax/jws/",
    "javax/activation/",
    "javax/annotation/",
    "javax/transaction/",
];

/// Methods of `java.lang.Object`: the only class of Java whose members are counted.
const OF_OBJECT: [&str; 10] = [
    "clone",
    "equals",
    "finalize",
    "getClass",
    "hashCode",
    "notify",
    "notifyAll",
    "toString",
    "wait",
    "<init>",
];
const OBJECT: &str = "java/lang/Object";

pub(super) fn missing(seen: &Seen, job: &mut Jars, release: &mut Jars) -> Result<Gaps, ReferencesError> {
    let mut gaps = Gaps::new();
    for (class, by) in &seen.classes {
        if !is_of_java(class) && !job.has(class) && !release.has(class) {
            let gap = Gap {
                class: class.clone(),
                member: None,
            };
            gaps.entry(gap).or_default().extend(by.iter().cloned());
        }
    }
    for ((class, member), by) in &seen.members {
        if is_of_java(class) || class.starts_with('[') || !(job.has(class) || release.has(class)) {
            continue;
        }
        if !has_member(class, member, job, release)? {
            let gap = Gap {
                class: class.clone(),
                member: Some(member.clone()),
            };
            gaps.entry(gap).or_default().extend(by.iter().cloned());
        }
    }
    Ok(gaps)
}

fn is_of_java(class: &str) -> bool {
    let starts = |all: &[&str]| all.iter().any(|start| class.starts_with(start));
    starts(&OF_JAVA) && !starts(&NOT_OF_JAVA)
}

fn has_member(
    class: &str,
    wanted: &Wanted,
    job: &mut Jars,
    release: &mut Jars,
) -> Result<bool, ReferencesError> {
    let (mut open, mut looked_at) = (vec![class.to_owned()], BTreeSet::new());
    let pair = (wanted.name.clone(), wanted.descriptor.clone());
    while let Some(class) = open.pop() {
        if !looked_at.insert(class.clone()) {
            continue;
        }
        if class == OBJECT {
            if !wanted.field && OF_OBJECT.contains(&wanted.name.as_str()) {
                return Ok(true);
            }
            continue;
        }
        let Some(shape) = shape(&class, job, release)? else {
            match is_of_java(&class) && !may_have(&class, wanted) {
                true => continue,
                // Of Java's own, or of a class that is missing and told as such.
                false => return Ok(true),
            }
        };
        if (if wanted.field {
            &shape.fields
        } else {
            &shape.methods
        })
        .contains(&pair)
        {
            return Ok(true);
        }
        open.extend(shape.above);
        // Interfaces have no superclass in the file, and the methods of Object all the same.
        open.push(OBJECT.to_owned());
    }
    Ok(false)
}

/// Whether a class of Java's own, which is not read, may have the member: never one that speaks of
/// classes that are not Java's, and of the interfaces that most classes have only what they declare.
fn may_have(class: &str, wanted: &Wanted) -> bool {
    if upshift_formats::java::types(&wanted.descriptor).any(|named| !is_of_java(named)) {
        return false;
    }
    let declared: &[&str] = match class {
        "java/io/Serializable" | "java/lang/Cloneable" => &[],
        "java/lang/AutoCloseable" | "java/io/Closeable" => &["close"],
        "java/lang/Comparable" => &["compareTo"],
        "java/lang/Runnable" => &["run"],
        "java/util/concurrent/Callable" => &["call"],
        _ => return true,
    };
    !wanted.field && declared.contains(&wanted.name.as_str())
}

fn shape(class: &str, job: &mut Jars, release: &mut Jars) -> Result<Option<Shape>, ReferencesError> {
    let (first, second) = match class.starts_with(FLINK) {
        true => (release, job),
        false => (job, release),
    };
    match first.has(class) {
        true => first.shape(class),
        false => second.shape(class),
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, is_of_java, may_have};

    #[test]
    fn javas_own_classes_have_no_members_of_flinks_types() {
        let wanted = |name: &str, descriptor: &str| Wanted {
            name: name.into(),
            descriptor: descriptor.into(),
            field: false,
        };
        let open = wanted("open", "(Lorg/apache/flink/configuration/Configuration;)V");
        assert!(!may_have("java/util/Map", &open));
        assert!(may_have("java/util/Map", &wanted("size", "()I")));
        assert!(!may_have("java/io/Serializable", &wanted("size", "()I")));
        assert!(may_have("java/io/Closeable", &wanted("close", "()V")));
    }

    #[test]
    fn what_left_java_is_not_taken_for_a_part_of_it() {
        assert!(is_of_java("java/util/List") && is_of_java("javax/crypto/Cipher"));
        assert!(!is_of_java("javax/xml/bind/JAXB") && !is_of_java("scala/Option"));
    }
}
