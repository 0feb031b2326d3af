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

/// What a file is, held against what the plan makes of another.
pub(super) enum Made {
    /// What the plan means.
    Yes,
    /// What it was when the plan was made.
    NotYet,
    /// Something else; in words.
    Other(String),
}

/// Whether a file is made of the one that the plan saw. A file of comments alone is no configuration: a release is shipped
/// with one.
pub(super) async fn made(
    far: Far<'_>,
    from: &Path,
    from_digest: &Digest,
    to: &Path,
    edits: &[ConfigEdit],
) -> Result<Made, Fault> {
    let is_it = |text: &String| Digest::of_bytes(text.as_bytes()) == *from_digest;
    let shown = to.display();
    let there = far.text(to).await?;
    if from == to {
        return Ok(match there {
            None => Made::Other(format!("{shown} is not there")),
            Some(text) if is_it(&text) && edits.is_empty() => Made::Yes,
            Some(text) if is_it(&text) => Made::NotYet,
            Some(text) if !edits.is_empty() && is_of(&text, from_digest, edits) => Made::Yes,
            Some(_) => Made::Other(format!("{shown} was changed since the plan was made")),
        });
    }
    match there {
        Some(text) if is_of(&text, from_digest, edits) => return Ok(Made::Yes),
        Some(text) if !read_properties(&text).is_empty() => {
            return Ok(Made::Other(format!(
                "{shown} was written since the plan was made"
            )));
        }
        Some(_) | None => {}
    }
    Ok(match far.text(from).await? {
        Some(text) if is_it(&text) => Made::NotYet,
        Some(_) => Made::Other(format!("{} was changed since the plan was made", from.display())),
        None => Made::Other(format!("{} is not there", from.display())),
    })
}

/// Where the change stands: done once the file is made of the one that the plan saw.
pub(super) async fn stands(
    far: Far<'_>,
    from: &Path,
    from_digest: &Digest,
    to: &Path,
    edits: &[ConfigEdit],
) -> Result<Standing, Fault> {
    Ok(match made(far, from, from_digest, to, edits).await? {
        Made::Yes => {
            let facts = edits.iter().map(words);
            let file = format!("{} has what the plan sets", to.display());
            Standing::Done(Proof::of(std::iter::once(file).chain(facts)))
        }
        Made::NotYet => Standing::Ready(Baseline::default()),
        Made::Other(what) => Standing::Contradicted(failure(codes::CONFIGURATION, what)),
    })
}

/// The last line of a file that upshift made says of what, and what it made.
const MADE_OF: &str = "# upshift: made of ";

/// Signed as a file that was made of another one.
fn signed(text: String, of: &Digest) -> String {
    let what = Digest::of_bytes(text.as_bytes());
    format!("{text}{MADE_OF}{of}, and was {what} without this line\n")
}

/// Whether a file is as upshift made it of that other one, with these edits in it.
fn is_of(text: &str, of: &Digest, edits: &[ConfigEdit]) -> bool {
    let Some(at) = text.rfind(MADE_OF) else {
        return false;
    };
    signed(text[..at].to_owned(), of) == *text && edits.iter().all(|edit| holds(text, edit))
}

/// Writes the file whole.
pub(super) async fn write(far: Far<'_>, from: &Path, to: &Path, edits: &[ConfigEdit]) -> Result<(), Fault> {
    match far.text(from).await? {
        Some(text) => {
            let of = Digest::of_bytes(text.as_bytes());
            far.replace(&signed(edited(&text, edits), &of), to, from).await
        }
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
