//! What is changed in the configuration of the wanted release before its first start.

use std::collections::BTreeMap;

use upshift_model::alluxio::{HostFacts, OptionLine, Role, Site, Way};
use upshift_model::observed::Gap;
use upshift_model::step::{Change, ConfigEdit};

use super::error::PlanError;
use crate::knowledge::Known;
use crate::systems::alluxio::checks::{SYNC_KEY, is_unread, line, replacement, runs, site_of};
use crate::systems::alluxio::situation::{JOURNAL_FOLDER, JOURNAL_TYPE, Situation};
use crate::systems::alluxio::way::way;

const FILE: &str = "alluxio-site.properties";

/// The changes by machine; none of one whose file is as it must be.
pub(super) fn changes(s: &Situation<'_>, site: &Site) -> Result<BTreeMap<String, Change>, PlanError> {
    let mut all = BTreeMap::new();
    for place in &site.places {
        let host = s.facts.hosts.iter().find(|host| host.name == place.host);
        if let Some(change) = host.map(|host| change(s, host)).transpose()?.flatten() {
            all.insert(place.host.clone(), change);
        }
    }
    Ok(all)
}

fn change(s: &Situation<'_>, host: &HostFacts) -> Result<Option<Change>, PlanError> {
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
    if edits.is_empty() && !carried {
        return Ok(None);
    }
    let lies = s.declaration.on(&host.name);
    let to = lies.target_home.join("conf");
    let from = if carried {
        lies.home.join("conf")
    } else {
        to.clone()
    };
    Ok(Some(Change::CarryOver {
        from,
        from_file: FILE.to_owned(),
        from_digest: digest.clone(),
        to,
        to_file: FILE.to_owned(),
        edits,
    }))
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
