//! What is changed in the configuration of the wanted release before its first start.

use upshift_model::alluxio::Way;
use upshift_model::observed::Gap;
use upshift_model::step::{Change, ConfigEdit};

use super::error::PlanError;
use crate::knowledge::Known;
use crate::systems::alluxio::checks::{SYNC_KEY, is_unread, line, replacement, site};
use crate::systems::alluxio::situation::Situation;
use crate::systems::alluxio::way::way;

const FILE: &str = "alluxio-site.properties";
const TYPE: &str = "alluxio.master.journal.type";

/// The change; none where the file is as it must be.
pub(super) fn change(s: &Situation<'_>) -> Result<Option<Change>, PlanError> {
    let unseen = |gap: Gap| PlanError::Unseen { gap };
    let (options, carried) = site(s).map_err(unseen)?;
    let host = s.facts.hosts.first();
    let digest = host.map(|host| host.site_sha256.as_result());
    let digest = digest.transpose().map_err(|gap| unseen(gap.clone()))?;
    let Some(digest) = digest else {
        return Ok(None);
    };
    let mut edits = Vec::new();
    if carried {
        edits.extend(options.keys().filter_map(|key| renamed(s, key)));
    }
    let runs = s.facts.option(TYPE).unwrap_or("UFS");
    if s.to.number(0) >= 2 && !options.contains_key(TYPE) {
        edits.push(ConfigEdit::Set {
            key: TYPE.to_owned(),
            value: runs.to_owned(),
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
    let to = s.declaration.target_home.join("conf");
    let from = if carried {
        s.declaration.home.join("conf")
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
