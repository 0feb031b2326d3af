//! The wrapping of every answer, and the two shapes in which the service says no: a 200 whose
//! `success` is false, and a status of 400 and above with a code. Which of them a refusal takes
//! differs; what it means is told by its code and never by its status.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use upshift_engine::driver::Fault;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

use super::codes;
use super::credentials::Keys;
use super::loose;
use crate::wire::{Answer, Kind, redact_text, shorten};

/// In milliseconds, on answers of a gateway that sheds load.
const RETRY_AFTER: &str = "x-acs-retry-after";

/// The code of the service for what it does not know.
const NOT_FOUND: &str = "990301";

const LONGEST_MESSAGE: usize = 600;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Envelope {
    #[serde(deserialize_with = "loose::truth")]
    success: Option<bool>,
    #[serde(alias = "Code", alias = "code", deserialize_with = "loose::text")]
    error_code: Option<String>,
    #[serde(alias = "Message", alias = "message", deserialize_with = "loose::text")]
    error_message: Option<String>,
    #[serde(alias = "RequestId", deserialize_with = "loose::text")]
    request_id: Option<String>,
    #[serde(alias = "AccessDeniedDetail")]
    access_denied_detail: Option<Value>,
    #[serde(deserialize_with = "loose::number")]
    total_size: Option<i64>,
    data: Option<Value>,
}

/// What came inside.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) data: Value,
    /// How many there are in all, where it is a page of a list.
    pub(super) total: Option<u64>,
}

/// A no of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct No {
    status: u16,
    code: String,
    message: String,
    request: String,
    denied: Option<String>,
    retry_after: Option<Duration>,
}

/// The content of an answer, none where the service does not know what was asked for.
pub(super) fn open(kind: Kind, answer: &Answer, keys: &Keys) -> Result<Option<Content>, Fault> {
    match content(answer, keys) {
        Ok(content) => Ok(Some(content)),
        Err(Opened::No(no)) if no.is_not_known() => Ok(None),
        Err(Opened::No(no)) => Err(no.fault(kind, answer)),
        Err(Opened::Nothing) if answer.status >= 500 => {
            let what = format!("{}: failed (status {})", answer.asked(), answer.status);
            Err(match kind {
                Kind::Read => Fault::Transient(what),
                Kind::Change => Fault::Ambiguous(what),
            })
        }
        Err(Opened::Nothing) => {
            Err(answer.refused(codes::NOT_THE_SERVICE, "did not answer as Realtime Compute does"))
        }
    }
}

/// How long the service wants to be left alone before the same question, where it says so.
pub(super) fn later(answer: &Answer, keys: &Keys) -> Option<Duration> {
    match content(answer, keys) {
        Err(Opened::No(no)) if no.is_throttled() || no.is_unavailable() => {
            Some(no.retry_after.unwrap_or(Duration::from_secs(1)))
        }
        _ => None,
    }
}

enum Opened {
    No(No),
    /// No JSON, or none of the service's.
    Nothing,
}

fn content(answer: &Answer, keys: &Keys) -> Result<Content, Opened> {
    let envelope: Envelope = serde_json::from_slice(&answer.body).map_err(|_| Opened::Nothing)?;
    let is_good = answer.status < 400 && envelope.success != Some(false);
    if is_good {
        // An answer without the word for success and without content is none of the service's.
        if envelope.success.is_none() && envelope.data.is_none() {
            return Err(Opened::Nothing);
        }
        return Ok(Content {
            data: envelope.data.unwrap_or(Value::Null),
            total: envelope.total_size.and_then(|size| u64::try_from(size).ok()),
        });
    }
    let Some(code) = envelope.error_code else {
        return Err(Opened::Nothing);
    };
    let clean = |text: Option<String>| {
        let text = redact_text(&keys.hide(text.unwrap_or_default().trim()));
        shorten(&text, LONGEST_MESSAGE)
    };
    let denied = envelope.access_denied_detail.and_then(|detail| {
        let action = detail.get("AuthAction").or_else(|| detail.get("authAction"))?;
        Some(action.as_str()?.to_owned())
    });
    Err(Opened::No(No {
        status: answer.status,
        code,
        message: clean(envelope.error_message),
        request: clean(envelope.request_id),
        denied,
        retry_after: retry_after(&answer.headers),
    }))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_millis)
}

impl No {
    fn is_throttled(&self) -> bool {
        self.code.starts_with("Throttling") || self.code == "Rejected.Throttling" || self.status == 429
    }

    fn is_not_known(&self) -> bool {
        self.code == NOT_FOUND
    }

    fn fault(self, kind: Kind, answer: &Answer) -> Fault {
        let said = format!("{}: {} ({})", answer.asked(), self.code, self.message);
        if self.is_throttled() {
            // Turned away at the gateway: nothing was begun, so the same may be sent later.
            let wait = self.retry_after.map_or(String::new(), |wait| {
                format!("; it wants to be left alone for {} ms", wait.as_millis())
            });
            return Fault::Transient(format!("{said}: the service sheds load{wait}"));
        }
        // The gateway has seen this very request before: what became of the first is not known.
        let repeated = self.code == "SignatureNonceUsed";
        if repeated || self.status >= 500 || self.is_unavailable() {
            return match kind {
                Kind::Read => Fault::Transient(said),
                Kind::Change => Fault::Ambiguous(said),
            };
        }
        let (code, what) = self.meaning();
        Fault::Refused(Failure {
            code,
            what: format!("{}: {what}", answer.asked()),
            far_side: Some(format!(
                "{}: {} (request {})",
                self.code, self.message, self.request
            )),
        })
    }

    fn is_unavailable(&self) -> bool {
        matches!(self.code.as_str(), "ServiceUnavailable" | "InternalError")
    }

    fn meaning(&self) -> (Code, String) {
        match self.code.as_str() {
            "SignatureDoesNotMatch" | "IncompleteSignature" => {
                let what = "the service does not accept the signature: the secret does not belong to the key";
                (codes::KEYS_REFUSED, what.to_owned())
            }
            code if code.starts_with("InvalidAccessKeyId") || code.starts_with("InvalidSecurityToken") => {
                let what = "the service does not accept the access key or its token";
                (codes::KEYS_REFUSED, what.to_owned())
            }
            code if code.starts_with("InvalidTimeStamp") => {
                let what = "the clocks of this machine and of the service are too far apart";
                (codes::CLOCKS_APART, what.to_owned())
            }
            code if code.starts_with("NoPermission") || code.starts_with("Forbidden") => {
                let action = self.denied.as_deref().unwrap_or("it");
                (
                    codes::NOT_ALLOWED,
                    format!("the key is not allowed to do {action}"),
                )
            }
            code if code.starts_with("InvalidApi") || code.starts_with("InvalidVersion") => {
                let what = "the endpoint does not offer this action of ververica 2022-07-18";
                (codes::NOT_THE_SERVICE, what.to_owned())
            }
            _ => (codes::REFUSED, "the service refused".to_owned()),
        }
    }
}
