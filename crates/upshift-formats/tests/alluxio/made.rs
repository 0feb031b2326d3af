//! Backups that are made here, entry by entry, so that each can be wrong in one way.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

pub(super) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).expect("seven bits");
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

pub(super) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

pub(super) fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    let length = varint(value.len() as u64);
    [varint(field << 3 | 2), length, value.to_vec()].concat()
}

/// With its CRC-32C behind it, as Ratis writes entries.
pub(super) fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut sum = u32::MAX;
    for byte in &bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 {
                sum >> 1 ^ 0x82f6_3b78
            } else {
                sum >> 1
            };
        }
    }
    bytes.extend((!sum).to_be_bytes());
    bytes
}

/// A message behind its length.
pub(super) fn framed(message: &[u8]) -> Vec<u8> {
    [varint(message.len() as u64), message.to_vec()].concat()
}

pub(super) fn entry(kind: u64, payload: &[u8]) -> Vec<u8> {
    framed(&bytes(kind, payload))
}

pub(super) fn file_id(container: u64) -> u64 {
    container << 24 | 0xff_ffff
}

pub(super) fn directory(id: u64, parent: i64, name: &str, mount_point: bool) -> Vec<u8> {
    let message = [
        number(1, id),
        number(2, parent.cast_unsigned()),
        bytes(3, name.as_bytes()),
        bytes(4, b"PERSISTED"),
        bytes(8, b"root"),
        bytes(9, b"root"),
        number(10, 0o755),
        number(11, u64::from(mount_point)),
        number(13, u64::MAX),
    ];
    entry(9, &message.concat())
}

pub(super) fn file(container: u64, parent: u64, name: &str, length: u64, state: &str) -> Vec<u8> {
    let message = [
        number(1, file_id(container)),
        number(2, parent),
        bytes(3, name.as_bytes()),
        bytes(4, state.as_bytes()),
        number(9, length),
        number(10, 1),
        number(12, container << 24),
        number(13, u64::MAX),
        number(16, 0o644),
    ];
    entry(11, &message.concat())
}

pub(super) fn block(container: u64, length: u64) -> Vec<u8> {
    entry(4, &[number(1, container << 24), number(2, length)].concat())
}

pub(super) fn mount(path: &str, ufs: &str, options: &[(&str, &str)]) -> Vec<u8> {
    let options = options.iter().map(|(key, value)| {
        bytes(
            4,
            &[bytes(1, key.as_bytes()), bytes(2, value.as_bytes())].concat(),
        )
    });
    let message = [
        bytes(1, path.as_bytes()),
        bytes(2, ufs.as_bytes()),
        options.collect::<Vec<_>>().concat(),
        number(6, 7),
    ];
    entry(2, &message.concat())
}

/// The entries of a sound backup: the root, two directories, three files, one of them in the cache alone, a mount.
pub(super) fn sound() -> Vec<Vec<u8>> {
    vec![
        entry(3, &number(1, 1_000)),
        block(1, 10),
        block(2, 20),
        block(3, 30),
        directory(0, -1, "", false),
        directory(1, 0, "a", false),
        directory(2, 1, "m", true),
        file(1, 1, "one", 10, "PERSISTED"),
        file(2, 1, "two", 20, "NOT_PERSISTED"),
        file(3, 2, "one", 30, "PERSISTED"),
        entry(10, &[number(1, 0), number(2, 3)].concat()),
        mount("/a/m", "s3://bucket/m", &[("s3a.secretKey", "do-not-tell")]),
        entry(42, &bytes(1, b"36508fac-097f-4ded-b854-ec83bba6ac0c")),
    ]
}

pub(super) fn zipped(stream: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(stream).expect("memory");
    encoder.finish().expect("memory")
}

pub(super) fn backup(entries: &[Vec<u8>]) -> Vec<u8> {
    zipped(&entries.concat())
}
