//! Secrets on their way from a reference to a request header. This module reads neither environment
//! nor files: the binary hands in the function that does.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;
use upshift_model::endpoint::SecretRef;

/// A secret that could not be had. Names the reference, never the value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("secret {reference} could not be read: {why}")]
pub struct NoSecret {
    /// `env:NAME` or `file:/path`.
    pub reference: SecretRef,
    /// Why it was not there.
    pub why: String,
    /// Whether nobody put one there, which for a secret that may be left out is no fault.
    pub absent: bool,
}

type Resolve = dyn Fn(&SecretRef) -> Result<String, NoSecret> + Send + Sync;

/// How references become secrets. Asked anew for every request, so that a token that is replaced
/// in its file during a long soak goes on working.
#[derive(Clone)]
pub struct Secrets(Arc<Resolve>);

impl Secrets {
    /// Resolves with `resolve`.
    pub fn by(resolve: impl Fn(&SecretRef) -> Result<String, NoSecret> + Send + Sync + 'static) -> Self {
        Self(Arc::new(resolve))
    }

    /// Knows no secret: every reference is an error.
    pub fn none() -> Self {
        Self::by(|reference| {
            Err(NoSecret {
                reference: reference.clone(),
                why: "no secrets are at hand here".to_owned(),
                absent: false,
            })
        })
    }

    /// The secret behind `reference`.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn get(&self, reference: &SecretRef) -> Result<String, NoSecret> {
        (self.0)(reference)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}
