//! A serializer in one line, as a person who knows Flink's types would write it.

use std::fmt;

use super::snapshot::{Content, Outer, Serializer};

/// Nesting beyond which only `…` is written.
const DEEP: usize = 6;

impl fmt::Display for Serializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, f, 0)
    }
}

fn write(of: &Serializer, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    if depth > DEEP {
        return f.write_str("…");
    }
    let word = word(of);
    match &of.content {
        Content::Simple => f.write_str(word),
        Content::Composite { outer, nested } => {
            match outer {
                Outer::Class(class) if word == "Tuple" => f.write_str(last(class))?,
                Outer::Class(class) => write!(f, "{word}({class})")?,
                Outer::Nothing | Outer::Flag(_) | Outer::Number(_) | Outer::Objects(_) => {
                    f.write_str(word)?
                }
            }
            if nested.is_empty() {
                return Ok(());
            }
            f.write_str("<")?;
            for (place, inner) in nested.iter().enumerate() {
                f.write_str(if place == 0 { "" } else { ", " })?;
                write(inner, f, depth + 1)?;
            }
            f.write_str(">")
        }
        Content::Pojo { class, fields, .. } => {
            write!(f, "POJO {class} {{ ")?;
            for (place, field) in fields.iter().enumerate() {
                write!(f, "{}{}: ", if place == 0 { "" } else { ", " }, field.name)?;
                match &field.serializer {
                    Some(inner) => write(inner, f, depth + 1)?,
                    None => f.write_str("not recorded")?,
                }
            }
            f.write_str(" }")
        }
        Content::Kryo { class, .. } => write!(f, "Kryo({class})"),
        Content::Enum { class, constants } => write!(f, "enum {class} {{ {} }}", constants.join(", ")),
        Content::OwnFormat { class } => write!(f, "{word}({class})"),
        Content::Parameters(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            write!(f, "{word}({})", numbers.join(", "))
        }
        Content::Unknown => write!(f, "unknown: {}", of.snapshot_class),
    }
}

/// The class without what every such class ends with.
fn word(of: &Serializer) -> &str {
    let short = of.short_class();
    let word = short.strip_suffix("Snapshot").unwrap_or(short);
    match word.strip_suffix("Serializer").unwrap_or(word) {
        "" => short,
        "BytePrimitiveArray" => "byte[]",
        "IntPrimitiveArray" => "int[]",
        "LongPrimitiveArray" => "long[]",
        word => word,
    }
}

fn last(class: &str) -> &str {
    class.rsplit('.').next().unwrap_or(class)
}
