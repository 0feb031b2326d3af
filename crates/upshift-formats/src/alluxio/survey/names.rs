//! Whether a name stands once in its directory, in bounded memory.
//!
//! Masters write the children of a directory one after the other, with few directories at a time between each other.
//! So names are held against each other in runs; what a run takes along into the next are the directories that were
//! written last. A directory that comes back later is counted as not checked.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use roaring::RoaringTreemap;

/// So many directories are taken along.
const OPEN: usize = 1_024;

/// Two inodes of one directory with the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Twin {
    pub(super) parent: i64,
}

/// The names of a run.
#[derive(Debug)]
pub(super) struct Names {
    run: Vec<(i64, u64)>,
    limit: usize,
    /// Directories that were taken leave of.
    closed: RoaringTreemap,
    /// Names that stand in a directory that was taken leave of.
    pub(super) unchecked: u64,
}

impl Names {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            run: Vec::new(),
            limit: limit.max(2),
            closed: RoaringTreemap::new(),
            unchecked: 0,
        }
    }

    /// Takes a name; twins come to light when a run is full.
    pub(super) fn take(&mut self, parent: i64, name: &[u8], twins: &mut Vec<Twin>) {
        if !self.closed.is_empty() && self.closed.contains(parent.cast_unsigned()) {
            self.unchecked += 1;
            return;
        }
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        self.run.push((parent, hasher.finish()));
        if self.run.len() >= self.limit {
            self.turn(twins);
        }
    }

    /// Looks at what the last run holds.
    pub(super) fn end(mut self, twins: &mut Vec<Twin>) -> u64 {
        self.find(twins);
        self.unchecked
    }

    fn turn(&mut self, twins: &mut Vec<Twin>) {
        let open = self.open();
        self.find(twins);
        for (parent, _) in &self.run {
            if !open.contains(parent) {
                self.closed.insert(parent.cast_unsigned());
            }
        }
        self.run.retain(|(parent, _)| open.contains(parent));
    }

    /// The directories that were written last, as many as fill half a run: what fills more is sorted again and again.
    fn open(&self) -> HashSet<i64> {
        let mut sizes: HashMap<i64, usize> = HashMap::new();
        for (parent, _) in &self.run {
            *sizes.entry(*parent).or_default() += 1;
        }
        let (mut open, mut names) = (HashSet::new(), 0);
        for (parent, _) in self.run.iter().rev() {
            if open.contains(parent) {
                continue;
            }
            names += sizes.get(parent).copied().unwrap_or_default();
            if names > self.limit / 2 || open.len() == OPEN {
                break;
            }
            open.insert(*parent);
        }
        open
    }

    fn find(&mut self, twins: &mut Vec<Twin>) {
        self.run.sort_unstable();
        let pairs = self.run.windows(2).filter(|pair| pair.first() == pair.last());
        let parents = pairs.filter_map(|pair| pair.first().map(|(parent, _)| Twin { parent: *parent }));
        twins.extend(parents);
        self.run.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, Twin};

    #[test]
    fn twins_are_found_in_a_run_and_across_the_open_directories() {
        let mut names = Names::new(10_000);
        let mut twins = Vec::new();
        for directory in 0..4_000 {
            for child in 0..10 {
                names.take(directory, format!("{child}").as_bytes(), &mut twins);
            }
        }
        names.take(3_999, b"3", &mut twins);
        assert_eq!(names.end(&mut twins), 0);
        assert_eq!(twins, [Twin { parent: 3_999 }]);
    }

    #[test]
    fn a_directory_that_comes_back_late_is_said_to_be_unchecked() {
        let mut names = Names::new(5_000);
        let mut twins = Vec::new();
        for directory in 0..9_000 {
            names.take(directory, b"one", &mut twins);
        }
        names.take(0, b"one", &mut twins);
        assert_eq!((names.end(&mut twins), twins.len()), (1, 0));
    }

    #[test]
    fn one_enormous_directory_stays_within_bounds() {
        let mut names = Names::new(1_000);
        let mut twins = Vec::new();
        for child in 0..5_000 {
            names.take(7, format!("{child}").as_bytes(), &mut twins);
        }
        assert!(names.end(&mut twins) > 0);
        assert!(twins.is_empty());
    }
}
