//! A backup of a tree that nobody has, with as many entries as wanted: the fields, the order and the sizes of what a
//! 2.9.6 master writes of files that were written through.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;

/// Raised when other entries are written.
const RECIPE: u32 = 1;
/// Files of a directory.
const PER_DIRECTORY: u64 = 1_000;
const BLOCK: u64 = 64 << 20;

/// A backup of at least so many entries, written where it is not in the cache.
pub fn synthetic_backup(cache: &Cache, entries: u64) -> Result<PathBuf, FetchError> {
    let _lock = cache.lock("alluxio-backups")?;
    let dir = cache.path(format!("alluxio/backup-{RECIPE}-{entries}"));
    let file = dir.join("alluxio-backup-2026-11-27-1795804800000.gz");
    if file.is_file() {
        return Ok(file);
    }
    let parent = cache.path("alluxio");
    fs::create_dir_all(&parent).map_err(FetchError::io("make", &parent))?;
    build_beside(&dir, |to| {
        let path = to.join(file.file_name().expect("it has a name"));
        write(&path, entries).map_err(FetchError::io("write", &path))
    })?;
    Ok(file)
}

fn write(path: &Path, entries: u64) -> io::Result<()> {
    let zip = GzEncoder::new(File::create_new(path)?, Compression::default());
    let mut out = BufWriter::with_capacity(1 << 20, zip);
    // Two files in three have one block, one has two: seven entries for three files.
    let files = entries.saturating_mul(3).div_ceil(7);
    let directories = files.div_ceil(PER_DIRECTORY);
    out.write_all(&entry(3, &number(1, files + 1_000)))?;
    for file in 1..=files {
        for index in 0..blocks(file) {
            out.write_all(&entry(
                4,
                &[number(1, file << 24 | index), number(2, BLOCK)].concat(),
            ))?;
        }
    }
    out.write_all(&directory(0, -1, ""))?;
    for directory in 1..=directories {
        out.write_all(&self::directory(directory, 0, &format!("part-{directory:06}")))?;
        let first = (directory - 1) * PER_DIRECTORY + 1;
        for file in first..(first + PER_DIRECTORY).min(files + 1) {
            out.write_all(&self::file(file, directory))?;
        }
    }
    out.write_all(&entry(10, &[number(1, 0), number(2, directories + 1)].concat()))?;
    out.write_all(&entry(42, &bytes(1, b"36508fac-097f-4ded-b854-ec83bba6ac0c")))?;
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .finish()?
        .sync_all()
}

fn blocks(file: u64) -> u64 {
    if file.is_multiple_of(3) { 2 } else { 1 }
}

fn directory(id: u64, parent: i64, name: &str) -> Vec<u8> {
    let time = 1_795_804_800_000 + id;
    let message = [
        number(1, id),
        number(2, parent.cast_unsigned()),
        bytes(3, name.as_bytes()),
        bytes(4, b"PERSISTED"),
        number(5, 0),
        number(6, time),
        number(7, time),
        number(11, 0),
        number(12, 1),
        number(13, u64::MAX),
        number(14, 0),
        bytes(15, &acl(7)),
    ];
    entry(9, &message.concat())
}

fn file(id: u64, parent: u64) -> Vec<u8> {
    let time = 1_795_804_800_000 + id * 37;
    let blocks = blocks(id);
    let length = blocks * BLOCK;
    // As ufs fingerprints are: sizes and times differ from file to file.
    let fingerprint =
        format!("TYPE|FILE UFS|s3 OWNER|etl GROUP|etl MODE|420 CONTENT_HASH|(len:{length},_modtime:{time}) ");
    let mut message = [
        number(1, id << 24 | 0xff_ffff),
        number(2, parent),
        bytes(3, format!("part-{id:08}.parquet").as_bytes()),
        bytes(4, b"PERSISTED"),
        number(5, 0),
        number(6, time),
        number(7, time + 900),
        number(8, BLOCK),
        number(9, length),
        number(10, 1),
        number(11, 1),
    ]
    .concat();
    (0..blocks).for_each(|index| message.extend(number(12, id << 24 | index)));
    message.extend([number(13, u64::MAX), number(17, 0)].concat());
    message.extend(bytes(18, fingerprint.as_bytes()));
    message.extend(bytes(19, &acl(6)));
    entry(11, &message)
}

/// Owner and group, with what the owner may; group and others read.
fn acl(owner: u64) -> Vec<u8> {
    let actions = |bits: u64| -> Vec<u8> {
        let all = (0..3).filter(|action| bits & 4 >> action != 0);
        all.flat_map(|action| number(1, action)).collect()
    };
    let named = |bits: u64| [bytes(1, b""), bytes(2, &actions(bits))].concat();
    [
        bytes(1, b"etl"),
        bytes(2, b"etl"),
        bytes(3, &named(owner)),
        bytes(4, &named(4)),
        bytes(6, &actions(4)),
        number(7, 0),
        number(8, 0),
    ]
    .concat()
}

fn entry(kind: u64, payload: &[u8]) -> Vec<u8> {
    let message = bytes(kind, payload);
    [varint(message.len() as u64), message].concat()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(10);
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).expect("seven bits") | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).expect("seven bits"));
    bytes
}
