//! Whether two backups hold the same tree, and in words what differs.

use std::io;
use std::path::PathBuf;

use upshift_engine::driver::Fault;
use upshift_model::alluxio::Facet;
use upshift_model::record::Failure;

use super::condition::Seen;
use crate::alluxio::codes;
use crate::alluxio::difference::{Difference, Kind, difference};
use crate::alluxio::machine::failure;
use crate::alluxio::tree::{Allowed, Tree, tree_of};

/// What reading both comes to.
struct Both {
    before: Tree,
    after: Tree,
    /// Looked for where sums differ beyond what may.
    difference: Option<Difference>,
}

fn read([before, after]: &[PathBuf; 2], allowed: &Allowed) -> io::Result<Both> {
    let (was, is) = (tree_of(before)?, tree_of(after)?);
    let mut differing = was.differences(&is).into_iter();
    let difference = match differing.any(|facet| !allowed.but.contains(&facet)) {
        true => Some(difference(before, after, allowed)?),
        false => None,
    };
    Ok(Both {
        before: was,
        after: is,
        difference,
    })
}

pub(super) async fn same_tree(pair: [PathBuf; 2], allowed: Allowed) -> Result<Seen, Fault> {
    let (more, allowed_mounts) = (allowed.more, allowed.but.contains(&Facet::Mounts));
    let read = tokio::task::spawn_blocking(move || read(&pair, &allowed));
    let both = match read.await {
        Ok(Ok(both)) => both,
        // It does not become whole by waiting.
        Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
            return Ok(Seen::Bad(failure(codes::OTHER_BACKUP, error.to_string())));
        }
        Ok(Err(error)) => return Err(Fault::Transient(error.to_string())),
        Err(error) => return Err(Fault::Transient(error.to_string())),
    };
    let facets = both.before.differences(&both.after);
    let Some(difference) = &both.difference else {
        let same = format!(
            "{} files and {} directories, the same as before",
            both.after.files, both.after.directories
        );
        return Ok(Seen::Met(match facets.is_empty() {
            true => same,
            false => format!("{same}, but for {}", words(&facets)),
        }));
    };
    let told = told(difference);
    let mounts = both.before.mounts_as(&both.after) || allowed_mounts;
    if !mounts || !difference.is_harmless(more) {
        return Ok(Seen::Bad(Failure {
            code: codes::OTHER_TREE,
            what: format!(
                "the tree is another: {}; {} files and {} directories, before {} and {}",
                words(&facets),
                both.after.files,
                both.after.directories,
                both.before.files,
                both.before.directories
            ),
            far_side: Some(told.join("\n")),
        }));
    }
    Ok(Seen::Met(format!(
        "{} files and {} directories: all of before; {}",
        both.after.files,
        both.after.directories,
        told.join("; ")
    )))
}

fn words(facets: &[Facet]) -> String {
    let all: Vec<&str> = facets.iter().copied().map(Facet::words).collect();
    all.join(", ")
}

fn told(difference: &Difference) -> Vec<String> {
    let kinds = [
        ("not there any more", &difference.gone),
        ("changed", &difference.changed),
        ("there now and not before", &difference.more),
        ("expired meanwhile", &difference.expired),
    ];
    let told = kinds.into_iter().filter(|(_, kind)| kind.count > 0);
    let told = told.map(|(words, kind)| one(words, kind));
    let unnamed = difference
        .too_many
        .then(|| "too much differs to be told one by one".to_owned());
    told.chain(unnamed).collect()
}

fn one(words: &str, kind: &Kind) -> String {
    let Kind { count, bytes, named } = kind;
    let left = count.saturating_sub(named.len() as u64);
    let left = if left > 0 {
        format!(" and {left} more")
    } else {
        String::new()
    };
    format!("{words}: {count} with {bytes} bytes: {}{left}", named.join(", "))
}
