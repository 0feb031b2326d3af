//! The cursor reads what was written, says where it stands, and never goes past the end.

use proptest::prelude::*;
use upshift_formats::cursor::Cursor;
use upshift_formats::{FormatError, JavaStr};

#[derive(Debug, Clone)]
enum Piece {
    U8(u8),
    U16(u16),
    I16(i16),
    I32(i32),
    I64(i64),
    Bool(bool),
    Text(String),
    Block(Vec<u8>),
    Longs(Vec<i64>),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        any::<u8>().prop_map(Piece::U8),
        any::<u16>().prop_map(Piece::U16),
        any::<i16>().prop_map(Piece::I16),
        any::<i32>().prop_map(Piece::I32),
        any::<i64>().prop_map(Piece::I64),
        any::<bool>().prop_map(Piece::Bool),
        any::<String>().prop_map(Piece::Text),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Piece::Block),
        prop::collection::vec(any::<i64>(), 0..6).prop_map(Piece::Longs),
    ]
}

/// Modified UTF-8 as Java writes it.
fn java_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for unit in text.encode_utf16() {
        match unit {
            1..=0x7f => out.push(u8::try_from(unit).expect("7 bits")),
            0 | 0x80..=0x7ff => out.extend([0xc0 | (unit >> 6) as u8, 0x80 | (unit & 0x3f) as u8]),
            _ => out.extend([
                0xe0 | (unit >> 12) as u8,
                0x80 | (unit >> 6 & 0x3f) as u8,
                0x80 | (unit & 0x3f) as u8,
            ]),
        }
    }
    out
}

fn write(pieces: &[Piece]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::U8(v) => out.push(*v),
            Piece::U16(v) => out.extend(v.to_be_bytes()),
            Piece::I16(v) => out.extend(v.to_be_bytes()),
            Piece::I32(v) => out.extend(v.to_be_bytes()),
            Piece::I64(v) => out.extend(v.to_be_bytes()),
            Piece::Bool(v) => out.push(u8::from(*v)),
            Piece::Text(v) => {
                let bytes = java_bytes(v);
                out.extend(u16::try_from(bytes.len()).expect("short").to_be_bytes());
                out.extend(bytes);
            }
            Piece::Block(v) => {
                out.extend(u32::try_from(v.len()).expect("short").to_be_bytes());
                out.extend(v);
            }
            Piece::Longs(v) => v.iter().for_each(|one| out.extend(one.to_be_bytes())),
        }
    }
    out
}

fn read(cur: &mut Cursor<'_>, piece: &Piece) -> Result<bool, FormatError> {
    Ok(match piece {
        Piece::U8(v) => cur.u8("u8")? == *v,
        Piece::U16(v) => cur.u16("u16")? == *v,
        Piece::I16(v) => cur.i16("i16")? == *v,
        Piece::I32(v) => cur.i32("i32")? == *v,
        Piece::I64(v) => cur.i64("i64")? == *v,
        Piece::Bool(v) => cur.bool("bool")? == *v,
        Piece::Text(v) => cur.utf("text")?.to_str() == v.as_str(),
        Piece::Block(v) => cur.block("block", 100)?.bytes == v,
        Piece::Longs(v) => {
            let longs = cur.longs(u32::try_from(v.len()).expect("few"), "longs")?;
            longs.len() == v.len() && longs.iter().eq(v.iter().copied())
        }
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(pieces in prop::collection::vec(piece(), 0..12), base in 0_u64..1 << 40) {
        let bytes = write(&pieces);
        let mut cur = Cursor::at_offset(&bytes, base);
        for piece in &pieces {
            prop_assert!(read(&mut cur, piece).expect("well-formed"), "{:?}", piece);
            prop_assert_eq!(cur.at() - base + cur.remaining(), bytes.len() as u64);
        }
        prop_assert!(cur.end("input").is_ok());
    }

    #[test]
    fn a_cut_is_noticed_where_it_is(pieces in prop::collection::vec(piece(), 1..12), cut in 0.0_f64..1.0) {
        let bytes = write(&pieces);
        prop_assume!(!bytes.is_empty());
        let end = (bytes.len() as f64 * cut) as usize;
        let mut cur = Cursor::new(&bytes[..end]);
        let error = pieces.iter().find_map(|piece| read(&mut cur, piece).err());
        match error {
            Some(FormatError::Truncated { at, expected, found, .. }) => {
                prop_assert!(at + found == end as u64 && found < expected);
            }
            // Nothing but empty runs of numbers can stand behind the cut.
            other => prop_assert!(other.is_none() && write(&pieces).len() == end, "{:?}", other),
        }
    }

    #[test]
    fn counts_are_held_against_what_is_left(count in any::<i32>(), least in 0_u64..100, limit in any::<u32>()) {
        let bytes = [&count.to_be_bytes()[..], &[0; 50]].concat();
        match Cursor::new(&bytes).count("count", least, limit) {
            Ok(read) => prop_assert!(i64::from(read) == i64::from(count) && u64::from(read) * least <= 50 && read <= limit),
            Err(FormatError::Value { .. }) => prop_assert!(count < 0),
            Err(FormatError::Limit { .. }) => prop_assert!(count.unsigned_abs() > limit),
            Err(FormatError::Truncated { .. }) => prop_assert!(u64::from(count.unsigned_abs()) * least > 50),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn any_bytes_are_text_or_an_error_inside_them(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        match JavaStr::new(100, &bytes, "text") {
            Ok(text) => prop_assert!(text.to_str().chars().count() <= bytes.len()),
            Err(error) => prop_assert!((100..100 + bytes.len() as u64).contains(&error.at())),
        }
    }
}
