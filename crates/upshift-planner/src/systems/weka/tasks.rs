//! Background tasks that an upgrade does not start beside, and what a file says becomes of them.

use upshift_model::weka::{Fate, Task};

use super::situation::Situation;

/// How their types begin.
const STOPPING: [&str; 4] = ["STOW_", "FILESYSTEM_SQUASH", "SNAPSHOT_PREFETCH", "CATALOG_"];

/// Whether an upgrade does not start beside tasks of this type.
pub(super) fn is_stopping(kind: &str) -> bool {
    STOPPING.iter().any(|begin| kind.starts_with(begin))
}

/// What the file says becomes of a task; none where it says nothing, or where what it lets be deleted is not seen to be
/// what this task makes.
pub(super) fn fate(s: &Situation<'_>, task: &Task) -> Option<Fate> {
    let rules = s.declaration.tasks.iter();
    let mut of_kind = rules.filter(|rule| task.kind.as_deref() == Some(&rule.kind));
    let found = of_kind.find(|rule| match &rule.fate {
        Fate::Delete { filesystem, snapshot } => makes(s, task, filesystem, snapshot.as_deref()),
        Fate::Wait | Fate::Pause | Fate::Resume | Fate::Abort => true,
    });
    found.map(|rule| rule.fate.clone())
}

/// Whether a task is seen to work on this filesystem, or on this snapshot of it.
fn makes(s: &Situation<'_>, task: &Task, filesystem: &str, snapshot: Option<&str>) -> bool {
    let all = s.cluster().filesystems.known();
    let named = all.and_then(|all| all.iter().find(|one| one.name.as_deref() == Some(filesystem)));
    let same = named
        .and_then(|one| one.id)
        .is_some_and(|id| task.filesystem == Some(id));
    let said = task.said.as_deref().unwrap_or_default();
    let mut words = said.split(|c: char| c.is_whitespace() || "'`\",:".contains(c));
    same && snapshot.is_none_or(|snapshot| words.any(|word| word == snapshot))
}
