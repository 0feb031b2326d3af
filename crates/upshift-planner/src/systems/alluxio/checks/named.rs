//! Many things of a kind, the first of them by name.

/// So many things of a kind are named; the rest is counted.
const NAMED: usize = 10;

/// The first of many, and how many more there are.
pub(super) fn some(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = all.into_iter().collect();
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}
