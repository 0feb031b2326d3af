//! Serializer snapshots in the shared vocabulary.

use upshift_formats::flink::serializers::{Content, Outer, Serializer};
use upshift_model::flink::{SerializerKind, SerializerShape};

pub(super) fn shape(read: &Serializer) -> SerializerShape {
    SerializerShape {
        snapshot_class: read.snapshot_class.clone(),
        kind: kind(&read.content),
    }
}

fn kind(content: &Content) -> SerializerKind {
    match content {
        // Precision and scale change the bytes, so they are not passed over.
        Content::Parameters(numbers) => SerializerKind::Composite {
            of: Some(numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")),
            parts: Vec::new(),
        },
        Content::Simple => SerializerKind::Plain,
        Content::Composite { outer, nested } => SerializerKind::Composite {
            of: of(outer),
            parts: nested.iter().map(shape).collect(),
        },
        Content::Pojo { class, fields, .. } => SerializerKind::Pojo {
            class: class.clone(),
            fields: fields
                .iter()
                .map(|field| (field.name.clone(), field.serializer.as_ref().map(shape)))
                .collect(),
        },
        Content::Kryo { class, .. } => SerializerKind::Kryo { class: class.clone() },
        Content::Enum { class, constants } => SerializerKind::Enum {
            class: class.clone(),
            constants: constants.clone(),
        },
        Content::OwnFormat { class } => SerializerKind::OwnFormat { class: class.clone() },
        Content::Unknown => SerializerKind::Unknown,
    }
}

fn of(outer: &Outer) -> Option<String> {
    match outer {
        Outer::Nothing => None,
        Outer::Class(class) => Some(class.clone()),
        Outer::Flag(flag) => Some(flag.to_string()),
        Outer::Number(number) => Some(number.to_string()),
        Outer::Objects(classes) => Some(classes.join(", ")),
    }
}
