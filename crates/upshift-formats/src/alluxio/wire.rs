//! Protocol buffers on the wire: fields of a message, with their numbers. It knows no message.

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes, of which no message here makes use.
    Fixed,
}

impl<'a> Value<'a> {
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(_) | Self::Fixed => 0,
        }
    }

    pub(super) fn signed(self) -> i64 {
        self.number().cast_signed()
    }

    pub(super) fn flag(self) -> bool {
        self.number() != 0
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(_) | Self::Fixed => &[],
        }
    }
}

/// The message does not go on as a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Goes over the fields of a message.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// What is left of the message.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next field; none at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).map_err(|_| Malformed)?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err(Malformed),
        };
        match number {
            0 => Err(Malformed),
            number => Ok(Some((number, value))),
        }
    }

    #[inline]
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed)?;
        if *first < 0x80 {
            self.rest = rest;
            return Ok(u64::from(*first));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for (index, byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                self.rest = self.rest.get(index + 1..).unwrap_or_default();
                return Ok(value);
            }
        }
        Err(Malformed)
    }
}

/// The number that bytes begin with, and what follows it.
pub(super) fn leading_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut fields = Fields::new(bytes);
    let number = fields.varint().ok()?;
    Some((number, fields.rest))
}

/// The numbers of a repeated field, one by one or packed.
pub(super) fn numbers(value: Value<'_>) -> impl Iterator<Item = u64> {
    let (one, packed) = match value {
        Value::Number(number) => (Some(number), &[][..]),
        Value::Bytes(bytes) => (None, bytes),
        Value::Fixed => (None, &[][..]),
    };
    let mut fields = Fields::new(packed);
    let rest = std::iter::from_fn(move || match fields.rest.is_empty() {
        true => None,
        false => fields.varint().ok(),
    });
    one.into_iter().chain(rest)
}
