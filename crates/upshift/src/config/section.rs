//! One definition per table of the file: the struct, its keys, and what the reference says of them.

/// A table of the system file, as the reference shows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SectionDoc {
    /// How it is written: `[state]`, `[[job]]`.
    pub(super) at: &'static str,
    /// What it is for.
    pub(super) doc: &'static [&'static str],
    /// Its keys.
    pub(super) keys: &'static [KeyDoc],
}

/// A key, as the reference shows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyDoc {
    /// Its name.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) doc: &'static [&'static str],
    /// Whether it must be there, and what stands in for it.
    pub(super) need: Need,
    /// What kind of value it takes.
    pub(super) expected: fn() -> String,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out, and then counts as this text.
    Fallback(&'static str),
}

/// Defines structs that are read from tables. Each key is `required`, `optional`, or
/// `fallback("as shown" => value)`; its documentation is also that of the reference.
macro_rules! section {
    ($(#[doc = $doc:literal])* $name:ident at $at:literal {
        $($(#[doc = $kdoc:literal])* $need:ident $(($shown:literal => $value:expr))? $key:ident: $ty:ty,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub(super) struct $name {
            $($(#[doc = $kdoc])* pub(super) $key: $crate::config::section::section!(@type $need $ty),)*
        }

        impl $name {
            pub(super) const SECTION: $crate::config::section::SectionDoc = $crate::config::section::SectionDoc {
                at: $at,
                doc: &[$($doc),*],
                keys: &[$($crate::config::section::KeyDoc {
                    name: stringify!($key),
                    doc: &[$($kdoc),*],
                    need: $crate::config::section::section!(@need $need $($shown)?),
                    expected: <$ty as $crate::config::read::Value>::expected,
                }),*],
            };
        }

        impl $crate::config::read::Value for $name {
            fn expected() -> String {
                let keys: Vec<_> = Self::SECTION.keys.iter().map(|key| key.name).collect();
                format!("a table with {}", keys.join(", "))
            }

            fn read(
                node: &$crate::config::read::Node<'_>,
                reader: &$crate::config::read::Reader<'_>,
            ) -> Option<Self> {
                let table = reader.table::<Self>(node, Self::SECTION.keys)?;
                $(let $key = $crate::config::section::section!(@read $need table reader $key $(=> $value)?);)*
                Some(Self { $($key: $crate::config::section::section!(@take $need $key),)* })
            }
        }
    };
    (@type required $ty:ty) => { $ty };
    (@type optional $ty:ty) => { Option<$ty> };
    (@type fallback $ty:ty) => { $ty };
    (@need required) => { $crate::config::section::Need::Required };
    (@need optional) => { $crate::config::section::Need::Optional };
    (@need fallback $shown:literal) => { $crate::config::section::Need::Fallback($shown) };
    (@read required $table:ident $reader:ident $key:ident) => { $table.required(stringify!($key), $reader) };
    (@read optional $table:ident $reader:ident $key:ident) => { $table.optional(stringify!($key), $reader) };
    (@read fallback $table:ident $reader:ident $key:ident => $value:expr) => {
        $table.fallback(stringify!($key), $reader, || $value)
    };
    (@take required $key:ident) => { $key? };
    (@take optional $key:ident) => { $key };
    (@take fallback $key:ident) => { $key? };
}

pub(super) use section;
