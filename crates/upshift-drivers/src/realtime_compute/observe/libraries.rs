//! What the jars of a deployment were built with: the coordinates that build tools leave inside. No class is
//! loaded.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;
use upshift_model::observed::Observed;
use upshift_model::realtime_compute::Library;
use zip::ZipArchive;

use crate::realtime_compute::Deployment;

const WHAT: &str = "what its jars were built with";
/// A file of coordinates has three lines.
const LARGEST: u64 = 64 << 10;
/// Whose versions have to fit the engine.
const OF_THE_ENGINE: [&str; 2] = ["org.apache.flink", "com.alibaba.ververica"];

/// Opens every jar of a deployment that lies where this machine can read it.
pub(super) async fn of(deployment: &Deployment) -> Observed<Vec<Library>> {
    let places = match places(deployment) {
        Ok(places) => places,
        Err(why) => return Observed::unknown(WHAT, why),
    };
    let read = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        for place in places {
            all.extend(inside(&place).map_err(|e| format!("{}: {e}", place.display()))?);
        }
        Ok::<_, String>(all)
    });
    match read.await {
        Ok(Ok(all)) => Observed::Known(all),
        Ok(Err(why)) => Observed::unknown(WHAT, why),
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

fn places(deployment: &Deployment) -> Result<Vec<PathBuf>, String> {
    let artifact = deployment.get("artifact").unwrap_or(&Value::Null);
    let kinds = ["jarArtifact", "sqlArtifact", "pythonArtifact", "cdcYamlArtifact"];
    let parts: Vec<&Value> = kinds.iter().filter_map(|kind| artifact.get(kind)).collect();
    let mut uris: Vec<&str> = Vec::new();
    for part in parts {
        uris.extend(part["jarUri"].as_str());
        uris.extend(
            part["additionalDependencies"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str),
        );
    }
    let jars = uris.into_iter().filter(|uri| {
        Path::new(uri)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("jar"))
    });
    jars.map(|uri| match uri.strip_prefix("file://") {
        Some(path) => Ok(PathBuf::from(path)),
        None if uri.starts_with('/') => Ok(PathBuf::from(uri)),
        None => Err(format!("{uri} lies where upshift does not read")),
    })
    .collect()
}

fn inside(jar: &Path) -> io::Result<Vec<Library>> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(jar)?))?;
    let names: Vec<String> = zip
        .file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()?;
    let shown = jar
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut all = Vec::new();
    for name in names
        .iter()
        .filter(|name| name.starts_with("META-INF/maven/") && name.ends_with("/pom.properties"))
    {
        let mut text = String::new();
        zip.by_name(name)?.take(LARGEST).read_to_string(&mut text)?;
        let value = |key: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once('='));
            pairs
                .find(|(found, _)| found.trim() == key)
                .map(|(_, value)| value.trim().to_owned())
        };
        let (Some(group), Some(artifact), Some(version)) =
            (value("groupId"), value("artifactId"), value("version"))
        else {
            continue;
        };
        if OF_THE_ENGINE.iter().any(|ours| group.starts_with(ours)) {
            all.push(Library {
                jar: shown.clone(),
                artifact: format!("{group}:{artifact}"),
                version,
            });
        }
    }
    all.sort_by(|a, b| (&a.artifact, &a.version).cmp(&(&b.artifact, &b.version)));
    Ok(all)
}
