//! A jar of one class that does nothing: a zip file of stored entries, written out here because nothing
//! of a real jar is needed but its directory.

use std::io;
use std::path::Path;

use super::installation::put;

/// A jar with a manifest and one class of Java 11.
///
/// # Errors
/// When it cannot be written.
pub fn jar(at: &Path, class: &str) -> io::Result<()> {
    let path = format!("{}.class", class.replace('.', "/"));
    let manifest = format!("Manifest-Version: 1.0\r\nMain-Class: {class}\r\n\r\n");
    let body = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 55, 0, 1];
    put(
        at,
        &zip(&[("META-INF/MANIFEST.MF", manifest.as_bytes()), (&path, &body)]),
    )
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in entries {
        let offset = size(file.len());
        let mut head = [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0].to_vec();
        head.extend(crc32(body).to_le_bytes());
        head.extend(size(body.len()));
        head.extend(size(body.len()));
        head.extend(&size(name.len())[..2]);
        head.extend([0, 0]);
        file.extend(b"PK\x03\x04");
        file.extend(&head);
        file.extend(name.as_bytes());
        file.extend(*body);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.as_bytes());
    }
    let count = &size(entries.len())[..2];
    let (start, length) = (size(file.len()), size(directory.len()));
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count, count].concat());
    file.extend([length, start].concat());
    file.extend([0, 0]);
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
