//! What checks of a WEKA cluster are given to judge: the wish, the look, the catalogue and the day.

use jiff::Timestamp;
use jiff::civil::Date;
use upshift_model::plan::InventoryStamp;
use upshift_model::version::Version;
use upshift_model::weka::{Cluster, Declaration, Facts};

use crate::knowledge::{Known, Library, NotARelease, Release};

/// Everything that a judgement may depend on.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// What a person wants.
    pub declaration: &'a Declaration,
    /// What was seen.
    pub facts: &'a Facts,
    /// What is known.
    pub library: &'a Library,
    /// When the judgement is made.
    pub now: Timestamp,
    /// When the look began, and its digest.
    pub stamp: InventoryStamp,
    /// Today, where the person is: waivers end by it.
    pub today: Date,
    /// The release that runs.
    pub from: Release,
    /// The release that is wanted.
    pub to: Release,
    /// Whether a plan is made of it, which puts some things right by its own steps.
    pub mends: bool,
}

impl<'a> Situation<'a> {
    /// Puts it together.
    ///
    /// # Errors
    /// When a version of the declaration is none of WEKA.
    pub fn new(
        declaration: &'a Declaration,
        facts: &'a Facts,
        library: &'a Library,
        (today, now): (Date, Timestamp),
        stamp: InventoryStamp,
    ) -> Result<Self, NotARelease> {
        let release = |version: &Version| Release::parse(Known::Weka, version.as_str());
        Ok(Self {
            declaration,
            facts,
            library,
            today,
            now,
            stamp,
            from: release(&declaration.current)?,
            to: release(&declaration.target)?,
            mends: true,
        })
    }

    pub(super) fn cluster(&self) -> &'a Cluster {
        &self.facts.cluster
    }

    /// Whether the release that runs lies from `low` to before `high`.
    pub(super) fn leaves(&self, low: &str, high: &str) -> bool {
        between(&self.from, low, high)
    }

    /// Whether the wanted release lies from `low` to before `high`.
    pub(super) fn goes_to(&self, low: &str, high: &str) -> bool {
        between(&self.to, low, high)
    }
}

/// Whether an override for exceptions of RPC calls is needed around the upgrade from one release to the other.
pub(super) fn needs_override(from: &Release, to: &Release) -> bool {
    let leaves = between(from, "0.1", "4.2.16") || between(from, "4.3.0", "4.4.6");
    leaves && between(to, "4.2.16", EVER)
}

/// No release is as high.
pub(super) const EVER: &str = "999.0";

fn between(release: &Release, low: &str, high: &str) -> bool {
    let bound = |text| Release::parse(Known::Weka, text).expect("a bound that stands in this program");
    *release >= bound(low) && *release < bound(high)
}
