//! Long lists in evidence: so many are named, the rest is counted.

const NAMED: usize = 12;

/// The first ones, and how many more.
pub(super) fn some(mut all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    all.extend(
        (more > 0).then(|| format!("and {more} more (upshift inspect fluss --json lists every bucket)")),
    );
    all
}
