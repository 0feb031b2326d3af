//! The gateway: who asks, whether the signature is right, whether the request is fresh and was not seen
//! before. Worked out from the vendor's description, apart from the driver that it judges.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::answer::Answer;
use super::request::{Request, decode, encode};
use super::setup::Key;

const WORD: &str = "ACS3-HMAC-SHA256";
/// How old, or how far ahead, a request may be.
const FRESH: i64 = 15 * 60 * 1000;
const OURS: &str = "2022-07-18";

/// See the module.
#[derive(Debug)]
pub(super) struct Gate {
    keys: Vec<Key>,
    /// Nonces, with the time until which they are remembered.
    seen: BTreeMap<String, i64>,
}

impl Gate {
    pub(super) fn new(keys: Vec<Key>) -> Self {
        Self {
            keys,
            seen: BTreeMap::new(),
        }
    }

    /// Lets a request pass, or says why not.
    pub(super) fn admit(&mut self, request: &Request, now: i64) -> Result<(), Answer> {
        let header = |name: &str| {
            let missing = || {
                Answer::gateway(
                    400,
                    &format!("Missing{name}"),
                    &format!("header {name} is missing"),
                )
            };
            request
                .header(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(missing)
        };
        let signed = Signed::read(header("authorization")?)
            .ok_or_else(|| Answer::gateway(400, "IncompleteSignature", "Authorization cannot be read"))?;
        let token = request.header("x-acs-security-token");
        let key = self
            .keys
            .iter()
            .find(|key| key.id == signed.key && key.token.as_deref() == token);
        let Some(key) = key else {
            return Err(match self.keys.iter().any(|key| key.id == signed.key) {
                true => Answer::gateway(400, "InvalidSecurityToken.Mismatch", "the token is not the key's"),
                false => Answer::gateway(404, "InvalidAccessKeyId.NotFound", "unknown access key"),
            });
        };
        let date: jiff::Timestamp = header("x-acs-date")?
            .parse()
            .map_err(|_| Answer::gateway(400, "InvalidTimeStamp.Format", "the date cannot be read"))?;
        if (date.as_millisecond() - now).abs() > FRESH {
            return Err(Answer::gateway(
                400,
                "InvalidTimeStamp.Expired",
                "timestamp expired",
            ));
        }
        let payload = hex(&Sha256::digest(&request.body));
        let bad = |why: &str| Answer::gateway(400, "SignatureDoesNotMatch", why);
        if header("x-acs-content-sha256")? != payload {
            return Err(bad("the body is not the one that was signed"));
        }
        if let Some(name) = unsigned(request, &signed) {
            return Err(bad(&format!("header {name} is not signed")));
        }
        if !signed.fits(request, &key.secret, &payload) {
            return Err(bad("signature mismatch"));
        }
        if header("x-acs-version")? != OURS {
            return Err(Answer::gateway(404, "InvalidVersion", "no such version"));
        }
        let nonce = header("x-acs-signature-nonce")?.to_owned();
        self.seen.retain(|_, until| *until > now);
        if self.seen.insert(nonce, now + 2 * FRESH).is_some() {
            return Err(Answer::gateway(400, "SignatureNonceUsed", "nonce already used"));
        }
        Ok(())
    }
}

/// A header that has to be signed and is not.
fn unsigned<'a>(request: &'a Request, signed: &Signed<'_>) -> Option<&'a str> {
    let must = |name: &str| {
        let name = name.to_ascii_lowercase();
        let content = name == "content-type" && !request.body.is_empty();
        name == "host" || name.starts_with("x-acs-") || name == "workspace" || content
    };
    let names = request.headers.iter().map(|(name, _)| name.as_str());
    names
        .filter(|name| must(name))
        .find(|name| !signed.names.iter().any(|n| n.eq_ignore_ascii_case(name)))
}

/// The header `Authorization`.
struct Signed<'a> {
    key: &'a str,
    names: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Signed<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let parts: BTreeMap<_, _> = text
            .strip_prefix(WORD)?
            .trim()
            .split(',')
            .filter_map(|part| part.split_once('='))
            .collect();
        Some(Self {
            key: parts.get("Credential")?,
            names: parts.get("SignedHeaders")?.split(';').collect(),
            signature: parts.get("Signature")?,
        })
    }

    /// The path is signed as it is on the wire, or with every segment encoded; clients differ.
    fn fits(&self, request: &Request, secret: &str, payload: &str) -> bool {
        let again: Vec<_> = request
            .path
            .split('/')
            .map(|part| encode(&decode(part, false)))
            .collect();
        [request.path.clone(), again.join("/")]
            .iter()
            .any(|path| self.worked_out(request, path, secret, payload) == self.signature)
    }

    fn worked_out(&self, request: &Request, path: &str, secret: &str, payload: &str) -> String {
        let mut query: Vec<_> = request.pairs();
        query.sort();
        let query: Vec<_> = query
            .iter()
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect();
        let mut names = self.names.clone();
        names.sort_unstable();
        let mut text = format!("{}\n{path}\n{}\n", request.method, query.join("&"));
        for name in &names {
            let value = request.header(name).unwrap_or_default();
            text += &format!("{}:{value}\n", name.to_ascii_lowercase());
        }
        text += &format!("\n{}\n{payload}", self.names.join(";"));
        let told = format!("{WORD}\n{}", hex(&Sha256::digest(text.as_bytes())));
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return String::new();
        };
        mac.update(told.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
