//! What the jars of a deployment were built with: the coordinates that build tools leave inside. No class is
//! loaded.

use std::io::{self, BufReader, Read as _};
use std::path::Path;

use serde_json::Value;
use upshift_model::observed::Observed;
use upshift_model::realtime_compute::Library;
use zip::ZipArchive;

use crate::realtime_compute::Deployment;
use crate::wire::objects::{ObjectReader, Objects, Place, Presence};

const WHAT: &str = "what its jars were built with";
/// A file of coordinates has three lines.
const LARGEST: u64 = 64 << 10;
/// Whose versions have to fit the engine.
const OF_THE_ENGINE: [&str; 2] = ["org.apache.flink", "com.alibaba.ververica"];

/// The largest jar that is fetched to be looked into.
const LARGEST_JAR: u64 = 1 << 30;

/// Opens every jar of a deployment that lies where this machine can read it.
pub(super) async fn of(objects: &Objects, deployment: &Deployment) -> Observed<Vec<Library>> {
    let mut all = Vec::new();
    for uri in jars(deployment) {
        match inside(objects, uri).await {
            Ok(found) => all.extend(found),
            Err(why) => return Observed::unknown(WHAT, why),
        }
    }
    Observed::Known(all)
}

async fn inside(objects: &Objects, uri: &str) -> Result<Vec<Library>, String> {
    let place = place(objects, uri)?;
    let size = match objects.presence(&place).await.map_err(|e| e.to_string())? {
        Presence::File(size) if size <= LARGEST_JAR => size,
        Presence::File(size) => return Err(format!("{uri} has {size} bytes, and is not fetched for a look")),
        Presence::Directory | Presence::Nothing => return Err(format!("{uri}: there is no such file")),
    };
    let reader = objects.reader(&place, size).map_err(|e| e.to_string())?;
    let shown = uri.rsplit('/').next().unwrap_or(uri).to_owned();
    match tokio::task::spawn_blocking(move || coordinates(reader, &shown)).await {
        Ok(read) => read.map_err(|e| format!("{uri}: {e}")),
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

/// Where a jar is read. OSS answers to the S3 protocol at an address of its own, which `[objects]` has to name.
fn place(objects: &Objects, uri: &str) -> Result<Place, String> {
    let named = match uri.strip_prefix("oss://") {
        Some(rest) if objects.has_address() => format!("s3://{rest}"),
        Some(_) => {
            return Err(format!(
                "{uri} lies in OSS, and [objects] names no endpoint of it"
            ));
        }
        None => uri.to_owned(),
    };
    Place::parse(&named).map_err(|_| format!("{uri} lies where upshift does not read"))
}

fn jars(deployment: &Deployment) -> impl Iterator<Item = &str> {
    let artifact = deployment.get("artifact");
    let kinds = ["jarArtifact", "sqlArtifact", "pythonArtifact", "cdcYamlArtifact"];
    let parts: Vec<&Value> = kinds.iter().filter_map(|kind| artifact?.get(kind)).collect();
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
    uris.into_iter().filter(|uri| {
        Path::new(uri)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("jar"))
    })
}

/// The table of contents stands at a jar's end, so it is had whole before it is opened.
fn coordinates(mut jar: ObjectReader, shown: &str) -> io::Result<Vec<Library>> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut jar, &mut file)?;
    let mut zip = ZipArchive::new(BufReader::new(file))?;
    let names: Vec<String> = zip
        .file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()?;
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
                jar: shown.to_owned(),
                artifact: format!("{group}:{artifact}"),
                version,
            });
        }
    }
    all.sort_by(|a, b| (&a.artifact, &a.version).cmp(&(&b.artifact, &b.version)));
    Ok(all)
}
