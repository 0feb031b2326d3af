//! The only reader of secrets: turns a reference into the secret at the moment it is needed.
//!
//! It keeps none, and never shows one: what it gives out has no `Display`, and its `Debug` is blank.

use std::fmt;

use upshift_drivers::wire::{NoSecret, Secrets};
use upshift_model::endpoint::{Endpoint, SecretRef};

use crate::codes;
use crate::trouble::Trouble;

/// A secret, as it was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, to be sent and not to be shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Reads the secret that `reference` names.
///
/// # Errors
/// When the variable is not set or the file cannot be read, or when what is there is empty or holds
/// a line break.
pub fn read(reference: &SecretRef) -> Result<Secret, Trouble> {
    let found = match reference {
        SecretRef::Env(name) => variable(name)?,
        SecretRef::File(path) => std::fs::read_to_string(path).map_err(|error| {
            nothing(reference, &format!("the file cannot be read: {error}")).next(format!(
                "make {} readable for the user who runs upshift",
                path.display()
            ))
        })?,
    };
    let secret = found
        .strip_suffix('\n')
        .map_or(found.as_str(), |s| s.strip_suffix('\r').unwrap_or(s));
    match secret {
        "" => Err(nothing(reference, "there is nothing in it")),
        text if text.contains(['\n', '\r']) => Err(nothing(reference, "it has more than one line")),
        text => Ok(Secret(text.to_owned())),
    }
}

/// How drivers get at secrets: anew for each request.
pub fn secrets() -> Secrets {
    Secrets::by(|reference| {
        read(reference)
            .map(|secret| secret.reveal().to_owned())
            .map_err(|trouble| NoSecret {
                reference: reference.clone(),
                why: trouble.what,
                absent: is_absent(reference),
            })
    })
}

/// Whether every secret that these addresses name can be had, before anything is sent to any.
///
/// # Errors
/// One trouble for each that cannot.
pub fn at_hand<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> Result<(), Vec<Trouble>> {
    all_at_hand(endpoints.filter_map(Endpoint::secret))
}

/// Whether every one of these secrets can be had.
///
/// # Errors
/// One trouble for each that cannot.
pub fn all_at_hand<'a>(references: impl Iterator<Item = &'a SecretRef>) -> Result<(), Vec<Trouble>> {
    let mut missing: Vec<Trouble> = references.filter_map(|reference| read(reference).err()).collect();
    missing.dedup();
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

/// Whether nobody set the variable that is named.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one reader of secrets in the environment"
)]
fn is_absent(reference: &SecretRef) -> bool {
    use std::env::VarError;
    matches!(reference, SecretRef::Env(name) if std::env::var(name) == Err(VarError::NotPresent))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one reader of secrets in the environment"
)]
fn variable(name: &str) -> Result<String, Trouble> {
    use std::env::VarError;
    let reference = SecretRef::Env(name.to_owned());
    std::env::var(name).map_err(|error| match error {
        VarError::NotPresent => nothing(&reference, "the variable is not set").next(format!(
            "set it for this command only: read -rs {name} && export {name}"
        )),
        VarError::NotUnicode(_) => nothing(&reference, "the variable does not hold text"),
    })
}

fn nothing(reference: &SecretRef, why: &str) -> Trouble {
    Trouble::usage(
        codes::SECRET_NOT_FOUND,
        format!("no secret at `{reference}`: {why}"),
    )
    .expected("one line of text, the secret")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_from_its_file_without_the_line_break_and_is_never_shown() {
        let dir = tempfile::tempdir().expect("a scratch folder");
        let path = dir.path().join("token");
        let put = |text: &str| {
            use std::io::Write as _;
            std::fs::File::create(&path)
                .and_then(|mut f| f.write_all(text.as_bytes()))
                .expect("a scratch file");
        };
        put("hunter2\n");
        let secret = read(&SecretRef::File(path.clone())).expect("a secret");
        assert_eq!(secret.reveal(), "hunter2");
        assert_eq!(format!("{secret:?}"), "Secret(…)");

        for (text, why) in [
            ("", "there is nothing in it"),
            ("\n", "there is nothing in it"),
            ("a\nb\n", "more than one line"),
        ] {
            put(text);
            let trouble = read(&SecretRef::File(path.clone())).expect_err("not a secret");
            assert_eq!(trouble.code, codes::SECRET_NOT_FOUND);
            assert!(trouble.what.ends_with(why), "{}", trouble.what);
        }
    }

    #[test]
    fn what_is_not_there_is_named_with_what_to_do() {
        let trouble = read(&SecretRef::Env("UPSHIFT_TEST_NO_SUCH_VARIABLE".into())).expect_err("not set");
        assert_eq!(trouble.code, codes::SECRET_NOT_FOUND);
        assert!(
            trouble.what.contains("env:UPSHIFT_TEST_NO_SUCH_VARIABLE"),
            "{}",
            trouble.what
        );
        assert!(trouble.next[0].contains("read -rs"), "{:?}", trouble.next);
        assert!(read(&SecretRef::File("/no/such/file".into())).is_err());
    }
}
