//! A release archive: size and SHA-512, read as a stream. Archives that lie elsewhere are not fetched
//! by a look.

use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha512};
use upshift_model::flink::{Archive, ArchiveFacts};
use upshift_model::observed::Observed;

use super::disk::local_path;
use crate::wire::redact_url;

/// Digests the archive that the declaration names.
pub fn archive(named: &Archive) -> Observed<ArchiveFacts> {
    let what = || format!("archive {}", redact_url(&named.uri));
    let Some(path) = local_path(&named.uri) else {
        return Observed::unknown(
            what(),
            "it is not on this machine; it is fetched, and its digest checked, by the run",
        );
    };
    match digest(&path) {
        Ok(facts) => Observed::Known(facts),
        Err(e) => Observed::unknown(what(), e.to_string()),
    }
}

fn digest(path: &Path) -> std::io::Result<ArchiveFacts> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha512::new();
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
    let sha512 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(ArchiveFacts { bytes, sha512 })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn an_archive_is_digested_where_it_lies() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"abc").unwrap();
        let named = |uri: String| Archive {
            uri,
            sha512: String::new(),
        };
        let facts = archive(&named(format!("file://{}", file.path().display())));
        let facts = facts.known().unwrap();
        assert_eq!(facts.bytes, 3);
        // The test vector of FIPS 180-2, appendix C.1.
        assert!(
            facts.sha512.starts_with("ddaf35a193617abacc417349ae204131"),
            "{}",
            facts.sha512
        );
        assert!(
            archive(&named("https://u:p@h/f.tgz".to_owned()))
                .gap()
                .unwrap()
                .what
                .ends_with("«redacted»@h/f.tgz")
        );
        assert!(archive(&named("file:///absent.tgz".to_owned())).gap().is_some());
    }
}
