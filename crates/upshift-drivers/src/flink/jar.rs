//! A job's jar: its digest, what its manifest names, for which Java it was compiled, and whether it
//! brings Flink's own classes along. No class of it is loaded.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use upshift_model::digest::Digest;
use upshift_model::flink::JarFacts;
use zip::ZipArchive;
use zip::result::ZipError;

/// Classes whose version is read. A jar's own classes are compiled together and its bundled libraries
/// come in runs of one version; 2,000 spread over the whole jar meet every run of some length.
const SAMPLED: usize = 2_000;

/// A manifest is a few hundred bytes, signed ones with many entries some hundred KiB.
const LARGEST_MANIFEST: u64 = 4 << 20;

/// Why a jar could not be read.
#[derive(Debug, Error)]
pub enum JarError {
    /// The file.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no jar.
    #[error("not a jar: {0}")]
    Zip(#[from] ZipError),
}

/// Reads a jar; `entry_classes` are the names of classes that should be in it.
///
/// # Errors
/// When it cannot be read or is no jar.
pub fn jar(path: &Path, entry_classes: &BTreeSet<String>) -> Result<JarFacts, JarError> {
    let mut file = File::open(path)?;
    let (sha256, bytes) = digest(&mut file)?;
    let mut zip = ZipArchive::new(io::BufReader::new(file))?;
    let names: Vec<String> = zip
        .file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()?;
    let bundles_flink = names
        .iter()
        .any(|name| name.starts_with("org/apache/flink/streaming/api/") && name.ends_with(".class"));
    let has_entry_class = (!entry_classes.is_empty()).then(|| {
        entry_classes
            .iter()
            .all(|class| names.contains(&format!("{}.class", class.replace('.', "/"))))
    });
    let class_version = highest_class_version(&mut zip, &names)?;
    let main_class = manifest(&mut zip)?.as_deref().and_then(main_class);
    Ok(JarFacts {
        sha256,
        bytes,
        main_class,
        has_entry_class,
        class_version,
        bundles_flink,
    })
}

fn digest(file: &mut File) -> io::Result<(Digest, u64)> {
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        hash.update(&chunk[..read]);
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
    }
    io::Seek::rewind(file)?;
    Ok((Digest::from_raw(&hash.finalize()), bytes))
}

fn highest_class_version<R: Read + io::Seek>(
    zip: &mut ZipArchive<R>,
    names: &[String],
) -> Result<Option<u16>, JarError> {
    // Classes for newer Javas in a multi-release jar are not read by older ones, and module
    // descriptors not at all from the class path.
    let mut classes: Vec<&String> = names
        .iter()
        .filter(|name| {
            name.ends_with(".class") && !name.starts_with("META-INF/") && !name.ends_with("module-info.class")
        })
        .collect();
    classes.sort();
    let step = classes.len().div_ceil(SAMPLED).max(1);
    let mut highest = None;
    for name in classes.into_iter().step_by(step) {
        let mut head = [0; 8];
        match zip.by_name(name)?.read_exact(&mut head) {
            Ok(()) if head[..4] == [0xca, 0xfe, 0xba, 0xbe] => {
                highest = highest.max(Some(u16::from_be_bytes([head[6], head[7]])));
            }
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(highest)
}

fn manifest<R: Read + io::Seek>(zip: &mut ZipArchive<R>) -> Result<Option<String>, JarError> {
    let mut bytes = Vec::new();
    match zip.by_name("META-INF/MANIFEST.MF") {
        Ok(entry) => entry.take(LARGEST_MANIFEST).read_to_end(&mut bytes)?,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// `Main-Class` of the main section; a line that begins with a blank continues the one before. Flink
/// itself prefers `program-class`, if there is one (`PackagedProgram`).
fn main_class(manifest: &str) -> Option<String> {
    let joined = manifest.replace("\r\n", "\n").replace("\n ", "");
    let main: Vec<&str> = joined.lines().take_while(|line| !line.is_empty()).collect();
    let value = |wanted: &str| {
        main.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    value("program-class")
        .or_else(|| value("Main-Class"))
        .filter(|class| !class.is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn class(major: u8) -> Vec<u8> {
        vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, major, 1, 2, 3]
    }

    fn packed(files: &[(&str, Vec<u8>)]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        file.write_all(&zip.finish().unwrap().into_inner()).unwrap();
        file
    }

    #[test]
    fn a_jar_tells_what_it_was_made_for() {
        let manifest = b"Manifest-Version: 1.0\r\nMain-Class: com.example.orders.enrichm\r\n ent.Orders\r\n\r\nName: x\r\nMain-Class: no\r\n";
        let file = packed(&[
            ("META-INF/MANIFEST.MF", manifest.to_vec()),
            ("com/example/Orders.class", class(55)),
            ("com/example/Other.class", class(52)),
            ("META-INF/versions/21/com/example/Orders.class", class(65)),
            ("broken.class", vec![1, 2]),
        ]);
        let named = BTreeSet::from(["com.example.Orders".to_owned()]);
        let facts = jar(file.path(), &named).unwrap();
        assert_eq!(
            facts.main_class.as_deref(),
            Some("com.example.orders.enrichment.Orders")
        );
        assert_eq!(facts.has_entry_class, Some(true));
        assert_eq!(facts.class_version, Some(55));
        assert!(!facts.bundles_flink);
        assert_eq!(
            facts.sha256,
            Digest::of_bytes(&std::fs::read(file.path()).unwrap())
        );
        let missing = BTreeSet::from(["com.example.Orders".to_owned(), "com.example.Gone".to_owned()]);
        assert_eq!(jar(file.path(), &missing).unwrap().has_entry_class, Some(false));
    }

    #[test]
    fn bundled_flink_is_seen_and_connectors_are_not_mistaken_for_it() {
        let fat = packed(&[(
            "org/apache/flink/streaming/api/environment/StreamExecutionEnvironment.class",
            class(52),
        )]);
        let facts = jar(fat.path(), &BTreeSet::new()).unwrap();
        assert!(facts.bundles_flink);
        assert_eq!((facts.main_class, facts.has_entry_class), (None, None));
        let lean = packed(&[(
            "org/apache/flink/connector/kafka/source/KafkaSource.class",
            class(55),
        )]);
        assert!(!jar(lean.path(), &BTreeSet::new()).unwrap().bundles_flink);
    }

    #[test]
    fn what_is_no_jar_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"no zip at all").unwrap();
        assert!(
            jar(file.path(), &BTreeSet::new())
                .unwrap_err()
                .to_string()
                .starts_with("not a jar")
        );
        assert!(matches!(
            jar(Path::new("/absent.jar"), &BTreeSet::new()),
            Err(JarError::Io(_))
        ));
    }
}
