//! What checks of a namespace are given to judge: the wish, the look, the catalogue and the day.

use jiff::Timestamp;
use jiff::civil::Date;
use upshift_model::plan::InventoryStamp;
use upshift_model::policy::Strategy;
use upshift_model::realtime_compute::{Declaration, Deployment, Facts};

use crate::knowledge::realtime_compute::{Classified, classify};
use crate::knowledge::{Known, Library, NotARelease, Release};
use crate::systems::row::Row;

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
    /// When the look was.
    pub now: Timestamp,
    /// When the look began, and its digest.
    pub stamp: InventoryStamp,
    /// The engine that is wanted.
    pub to: Release,
}

impl<'a> Situation<'a> {
    /// Puts it together.
    ///
    /// # Errors
    /// When the wanted version is none of the service.
    pub fn new(
        declaration: &'a Declaration,
        facts: &'a Facts,
        library: &'a Library,
        (today, now): (Date, Timestamp),
        stamp: InventoryStamp,
    ) -> Result<Self, NotARelease> {
        Ok(Self {
            declaration,
            facts,
            library,
            today,
            now,
            stamp,
            to: Release::parse(Known::RealtimeCompute, &declaration.target)?,
        })
    }

    /// The engine of a deployment; none when its name is none that is known.
    pub(super) fn engine_of(&self, deployment: &Deployment) -> Option<Release> {
        Release::parse(Known::RealtimeCompute, &deployment.engine).ok()
    }

    /// What the change comes to for a deployment.
    pub(super) fn change(&self, deployment: &Deployment) -> Classified {
        match self.engine_of(deployment) {
            Some(from) => classify(&from, &self.to),
            None => Classified::UNPARSEABLE,
        }
    }

    /// Whether the state of a deployment goes along to the wanted engine.
    pub(super) fn carries(&self, deployment: &Deployment) -> bool {
        self.declaration.strategy != Strategy::WithoutState
            && !self.declaration.stateless.contains(&deployment.name)
    }

    /// Whether the engine of a deployment takes native savepoints, by the service's word.
    pub(super) fn takes_native(&self, deployment: &Deployment) -> Option<bool> {
        let engines = self.facts.engines.known()?;
        let engine = engines
            .iter()
            .find(|one| one.version.eq_ignore_ascii_case(&deployment.engine));
        engine.and_then(|engine| engine.native)
    }

    /// What a row of the catalogue says: its text, its advice, and where it was read.
    pub(super) fn row(&self, id: &str) -> Row {
        Row::of(self.library, Known::RealtimeCompute, id)
    }
}

/// `deployment orders`, as findings name it.
pub(super) fn subject(deployment: &Deployment) -> String {
    format!("deployment {}", deployment.name)
}
