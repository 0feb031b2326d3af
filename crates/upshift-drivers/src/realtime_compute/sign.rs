//! Signing of requests, version 3 (`ACS3-HMAC-SHA256`): the canonical form of a request and its
//! signature. Pure: date, nonce and keys come in.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// The name of the way to sign.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// A request as it is signed.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// `GET`, …
    pub method: &'a str,
    /// The path with every segment encoded by [`encode`].
    pub path: &'a str,
    /// Names and values as they are, not encoded.
    pub query: &'a [(String, String)],
    /// The headers that are signed, names in lower case.
    pub headers: &'a [(String, String)],
    /// [`hash`] of the body.
    pub payload: &'a str,
}

impl Unsigned<'_> {
    /// The canonical form that both sides must come to.
    pub fn canonical(&self) -> String {
        let mut headers: Vec<_> = self.headers.iter().collect();
        headers.sort();
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        format!(
            "{}\n{}\n{}\n{lines}\n{}\n{}",
            self.method,
            self.path,
            query(self.query),
            self.names(),
            self.payload
        )
    }

    /// The signature by this secret.
    pub fn signature(&self, secret: &str) -> String {
        let text = format!("{ALGORITHM}\n{}", hash(self.canonical().as_bytes()));
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    /// The value of the header `Authorization`.
    pub fn authorization(&self, key: &str, secret: &str) -> String {
        format!(
            "{ALGORITHM} Credential={key},SignedHeaders={},Signature={}",
            self.names(),
            self.signature(secret)
        )
    }

    fn names(&self) -> String {
        let mut names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.join(";")
    }
}

/// All bytes but letters, digits and `-_.~` as `%XX`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The query in canonical form, which is also how it is sent.
pub fn query(pairs: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = pairs.iter().collect();
    pairs.sort();
    let encoded = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
    pairs.into_iter().map(encoded).collect::<Vec<_>>().join("&")
}

/// SHA-256 in hex.
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
