//! Segments of an embedded journal of 2.4 and later, as Ratis writes them: a header, then entries behind their lengths,
//! each with a checksum, then zeros to the end of what was set aside. Checksums are left to the masters: an entry that is
//! no message is told as damage.

use super::changes::{Change, each};
use super::log::LogName;
use super::wire::{Fields, Malformed, leading_number};

const HEADER: &[u8] = b"RaftLog1";
const CHECKSUM: usize = 4;
const INDEX: u32 = 2;
const OF_THE_STATE_MACHINE: u32 = 3;
const DATA: u32 = 1;

/// What a segment holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    /// The last index.
    pub last: Option<u64>,
    /// Whether it ends inside an entry, as it may while it is written: nobody was told of that one.
    pub cut: bool,
    /// What is wrong with it.
    pub damage: Option<String>,
}

impl LogName {
    /// Reads `log_0-12` and `log_inprogress_13`: the indices that a segment holds.
    #[must_use]
    pub fn of_segment(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("log_")?;
        if let Some(start) = rest.strip_prefix("inprogress_") {
            let start = start.parse().ok()?;
            return Some(Self { start, end: None });
        }
        let (start, last) = rest.split_once('-')?;
        let (start, last): (u64, u64) = (start.parse().ok()?, last.parse().ok()?);
        let end = last.checked_add(1)?;
        (start <= last).then_some(Self {
            start,
            end: Some(end),
        })
    }
}

/// Reads a segment, and tells the changes from an index on. Whatever is wrong with it is in the answer.
pub fn segment_changes(bytes: &[u8], from: u64, tell: &mut dyn FnMut(Change)) -> Segment {
    let mut segment = Segment::default();
    let Some(mut rest) = bytes.strip_prefix(HEADER) else {
        // One that was only set aside yet.
        if bytes.iter().any(|byte| *byte != 0) {
            segment.damage = Some("it does not begin as a segment does".to_owned());
        }
        return segment;
    };
    while let Some(first) = rest.first() {
        if *first == 0 {
            if rest.iter().any(|byte| *byte != 0) {
                segment.damage = Some("something stands behind its end".to_owned());
            }
            return segment;
        }
        let framed = leading_number(rest).and_then(|(length, rest)| {
            let length = usize::try_from(length).ok()?;
            let (message, rest) = rest.split_at_checked(length)?;
            Some((message, rest.get(CHECKSUM..)?))
        });
        let Some((message, behind)) = framed else {
            segment.cut = true;
            return segment;
        };
        rest = behind;
        let read = entry(message, from, tell);
        let expected = segment.last.map(|last| last.wrapping_add(1));
        match read {
            Ok(index) if expected.is_none_or(|expected| expected == index) => segment.last = Some(index),
            Ok(index) => {
                segment.damage = Some(format!("entry {index} follows {:?}", segment.last));
                return segment;
            }
            Err(Malformed) => {
                segment.damage = Some(format!("what follows entry {:?} is no entry", segment.last));
                return segment;
            }
        }
    }
    segment
}

/// The index of an entry; one that elects, or that counts what is committed, changes no tree.
fn entry(message: &[u8], from: u64, tell: &mut dyn FnMut(Change)) -> Result<u64, Malformed> {
    let (mut index, mut own) = (0, None);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            INDEX => index = value.number(),
            OF_THE_STATE_MACHINE => own = Some(value.bytes()),
            _ => {}
        }
    }
    let Some(own) = own.filter(|_| index >= from) else {
        return Ok(index);
    };
    let mut fields = Fields::new(own);
    while let Some((number, value)) = fields.next()? {
        if number == DATA {
            each(value.bytes(), tell)?;
        }
    }
    Ok(index)
}
