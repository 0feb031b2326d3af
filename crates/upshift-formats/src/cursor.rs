//! A checked big-endian reader over borrowed bytes: every step is held against what is left.
//!
//! It knows Java's `DataInput` encodings and nothing of any file format. Offsets it reports count from the
//! start of the input, which may lie before the bytes in hand.

use crate::{FormatError, JavaStr};

/// A position in borrowed bytes.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    at: u64,
}

/// Bytes and where they stand in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// Offset of the first byte.
    pub at: u64,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// A run of big-endian `i64`, left where it is: a large snapshot has tens of millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longs<'a> {
    span: Span<'a>,
}

impl<'a> Longs<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.span.bytes.len() / 8
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.span.bytes.is_empty()
    }

    /// Offset of the first.
    #[must_use]
    pub fn at(self) -> u64 {
        self.span.at
    }

    /// The values, decoded one by one.
    pub fn iter(self) -> impl Iterator<Item = i64> + 'a {
        let (values, _) = self.span.bytes.as_chunks::<8>();
        values.iter().map(|v| i64::from_be_bytes(*v))
    }
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of `bytes`, which are the whole input.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::at_offset(bytes, 0)
    }

    /// A cursor at the start of `bytes`, which stand at offset `at` of the input.
    #[must_use]
    pub fn at_offset(bytes: &'a [u8], at: u64) -> Self {
        Self { rest: bytes, at }
    }

    /// Offset of the next byte.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.rest.len() as u64
    }

    /// The bytes that are left, not consumed.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes the next `count` bytes.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when there are fewer.
    pub fn take(&mut self, count: u64, what: &'static str) -> Result<Span<'a>, FormatError> {
        let at = self.at;
        let taken = usize::try_from(count)
            .ok()
            .and_then(|n| self.rest.split_at_checked(n));
        let Some((bytes, rest)) = taken else {
            return Err(FormatError::Truncated {
                at,
                what,
                expected: count,
                found: self.remaining(),
            });
        };
        self.rest = rest;
        self.at += count;
        Ok(Span { at, bytes })
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], FormatError> {
        let Some((bytes, rest)) = self.rest.split_first_chunk::<N>() else {
            let (at, found) = (self.at, self.remaining());
            return Err(FormatError::Truncated {
                at,
                what,
                expected: N as u64,
                found,
            });
        };
        self.rest = rest;
        self.at += N as u64;
        Ok(*bytes)
    }

    /// Takes 16 bytes, the size of an operator id.
    ///
    /// # Errors
    /// [`FormatError::Truncated`], as for every number below.
    pub fn bytes16(&mut self, what: &'static str) -> Result<[u8; 16], FormatError> {
        self.array(what)
    }

    /// Takes one byte.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] at the end of the input.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, FormatError> {
        Ok(u8::from_be_bytes(self.array(what)?))
    }

    /// Takes an unsigned 16-bit number.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when fewer than 2 bytes are left.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, FormatError> {
        Ok(u16::from_be_bytes(self.array(what)?))
    }

    /// Takes a signed 16-bit number.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when fewer than 2 bytes are left.
    pub fn i16(&mut self, what: &'static str) -> Result<i16, FormatError> {
        Ok(i16::from_be_bytes(self.array(what)?))
    }

    /// Takes a signed 32-bit number.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when fewer than 4 bytes are left.
    pub fn i32(&mut self, what: &'static str) -> Result<i32, FormatError> {
        Ok(i32::from_be_bytes(self.array(what)?))
    }

    /// Takes a signed 64-bit number.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when fewer than 8 bytes are left.
    pub fn i64(&mut self, what: &'static str) -> Result<i64, FormatError> {
        Ok(i64::from_be_bytes(self.array(what)?))
    }

    /// Takes a signed 32-bit number that must not be negative.
    ///
    /// # Errors
    /// [`FormatError::Value`] when it is.
    pub fn unsigned(&mut self, what: &'static str) -> Result<u32, FormatError> {
        let at = self.at;
        let found = self.i32(what)?;
        u32::try_from(found).map_err(|_| FormatError::Value {
            at,
            what,
            expected: "not negative",
            found: i64::from(found),
        })
    }

    /// Takes a byte that must be 0 or 1.
    ///
    /// # Errors
    /// [`FormatError::Value`] when it is neither.
    pub fn bool(&mut self, what: &'static str) -> Result<bool, FormatError> {
        let at = self.at;
        match self.u8(what)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(FormatError::Value {
                at,
                what,
                expected: "0 or 1",
                found: i64::from(other),
            }),
        }
    }

    /// Takes the count of elements that follow, each at least `least` bytes long.
    ///
    /// # Errors
    /// [`FormatError::Value`] when negative, [`FormatError::Limit`] above `limit`, and
    /// [`FormatError::Truncated`] when so many elements cannot follow.
    pub fn count(&mut self, what: &'static str, least: u64, limit: u32) -> Result<u32, FormatError> {
        let at = self.at;
        let count = self.unsigned(what)?;
        self.check_count(at, what, count, least, limit)?;
        Ok(count)
    }

    /// Holds a count read at `at` against `limit` and against the bytes that are left.
    ///
    /// # Errors
    /// As for [`Cursor::count`].
    pub fn check_count(
        &self,
        at: u64,
        what: &'static str,
        count: u32,
        least: u64,
        limit: u32,
    ) -> Result<(), FormatError> {
        if count > limit {
            let (expected, found) = (u64::from(limit), u64::from(count));
            return Err(FormatError::Limit {
                at,
                what,
                expected,
                found,
            });
        }
        let expected = u64::from(count) * least;
        if expected > self.remaining() {
            return Err(FormatError::Truncated {
                at: self.at,
                what,
                expected,
                found: self.remaining(),
            });
        }
        Ok(())
    }

    /// Takes a 16-bit length and as many bytes of modified UTF-8.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] or [`FormatError::Text`].
    pub fn utf(&mut self, what: &'static str) -> Result<JavaStr<'a>, FormatError> {
        let length = self.u16(what)?;
        let span = self.take(u64::from(length), what)?;
        JavaStr::new(span.at, span.bytes, what)
    }

    /// Takes a 32-bit length of at most `limit` and as many bytes.
    ///
    /// # Errors
    /// As for [`Cursor::count`].
    pub fn block(&mut self, what: &'static str, limit: u32) -> Result<Span<'a>, FormatError> {
        let length = self.count(what, 1, limit)?;
        self.take(u64::from(length), what)
    }

    /// Takes `count` 64-bit numbers without decoding them.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when fewer follow.
    pub fn longs(&mut self, count: u32, what: &'static str) -> Result<Longs<'a>, FormatError> {
        Ok(Longs {
            span: self.take(u64::from(count) * 8, what)?,
        })
    }

    /// Takes a 32-bit constant.
    ///
    /// # Errors
    /// [`FormatError::Magic`] when something else stands there.
    pub fn magic(&mut self, expected: u32, what: &'static str) -> Result<(), FormatError> {
        let at = self.at;
        let found = u32::from_be_bytes(self.array(what)?);
        if found == expected {
            return Ok(());
        }
        Err(FormatError::Magic {
            at,
            what,
            expected: u64::from(expected),
            found: u64::from(found),
        })
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`FormatError::Trailing`] when something is.
    pub fn end(&self, what: &'static str) -> Result<(), FormatError> {
        match self.remaining() {
            0 => Ok(()),
            found => Err(FormatError::Trailing {
                at: self.at,
                what,
                found,
            }),
        }
    }
}
