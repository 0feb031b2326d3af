//! Words for amounts and lists, so that every crate says them alike.

/// A number of bytes as people say it.
pub fn bytes(amount: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if amount < 1000 {
        return format!("{amount} B");
    }
    let mut tenths = u128::from(amount) * 10 / 1000;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// Names joined by commas; the tenth and later ones are only counted.
pub fn listed<'t>(names: impl Iterator<Item = &'t str>) -> String {
    const SHOWN: usize = 10;
    let names: Vec<_> = names.collect();
    let head = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => head,
        more => format!("{head} and {more} more"),
    }
}
