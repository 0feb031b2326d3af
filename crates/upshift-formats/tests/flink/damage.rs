//! Damaged snapshots end in an error, or differ at the damaged place alone; nothing panics.

use upshift_formats::cursor::Cursor;
use upshift_formats::flink::raw::{Item, MetadataReader, items, read_keyed_header, read_operator_header};
use upshift_formats::flink::view::data_files;
use upshift_formats::flink::{read_metadata, read_metadata_from};
use upshift_formats::{Limits, ReadError};

use crate::fixtures;

/// What is quadratic in the length takes seconds with this bound, not minutes.
const SMALL: usize = 10_000;
/// Every flip reads the whole file anew.
const FLIPPED: usize = 7_000;

/// What stands before the piece that a prefix cuts is read as in the whole file, so that only that piece is read
/// anew for each prefix: the test is linear in the length.
#[test]
fn every_prefix_of_every_snapshot_is_an_error() {
    let limits = Limits::default();
    let mut prefixes = 0;
    for fixture in fixtures::everything() {
        let bytes = &fixture.metadata;
        let mut reader = MetadataReader::new(&limits);
        let mut cursor = Cursor::new(bytes);
        loop {
            let (before, start) = (reader.clone(), cursor);
            let more = reader.next_item(&mut cursor).expect(&fixture.name).is_some();
            for end in start.at()..cursor.at() {
                prefixes += 1;
                let left = usize::try_from(end - start.at()).expect("an offset");
                let cut = before
                    .clone()
                    .next_item(&mut Cursor::at_offset(&start.rest()[..left], start.at()));
                assert!(cut.is_err(), "{} cut at {end}", fixture.name);
            }
            if !more {
                break;
            }
        }
    }
    assert!(prefixes > 1_000_000, "prefixes: {prefixes}");
}

#[test]
fn prefixes_of_small_snapshots_are_errors_from_their_start() {
    let limits = Limits::default();
    let mut files = 0;
    for fixture in fixtures::everything()
        .iter()
        .filter(|f| f.metadata.len() <= SMALL)
    {
        files += 1;
        for end in 0..fixture.metadata.len() {
            let last = items(&fixture.metadata[..end], &limits).last();
            assert!(matches!(last, Some(Err(_))), "{} cut at {end}", fixture.name);
        }
    }
    assert!(files >= 10, "small snapshots: {files}");
}

#[test]
fn every_prefix_is_an_error_to_the_view_too() {
    let limits = Limits::default();
    for name in [
        "1.14.6-hashmap-checkpoint-files",
        "2.3.0-hashmap-canonical-only-kryo",
    ] {
        let fixture = fixtures::load(name);
        for end in 0..fixture.metadata.len() {
            read_metadata(&fixture.metadata[..end], &limits).expect_err("cut short");
        }
    }
}

#[test]
fn a_flipped_byte_is_an_error_or_a_difference_at_its_place() {
    let thorough = [
        "1.14.6-hashmap-checkpoint-files",
        "1.20.5-hashmap-native-files",
        "2.0.2-rocksdb-canonical-files",
        "2.3.0-hashmap-canonical-only-pojo",
    ];
    let mut files = 0;
    let flipped = |f: &&fixtures::Fixture| f.metadata.len() <= FLIPPED || thorough.contains(&f.name.as_str());
    for fixture in fixtures::everything().iter().filter(flipped) {
        files += 1;
        flip(fixture, &[0xff]);
        if thorough.contains(&fixture.name.as_str()) {
            flip(fixture, &[0x01, 0x80]);
        }
    }
    assert!(files >= 10, "small snapshots: {files}");
}

fn flip(fixture: &fixtures::Fixture, masks: &[u8]) {
    let limits = Limits::default();
    let name = &fixture.name;
    let whole: Vec<Item<'_>> = items(&fixture.metadata, &limits)
        .map(|i| i.expect(name))
        .collect();
    let mut damaged = fixture.metadata.clone();
    for place in 0..fixture.metadata.len() {
        for mask in masks {
            damaged[place] ^= mask;
            let read: Result<Vec<Item<'_>>, _> = items(&damaged, &limits).collect();
            if let Ok(read) = read {
                assert_eq!(read.len(), whole.len(), "{name} at {place}");
                let differing = read.iter().zip(&whole).filter(|(a, b)| a != b).count();
                assert!(differing <= 1, "{name} at {place}: {differing} items differ");
            }
            damaged[place] ^= mask;
        }
    }
}

#[test]
fn no_number_makes_the_reader_panic_or_allocate() {
    let limits = Limits::default();
    let fixture = fixtures::load("1.20.5-hashmap-native-files");
    for place in 0..fixture.metadata.len() - 4 {
        for number in [i32::MAX, i32::MIN, -1, 0x00ff_ffff] {
            let mut damaged = fixture.metadata.clone();
            damaged[place..place + 4].copy_from_slice(&number.to_be_bytes());
            use_all(&damaged, &limits);
        }
    }
}

/// A fixed xorshift sequence: the same mutations in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).expect("below sides")
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let place = self.roll(bytes.len());
        let end = (place + 1 + self.roll(40)).min(bytes.len());
        match self.roll(6) {
            0 => bytes[place] = u8::try_from(self.roll(256)).expect("a byte"),
            1 => drop(bytes.drain(place..end)),
            2 => {
                let piece = bytes[place..end].to_vec();
                let to = self.roll(bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => bytes[place..end].fill(0),
            4 => bytes[place..end].fill(0xff),
            _ => bytes.truncate(place.max(1)),
        }
    }
}

#[test]
fn mutated_snapshots_never_panic() {
    let limits = Limits::default();
    let names = [
        "1.14.6-rocksdb-checkpoint-files",
        "1.16.3-hashmap-native-kinds-uids",
        "1.20.5-hashmap-canonical-kinds-kryo-uids",
        "2.0.2-hashmap-canonical-chain-uids",
        "2.3.0-rocksdb-canonical-base-nouids",
    ];
    for name in names {
        let fixture = fixtures::load(name);
        for seed in 1..=400_u64 {
            println!("{name}, seed {seed}");
            let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut bytes = fixture.metadata.clone();
            for _ in 0..=dice.roll(4) {
                dice.mutate(&mut bytes);
            }
            use_all(&bytes, &limits);
        }
    }
}

/// Puts bytes through every reader; any answer will do.
fn use_all(bytes: &[u8], limits: &Limits) {
    let read = read_metadata(bytes, limits);
    let files = data_files(bytes, limits);
    assert_eq!(read.is_ok(), files.is_ok());
    let windowed = read_metadata_from(bytes, limits).map_err(|error| match error {
        ReadError::Format(error) => error,
        ReadError::Io(error) => panic!("{error}"),
    });
    assert_eq!(windowed, read);
    if let Ok(snapshot) = read {
        assert!(snapshot.totals().count < 10_000);
    }
    let middle = &bytes[bytes.len() / 2..];
    if read_keyed_header(middle, 0, limits).is_ok() {
        read_operator_header(middle, 0, limits).expect_err("not both");
    }
}
