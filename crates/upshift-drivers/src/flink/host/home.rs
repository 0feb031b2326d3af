//! An installed release: its version is in the name of its `flink-dist` jar. Whether it is complete is
//! seen when it is started.

use std::path::Path;

use upshift_model::flink::HomeFacts;
use upshift_model::observed::Observed;
use upshift_model::version::Version;

/// The release installed in `home`.
pub fn home(home: &Path) -> Observed<HomeFacts> {
    let what = || format!("release installed in {}", home.display());
    let entries = match std::fs::read_dir(home.join("lib")) {
        Ok(entries) => entries,
        Err(e) => return Observed::unknown(what(), format!("{}: {e}", home.join("lib").display())),
    };
    let mut found = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => found.extend(version_of(&entry.file_name().to_string_lossy())),
            Err(e) => return Observed::unknown(what(), e.to_string()),
        }
    }
    found.sort();
    match found.as_slice() {
        [version] => Observed::Known(HomeFacts {
            version: version.clone(),
        }),
        [] => Observed::unknown(what(), "its lib has no flink-dist jar that names a version"),
        several => {
            let all: Vec<_> = several.iter().map(ToString::to_string).collect();
            Observed::unknown(
                what(),
                format!("its lib has several flink-dist jars: {}", all.join(", ")),
            )
        }
    }
}

/// `flink-dist-1.18.1.jar`, before 1.15 `flink-dist_2.12-1.14.6.jar`.
fn version_of(name: &str) -> Option<Version> {
    let rest = name.strip_prefix("flink-dist")?.strip_suffix(".jar")?;
    let version = match rest.strip_prefix('_') {
        Some(scala) => scala.split_once('-')?.1,
        None => rest.strip_prefix('-')?,
    };
    version.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_in_the_name_of_the_jar() {
        let version = |name| version_of(name).map(|v| v.to_string());
        assert_eq!(version("flink-dist-1.18.1.jar").as_deref(), Some("1.18.1"));
        assert_eq!(version("flink-dist_2.12-1.14.6.jar").as_deref(), Some("1.14.6"));
        assert_eq!(
            version("flink-dist-2.4-SNAPSHOT.jar").as_deref(),
            Some("2.4-SNAPSHOT")
        );
        assert_eq!(version("flink-table-runtime-1.18.1.jar"), None);
    }

    #[test]
    fn an_installation_of_two_releases_is_not_guessed_about() {
        let root = tempfile::tempdir().unwrap();
        let reason = || home(root.path()).gap().map(|gap| gap.reason.clone());
        assert!(reason().unwrap().contains("No such file"));
        std::fs::create_dir(root.path().join("lib")).unwrap();
        assert!(reason().unwrap().contains("no flink-dist jar"));
        std::fs::File::create(root.path().join("lib/flink-dist-1.18.1.jar")).unwrap();
        assert_eq!(home(root.path()).known().unwrap().version.as_str(), "1.18.1");
        std::fs::File::create(root.path().join("lib/flink-dist-1.20.5.jar")).unwrap();
        assert!(reason().unwrap().ends_with("1.18.1, 1.20.5"));
    }
}
