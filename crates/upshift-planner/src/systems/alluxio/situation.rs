//! What checks of an Alluxio cluster are given to judge: the wish, the look, the catalogue and the day.

use jiff::Timestamp;
use jiff::civil::Date;
use upshift_model::alluxio::{Declaration, Facts, Master};
use upshift_model::observed::Gap;
use upshift_model::plan::InventoryStamp;
use upshift_model::version::Version;

use crate::knowledge::{Known, Library, NotARelease, Release};
use crate::systems::row::Row;

/// The option that names the kind of the journal.
pub(super) const JOURNAL_TYPE: &str = "alluxio.master.journal.type";
/// Where the masters keep it.
pub(super) const JOURNAL_FOLDER: &str = "alluxio.master.journal.folder";

/// Everything that a judgement may depend on.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// What a person wants.
    pub declaration: &'a Declaration,
    /// What was seen.
    pub facts: &'a Facts,
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
    /// When a version of the declaration is none of Alluxio.
    pub fn new(
        declaration: &'a Declaration,
        facts: &'a Facts,
        library: &'a Library,
        (today, now): (Date, Timestamp),
        stamp: InventoryStamp,
    ) -> Result<Self, NotARelease> {
        let release = |version: &Version| Release::parse(Known::Alluxio, version.as_str());
        Ok(Self {
            declaration,
            facts,
            library,
            today,
            now,
            stamp,
            from: release(&declaration.current)?,
            to: release(&declaration.target)?,
        })
    }

    /// The master that leads, or why it is not known.
    pub(super) fn leader(&self) -> Result<&'a Master, Gap> {
        let facts = self.facts;
        facts.leader().ok_or_else(|| {
            let gap = facts.masters.iter().find_map(|master| master.told.gap());
            gap.cloned().unwrap_or_else(|| Gap {
                what: "the master that leads".to_owned(),
                reason: "none was asked".to_owned(),
            })
        })
    }

    /// The type of the journal that runs, as its master says. 1.x has only the under-store's and no word for it.
    pub(super) fn journal_type(&self) -> Result<&'a str, Gap> {
        let said = self.leader()?.options.get(JOURNAL_TYPE);
        match said {
            Some(said) => Ok(said),
            None if self.from.number(0) < 2 => Ok("UFS"),
            None => Err(Gap {
                what: format!("{JOURNAL_TYPE} of the running master"),
                reason: "it does not tell it".to_owned(),
            }),
        }
    }

    /// Whether the metadata moves from 1.x to 2.x.
    pub(super) fn leaves_1x(&self) -> bool {
        self.from.number(0) < 2 && self.to.number(0) >= 2
    }

    /// A row of the catalogue by its name: what it says, what to do, and where it was read.
    pub(super) fn row(&self, id: &str) -> Row {
        Row::of(self.library, Known::Alluxio, id)
    }
}
