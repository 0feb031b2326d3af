//! `alluxio-site.properties` of the wanted release: a few keys set or left out, everything else as it stands. The file as
//! it was is kept beside it.

use std::path::Path;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::proof::Proof;
use upshift_model::record::Baseline;
use upshift_model::step::ConfigEdit;

use super::codes;
use super::far::Far;
use super::machine::{failure, refused};
use super::observe::read_properties;

/// Where the change stands: done once every edit holds in the file.
pub(super) async fn stands(
    far: Far<'_>,
    from: &Path,
    from_digest: &Digest,
    to: &Path,
    edits: &[ConfigEdit],
) -> Result<Standing, Fault> {
    // The file of comments that a release is shipped with is no configuration that was carried over.
    if let Some(text) = far.text(to).await?
        && (from == to || !read_properties(&text).is_empty())
        && edits.iter().all(|edit| holds(&text, edit))
    {
        let facts = edits.iter().map(words);
        let file = format!("{} has what the plan sets", to.display());
        return Ok(Standing::Done(Proof::of(std::iter::once(file).chain(facts))));
    }
    match far.text(from).await? {
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
pub(super) async fn write(far: Far<'_>, from: &Path, to: &Path, edits: &[ConfigEdit]) -> Result<(), Fault> {
    match far.text(from).await? {
        Some(text) => far.replace(&edited(&text, edits), to, from).await,
        None => Err(refused(
            codes::CONFIGURATION,
            format!("{} is not there", from.display()),
        )),
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
