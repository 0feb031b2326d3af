//! The Java that the wanted release's scripts would use, found the way they find it (`setJavaHome` in
//! `bin/bash-java-utils.sh`, `bin/config.sh` before 1.20): `env.java.home` of the configuration, else
//! `JAVA_HOME`, else `java` on the `PATH`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_model::flink::JavaFacts;
use upshift_model::observed::Observed;

use crate::wire::Exec;

/// A JVM starts in well under a second; a loaded machine is given ten.
const LIMIT: Duration = Duration::from_secs(10);

/// Where Java is looked for, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JavaSearch {
    /// `env.java.home` of the configuration that the release will read.
    pub configured: Option<PathBuf>,
    /// `JAVA_HOME` as the declaration gives it to the scripts.
    pub declared: Option<PathBuf>,
    /// `JAVA_HOME` that the scripts would inherit.
    pub inherited: Option<PathBuf>,
    /// The directories of `PATH`.
    pub path: Vec<PathBuf>,
}

impl JavaSearch {
    /// With what a program started by upshift inherits. This is looked at as a fact of the machine;
    /// upshift itself heeds neither variable.
    pub fn here(configured: Option<PathBuf>, declared: Option<PathBuf>) -> Self {
        let inherited = std::env::var_os("JAVA_HOME")
            .filter(|home| !home.is_empty())
            .map(PathBuf::from);
        // Without a PATH there is nothing on it.
        let path = std::env::var_os("PATH")
            .iter()
            .flat_map(std::env::split_paths)
            .collect();
        Self {
            configured,
            declared,
            inherited,
            path,
        }
    }

    fn program(&self) -> Option<PathBuf> {
        let home = self
            .configured
            .as_ref()
            .or(self.declared.as_ref())
            .or(self.inherited.as_ref());
        match home {
            // A named home that holds no Java is not passed over: the scripts would fail on it.
            Some(home) => Some(home.join("bin/java")),
            None => self
                .path
                .iter()
                .map(|dir| dir.join("java"))
                .find(|java| is_program(java)),
        }
    }
}

/// The Java found, with its feature number as it says itself.
pub async fn target_java(search: &JavaSearch) -> Observed<JavaFacts> {
    let what = "Java for the wanted release";
    let Some(path) = search.program() else {
        return Observed::unknown(what, "no env.java.home, no JAVA_HOME, and no java on the PATH");
    };
    let finished = match Exec::new(&path, ["-version"], LIMIT).run().await {
        Ok(finished) => finished,
        Err(e) => return Observed::unknown(what, e.to_string()),
    };
    match feature(&finished.stderr).or_else(|| feature(&finished.stdout)) {
        Some(feature) if finished.success() => Observed::Known(JavaFacts { feature, path }),
        _ => Observed::unknown(
            what,
            format!("{} -version {}", path.display(), finished.complaint()),
        ),
    }
}

/// `openjdk version "17.0.15" 2025-04-15` is 17, `java version "1.8.0_292"` is 8.
pub(crate) fn feature(said: &str) -> Option<u32> {
    let line = said.lines().find(|line| line.contains(" version \""))?;
    let version = line.split('"').nth(1)?;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit());
    match numbers.next()?.parse().ok()? {
        1 => numbers.next()?.parse().ok(),
        feature => Some(feature),
    }
}

fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn java_says_its_feature_number_in_two_styles() {
        assert_eq!(
            feature("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime"),
            Some(17)
        );
        assert_eq!(feature("java version \"1.8.0_292\"\n"), Some(8));
        assert_eq!(
            feature("Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"21-ea\" 2023\n"),
            Some(21)
        );
        assert_eq!(feature("not java"), None);
    }

    fn java(home: &Path, says: &str) {
        std::fs::create_dir_all(home.join("bin")).unwrap();
        let path = home.join("bin/java");
        // Written under another name first: a file that is open for writing cannot be run.
        let mut file = std::fs::File::create(home.join("new")).unwrap();
        write!(file, "#!/bin/sh\necho '{says}' >&2\n").unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(0o755))
            .unwrap();
        drop(file);
        std::fs::rename(home.join("new"), path).unwrap();
    }

    #[tokio::test]
    async fn java_is_found_the_way_the_scripts_find_it() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        java(&at("configured"), "openjdk version \"11.0.1\"");
        java(&at("declared"), "openjdk version \"17.0.1\"");
        java(&at("pathed"), "java version \"1.8.0_1\"");
        let mut search = JavaSearch {
            configured: Some(at("configured")),
            declared: Some(at("declared")),
            inherited: None,
            path: vec![at("nothing"), at("pathed/bin")],
        };
        let feature = async |search: &JavaSearch| target_java(search).await.known().map(|java| java.feature);
        assert_eq!(feature(&search).await, Some(11));
        search.configured = None;
        assert_eq!(feature(&search).await, Some(17));
        search.declared = None;
        assert_eq!(feature(&search).await, Some(8));
        search.inherited = Some(at("nothing"));
        let gap = target_java(&search).await.gap().cloned().unwrap();
        assert!(gap.reason.contains("could not be started"), "{gap}");
    }
}
