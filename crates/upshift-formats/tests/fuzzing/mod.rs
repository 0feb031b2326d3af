//! Mutated inputs for every reader: the same sequence for the same seed, in the short run of the tests and in the long
//! one by hand (`cargo xtask fuzz`).

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use upshift_formats::Limits;
use upshift_formats::alluxio::{BackupLimits, read_backup, read_log};
use upshift_formats::cursor::Cursor;
use upshift_formats::flink::raw::{
    HeaderKind, items, read_keyed_header, read_operator_header, skip_java_stream,
};
use upshift_formats::flink::view::{Storage, data_files, visit_files};
use upshift_formats::flink::{OperatorId, read_metadata, read_metadata_from};
use upshift_formats::java::{ClassLimits, read_class};

/// The readers by name.
pub(crate) const READERS: [&str; 10] = [
    "metadata",
    "view",
    "files",
    "keyed-header",
    "operator-header",
    "properties",
    "class",
    "backup",
    "backup-entries",
    "journal-log",
];

/// What stops an input from growing without end.
const LARGEST: usize = 64 << 10;

/// A fixed xorshift sequence.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap_or(0)
    }
}

/// One reader with the inputs that its mutations start from.
pub(crate) struct Target {
    reader: &'static str,
    corpus: Vec<Vec<u8>>,
    limits: Limits,
}

impl Target {
    /// The target of this name, with what the fixtures hold for it.
    pub(crate) fn of(reader: &str) -> Option<Self> {
        let reader = READERS.into_iter().find(|known| *known == reader)?;
        Some(Self {
            reader,
            corpus: corpus(reader),
            limits: Limits::default(),
        })
    }

    /// How many inputs there are to start from.
    pub(crate) fn seeds(&self) -> usize {
        self.corpus.len()
    }

    /// The input of this number.
    pub(crate) fn input(&self, number: u64) -> Vec<u8> {
        let mut dice = Dice(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut bytes = self.corpus[dice.roll(self.corpus.len())].clone();
        for _ in 0..=dice.roll(5) {
            self.mutate(&mut dice, &mut bytes);
        }
        bytes
    }

    fn mutate(&self, dice: &mut Dice, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            bytes.push(0);
        }
        let place = dice.roll(bytes.len());
        let end = (place + 1 + dice.roll(40)).min(bytes.len());
        match dice.roll(9) {
            0 => bytes[place] = u8::try_from(dice.roll(256)).unwrap_or(0),
            1 => bytes[place] ^= 1 << dice.roll(8),
            2 => drop(bytes.drain(place..end)),
            3 if bytes.len() < LARGEST => {
                let piece = bytes[place..end].to_vec();
                let to = dice.roll(bytes.len());
                bytes.splice(to..to, piece);
            }
            4 => bytes[place..end].fill([0, 0xff, 0x7f, 0x80][dice.roll(4)]),
            5 => bytes.truncate(place.max(1)),
            6 => {
                let number = [-1, i32::MIN, i32::MAX, 0x00ff_ffff, 1, 32_768][dice.roll(6)].to_be_bytes();
                let end = (place + 4).min(bytes.len());
                bytes[place..end].copy_from_slice(&number[..end - place]);
            }
            _ => {
                let other = &self.corpus[dice.roll(self.corpus.len())];
                let from = dice.roll(other.len());
                let piece = &other[from..(from + 1 + dice.roll(200)).min(other.len())];
                bytes.splice(place..end, piece.iter().copied());
            }
        }
    }

