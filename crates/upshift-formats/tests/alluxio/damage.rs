//! Cut and flipped bytes: no prefix and no flip of a backup passes for whole, and every defect has its place.

use upshift_formats::alluxio::{DefectKind, Place};

use super::fixtures::{bytes, read, real};
use super::made;

#[test]
fn no_prefix_of_a_backup_passes_for_whole() {
    for name in ["1.8.1-UFS", "2.9.6-UFS"] {
        let (bytes, _) = real(name);
        for end in 0..bytes.len() {
            let backup = read(&bytes[..end]);
            assert!(!backup.whole, "cut at {end}");
            let expected = match end {
                0 => DefectKind::Empty,
                _ => DefectKind::CutStream,
            };
            assert_eq!(
                backup.defects.count(expected),
                1,
                "cut at {end}: {:?}",
                backup.defects
            );
            let (_, _, kept) = backup
                .defects
                .kinds()
                .find(|(kind, ..)| *kind == expected)
                .expect("it");
            assert_eq!(kept[0].place, Place::File(end as u64));
        }
    }
}

#[test]
fn no_flipped_byte_of_a_backup_passes_for_sound() {
    let (bytes, _) = real("2.9.6-UFS");
    let sound = read(&bytes);
    let mut harmless = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let backup = read(&flipped);
            // The time in the header says nothing of the entries, and some other codes stand for the same bytes.
            if backup.defects.is_empty() {
                assert_eq!(backup, sound, "byte {at}, bit {bit}");
                harmless += 1;
            }
        }
    }
    assert!(harmless < 60, "{harmless} of {} flips", bytes.len() * 8);
}

#[test]
fn a_real_backup_cut_in_the_middle_tells_how_far_it_went() {
    let whole = bytes("backup-2.x-1000-unpersisted.gz");
    let backup = read(&whole[..20_000]);
    assert!(!backup.whole);
    assert!((500..600).contains(&backup.entries), "{}", backup.entries);
    assert_eq!(
        backup.defects.count(DefectKind::Missing),
        0,
        "the end was not seen"
    );
}

#[test]
fn what_is_no_gzip_stream_is_named_with_what_stands_there() {
    for (bytes, at) in [
        (&b"#!/bin/sh\n"[..], 0),
        (b"\x1f\x8c\x08", 1),
        (b"\x1f\x8b\x07\0", 2),
        (b"\x1f\x8b\x08\xff", 3),
    ] {
        let backup = read(bytes);
        let (kind, _, kept) = backup.defects.kinds().next().expect("a defect");
        assert_eq!((kind, kept[0].place), (DefectKind::NotGzip, Place::File(at)));
        assert!(
            kept[0].what.contains(&format!("{:02x}", bytes[0])),
            "{}",
            kept[0].what
        );
    }
}

#[test]
fn optional_parts_of_a_header_are_passed_over() {
    let plain = made::backup(&made::sound());
    let mut full = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3];
    full.extend(b"\x03\0abcname\0comment\0\x12\x34");
    full.extend(&plain[10..]);
    let backup = read(&full);
    assert!(backup.whole && backup.defects.is_empty(), "{:?}", backup.defects);
}

#[test]
fn a_trailer_of_other_data_is_not_believed() {
    let sound = made::backup(&made::sound());
    for from_end in 1..=8 {
        let mut wrong = sound.clone();
        let at = wrong.len() - from_end;
        wrong[at] ^= 0x40;
        let backup = read(&wrong);
        let (kind, _, kept) = backup.defects.kinds().next().expect("a defect");
        assert_eq!(kind, DefectKind::WrongChecksum);
        assert_eq!(kept[0].place, Place::File(sound.len() as u64 - 8));
    }
}

#[test]
fn what_follows_the_first_member_is_never_passed_over() {
    let all = made::sound();
    let first = made::backup(&all[..6]);
    let doubled = [first, made::backup(&all[6..])].concat();
    let backup = read(&doubled);
    assert_eq!((backup.entries, backup.defects.count(DefectKind::Beyond)), (6, 1));
    assert!(backup.defects.count(DefectKind::Missing) > 0);
    // Twice the same whole backup: the first alone would be restored, and is sound.
    let whole = made::backup(&all);
    let twice = [whole.clone(), whole.clone()].concat();
    let backup = read(&twice);
    let (kind, count, kept) = backup.defects.kinds().next().expect("a defect");
    assert_eq!(
        (kind, count, kept[0].place),
        (DefectKind::Beyond, 1, Place::File(whole.len() as u64))
    );
    assert!(kept[0].what.contains("second gzip stream"), "{}", kept[0].what);
    assert_eq!(backup.bytes, twice.len() as u64);
    let padded = read(&[whole, vec![0; 100]].concat());
    assert_eq!(padded.defects.count(DefectKind::Beyond), 1);
}

#[test]
fn an_entry_cut_in_a_whole_stream_is_named() {
    let stream = made::sound().concat();
    for cut in 1..40 {
        let backup = read(&made::zipped(&stream[..stream.len() - cut]));
        let named = backup.defects.count(DefectKind::CutEntry) == 1;
        assert!(named && !backup.whole, "{cut} bytes less: {:?}", backup.defects);
    }
    let promised = [stream.clone(), made::varint(500), vec![0x5a; 20]].concat();
    let backup = read(&made::zipped(&promised));
    let (kind, _, kept) = backup.defects.kinds().next().expect("a defect");
    let place = Place::Entry {
        number: 14,
        at: stream.len() as u64,
    };
    assert_eq!((kind, kept[0].place), (DefectKind::CutEntry, place));
    assert!(kept[0].what.contains("20 of the 500 bytes"), "{}", kept[0].what);
}

#[test]
fn an_enormous_length_is_not_believed() {
    for length in [
        made::varint(u64::from(u32::MAX)),
        made::varint(17 << 20),
        vec![0x80; 10],
    ] {
        let backup = read(&made::zipped(&[length, vec![0; 64]].concat()));
        assert_eq!(
            backup.defects.count(DefectKind::MalformedEntry),
            1,
            "{:?}",
            backup.defects
        );
        assert!(!backup.whole);
    }
}
