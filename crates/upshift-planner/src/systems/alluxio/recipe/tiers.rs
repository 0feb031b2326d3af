//! The steps about workers' tiers: listed and held against the backup while their workers are stopped, copied and put
//! back, or formatted where a person gives up what lies in them.

use upshift_model::alluxio::{Condition, Preparation, Role, Server, TierFolder, Unpersisted};
use upshift_model::step::Step;

use super::steps::{BLOCKS, Hands, RESTORE, alluxio, expect, name};
use super::timing;
use crate::build::Draft;

impl Hands<'_> {
    pub(super) fn tier_room(&self) -> impl Iterator<Item = Condition> {
        self.site.saved_tiers.iter().flat_map(|to| {
            self.site.of(Role::Worker).map(|server| Condition::TierRoom {
                server: server.id.clone(),
                to: to.clone(),
            })
        })
    }

    pub(super) fn list_blocks(&self, server: &Server) -> Step {
        let what = Preparation::Blocks {
            server: server.id.clone(),
            of: name(RESTORE),
            into: self.name_of(BLOCKS, server),
        };
        let command = "find TIER -type f -printf '%s %p\\n'".to_owned();
        Draft::new(alluxio(what), timing::FOLDER_GIVE_UP)
            .why("a master that does not know a block makes its worker delete it within seconds")
            .by_hand(self.typed(server, vec![command]))
            .step()
    }

    /// What lay in its tiers lies there: a RAM disk that is gone would leave a list that is empty, and held by everything.
    pub(super) fn tiers_hold(&self, server: &Server, held: &[TierFolder]) -> Step {
        let condition = Condition::TiersHold {
            server: server.id.clone(),
            held: held.to_vec(),
        };
        self.asked_once(condition)
            .why("nothing is replaced yet: what is gone here is gone before the upgrade, and is told")
            .step()
    }

    /// Files that no under-store has, held against all lists.
    pub(super) fn only_copies(&self) -> Step {
        let lists = self
            .site
            .of(Role::Worker)
            .map(|server| self.name_of(BLOCKS, server));
        let condition = Condition::OnlyCopies {
            of: name(RESTORE),
            lists: lists.collect(),
        };
        self.asked_once(condition)
            .why("nothing is replaced yet: they are on the way back as they are here")
            .step()
    }

    /// Nobody wrote between the backup and the worker's end: the counts say the same, and blocks are another witness.
    pub(super) fn nothing_late(&self, server: &Server) -> Step {
        let condition = Condition::NothingLate {
            of: self.name_of(BLOCKS, server),
        };
        self.asked_once(condition)
            .why("nothing is replaced yet: the way back from here loses nothing")
            .step()
    }

    /// A copy of the worker's tiers, where one is wanted.
    pub(super) fn save_tiers(&self, server: &Server) -> Option<Step> {
        let to = self.site.saved_tiers.clone()?;
        let command = format!("cp -a TIER {}", to.display());
        let what = Preparation::SaveTiers {
            server: server.id.clone(),
            to,
        };
        Some(
            Draft::new(alluxio(what), timing::FOLDER_GIVE_UP)
                .why("while they are stopped: the release's own copy is made while its worker writes, and before 2.6.1 not at all")
                .tries(2)
                .by_hand(self.typed(server, vec![command]))
                .step(),
        )
    }

    /// What is gone from the tiers since then, put back.
    pub(super) fn return_tiers(&self, server: &Server) -> Option<Step> {
        let from = self.site.saved_tiers.clone()?;
        let command = format!("cp -an {}/TIER/. TIER", from.display());
        let what = Preparation::ReturnTiers {
            server: server.id.clone(),
            from,
        };
        Some(
            Draft::new(alluxio(what), timing::FOLDER_GIVE_UP)
                .why("a RAM disk does not outlive its host")
                .tries(2)
                .by_hand(self.typed(server, vec![command]))
                .step(),
        )
    }

    /// All that lies in its tiers is given up: of a worker that is stopped, while every file is in an under-store.
    pub(super) fn format_worker(&self, server: &Server, gives_up: Vec<TierFolder>) -> Step {
        let release = self.site.to.clone();
        let command = format!("{}/bin/alluxio formatWorker", self.home(server, &release));
        let persisted = Condition::Persisted {
            of: name(RESTORE),
            unpersisted: Unpersisted::Refuse,
        };
        let what = Preparation::FormatWorker {
            server: server.id.clone(),
            release,
            gives_up,
        };
        Draft::new(alluxio(what), timing::FORMAT_GIVE_UP)
            .usual(timing::FORMAT)
            .before(expect(persisted))
            .why("format_workers in the system file; a way back finds these tiers empty, too")
            .tries(2)
            .by_hand(self.typed(server, vec![command]))
            .step()
    }
}
