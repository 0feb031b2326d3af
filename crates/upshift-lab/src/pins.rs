//! What may be fetched: the packages of `lab/pins.toml` with their digests.
//!
//! It fetches nothing.

use serde::Deserialize;

use crate::error::FetchError;

const PINS: &str = include_str!("../../../lab/pins.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pins {
    pub(crate) java: JavaPin,
    pub(crate) java_11: JavaPin,
    pub(crate) compiler: CompilerPin,
    pub(crate) flink: Vec<FlinkPin>,
    pub(crate) fluss: Vec<FlussPin>,
    pub(crate) fluss_client: FlussClientPin,
    /// The logging back end that every Fluss server needs beside its jar.
    pub(crate) fluss_logging: Vec<Jar>,
    pub(crate) alluxio: Vec<AlluxioPin>,
}

/// The modules of a release and what they need, as Maven resolves them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlluxioPin {
    pub(crate) version: String,
    pub(crate) jersey: String,
    pub(crate) jackson: String,
    /// Further profiles of the POM.
    #[serde(default)]
    pub(crate) profiles: Vec<String>,
    /// Over the lines `NAME SHA256` of all jars, by name.
    pub(crate) jars_sha256: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Package {
    /// As pip wants it: `name==version`.
    pub(crate) requirement: String,
    pub(crate) file: String,
    pub(crate) sha256: String,
    /// The Python a wheel is asked for; absent for a source distribution, which fits all.
    pub(crate) python: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JavaPin {
    pub(crate) package: Package,
    pub(crate) version: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompilerPin {
    pub(crate) package: Package,
    pub(crate) jar: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlinkPin {
    pub(crate) version: String,
    pub(crate) libraries: Package,
    pub(crate) scripts: Package,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlussPin {
    pub(crate) version: String,
    pub(crate) server: Jar,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlussClientPin {
    pub(crate) version: String,
    pub(crate) client: Jar,
}

/// A jar as Maven knows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Jar {
    /// `group:artifact:version`.
    pub(crate) artifact: String,
    pub(crate) sha256: String,
}

impl Jar {
    /// The name of its file.
    pub(crate) fn file(&self) -> String {
        let parts: Vec<&str> = self.artifact.split(':').skip(1).collect();
        format!("{}.jar", parts.join("-"))
    }
}

impl Pins {
    pub(crate) fn load() -> Result<Self, FetchError> {
        toml::from_str(PINS).map_err(FetchError::Pins)
    }

    pub(crate) fn flink(&self, version: &str) -> Result<&FlinkPin, FetchError> {
        self.flink
            .iter()
            .find(|p| p.version == version)
            .ok_or_else(|| FetchError::NotPinned {
                version: version.to_owned(),
                known: self.flink.iter().map(|p| p.version.clone()).collect(),
            })
    }

    pub(crate) fn alluxio(&self, version: &str) -> Result<&AlluxioPin, FetchError> {
        self.alluxio
            .iter()
            .find(|p| p.version == version)
            .ok_or_else(|| FetchError::NotPinned {
                version: version.to_owned(),
                known: self.alluxio.iter().map(|p| p.version.clone()).collect(),
            })
    }

    pub(crate) fn fluss(&self, version: &str) -> Result<&FlussPin, FetchError> {
        self.fluss
            .iter()
            .find(|p| p.version == version)
            .ok_or_else(|| FetchError::NotPinned {
                version: version.to_owned(),
                known: self.fluss.iter().map(|p| p.version.clone()).collect(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Pins;

    #[test]
    fn every_pin_has_a_whole_digest_and_names_its_own_version() {
        let pins = Pins::load().unwrap();
        let packages = pins
            .flink
            .iter()
            .flat_map(|f| [(&f.version, &f.libraries), (&f.version, &f.scripts)]);
        for (version, p) in packages {
            assert!(
                p.file.contains(version.as_str()) && p.requirement.ends_with(version.as_str()),
                "{p:?}"
            );
        }
        let all = pins.flink.iter().flat_map(|f| [&f.libraries, &f.scripts]);
        for p in all.chain([&pins.java.package, &pins.java_11.package, &pins.compiler.package]) {
            assert!(
                p.sha256.len() == 64 && p.sha256.bytes().all(|b| b.is_ascii_hexdigit()),
                "{p:?}"
            );
        }
        for pin in &pins.fluss {
            assert!(
                pin.server.file().ends_with(&format!("-{}.jar", pin.version)),
                "{pin:?}"
            );
        }
        let jars = pins
            .fluss
            .iter()
            .map(|pin| &pin.server)
            .chain(&pins.fluss_logging)
            .chain([&pins.fluss_client.client]);
        for jar in jars {
            assert!(
                jar.sha256.len() == 64 && jar.sha256.bytes().all(|b| b.is_ascii_hexdigit()),
                "{jar:?}"
            );
        }
    }
}
