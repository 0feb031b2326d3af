//! `alluxio-site.properties` of the wanted release: a few keys set or left out, everything else as it stands. The file as
//! it was is kept beside it.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::proof::Proof;
use upshift_model::record::Baseline;
use upshift_model::step::ConfigEdit;

use super::codes;
use super::fresh::beside;
use super::machine::{failure, refused};
use super::observe::read_properties;

/// Where the change stands: done once every edit holds in the file.
pub(super) fn stands(
    from: &Path,
    from_digest: &Digest,
    to: &Path,
    edits: &[ConfigEdit],
) -> Result<Standing, Fault> {
    let unseen = |path: &Path, error: io::Error| Fault::Transient(format!("{}: {error}", path.display()));
    if let Some(text) = read(to).map_err(|error| unseen(to, error))?
        && edits.iter().all(|edit| holds(&text, edit))
    {
        let facts = edits.iter().map(words);
        let file = format!("{} has what the plan sets", to.display());
        return Ok(Standing::Done(Proof::of(std::iter::once(file).chain(facts))));
    }
    match read(from).map_err(|error| unseen(from, error))? {
        Some(text) if Digest::of_bytes(text.as_bytes()) == *from_digest => {
            Ok(Standing::Ready(Baseline::default()))
        }
        Some(_) => Ok(Standing::Contradicted(failure(
            codes::CONFIGURATION,
            format!("{} was changed since the plan was made", from.display()),
        ))),
        None => Ok(Standing::Contradicted(failure(
            codes::CONFIGURATION,
            format!("{} is not there", from.display()),
        ))),
    }
}

/// Writes the file whole.
pub(super) fn write(from: &Path, to: &Path, edits: &[ConfigEdit]) -> Result<(), Fault> {
    let put = || -> io::Result<()> {
        let text = fs::read_to_string(from)?;
        let kept = beside(to, ".before-upshift");
        if to.try_exists()? && !kept.try_exists()? {
            fs::copy(to, &kept)?;
        }
        let part = beside(to, ".partial");
        let mut out = fs::File::create(&part)?;
        out.write_all(edited(&text, edits).as_bytes())?;
        out.sync_all()?;
        fs::set_permissions(&part, fs::metadata(from)?.permissions())?;
        fs::rename(&part, to)
    };
    put().map_err(|error| {
        refused(
            codes::CONFIGURATION,
            format!("{} could not be written: {error}", to.display()),
        )
    })
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn holds(text: &str, edit: &ConfigEdit) -> bool {
    let options = read_properties(text);
    match edit {
        ConfigEdit::Set { key, value, .. } => options.get(key).is_some_and(|line| line.value.trim() == value),
        ConfigEdit::Drop { key, .. } => !options.contains_key(key),
        ConfigEdit::Rename { from, to, .. } => !options.contains_key(from) && options.contains_key(to),
    }
}

fn words(edit: &ConfigEdit) -> String {
    match edit {
        ConfigEdit::Set { key, value, .. } => format!("{key}={value}"),
        ConfigEdit::Drop { key, .. } => format!("{key} is left out"),
        ConfigEdit::Rename { from, to, .. } => format!("{from} is {to} now"),
    }
}

/// The text with the edits: lines that are not about them stay as they stand.
fn edited(text: &str, edits: &[ConfigEdit]) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let key = read_properties(line).into_keys().next();
        let edit = key
            .as_deref()
            .and_then(|key| edits.iter().find(|edit| old_key(edit) == key));
        match (edit, key) {
            (None, _) | (_, None) => out.push_str(line),
            (Some(ConfigEdit::Rename { from, to, .. }), Some(_)) => {
                let rest = line.trim_start().strip_prefix(from.as_str()).unwrap_or("");
                out.push_str(to);
                out.push_str(rest);
            }
            (Some(ConfigEdit::Set { .. } | ConfigEdit::Drop { .. }), Some(_)) => continue,
        }
        out.push('\n');
    }
    for edit in edits {
        if let ConfigEdit::Set { key, value, why } = edit {
            out.push_str(&format!("# upshift: {why}\n{key}={value}\n"));
        }
    }
    out
}

fn old_key(edit: &ConfigEdit) -> &str {
    match edit {
        ConfigEdit::Rename { from, .. } => from,
        ConfigEdit::Drop { key, .. } | ConfigEdit::Set { key, .. } => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_plan_names_is_changed() {
        let why = || "because".to_owned();
        let edits = [
            ConfigEdit::Rename {
                from: "alluxio.worker.data.port".to_owned(),
                to: "alluxio.worker.rpc.port".to_owned(),
                why: why(),
            },
            ConfigEdit::Drop {
                key: "alluxio.gone".to_owned(),
                why: why(),
            },
            ConfigEdit::Set {
                key: "alluxio.sync".to_owned(),
                value: "false".to_owned(),
                why: why(),
            },
        ];
        let text = "# mine\nalluxio.worker.data.port=1\naws.secretKey=x\nalluxio.gone=2\nalluxio.sync=true\n";
        let now = edited(text, &edits);
        assert_eq!(
            now,
            "# mine\nalluxio.worker.rpc.port=1\naws.secretKey=x\n# upshift: because\nalluxio.sync=false\n"
        );
        assert!(edits.iter().all(|edit| holds(&now, edit)));
        assert!(!edits.iter().any(|edit| holds(text, edit)));
    }
}
