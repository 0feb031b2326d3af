//! Values of the command line that are also values of the file, read by the same rules.

use std::path::Path;

use toml::de::DeValue;
use upshift_model::endpoint::SecretRef;

use super::file::SECTIONS;
use super::problem::Problems;
use super::read::{Node, Place, Reader, Value};
use super::union::Address;
use super::value::Name;
use crate::codes;
use crate::trouble::Trouble;

/// An address, as `--rest` gives it.
///
/// # Errors
/// When it is none, or holds a password.
pub fn url(text: &str) -> Result<String, Vec<Trouble>> {
    option::<Address>("--rest", text).map(|Address(endpoint)| endpoint.url)
}

/// A system's name, as `--name` gives it.
///
/// # Errors
/// When it is none.
pub fn name(text: &str) -> Result<String, Vec<Trouble>> {
    option::<Name>("--name", text).map(|Name(name)| name)
}

/// A reference to a secret, as the option of this name gives it.
///
/// # Errors
/// When it is none; it is not shown, because it may be the secret.
pub fn secret_option(name: &str, text: &str) -> Result<SecretRef, Vec<Trouble>> {
    option(name, text)
}

fn option<T: Value>(name: &str, text: &str) -> Result<T, Vec<Trouble>> {
    let problems = Problems::default();
    let reader = Reader {
        problems: &problems,
        base: Path::new("."),
        sections: SECTIONS,
    };
    let value = DeValue::String(text.into());
    let read = T::read(
        &Node {
            value: &value,
            span: 0..0,
            place: Place::named(name),
        },
        &reader,
    );
    read.ok_or_else(|| {
        let mut troubles = problems.into_troubles(name, "");
        for trouble in &mut troubles {
            trouble.place = None;
            if trouble.code == codes::WRONG_VALUE {
                trouble.code = codes::USAGE;
            }
        }
        troubles
    })
}