    /// Reads an input; any answer will do, as long as two ways to the same answer agree.
    pub(crate) fn read(&self, bytes: &[u8]) {
        let limits = &self.limits;
        match self.reader {
            "metadata" => {
                let read = items(bytes, limits).count();
                assert!(read <= bytes.len() + 2, "more pieces than bytes");
            }
            "view" => {
                let read = read_metadata(bytes, limits);
                let windowed = read_metadata_from(bytes, limits);
                assert_eq!(windowed.ok(), read.as_ref().ok().cloned());
                if let Ok(snapshot) = read {
                    assert!(snapshot.metadata_bytes == bytes.len() as u64);
                    let found = snapshot.operator(OperatorId::from_bytes([0; 16])).is_some();
                    assert!(!found || snapshot.totals().count <= bytes.len() as u64);
                }
            }
            "files" => {
                let files = data_files(bytes, limits);
                assert_eq!(files.is_ok(), read_metadata(bytes, limits).is_ok());
            }
            "keyed-header" => {
                if let Ok(header) = read_keyed_header(bytes, 0, limits) {
                    assert!(header.bytes <= bytes.len() as u64);
                }
            }
            "operator-header" => {
                if let Ok(header) = read_operator_header(bytes, 0, limits) {
                    assert!(header.bytes <= bytes.len() as u64);
                }
            }
            "class" => {
                if let Ok(class) = read_class(bytes, &ClassLimits::default()) {
                    let named = class.classes.len() + class.members.len();
                    assert!(named <= bytes.len(), "more references than bytes");
                    assert!(!class.classes.contains(class.name));
                }
            }
            "backup" => read_as_backup(bytes),
            "backup-entries" => read_as_backup(&zipped(bytes)),
            "journal-log" => {
                let log = read_log(bytes, 1 << 20).expect("memory does not fail");
                assert!(log.entries <= bytes.len() as u64, "more entries than bytes");
            }
            _ => {
                let mut cursor = Cursor::new(bytes);
                if let Ok(outline) = skip_java_stream(&mut cursor, limits) {
                    assert_eq!(outline.bytes, cursor.at());
                }
            }
        }
    }
}

fn read_as_backup(bytes: &[u8]) {
    let backup = read_backup(bytes, &BackupLimits::default()).expect("memory does not fail");
    assert!(backup.bytes <= bytes.len() as u64);
    assert!(backup.entries <= backup.inflated, "more entries than bytes");
    assert!(
        backup.whole || !backup.defects.is_empty(),
        "neither whole nor damaged"
    );
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// Every file below a directory whose name ends so, in the order of the names.
fn files_named(end: &str, dir: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).expect("fixtures");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files_named(end, &path, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

fn corpus(reader: &str) -> Vec<Vec<u8>> {
    let end = match reader {
        "class" => ".class",
        "backup" | "backup-entries" => ".gz",
        "journal-log" => "Master.log",
        _ => "/_metadata",
    };
    let mut files = Vec::new();
    files_named(end, &root(), &mut files);
    let limits = Limits::default();
    let mut all = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).expect("a fixture");
        let dir = path.parent().expect("a directory");
        match reader {
            "keyed-header" => headers(&bytes, dir, HeaderKind::Keyed, &limits, &mut all),
            "operator-header" => headers(&bytes, dir, HeaderKind::Operator, &limits, &mut all),
            "properties" => {
                let read = read_metadata(&bytes, &limits).expect("a snapshot");
                let properties = read.properties.map(|p| usize::try_from(p.at).expect("an offset"));
                all.extend(properties.map(|at| bytes[at..].to_vec()));
            }
            "backup-entries" => {
                let mut stream = Vec::new();
                GzDecoder::new(&bytes[..])
                    .read_to_end(&mut stream)
                    .expect("a backup");
                all.push(stream);
            }
            // Small ones: an execution then takes microseconds.
            "class" => all.push(bytes),
            _ if bytes.len() <= 20_000 => all.push(bytes),
            _ => {}
        }
    }
    all.sort();
    all.dedup();
    assert!(!all.is_empty(), "no fixture holds an input for {reader}");
    all
}

/// Headers in the files beside the metadata, and those inside it.
fn headers(bytes: &[u8], dir: &Path, kind: HeaderKind, limits: &Limits, all: &mut Vec<Vec<u8>>) {
    let magic: &[u8] = match kind {
        HeaderKind::Keyed => &[0, 0, 0, 6],
        HeaderKind::Operator => &[0, 0, 0, 5],
    };
    let reads = |bytes: &[u8]| match kind {
        HeaderKind::Keyed => read_keyed_header(bytes, 0, limits).map(|header| header.bytes),
        HeaderKind::Operator => read_operator_header(bytes, 0, limits).map(|header| header.bytes),
    };
    let mut keep = |bytes: &[u8]| {
        if let Ok(length) = reads(bytes) {
            all.push(bytes[..usize::try_from(length).expect("a length")].to_vec());
        }
    };
    let starts = bytes.windows(4).enumerate();
    let other = [0, 0, 0, 6];
    for (at, _) in starts.filter(|(_, four)| *four == magic || *four == other) {
        keep(&bytes[at..]);
    }
    visit_files(bytes, limits, |found| {
        if found.header == Some(kind) && found.storage == Storage::Relative {
            // The snapshots of `flink-handles` name files that nobody wrote.
            if let Ok(file) = std::fs::read(dir.join(&*found.path)) {
                keep(&file[usize::try_from(found.start).expect("an offset")..]);
            }
        }
    })
    .expect("a snapshot");
}
