//! Carrying a configuration directory over to another release: the other files copied, the main
//! file rewritten with the plan's edits. Repeating it changes nothing more; a directory that
//! somebody else filled is left alone.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use upshift_model::digest::Digest;
use upshift_model::step::{Change, ConfigEdit};

use super::dir::{MAIN_FILES, load, names};
use super::error::{CarryOverError, ConfError};
use super::model::{ConfFile, Entry, Form, Value};
use super::write::render;

/// The file by which a directory is known as written by upshift. It comes first, the main file last:
/// a directory with both is complete.
pub const MARKER: &str = ".upshift-carried-over";

/// What is carried over.
#[derive(Debug, Clone, Copy)]
pub struct CarryOver<'a> {
    /// Directory it is taken from.
    pub from: &'a Path,
    /// Name of the main file there.
    pub from_file: &'a str,
    /// Digest of that file when the plan was made; none does not compare.
    pub from_digest: Option<&'a Digest>,
    /// Directory it is written to.
    pub to: &'a Path,
    /// Name of the main file there.
    pub to_file: &'a str,
    /// What is changed on the way, in order.
    pub edits: &'a [ConfigEdit],
}

/// A directory that was carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The main file.
    pub file: PathBuf,
    /// Its digest.
    pub digest: Digest,
    /// How many other files came along.
    pub others: usize,
}

/// Where a carrying over stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CarriedOver {
    /// The directory is absent or empty.
    NotBegun,
    /// It is ours, and not yet, or no longer, what it should be; what is amiss.
    Partly(String),
    /// It is ours and says what it should.
    Complete(Written),
    /// It holds what is not ours: file names.
    Foreign(Vec<String>),
}

impl<'a> CarryOver<'a> {
    /// Of a step's change.
    pub fn of(change: &'a Change) -> Self {
        let Change::CarryOver {
            from,
            from_file,
            from_digest,
            to,
            to_file,
            edits,
        } = change;
        Self {
            from,
            from_file,
            from_digest: Some(from_digest),
            to,
            to_file,
            edits,
        }
    }

    /// Where it stands. Nothing is changed.
    ///
    /// # Errors
    /// When the source or the directory cannot be read.
    pub fn standing(&self) -> Result<CarriedOver, CarryOverError> {
        match self.owner()? {
            Owner::Nobody => return Ok(CarriedOver::NotBegun),
            Owner::Others(found) => return Ok(CarriedOver::Foreign(found)),
            Owner::Us => {}
        }
        let text = self.rendered()?;
        for (from, to) in self.other_files()? {
            if !same_content(&from, &to).map_err(|source| write_error(&to, source))? {
                return Ok(CarriedOver::Partly(format!(
                    "{} is not yet the same as {}",
                    to.display(),
                    from.display()
                )));
            }
        }
        if let Some(stale) = self.stale_main_file() {
            return Ok(CarriedOver::Partly(format!(
                "{} would be read in place of {}",
                stale.display(),
                self.to_file
            )));
        }
        let file = self.to.join(self.to_file);
        match std::fs::read(&file) {
            Ok(bytes) if bytes == text.as_bytes() => Ok(CarriedOver::Complete(self.written(&text)?)),
            Ok(_) => Ok(CarriedOver::Partly(format!(
                "{} says something else",
                file.display()
            ))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(CarriedOver::Partly(format!(
                "{} is not there yet",
                file.display()
            ))),
            Err(source) => Err(write_error(&file, source)),
        }
    }

    /// Carries it over. `mark` says by whose order: plan and run.
    ///
    /// # Errors
    /// When the directory is somebody else's (nothing is touched then), or something cannot be read
    /// or written.
    pub fn carry_out(&self, mark: &str) -> Result<Written, CarryOverError> {
        if let Owner::Others(found) = self.owner()? {
            return Err(CarryOverError::NotOurs {
                dir: self.to.to_owned(),
                found,
            });
        }
        let text = self.rendered()?;
        std::fs::create_dir_all(self.to).map_err(|source| write_error(self.to, source))?;
        let marker = self.to.join(MARKER);
        if !marker.exists() {
            put(&marker, format!("{mark}\n").as_bytes(), None)?;
        }
        for (from, to) in self.other_files()? {
            copy(&from, &to)?;
        }
        if let Some(stale) = self.stale_main_file() {
            std::fs::remove_file(&stale).map_err(|source| write_error(&stale, source))?;
        }
        put(
            &self.to.join(self.to_file),
            text.as_bytes(),
            Some(&self.from.join(self.from_file)),
        )?;
        self.written(&text)
    }

    fn written(&self, text: &str) -> Result<Written, CarryOverError> {
        Ok(Written {
            file: self.to.join(self.to_file),
            digest: Digest::of_bytes(text.as_bytes()),
            others: self.other_files()?.len(),
        })
    }

    /// The main file as it will be. Holds secrets if the source does.
    ///
    /// # Errors
    /// When the source cannot be read, changed, or says what the target's form cannot.
    pub fn rendered(&self) -> Result<String, CarryOverError> {
        let form = |name: &str| {
            Form::of(name).ok_or_else(|| CarryOverError::FileName {
                found: name.to_owned(),
            })
        };
        let (from_form, to_form) = (form(self.from_file)?, form(self.to_file)?);
        let (mut file, found) =
            load(&self.from.join(self.from_file), from_form).map_err(CarryOverError::Source)?;
        if let Some(expected) = self.from_digest.filter(|expected| **expected != found) {
            return Err(CarryOverError::SourceChanged {
                expected: expected.clone(),
                found,
            });
        }
        for edit in self.edits {
            apply(&mut file, edit);
        }
        render(&file, to_form)
    }

    fn owner(&self) -> Result<Owner, CarryOverError> {
        if !self.to.exists() {
            return Ok(Owner::Nobody);
        }
        let found = names(self.to).map_err(CarryOverError::Source)?;
        Ok(match found {
            found if found.contains(MARKER) => Owner::Us,
            found if found.is_empty() => Owner::Nobody,
            found => Owner::Others(found.into_iter().collect()),
        })
    }

    /// The other main file, if it lies in the target: 1.19 and 1.20 would read `flink-conf.yaml` first.
    fn stale_main_file(&self) -> Option<PathBuf> {
        MAIN_FILES
            .iter()
            .filter(|name| **name != self.to_file)
            .map(|name| self.to.join(name))
            .find(|path| path.exists())
    }

    fn other_files(&self) -> Result<Vec<(PathBuf, PathBuf)>, CarryOverError> {
        let mut files = Vec::new();
        below(self.from, self.to, &mut files).map_err(|source| {
            CarryOverError::Source(ConfError::Io {
                path: self.from.to_owned(),
                source,
            })
        })?;
        files.retain(|(from, _)| {
            from.parent() != Some(self.from)
                || !from
                    .file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(|name| name == MARKER || MAIN_FILES.contains(&name))
        });
        files.sort();
        Ok(files)
    }
}

enum Owner {
    Nobody,
    Us,
    Others(Vec<String>),
}

/// Symbolic links are followed for files and not for directories, so that there is an end to it.
fn below(from: &Path, to: &Path, files: &mut Vec<(PathBuf, PathBuf)>) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            below(&from, &to, files)?;
        } else if std::fs::metadata(&from).is_ok_and(|meta| meta.is_file()) {
            files.push((from, to));
        }
    }
    Ok(())
}

