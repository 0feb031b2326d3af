//! Composes snapshot bytes piece by piece, for what no real snapshot at hand holds.

/// Bytes in Java's `DataOutput` encodings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn u8(self, value: u8) -> Self {
        self.raw(&[value])
    }

    pub(crate) fn i16(self, value: i16) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn i32(self, value: i32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn i64(self, value: i64) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn i64s(self, values: &[i64]) -> Self {
        values.iter().fold(self, |bytes, value| bytes.i64(*value))
    }

    pub(crate) fn utf(self, text: &str) -> Self {
        let length = u16::try_from(text.len()).expect("short");
        self.raw(&length.to_be_bytes()).raw(text.as_bytes())
    }

    pub(crate) fn block(self, bytes: &[u8]) -> Self {
        self.i32(i32::try_from(bytes.len()).expect("short")).raw(bytes)
    }

    pub(crate) fn then(self, other: &Self) -> Self {
        self.raw(&other.0)
    }

    pub(crate) fn if_then(self, condition: bool, part: impl FnOnce(Self) -> Self) -> Self {
        if condition { part(self) } else { self }
    }
}

pub(crate) const MAGIC: u32 = 0x4960_672d;

/// Checkpoint properties of a shape that Java would write: an object of one class with one field.
pub(crate) fn properties() -> Bytes {
    Bytes::new()
        .u32(0xaced_0005)
        .u8(0x73)
        .u8(0x72)
        .utf("org.apache.flink.runtime.checkpoint.CheckpointType")
        .i64(1)
        .u8(2)
        .i16(1)
        .u8(b'Z')
        .utf("forced")
        .raw(&[0x78, 0x70, 1])
}

pub(crate) fn file(size: i64, path: &str) -> Bytes {
    Bytes::new().u8(2).i64(size).utf(path)
}

pub(crate) fn relative(path: &str, size: i64) -> Bytes {
    Bytes::new().u8(6).utf(path).i64(size)
}

pub(crate) fn inline(name: &str, data: &[u8]) -> Bytes {
    Bytes::new().u8(1).utf(name).block(data)
}

pub(crate) fn segment(start: i64, size: i64, path: &str) -> Bytes {
    Bytes::new()
        .u8(15)
        .i64(start)
        .i64(size)
        .i32(1)
        .utf(path)
        .utf("logical-1")
}

pub(crate) fn none() -> Bytes {
    Bytes::new().u8(0)
}

/// The handles of a subtask, each with the bytes that say "none" unless set.
pub(crate) struct Subtask {
    pub(crate) managed_operator: Bytes,
    pub(crate) raw_operator: Bytes,
    pub(crate) managed_keyed: Bytes,
    pub(crate) raw_keyed: Bytes,
    pub(crate) inputs: Vec<Bytes>,
    pub(crate) results: Vec<Bytes>,
    pub(crate) reference: Option<i64>,
}

impl Default for Subtask {
    fn default() -> Self {
        Self {
            managed_operator: Bytes::new().i32(0),
            raw_operator: Bytes::new().i32(0),
            managed_keyed: none(),
            raw_keyed: none(),
            inputs: Vec::new(),
            results: Vec::new(),
            reference: None,
        }
    }
}

impl Subtask {
    /// The subtask as this metadata version has it.
    pub(crate) fn bytes(&self, version: i32, index: i32) -> Bytes {
        let list = |bytes: Bytes, all: &[Bytes]| {
            let count = i32::try_from(all.len()).expect("few");
            all.iter().fold(bytes.i32(count), |bytes, one| bytes.then(one))
        };
        let bytes = Bytes::new()
            .i32(index)
            .if_then(version == 2, |b| b.i64(-1).i32(0));
        let bytes = bytes.then(&self.managed_operator).then(&self.raw_operator);
        let bytes = bytes.then(&self.managed_keyed).then(&self.raw_keyed);
        let bytes = bytes.if_then(version >= 3, |b| list(list(b, &self.inputs), &self.results));
        bytes.if_then(version >= 7, |b| match self.reference {
            Some(id) => b.u8(1).i64(id),
            None => b.u8(0),
        })
    }
}

/// A whole file of operators composed before.
pub(crate) fn metadata(version: i32, operators: &[Bytes]) -> Bytes {
    let count = i32::try_from(operators.len()).expect("few");
    let master = Bytes::new().i32(3).utf("hook").block(b"state");
    let head = Bytes::new()
        .u32(MAGIC)
        .i32(version)
        .i64(77)
        .i32(1)
        .u32(0xc96b_1696)
        .block(&master.0)
        .i32(count);
    let body = operators
        .iter()
        .fold(head, |bytes, operator| bytes.then(operator));
    body.if_then(version >= 4, |b| b.then(&properties()))
}

/// An operator of parallelism 2 and max parallelism 128.
pub(crate) fn operator(version: i32, id: u8, coordinator: &Bytes, subtasks: &[Bytes]) -> Bytes {
    let count = i32::try_from(subtasks.len()).expect("few");
    let head = Bytes::new()
        .if_then(version >= 5, |b| b.utf("a name").utf(""))
        .raw(&[id; 16])
        .i32(2)
        .i32(128)
        .if_then(version == 2, |b| b.i32(1))
        .if_then(version >= 3, |b| b.then(coordinator))
        .i32(count);
    subtasks.iter().fold(head, |bytes, subtask| bytes.then(subtask))
}
