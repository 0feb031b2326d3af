//! State headers: what a state file says of the states in it before their data.
//!
//! The names and serializers of keyed states stand nowhere else. Reads the versions written since Flink
//! 1.7; older ones are refused by number.

use crate::cursor::Cursor;
use crate::flink::serializers::{Serializer, SnapshotReader};
use crate::{FormatError, Limits};

/// Which of the two headers a stream opens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeaderKind {
    /// Of a keyed state backend.
    Keyed,
    /// Of an operator state backend.
    Operator,
}

/// A header, or as much of it as could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawHeader {
    /// Which of the two it is.
    pub kind: HeaderKind,
    /// Its format version.
    pub version: i32,
    /// Whether the data behind it is compressed; `None` where the version does not say.
    pub compressed: Option<bool>,
    /// The serializer of the keys, in a keyed header.
    pub key: Option<Serializer>,
    /// The states, in the order in which the data refers to them by number.
    pub states: Vec<MetaInfo>,
    /// The broadcast states, in an operator header.
    pub broadcast: Vec<MetaInfo>,
    /// Where an unknown serializer ended the reading; `None` where all was read.
    pub stopped_at: Option<u64>,
    /// How many bytes were read: the length of the header where all was read.
    pub bytes: u64,
}

/// One state of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaInfo {
    /// Offset of its name.
    pub at: u64,
    /// Its name.
    pub name: String,
    /// Flink's number of the kind: 0 key-value, 1 operator, 2 broadcast, 3 priority queue (timers).
    pub kind: i32,
    /// Its settings, such as `KEYED_STATE_TYPE`.
    pub options: Vec<(String, String)>,
    /// Its serializers by role, such as `VALUE_SERIALIZER`.
    pub serializers: Vec<(String, Serializer)>,
}

/// Reads the header of a keyed state stream that starts at offset `at` of the input; what follows the
/// header is left alone, so the first part of a long file is enough.
///
/// # Errors
/// [`FormatError`]; [`FormatError::Truncated`] where more of the file is needed.
pub fn read_keyed_header(bytes: &[u8], at: u64, limits: &Limits) -> Result<RawHeader, FormatError> {
    let mut cur = Cursor::at_offset(bytes, at);
    let version = version(&mut cur, "keyed state header version", &[6], "6")?;
    let compressed = Some(cur.bool("compression flag")?);
    let mut reader = SnapshotReader::new(limits);
    let key = Some(reader.framed(&mut cur)?);
    let states = meta_infos(&mut cur, &mut reader, limits)?;
    let broadcast = Vec::new();
    Ok(finish(
        HeaderKind::Keyed,
        version,
        compressed,
        key,
        [states, broadcast],
        &reader,
        (&cur, at),
    ))
}

/// Reads the header of an operator state stream that starts at offset `at` of the input.
///
/// # Errors
/// As for [`read_keyed_header`].
pub fn read_operator_header(bytes: &[u8], at: u64, limits: &Limits) -> Result<RawHeader, FormatError> {
    let mut cur = Cursor::at_offset(bytes, at);
    let version = version(&mut cur, "operator state header version", &[5, 6], "5 or 6")?;
    let compressed = if version >= 6 {
        Some(cur.bool("compression flag")?)
    } else {
        None
    };
    let mut reader = SnapshotReader::new(limits);
    let states = meta_infos(&mut cur, &mut reader, limits)?;
    let broadcast = meta_infos(&mut cur, &mut reader, limits)?;
    Ok(finish(
        HeaderKind::Operator,
        version,
        compressed,
        None,
        [states, broadcast],
        &reader,
        (&cur, at),
    ))
}

fn finish(
    kind: HeaderKind,
    version: i32,
    compressed: Option<bool>,
    key: Option<Serializer>,
    [states, broadcast]: [Vec<MetaInfo>; 2],
    reader: &SnapshotReader<'_>,
    (cur, start): (&Cursor<'_>, u64),
) -> RawHeader {
    let stopped_at = reader.stopped.then_some(cur.at());
    RawHeader {
        kind,
        version,
        compressed,
        key,
        states,
        broadcast,
        stopped_at,
        bytes: cur.at() - start,
    }
}

fn version(
    cur: &mut Cursor<'_>,
    what: &'static str,
    known: &[i32],
    expected: &'static str,
) -> Result<i32, FormatError> {
    let at = cur.at();
    let found = cur.i32(what)?;
    if known.contains(&found) {
        return Ok(found);
    }
    Err(FormatError::Version {
        at,
        what,
        expected,
        found: i64::from(found),
    })
}

fn meta_infos(
    cur: &mut Cursor<'_>,
    reader: &mut SnapshotReader<'_>,
    limits: &Limits,
) -> Result<Vec<MetaInfo>, FormatError> {
    let mut all = Vec::new();
    if reader.stopped {
        return Ok(all);
    }
    let at = cur.at();
    let found = cur.i16("state count")?;
    let count = u32::try_from(found).map_err(|_| FormatError::Value {
        at,
        what: "state count",
        expected: "not negative",
        found: i64::from(found),
    })?;
    // The least state: empty name, kind, no options, no serializers.
    cur.check_count(at, "state count", count, 14, limits.states)?;
    for _ in 0..count {
        all.push(meta_info(cur, reader, limits)?);
        if reader.stopped {
            break;
        }
    }
    Ok(all)
}

fn meta_info(
    cur: &mut Cursor<'_>,
    reader: &mut SnapshotReader<'_>,
    limits: &Limits,
) -> Result<MetaInfo, FormatError> {
    let at = cur.at();
    let name = cur.utf("state name")?.to_str().into_owned();
    let kind = cur.i32("state kind")?;
    let count = cur.count("state option count", 4, limits.entries)?;
    let mut options = Vec::new();
    for _ in 0..count {
        let key = cur.utf("state option")?.to_str().into_owned();
        options.push((key, cur.utf("state option value")?.to_str().into_owned()));
    }
    let count = cur.count("serializer count of a state", 12, limits.serializers)?;
    let mut serializers = Vec::new();
    for _ in 0..count {
        let role = cur.utf("serializer role")?.to_str().into_owned();
        serializers.push((role, reader.framed(cur)?));
        if reader.stopped {
            break;
        }
    }
    Ok(MetaInfo {
        at,
        name,
        kind,
        options,
        serializers,
    })
}
