//! What is changed in the configuration of the wanted release before its first start.

use std::collections::BTreeMap;
use std::path::Path;

use upshift_model::alluxio::{HostFacts, OptionLine, Pinned, Role, Site, Way};
use upshift_model::observed::Gap;
use upshift_model::step::{Change, ConfigEdit};

use super::error::PlanError;
use crate::knowledge::Known;
use crate::systems::alluxio::checks::{SYNC_KEY, is_unread, line, replacement, runs, site_of};
use crate::systems::alluxio::situation::{JOURNAL_FOLDER, JOURNAL_TYPE, Situation};
use crate::systems::alluxio::way::way;

const FILE: &str = "conf/alluxio-site.properties";

/// The changes by machine; none of one whose file is as it must be.
pub(super) fn changes(site: &Site) -> BTreeMap<String, Change> {
    let mut all = BTreeMap::new();
    for place in &site.places {
        let pinned = place.pinned.as_ref();
        if let Some(change) = pinned.and_then(change) {
            all.insert(place.host.clone(), change);
        }
    }
    all
}

fn change(pinned: &Pinned) -> Option<Change> {
    let parted = |file: &Path| Some((file.parent()?.to_owned(), file.file_name()?.to_str()?.to_owned()));
    let ((from, from_file), (to, to_file)) = (parted(&pinned.made_of)?, parted(&pinned.file)?);
    let is_as_it_must_be = pinned.edits.is_empty() && pinned.made_of == pinned.file;
    (!is_as_it_must_be).then(|| Change::CarryOver {
        from,
        from_file,
        from_digest: pinned.sha256.clone(),
        to,
        to_file,
        edits: pinned.edits.clone(),
    })
}

/// What the servers of the wanted release will be started with on a host.
pub(super) fn pinned(s: &Situation<'_>, host: &HostFacts) -> Result<Pinned, PlanError> {
    let unseen = |gap: Gap| PlanError::Unseen { gap };
    let (options, carried) = site_of(host).map_err(unseen)?;
    let digest = host.site_sha256.as_result().map_err(|gap| unseen(gap.clone()))?;
    let mut edits = Vec::new();
    if carried {
        edits.extend(options.keys().filter_map(|key| renamed(s, key)));
    }
    // The default lies below the release's own home, and so does what names the home.
    let moves = |line: &OptionLine| carried && line.value.contains("${");
    if runs(host, Role::Master)
        && options.get(JOURNAL_FOLDER).is_none_or(moves)
        && let Some(folder) = s.facts.option_on(host, JOURNAL_FOLDER)
    {
        edits.push(ConfigEdit::Set {
            key: JOURNAL_FOLDER.to_owned(),
            value: folder.to_owned(),
            why: "the journal stays where it is".to_owned(),
        });
    }
    if s.to.number(0) >= 2 && !options.contains_key(JOURNAL_TYPE) {
        edits.push(ConfigEdit::Set {
            key: JOURNAL_TYPE.to_owned(),
            value: s.journal_type().map_err(unseen)?.to_owned(),
            why: "the journal stays of the kind that it is".to_owned(),
        });
    }
    let off = options
        .get(SYNC_KEY)
        .is_some_and(|line| line.value.trim() == "false");
    if way(s).way == Way::Backup && s.to.line() >= (2, 9) && !off {
        edits.push(ConfigEdit::Set {
            key: SYNC_KEY.to_owned(),
            value: "false".to_owned(),
            why: "the first access after a restore changes nothing".to_owned(),
        });
    }
    let lies = s.declaration.on(&host.name);
    let file = lies.target_home.join(FILE);
    Ok(Pinned {
        made_of: match carried {
            true => lies.home.join(FILE),
            false => file.clone(),
        },
        sha256: digest.clone(),
        file,
        edits,
    })
}

/// A key that the wanted release reads under another name.
fn renamed(s: &Situation<'_>, key: &str) -> Option<ConfigEdit> {
    let (table, line) = (s.library.options(Known::Alluxio)?, line(&s.to)?);
    if !table.covers(&line) || !key.starts_with("alluxio.") || !is_unread(table, &line, key) {
        return None;
    }
    Some(ConfigEdit::Rename {
        from: key.to_owned(),
        to: replacement(s, key)?,
        why: format!("{} reads it under this name", s.to),
    })
}
