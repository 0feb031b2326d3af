//! What the jars of a deployment were built with: the coordinates that build tools leave inside. No class is
//! loaded.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use serde_json::Value;
use tempfile::NamedTempFile;
use upshift_model::observed::Observed;
use upshift_model::realtime_compute::{Library, Program};
use zip::ZipArchive;

use crate::realtime_compute::Deployment;
use crate::wire::objects::{Objects, Place, Presence};

const WHAT: &str = "what its jars were built with";
/// A file of coordinates has three lines.
const LARGEST: u64 = 64 << 10;
const MANIFEST: &str = "META-INF/MANIFEST.MF";
/// Where their classes lie.
const CLASSES: [&str; 2] = ["org/apache/flink/", "com/alibaba/ververica/"];
/// Groups whose versions have to fit the engine.
const OF_THE_ENGINE: [&str; 2] = ["org.apache.flink", "com.alibaba.ververica"];

/// The largest jar that is fetched to be looked into.
const LARGEST_JAR: u64 = 1 << 30;

/// Opens every jar of a deployment that lies where this machine can read it.
///
/// Where its copy runs another jar, that is the one that counts.
pub(super) async fn of(
    objects: &Objects,
    deployment: &Deployment,
    program: Option<&Program>,
) -> Observed<Vec<Library>> {
    let mut all = Vec::new();
    for uri in jars(deployment, program) {
        match inside(objects, uri).await {
            Ok(found) => all.extend(found),
            Err(why) => return Observed::unknown(WHAT, why),
        }
    }
    Observed::Known(all)
}

async fn inside(objects: &Objects, uri: &str) -> Result<Vec<Library>, String> {
    let jar = fetched(objects, uri).await?;
    let shown = uri.rsplit('/').next().unwrap_or(uri).to_owned();
    match tokio::task::spawn_blocking(move || coordinates(jar.as_file(), &shown)).await {
        Ok(Ok(Some(found))) => Ok(found),
        Ok(Ok(None)) => Err(format!(
            "{uri} holds classes of Flink or of the vendor, and does not tell of which version"
        )),
        Ok(Err(e)) => Err(format!("{uri}: {e}")),
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

/// A jar, whole and on this machine: the table of contents stands at its end. Gone with the value.
pub(super) async fn fetched(objects: &Objects, uri: &str) -> Result<NamedTempFile, String> {
    let place = place(objects, uri)?;
    let size = match objects.presence(&place).await.map_err(|e| e.to_string())? {
        Presence::File(size) if size <= LARGEST_JAR => size,
        Presence::File(size) => return Err(format!("{uri} has {size} bytes, and is not fetched for a look")),
        Presence::Directory | Presence::Nothing => return Err(format!("{uri}: there is no such file")),
    };
    let mut reader = objects.reader(&place, size).map_err(|e| e.to_string())?;
    let copied = tokio::task::spawn_blocking(move || {
        let mut file = tempfile::Builder::new().suffix(".jar").tempfile()?;
        io::copy(&mut reader, file.as_file_mut())?;
        Ok::<_, io::Error>(file)
    });
    match copied.await {
        Ok(file) => file.map_err(|e| format!("{uri}: {e}")),
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

fn jars<'a>(deployment: &'a Deployment, program: Option<&'a Program>) -> impl Iterator<Item = &'a str> {
    let artifact = deployment.get("artifact");
    let kinds = ["jarArtifact", "sqlArtifact", "pythonArtifact", "cdcYamlArtifact"];
    let parts: Vec<&Value> = kinds.iter().filter_map(|kind| artifact?.get(kind)).collect();
    let mut uris: Vec<&str> = Vec::new();
    for part in parts {
        let own = part["additionalDependencies"].as_array().into_iter().flatten();
        let own = own.filter_map(Value::as_str);
        uris.extend(
            program
                .map(|program| program.jar.as_str())
                .or_else(|| part["jarUri"].as_str()),
        );
        match program.and_then(|program| program.dependencies.as_ref()) {
            Some(others) => uris.extend(others.iter().map(String::as_str)),
            None => uris.extend(own),
        }
    }
    uris.into_iter().filter(|uri| {
        Path::new(uri)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("jar"))
    })
}

/// What build tools have left inside: the coordinates of everything that was packed in, and what the manifest says of the
/// jar itself, which is all that Flink's own jars tell. None where classes of the engine are in it, and neither names them.
fn coordinates(jar: &File, shown: &str) -> io::Result<Option<Vec<Library>>> {
    let mut zip = ZipArchive::new(BufReader::new(jar))?;
    let names: Vec<String> = zip
        .file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()?;
    let mut all = Vec::new();
    for name in &names {
        let found = match name.as_str() {
            MANIFEST => of_manifest(&text(&mut zip, name)?),
            name if name.starts_with("META-INF/maven/") && name.ends_with("/pom.properties") => {
                of_coordinates(&text(&mut zip, name)?)
            }
            _ => None,
        };
        all.extend(found.map(|(artifact, version)| Library {
            jar: shown.to_owned(),
            artifact,
            version,
        }));
    }
    let is_of_the_engine =
        |name: &String| name.ends_with(".class") && CLASSES.iter().any(|ours| name.starts_with(ours));
    if all.is_empty() && names.iter().any(is_of_the_engine) {
        return Ok(None);
    }
    all.sort_by(|a, b| (&a.artifact, &a.version).cmp(&(&b.artifact, &b.version)));
    Ok(Some(all))
}

fn text(zip: &mut ZipArchive<BufReader<&File>>, name: &str) -> io::Result<String> {
    let mut bytes = Vec::new();
    zip.by_name(name)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_ours(group: &str) -> bool {
    OF_THE_ENGINE.iter().any(|ours| group.starts_with(ours))
}

fn of_coordinates(text: &str) -> Option<(String, String)> {
    let value = |key| value(text, '=', key);
    let (group, artifact) = (value("groupId")?, value("artifactId")?);
    is_ours(group).then_some((format!("{group}:{artifact}"), value("version")?.to_owned()))
}

fn of_manifest(text: &str) -> Option<(String, String)> {
    let value = |key| value(text, ':', key);
    let (group, title) = (value("Implementation-Vendor-Id")?, value("Implementation-Title")?);
    let version = value("Implementation-Version")?;
    is_ours(group).then_some((format!("{group} ({title})"), version.to_owned()))
}

fn value<'t>(text: &'t str, joint: char, key: &str) -> Option<&'t str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(joint));
    pairs
        .find(|(found, _)| found.trim() == key)
        .map(|(_, value)| value.trim())
}
