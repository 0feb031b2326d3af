//! One backup, damaged in every way that is told apart.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use upshift_model::alluxio::codes as of_backups;
use upshift_model::ids::Code;

pub(crate) fn inflated(file: &Path) -> Vec<u8> {
    let mut raw = Vec::new();
    GzDecoder::new(fs::File::open(file).expect("a file"))
        .read_to_end(&mut raw)
        .expect("it inflates");
    raw
}

pub(crate) fn deflated(raw: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(raw).expect("in memory");
    out.finish().expect("in memory")
}

/// Where every entry begins.
pub(crate) fn borders(raw: &[u8]) -> Vec<usize> {
    let (mut at, mut all) = (0, Vec::new());
    while at < raw.len() {
        all.push(at);
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = raw[at];
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += length;
    }
    all
}

/// The same backup, damaged in every way.
pub(crate) fn damaged(whole: &Path) -> Vec<(&'static str, Vec<u8>, Code)> {
    let (bytes, raw) = (fs::read(whole).expect("a file"), inflated(whole));
    let borders = borders(&raw);
    let last = borders[borders.len() - 1];
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    // The first entry is the generator of containers: its next is 1 now, below all that are in use.
    let small: Vec<u8> = [&[4, 0x1a, 2, 8, 1][..], &raw[borders[1]..]].concat();
    let doubled: Vec<u8> = [&raw[..], &raw[last..]].concat();
    let foreign: Vec<u8> = [&raw[..], &[3, 0x6a, 1, 0][..]].concat();
    vec![
        ("empty", Vec::new(), of_backups::EMPTY),
        ("text", b"no backup".to_vec(), of_backups::NOT_GZIP),
        (
            "truncated",
            bytes[..bytes.len() / 2].to_vec(),
            of_backups::CUT_STREAM,
        ),
        (
            "wrong checksum",
            flipped(bytes.len() - 6),
            of_backups::DAMAGED_STREAM,
        ),
        (
            "two members",
            [&bytes[..], &bytes[..]].concat(),
            of_backups::BEYOND,
        ),
        (
            "last entry cut",
            deflated(&raw[..raw.len() - 3]),
            of_backups::CUT_ENTRY,
        ),
        (
            "ended early",
            deflated(&raw[..borders[borders.len() / 2]]),
            of_backups::RECORDS,
        ),
        ("generator too small", deflated(&small), of_backups::USED_IDS),
        ("an entry twice", deflated(&doubled), of_backups::DOUBLED),
        ("lineage", deflated(&foreign), of_backups::TYPES),
        (
            "no directories",
            deflated(&raw[..borders[1]]),
            of_backups::RECORDS,
        ),
    ]
}
