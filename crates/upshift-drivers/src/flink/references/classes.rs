//! The classes of some jars: their names at once, what each has when it is asked for.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use upshift_formats::java::{Class, ClassLimits, read_class};
use upshift_model::flink::FlinkArtifact;
use zip::ZipArchive;

use super::ReferencesError;

/// Where Flink's own classes live.
pub(super) const FLINK: &str = "org/apache/flink/";

/// Properties that Maven packs are a few lines.
const LARGEST_PROPERTIES: u64 = 64 << 10;

/// What a reference can be resolved to in a class.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Its superclass and interfaces.
    pub(super) above: Vec<String>,
    /// Name and descriptor of each field.
    pub(super) fields: BTreeSet<(String, String)>,
    /// Name and descriptor of each method.
    pub(super) methods: BTreeSet<(String, String)>,
}

/// Some jars, the first that has a class counts.
pub(super) struct Jars {
    jars: Vec<Jar>,
    /// Class to jar and entry.
    names: HashMap<String, (usize, usize)>,
    shapes: HashMap<String, Option<Shape>>,
}

struct Jar {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
}

impl Jars {
    pub(super) fn one(path: &Path) -> Result<Self, ReferencesError> {
        Self::of(vec![path.to_owned()])
    }

    /// Every jar of a directory, by name, as `lib/*` of a class path.
    pub(super) fn below(dir: &Path) -> Result<Self, ReferencesError> {
        let io = |source| ReferencesError::Io {
            at: dir.display().to_string(),
            source,
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.extension().is_some_and(|extension| extension == "jar") {
                paths.push(path);
            }
        }
        paths.sort();
        Self::of(paths)
    }

    fn of(paths: Vec<PathBuf>) -> Result<Self, ReferencesError> {
        let mut all = Self {
            jars: Vec::new(),
            names: HashMap::new(),
            shapes: HashMap::new(),
        };
        for path in paths {
            let file = File::open(&path).map_err(|source| ReferencesError::Io {
                at: path.display().to_string(),
                source,
            })?;
            let zip = ZipArchive::new(BufReader::new(file)).map_err(|source| no_jar(&path, source))?;
            for index in 0..zip.len() {
                let Some(name) = zip.name_for_index(index) else {
                    continue;
                };
                let name = name.map_err(|source| no_jar(&path, source))?;
                // Classes for newer Javas in a multi-release jar stand in for the ones above them.
                let class = name
                    .strip_suffix(".class")
                    .filter(|class| !class.starts_with("META-INF/") && !class.ends_with("module-info"));
                if let Some(class) = class {
                    all.names
                        .entry(class.to_owned())
                        .or_insert((all.jars.len(), index));
                }
            }
            all.jars.push(Jar { path, zip });
        }
        Ok(all)
    }

    pub(super) fn has(&self, class: &str) -> bool {
        self.names.contains_key(class)
    }

    /// The jar that has the class.
    pub(super) fn holder(&self, class: &str) -> Option<String> {
        let (jar, _) = self.names.get(class)?;
        let name = self.jars.get(*jar)?.path.file_name()?;
        Some(name.to_string_lossy().into_owned())
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.names.keys().cloned().collect();
        names.sort();
        names
    }

    /// Reads a class and makes something of it; none where these jars do not have it, and the reason
    /// as text where it is no class file that can be read.
    pub(super) fn read<T>(
        &mut self,
        class: &str,
        make: impl FnOnce(&Class<'_>) -> T,
    ) -> Result<Option<Result<T, String>>, ReferencesError> {
        let Some((jar, index)) = self.names.get(class).copied() else {
            return Ok(None);
        };
        let Jar { path, zip } = &mut self.jars[jar];
        let limits = ClassLimits::default();
        let mut bytes = Vec::new();
        zip.by_index(index)
            .map_err(|source| no_jar(path, source))?
            .take(limits.bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| ReferencesError::Io {
                at: format!("{} in {}", class, path.display()),
                source,
            })?;
        Ok(Some(
            read_class(&bytes, &limits)
                .map(|class| make(&class))
                .map_err(|e| e.to_string()),
        ))
    }

    /// What a class has; none where these jars do not have it or it cannot be read.
    pub(super) fn shape(&mut self, class: &str) -> Result<Option<Shape>, ReferencesError> {
        if let Some(known) = self.shapes.get(class) {
            return Ok(known.clone());
        }
        let shape = self.read(class, shape_of)?.and_then(Result::ok);
        self.shapes.insert(class.to_owned(), shape.clone());
        Ok(shape)
    }

    /// Flink's own artifacts, by the properties that Maven packs.
    pub(super) fn artifacts(&mut self) -> Result<Vec<FlinkArtifact>, ReferencesError> {
        let mut found = BTreeSet::new();
        for Jar { path, zip } in &mut self.jars {
            let wanted: Vec<usize> = (0..zip.len())
                .filter(|index| {
                    let name = zip.name_for_index(*index).and_then(Result::ok);
                    name.is_some_and(|name| {
                        name.starts_with("META-INF/maven/org.apache.flink/")
                            && name.ends_with("/pom.properties")
                    })
                })
                .collect();
            for index in wanted {
                let mut text = String::new();
                let entry = zip.by_index(index).map_err(|source| no_jar(path, source))?;
                let read = entry.take(LARGEST_PROPERTIES).read_to_string(&mut text);
                read.map_err(|source| ReferencesError::Io {
                    at: path.display().to_string(),
                    source,
                })?;
                found.extend(artifact(&text));
            }
        }
        Ok(found.into_iter().collect())
    }
}

fn no_jar(path: &Path, source: zip::result::ZipError) -> ReferencesError {
    ReferencesError::Zip {
        at: path.display().to_string(),
        source,
    }
}

fn shape_of(class: &Class<'_>) -> Shape {
    let members = |all: &[upshift_formats::java::Member<'_>]| {
        all.iter()
            .map(|m| (m.name.to_owned(), m.descriptor.to_owned()))
            .collect()
    };
    Shape {
        above: class
            .superclass
            .iter()
            .chain(&class.interfaces)
            .map(|name| (*name).to_owned())
            .collect(),
        fields: members(&class.fields),
        methods: members(&class.methods),
    }
}

fn artifact(properties: &str) -> Option<FlinkArtifact> {
    let value = |wanted: &str| {
        properties.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == wanted).then(|| value.trim().to_owned())
        })
    };
    Some(FlinkArtifact {
        name: value("artifactId")?,
        version: value("version")?,
    })
}
