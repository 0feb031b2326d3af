//! The records of a canary: one row of two numbers in a primary key table, one number in a log table of indexed
//! format. Both as every release from 0.6 on writes them by default (magic 0, no writer id).

/// Marks a batch that belongs to no idempotent writer.
const NO_WRITER: i64 = -1;
const NO_SEQUENCE: i32 = -1;
const MAGIC: u8 = 0;
/// Bytes of a log batch before its first record.
const LOG_HEADER: usize = 48;
/// Bytes of a record before its row: length and kind of change.
const RECORD_HEADER: usize = 5;
/// No column is null: one byte of bits for up to eight columns.
const NO_NULLS: u8 = 0;

/// The key of a row, as it is looked up.
pub(super) fn key(number: i64) -> Vec<u8> {
    varint(number)
}

/// A row of key and value, in compacted format.
fn row(key: i64, value: i64) -> Vec<u8> {
    [&[NO_NULLS][..], &varint(key), &varint(value)].concat()
}

/// What a lookup gives for that row: its schema in front.
pub(super) fn found(schema: i16, key: i64, value: i64) -> Vec<u8> {
    [&schema.to_le_bytes()[..], &row(key, value)].concat()
}

/// A batch with one row for a primary key table.
pub(super) fn kv_batch(schema: i16, number: i64, value: i64) -> Vec<u8> {
    let key = key(number);
    let row = row(number, value);
    let key_length = varint(i64::try_from(key.len()).expect("a key of ten bytes"));
    let record = [&key_length[..], &key, &row].concat();
    let length = i32::try_from(record.len()).expect("a small record");
    let checked = [
        &schema.to_le_bytes()[..],
        &[0],
        &NO_WRITER.to_le_bytes(),
        &NO_SEQUENCE.to_le_bytes(),
        &1_i32.to_le_bytes(),
        &length.to_le_bytes(),
        &record,
    ]
    .concat();
    let rest = [&[MAGIC][..], &crc32c(&checked).to_le_bytes(), &checked].concat();
    let length = i32::try_from(rest.len()).expect("a small batch");
    [&length.to_le_bytes()[..], &rest].concat()
}

/// A batch with one number for a log table.
pub(super) fn log_batch(schema: i16, number: i64) -> Vec<u8> {
    let row = [&[NO_NULLS][..], &number.to_le_bytes()].concat();
    let record = [&[0][..], &row].concat();
    let length = i32::try_from(record.len()).expect("a small record");
    let append_only = 1;
    let checked = [
        &schema.to_le_bytes()[..],
        &[append_only],
        &0_i32.to_le_bytes(),
        &NO_WRITER.to_le_bytes(),
        &NO_SEQUENCE.to_le_bytes(),
        &1_i32.to_le_bytes(),
        &length.to_le_bytes(),
        &record,
    ]
    .concat();
    let rest = [&[MAGIC][..], &[0; 8], &crc32c(&checked).to_le_bytes(), &checked].concat();
    let length = i32::try_from(rest.len()).expect("a small batch");
    [&[0; 8][..], &length.to_le_bytes(), &rest].concat()
}

/// The number that stands at an offset among fetched batches of one record each.
pub(super) fn number_at(fetched: &[u8], offset: i64) -> Option<i64> {
    let mut rest = fetched;
    while let Some((base, after)) = rest.split_first_chunk::<8>() {
        let length = i32::from_le_bytes(*after.first_chunk::<4>()?);
        let whole = 12 + usize::try_from(length).ok()?;
        if i64::from_le_bytes(*base) == offset {
            let row = rest.get(LOG_HEADER + RECORD_HEADER..whole)?;
            let number = row.get(1..9)?.first_chunk::<8>()?;
            return Some(i64::from_le_bytes(*number));
        }
        rest = rest.get(whole..)?;
    }
    None
}

/// Seven bits a byte, the lowest first.
fn varint(number: i64) -> Vec<u8> {
    let mut rest = number.cast_unsigned();
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(rest & 0x7f).expect("seven bits");
        rest >>= 7;
        if rest == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// CRC-32C (Castagnoli), bit by bit: a canary has a few dozen bytes.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            crc >> 1 ^ 0x82f6_3b78
        } else {
            crc >> 1
        }
    };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::{crc32c, kv_batch, log_batch, number_at, varint};

    #[test]
    fn the_checksum_is_castagnoli() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn numbers_take_seven_bits_a_byte() {
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(127), [0x7f]);
        assert_eq!(varint(300), [0xac, 0x02]);
        assert_eq!(varint(-1).len(), 10);
    }

    #[test]
    fn batches_say_their_own_length() {
        let batch = kv_batch(1, 7, 1 << 40);
        assert_eq!(
            usize::try_from(i32::from_le_bytes(batch[..4].try_into().unwrap())).unwrap() + 4,
            batch.len()
        );
        let batch = log_batch(1, 7);
        assert_eq!(
            usize::try_from(i32::from_le_bytes(batch[8..12].try_into().unwrap())).unwrap() + 12,
            batch.len()
        );
    }

    #[test]
    fn the_number_is_found_at_its_offset_and_nowhere_else() {
        let mut second = log_batch(1, 9);
        second[..8].copy_from_slice(&5_i64.to_le_bytes());
        let fetched = [log_batch(1, 7), second].concat();
        assert_eq!(number_at(&fetched, 0), Some(7));
        assert_eq!(number_at(&fetched, 5), Some(9));
        assert_eq!(number_at(&fetched, 6), None);
        assert!((0..fetched.len()).all(|end| number_at(&fetched[..end], 5).is_none()));
    }
}
