//! Strings as `java.io.DataOutput.writeUTF` stores them: modified UTF-8, borrowed from the input.
//!
//! Checked when read, decoded only when asked for, because most strings of a big input are never looked at.

use std::borrow::Cow;

use crate::FormatError;

/// A checked modified UTF-8 string and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JavaStr<'a> {
    at: u64,
    bytes: &'a [u8],
}

impl<'a> JavaStr<'a> {
    /// Checks `bytes`, which start at offset `at` of the input, as modified UTF-8.
    ///
    /// # Errors
    /// [`FormatError::Text`] at the first byte that Java's `readUTF` would refuse.
    pub fn new(at: u64, bytes: &'a [u8], what: &'static str) -> Result<Self, FormatError> {
        if !bytes.is_ascii() {
            let mut rest = bytes;
            while let Some(&found) = rest.first() {
                let Some((_, tail)) = split_unit(rest) else {
                    let done = bytes.len() - rest.len();
                    return Err(FormatError::Text {
                        at: at + done as u64,
                        what,
                        found,
                    });
                };
                rest = tail;
            }
        }
        Ok(Self { at, bytes })
    }

    /// Offset of the first byte of the text, after its length.
    #[must_use]
    pub fn at(self) -> u64 {
        self.at
    }

    /// The bytes as stored.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// The text. A surrogate without its partner, which Java allows, becomes U+FFFD.
    #[must_use]
    pub fn to_str(self) -> Cow<'a, str> {
        match std::str::from_utf8(self.bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                let mut rest = self.bytes;
                let units = std::iter::from_fn(|| {
                    let (unit, tail) = split_unit(rest)?;
                    rest = tail;
                    Some(unit)
                });
                let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
                Cow::Owned(text.collect())
            }
        }
    }
}

/// Takes the first UTF-16 unit off modified UTF-8, or `None` where there is none or it is malformed.
fn split_unit(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let tail_bits = |b: u8| (b & 0xc0 == 0x80).then_some(u16::from(b & 0x3f));
    match bytes {
        [a @ 0..=0x7f, rest @ ..] => Some((u16::from(*a), rest)),
        [a @ 0xc0..=0xdf, b, rest @ ..] => Some((u16::from(a & 0x1f) << 6 | tail_bits(*b)?, rest)),
        [a @ 0xe0..=0xef, b, c, rest @ ..] => Some((
            u16::from(a & 0x0f) << 12 | tail_bits(*b)? << 6 | tail_bits(*c)?,
            rest,
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::JavaStr;
    use crate::FormatError;

    fn text(bytes: &[u8]) -> String {
        JavaStr::new(0, bytes, "test")
            .expect("well-formed")
            .to_str()
            .into_owned()
    }

    #[test]
    fn reads_what_java_writes() {
        assert_eq!(text(b"plain"), "plain");
        assert_eq!(text("größe-ß-数".as_bytes()), "größe-ß-数");
        assert_eq!(text(&[b'a', 0xc0, 0x80, b'b']), "a\0b");
        assert_eq!(text(&[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]), "\u{1f600}");
        assert_eq!(text(&[0xed, 0xa0, 0xbd]), "\u{fffd}");
    }

    #[test]
    fn refuses_what_java_refuses() {
        for (bytes, at) in [
            (&[b'a', 0x80][..], 11),
            (&[b'a', b'b', 0xc3], 12),
            (&[0xf0, 0x9f, 0x98, 0x80], 10),
            (&[0xe2, 0x82], 10),
        ] {
            let error = JavaStr::new(10, bytes, "test").expect_err("malformed");
            assert!(
                matches!(error, FormatError::Text { at: found, .. } if found == at),
                "{error}"
            );
        }
    }
}
