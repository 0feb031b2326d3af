//! What may be upgraded to what, all at once: the verdict over every two releases that are known.
//!
//! A cell is the answer without any fact told. How it is drawn is the command's.

use upshift_planner::knowledge::{Facts, Known, Library, Release, Verdict};

/// The whole matrix of one system.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// The releases, ascending: of rows and of columns.
    pub releases: Vec<Release>,
    /// A row per release that is left, a cell per release that is gone to.
    pub rows: Vec<Vec<Verdict>>,
}

/// Asks for every two releases.
pub fn ask(library: &Library, system: Known) -> Matrix {
    let releases = library.releases(system);
    let facts = Facts::default();
    let row = |from: &Release| {
        releases
            .iter()
            .map(|to| library.pair(from, to, &facts).verdict)
            .collect()
    };
    Matrix {
        rows: releases.iter().map(row).collect(),
        releases,
    }
}