fn apply(file: &mut ConfFile, edit: &ConfigEdit) {
    match edit {
        ConfigEdit::Rename { from, to, .. } => {
            // Where both names are set the new one is what the new release heeds.
            if file.entries.iter().any(|entry| entry.key == *to) {
                file.entries.retain(|entry| entry.key != *from);
            }
            for entry in file.entries.iter_mut().filter(|entry| entry.key == *from) {
                entry.key.clone_from(to);
            }
        }
        ConfigEdit::Drop { key, .. } => file.entries.retain(|entry| entry.key != *key),
        ConfigEdit::Set { key, value, .. } => {
            let value = Value::text(value);
            match file.entries.iter_mut().rev().find(|entry| entry.key == *key) {
                Some(entry) => entry.value = value,
                None => file.entries.push(Entry {
                    key: key.clone(),
                    value,
                    line: 0,
                }),
            }
        }
    }
}

fn same_content(a: &Path, b: &Path) -> io::Result<bool> {
    let a = std::fs::read(a)?;
    match std::fs::read(b) {
        Ok(b) => Ok(a == b),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), CarryOverError> {
    if same_content(from, to).map_err(|source| write_error(to, source))? {
        return Ok(());
    }
    let bytes = std::fs::read(from).map_err(|source| {
        CarryOverError::Source(ConfError::Io {
            path: from.to_owned(),
            source,
        })
    })?;
    if let Some(dir) = to.parent() {
        std::fs::create_dir_all(dir).map_err(|source| write_error(dir, source))?;
    }
    put(to, &bytes, Some(from))
}

/// Writes a file whole or not at all, with the permissions of `like`: a configuration that only its
/// owner may read must not become public on the way.
fn put(path: &Path, bytes: &[u8], like: Option<&Path>) -> Result<(), CarryOverError> {
    let write = || -> io::Result<()> {
        let dir = path.parent().unwrap_or(Path::new("/"));
        let mut beside = tempfile::NamedTempFile::new_in(dir)?;
        if let Some(like) = like {
            beside
                .as_file()
                .set_permissions(std::fs::metadata(like)?.permissions())?;
        }
        beside.write_all(bytes)?;
        beside.as_file().sync_all()?;
        beside.persist(path).map_err(|e| e.error)?;
        std::fs::File::open(dir)?.sync_all()
    };
    write().map_err(|source| write_error(path, source))
}

fn write_error(path: &Path, source: io::Error) -> CarryOverError {
    CarryOverError::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn file(dir: &Path, name: &str, text: &str) {
        std::fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
        std::fs::File::create(dir.join(name))
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    fn set(key: &str, value: &str) -> ConfigEdit {
        ConfigEdit::Set {
            key: key.to_owned(),
            value: value.to_owned(),
            why: String::new(),
        }
    }

    fn rename(from: &str, to: &str) -> ConfigEdit {
        ConfigEdit::Rename {
            from: from.to_owned(),
            to: to.to_owned(),
            why: String::new(),
        }
    }

    #[test]
    fn a_directory_is_carried_over_whole_and_repeating_it_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("old"), root.path().join("new"));
        file(
            &from,
            "flink-conf.yaml",
            "# ours\nrest.port: 8081\nstate.backend: rocksdb\nold.key: 1\ns3.secret-key: \"pa's\"\n",
        );
        file(&from, "log4j.properties", "x");
        file(&from, "extra/core-site.xml", "<x/>");
        file(&from, "config.yaml", "stale: true\n");
        std::fs::set_permissions(
            from.join("flink-conf.yaml"),
            std::fs::Permissions::from_mode(0o600),
        )
        .unwrap();
        let edits = [
            rename("state.backend", "state.backend.type"),
            ConfigEdit::Drop {
                key: "old.key".to_owned(),
                why: String::new(),
            },
            set("rest.port", "8091"),
            set("env.java.home", "/usr/lib/jvm/17"),
        ];
        let change = CarryOver {
            from: &from,
            from_file: "flink-conf.yaml",
            from_digest: None,
            to: &to,
            to_file: "config.yaml",
            edits: &edits,
        };
        assert_eq!(change.standing().unwrap(), CarriedOver::NotBegun);
        let written = change.carry_out("plan 7f3a9c, run 1").unwrap();
        assert_eq!(change.standing().unwrap(), CarriedOver::Complete(written.clone()));
        assert_eq!(
            std::fs::read_to_string(&written.file).unwrap(),
            "# ours\nrest.port: 8091\nstate.backend.type: rocksdb\ns3.secret-key: '\"pa''s\"'\nenv.java.home: /usr/lib/jvm/17\n"
        );
        assert_eq!(
            std::fs::metadata(&written.file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(written.others, 2);
        assert_eq!(
            names(&to).unwrap().into_iter().collect::<Vec<_>>(),
            [MARKER, "config.yaml", "extra", "log4j.properties"]
        );
        assert_eq!(change.carry_out("another").unwrap(), written);
        assert_eq!(
            std::fs::read_to_string(to.join(MARKER)).unwrap(),
            "plan 7f3a9c, run 1\n"
        );
    }

    #[test]
    fn what_was_cut_off_is_seen_and_finished() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("old"), root.path().join("new"));
        file(&from, "config.yaml", "a: 1\n");
        file(&from, "workers", "localhost\n");
        file(&to, MARKER, "run 1\n");
        file(&to, "flink-conf.yaml", "a: 0\n");
        let change = CarryOver {
            from: &from,
            from_file: "config.yaml",
            from_digest: None,
            to: &to,
            to_file: "config.yaml",
            edits: &[],
        };
        assert!(matches!(change.standing().unwrap(), CarriedOver::Partly(what) if what.contains("workers")));
        let written = change.carry_out("run 1").unwrap();
        assert_eq!(change.standing().unwrap(), CarriedOver::Complete(written));
        assert!(!to.join("flink-conf.yaml").exists());
        file(&to, "config.yaml", "a: 2\n");
        assert!(
            matches!(change.standing().unwrap(), CarriedOver::Partly(what) if what.contains("says something else"))
        );
    }

    #[test]
    fn a_directory_of_somebody_else_and_a_changed_source_are_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("old"), root.path().join("new"));
        file(&from, "flink-conf.yaml", "a: 1\n");
        file(&to, "config.yaml", "mine: 1\n");
        let digest = Digest::of_bytes(b"a: 0\n");
        let mut change = CarryOver {
            from: &from,
            from_file: "flink-conf.yaml",
            from_digest: None,
            to: &to,
            to_file: "config.yaml",
            edits: &[],
        };
        assert_eq!(
            change.standing().unwrap(),
            CarriedOver::Foreign(vec!["config.yaml".to_owned()])
        );
        let failure = change.carry_out("run 1").unwrap_err().failure();
        assert_eq!(failure.code.as_str(), "UP-FLINK-0410");
        assert!(failure.what.ends_with("it holds config.yaml"), "{}", failure.what);
        assert_eq!(names(&to).unwrap().len(), 1);
        change.from_digest = Some(&digest);
        let elsewhere = root.path().join("else");
        change.to = &elsewhere;
        assert!(
            change
                .carry_out("run 1")
                .unwrap_err()
                .to_string()
                .contains("changed: expected digest")
        );
        assert!(!elsewhere.exists());
    }

    #[test]
    fn a_new_name_that_is_already_set_wins_over_the_old_one() {
        let mut conf = ConfFile::read(Form::Flat, "a.old: 1\na.new: 2\nb: 1\nb: 2\n").unwrap();
        apply(&mut conf, &rename("a.old", "a.new"));
        apply(&mut conf, &set("b", "3"));
        assert_eq!(render(&conf, Form::Yaml).unwrap(), "a.new: 2\nb: 3\n");
    }
}
