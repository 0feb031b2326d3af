//! The id itself, its hex form, and the id of a uid.

use std::fmt;
use std::str::FromStr;

use super::murmur::murmur3_128;

/// The 16 bytes by which Flink knows an operator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorId([u8; 16]);

impl OperatorId {
    /// The id of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, in the order of the hex form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why a text is not an operator id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an operator id of 32 hex digits, found {found:?}")]
pub struct ParseIdError {
    /// The text.
    pub found: String,
}

/// Reads the hex form, which is also what `setUidHash` takes.
impl FromStr for OperatorId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let wrong = || ParseIdError {
            found: text.to_owned(),
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(wrong());
        };
        let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        bytes
            .and_then(|b| <[u8; 16]>::try_from(b).ok())
            .map(Self)
            .ok_or_else(wrong)
    }
}

/// The id Flink gives an operator with this uid.
#[must_use]
pub fn operator_id_of_uid(uid: &str) -> OperatorId {
    OperatorId(murmur3_128(uid.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{OperatorId, operator_id_of_uid};

    #[test]
    fn ids_of_uids_are_those_of_flink() {
        for (uid, id) in [
            ("source", "e5a72f353fc1e6bbf3bd96a41384998c"),
            ("counter", "0da08f51eaa85fc298e176a139b3649a"),
            ("tally", "f87d82977f8d6fee965276a0168c57b7"),
        ] {
            assert_eq!(operator_id_of_uid(uid).to_string(), id);
            assert_eq!(id.parse(), Ok(operator_id_of_uid(uid)));
        }
    }

    #[test]
    fn anything_but_32_hex_digits_is_refused() {
        for text in [
            "",
            "e5a7",
            "e5a72f353fc1e6bbf3bd96a41384998",
            "e5a72f353fc1e6bbf3bd96a41384998cc",
            "ä",
        ] {
            text.parse::<OperatorId>().expect_err("not an id");
        }
        "g5a72f353fc1e6bbf3bd96a41384998c"
            .parse::<OperatorId>()
            .expect_err("not hex");
    }
}
