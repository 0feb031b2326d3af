//! Segments of an embedded journal of 2.4 and later, as Ratis writes them: a header, then entries behind their lengths,
//! each with a checksum, then zeros to the end of what was set aside. The checksum is CRC-32C of length and entry, its
//! highest byte first.

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
        let framed = leading_number(rest).and_then(|(length, behind)| {
            let length = usize::try_from(length).ok()?;
            let (message, behind) = behind.split_at_checked(length)?;
            let (sum, behind) = behind.split_first_chunk::<CHECKSUM>()?;
            let summed = rest.get(..rest.len() - behind.len() - CHECKSUM)?;
            Some((message, summed, *sum, behind))
        });
        let Some((message, summed, sum, behind)) = framed else {
            segment.cut = true;
            return segment;
        };
        if u32::from_be_bytes(sum) != crc32c(summed) {
            // While it is written, what was set aside is there still behind the part that is.
            segment.cut = sum.iter().chain(behind).all(|byte| *byte == 0);
            if !segment.cut {
                let last = segment.last;
                segment.damage = Some(format!("what follows entry {last:?} has another checksum"));
            }
            return segment;
        }
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

/// CRC-32C, bit by bit: a segment has some megabytes at most.
fn crc32c(bytes: &[u8]) -> u32 {
    const CASTAGNOLI: u32 = 0x82f6_3b78;
    let bit = |sum: u32, _| sum >> 1 ^ (CASTAGNOLI & (sum & 1).wrapping_neg());
    let step = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), bit);
    !bytes.iter().fold(u32::MAX, step)
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

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn the_checksum_is_that_of_rfc_3720() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    }
}
