//! Which types of journal entries a restoring master of a release of Alluxio takes. One that it does not take ends it,
//! with half of the journal written.

use std::collections::BTreeSet;

use thiserror::Error;

use super::release::Release;
use super::system::Known;

/// The first of the releases of another design.
pub(crate) const SERIES_300: u32 = 300;

/// What a release takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted<'a> {
    /// These.
    Known(&'a BTreeSet<u32>),
    /// The release lies in no range that was read.
    Unread,
}

/// A table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: expected first release, last release and numbers of types, found {found:?}")]
pub(super) struct NotATypeRow {
    line: usize,
    found: String,
}

#[derive(Debug, Clone)]
struct Row {
    first: Release,
    last: Release,
    types: BTreeSet<u32>,
}

/// All ranges, ascending.
#[derive(Debug, Clone)]
pub struct EntryTypes(Vec<Row>);

impl EntryTypes {
    /// Reads lines of first release, last release and numbers, separated by tabs; the first line names them.
    ///
    /// # Errors
    /// With the first line of another shape.
    pub(super) fn parse(text: &str) -> Result<Self, NotATypeRow> {
        let rows = text.lines().enumerate().skip(1).map(|(at, row)| {
            read(row).ok_or_else(|| NotATypeRow {
                line: at + 1,
                found: row.to_owned(),
            })
        });
        rows.collect::<Result<_, _>>().map(Self)
    }

    /// What a release takes.
    pub fn of(&self, release: &Release) -> Accepted<'_> {
        let row = self
            .0
            .iter()
            .find(|row| row.first <= *release && *release <= row.last);
        row.map_or(Accepted::Unread, |row| Accepted::Known(&row.types))
    }

    /// The releases that take all of these types, as ranges: `2.1.0 to 2.9.6`. The 300 series takes entries and has no
    /// way to start from a backup: it is left out.
    pub fn takers(&self, types: &[u32]) -> Vec<String> {
        let mut ranges: Vec<(&Release, &Release)> = Vec::new();
        let mut open = false;
        for row in self.0.iter().filter(|row| row.first.number(0) < SERIES_300) {
            let takes = types.iter().all(|number| row.types.contains(number));
            match (takes, open, ranges.last_mut()) {
                (true, true, Some((_, last))) => *last = &row.last,
                (true, ..) => ranges.push((&row.first, &row.last)),
                (false, ..) => {}
            }
            open = takes;
        }
        let told = |(first, last): (&Release, &Release)| match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        };
        ranges.into_iter().map(told).collect()
    }
}

fn read(row: &str) -> Option<Row> {
    let columns: Vec<&str> = row.split('\t').collect();
    let [first, last, types] = columns.as_slice() else {
        return None;
    };
    let release = |text: &str| Release::parse(Known::Alluxio, text).ok();
    let (first, last) = (release(first)?, release(last)?);
    let types = types.split(',').map(|number| number.parse().ok());
    let types: BTreeSet<u32> = types.collect::<Option<_>>()?;
    (first <= last && !types.is_empty()).then_some(Row { first, last, types })
}

#[cfg(test)]
mod tests {
    use super::{Accepted, EntryTypes, Known, Release};

    const TABLE: &str =
        "#first\tlast\ttypes\n2.0.0\t2.0.1\t2,3\n2.1.0\t2.1.1\t2,3,42\n2.2.0\t2.4.1\t2,3,42,50\n";

    #[test]
    fn releases_in_and_between_the_ranges() {
        let table = EntryTypes::parse(TABLE).unwrap();
        let of = |text: &str| table.of(&Release::parse(Known::Alluxio, text).unwrap());
        assert!(matches!(of("2.1.1"), Accepted::Known(types) if types.contains(&42)));
        assert_eq!(of("2.4.2"), Accepted::Unread);
        assert_eq!(table.takers(&[2, 42]), ["2.1.0 to 2.4.1"]);
        assert_eq!(table.takers(&[2, 3]), ["2.0.0 to 2.4.1"]);
        assert!(table.takers(&[13]).is_empty());
    }

    #[test]
    fn a_row_of_another_shape_is_refused() {
        for row in [
            "2.0.0\t2.0.1",
            "2.0.1\t2.0.0\t2",
            "x\t2.0.0\t2",
            "2.0.0\t2.0.1\ttwo",
        ] {
            assert!(EntryTypes::parse(&format!("#\n{row}\n")).is_err(), "{row}");
        }
    }
}
