//! What checks of a Fluss system are given to judge: the wish, the look, the catalogue and the day.

use jiff::Timestamp;
use jiff::civil::Date;
use upshift_model::fluss::{Declaration, System};
use upshift_model::plan::InventoryStamp;
use upshift_model::version::Version;

use crate::knowledge::{Known, Library, NotARelease, Release};
use crate::systems::row::Row;

/// Everything that a judgement may depend on.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// What a person wants.
    pub declaration: &'a Declaration,
    /// What was seen.
    pub system: &'a System,
    /// What is known.
    pub library: &'a Library,
    /// Today, where the person is: waivers end by it.
    pub today: Date,
    /// When the judgement is made.
    pub now: Timestamp,
    /// When the look began, and its digest.
    pub stamp: InventoryStamp,
    /// The release that runs.
    pub from: Release,
    /// The release that is wanted.
    pub to: Release,
}

impl<'a> Situation<'a> {
    /// Puts it together.
    ///
    /// # Errors
    /// When a version of the declaration is none of Fluss.
    pub fn new(
        declaration: &'a Declaration,
        system: &'a System,
        library: &'a Library,
        (today, now): (Date, Timestamp),
        stamp: InventoryStamp,
    ) -> Result<Self, NotARelease> {
        let release = |version: &Version| Release::parse(Known::Fluss, version.as_str());
        Ok(Self {
            declaration,
            system,
            library,
            today,
            now,
            stamp,
            from: release(&declaration.current)?,
            to: release(&declaration.target)?,
        })
    }

    /// A row of the catalogue by its name: what it says, what to do, and where it was read.
    pub(super) fn row(&self, id: &str) -> Row {
        Row::of(self.library, Known::Fluss, id)
    }
}
