//! What must be true of a cluster, held against a fresh look.

use serde::{Deserialize, Serialize};
use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Condition, Master, MountTerms, Unpersisted};
use upshift_model::expect::Expectation;
use upshift_model::ids::BindingName;
use upshift_model::proof::Bindings;
use upshift_model::record::Failure;
use upshift_model::version::Version;

use super::same::same_tree;
use super::{Look, bound_part, source};
use crate::alluxio::codes;
use crate::alluxio::machine::{failure, refused};
use crate::alluxio::tree::Allowed;

/// The answer to one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It holds; in words.
    Met(String),
    /// It does not hold yet; what is missing.
    NotYet(String),
    /// It does not hold.
    Bad(Failure),
}

/// Files that clients made: told by masters of every release that is known.
const CREATED: &str = "Master.CreateFileOps";

/// Counts of a master since it started.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    started_ms: i64,
    writes: std::collections::BTreeMap<String, u64>,
}

/// The counts as text, to be bound.
pub(super) fn counts(master: &Master) -> String {
    let counts = Counts {
        started_ms: master.started_ms,
        writes: master.writes.clone(),
    };
    serde_json::to_string(&counts).expect("counts always serialize")
}

impl Look<'_> {
    pub(super) async fn evaluate(&self, expectation: &Expectation, bound: &Bindings) -> Result<Seen, Fault> {
        let Expectation::Alluxio(condition) = expectation else {
            return Err(refused(
                codes::NOT_IN_THE_PLAN,
                format!("{expectation:?} is not asked of Alluxio"),
            ));
        };
        match condition {
            Condition::Quiet { since } => self.quiet(since, bound).await,
            Condition::Persisted { of, unpersisted } => Ok(persisted(of, *unpersisted, bound)),
            Condition::NothingLate { of } => self.nothing_late(of, bound),
            Condition::TiersHold { server, held } => self.tiers_hold(server, held).await,
            Condition::OnlyCopies { of, lists } => self.only_copies(of, lists, bound),
            Condition::NothingWritten { since, of } => self.nothing_written(since, of, bound).await,
            Condition::Unaltered { of, on } => self.unaltered(of, on.as_ref(), bound).await,
            Condition::SameTree {
                before,
                after,
                but,
                more,
            } => {
                let pair = [source(bound, before)?.file, source(bound, after)?.file];
                let but = but.iter().copied().collect();
                let now = self.driver.now().as_millisecond();
                same_tree(
                    pair,
                    Allowed {
                        but,
                        more: *more,
                        now,
                    },
                )
                .await
            }
            Condition::RootStore => self.root_store().await,
            Condition::Configured { server, made } => self.configured(server, *made).await,
            Condition::Serving { release } => self.serving(release).await,
            Condition::Workers => self.workers().await,
            Condition::Loaded {
                client,
                process,
                release,
            } => self.loaded(client, process, release).await,
            Condition::TierRoom { server, to } => self.tier_room(server, to).await,
            Condition::Blocks { server, of } => self.in_place(server, of, bound).await,
        }
    }

    async fn quiet(&self, since: &BindingName, bound: &Bindings) -> Result<Seen, Fault> {
        let before = bound
            .value(since)
            .and_then(|text| serde_json::from_str::<Counts>(text).ok());
        let before = before
            .ok_or_else(|| refused(codes::NOT_IN_THE_PLAN, format!("no counts are bound as {since}")))?;
        let master = self.driver.master().await?;
        if master.started_ms != before.started_ms {
            return Ok(Seen::Bad(failure(
                codes::WRITES,
                "the master was started anew since the counts were noted, or another one leads: what was written since is not \
                 known"
                    .to_owned(),
            )));
        }
        // Of counts that nobody tells it is not known that they stand still.
        if !master.writes.contains_key(CREATED) {
            return Ok(Seen::Bad(failure(
                codes::WRITES,
                format!("the master does not tell {CREATED}: whether somebody writes is not known"),
            )));
        }
        let grown = master.writes.iter().filter_map(|(name, now)| {
            let was = before.writes.get(name).copied().unwrap_or(0);
            (*now > was).then(|| format!("{name} {was} → {now}"))
        });
        let grown: Vec<String> = grown.collect();
        Ok(match grown.is_empty() {
            true => Seen::Met("no call has changed the tree since".to_owned()),
            false => Seen::Bad(failure(
                codes::WRITES,
                format!(
                    "somebody writes: {}; the backup does not hold it",
                    grown.join(", ")
                ),
            )),
        })
    }

    /// The root as every master's host sees it.
    async fn root_store(&self) -> Result<Seen, Fault> {
        let mut met = Vec::new();
        for place in self.driver.site.master_places() {
            let Some(root) = &place.root_store else { continue };
            let shown = format!("{} on {}", root.path.display(), place.host);
            let bad = |why: String| Ok(Seen::Bad(failure(codes::ROOT_STORE, why)));
            match self.driver.far(&place.host)?.root(&root.path).await? {
                None => return bad(format!("{shown} is not there")),
                Some((device, _)) if device != root.device => {
                    return bad(format!(
                        "{shown} is on another device than when the plan was made: is it mounted?"
                    ));
                }
                Some((_, false)) => {
                    return bad(format!(
                        "{shown} is empty: a master that syncs with it deletes what was persisted"
                    ));
                }
                Some((_, true)) => met.push(format!("{shown} is mounted, with something in it")),
            }
        }
        Ok(Seen::Met(match met.is_empty() {
            true => "the root store is none of the masters' folders".to_owned(),
            false => met.join("; "),
        }))
    }

    async fn serving(&self, release: &Version) -> Result<Seen, Fault> {
        let master = match self.driver.master().await {
            Ok(master) => master,
            Err(Fault::Transient(what) | Fault::Ambiguous(what)) => return Ok(Seen::NotYet(what)),
            Err(refused) => return Err(refused),
        };
        if master.version != release.as_str() {
            return Ok(Seen::Bad(failure(
                codes::OTHER_RELEASE,
                format!("the master answers as {}, {release} was wanted", master.version),
            )));
        }
        for (path, ufs) in &self.driver.site.mounts {
            let now = master.mounts.get(path).map(|store| store.ufs.as_str());
            if now != Some(ufs.as_str()) {
                return Ok(Seen::Bad(failure(
                    codes::OTHER_TREE,
                    format!(
                        "{path} is mounted from {}, it was {ufs}",
                        now.unwrap_or("nothing")
                    ),
                )));
            }
        }
        for (path, was) in &self.driver.site.mount_terms {
            let now = master.mounts.get(path).map(MountTerms::of);
            let differ = now.map_or_else(Vec::new, |now| was.differences(&now));
            if !differ.is_empty() {
                return Ok(Seen::Bad(failure(
                    codes::OTHER_TREE,
                    format!("{path} is mounted {}", differ.join("; ")),
                )));
            }
        }
        let several = self.driver.site.masters.len() > 1;
        if let Some(failure) = self.servers_away(release).await? {
            return Ok(Seen::Bad(failure));
        }
        let every = if several { ", every master runs" } else { "" };
        Ok(Seen::Met(format!(
            "the master answers as {release}, {} mounts as before{every}",
            self.driver.site.mounts.len()
        )))
    }

    async fn workers(&self) -> Result<Seen, Fault> {
        let master = match self.driver.master().await {
            Ok(master) => master,
            Err(Fault::Transient(what) | Fault::Ambiguous(what)) => return Ok(Seen::NotYet(what)),
            Err(refused) => return Err(refused),
        };
        let wanted = usize::try_from(self.driver.site.workers).unwrap_or(usize::MAX);
        // One that is gone counts as one in service for minutes: when it was heard of last is what tells.
        let serving = master.workers.iter().filter(|worker| worker.serves()).count();
        Ok(match (serving >= wanted, master.lost_workers.is_empty()) {
            (true, true) => Seen::Met(format!("{serving} of {wanted} workers are in service")),
            (true, false) => Seen::NotYet(format!("lost: {}", master.lost_workers.join(", "))),
            (false, _) => Seen::NotYet(format!("{serving} of {wanted} workers are in service")),
        })
    }
}

fn persisted(of: &BindingName, unpersisted: Unpersisted, bound: &Bindings) -> Seen {
    match (bound_part(bound, of, "in_workers_only"), unpersisted) {
        (Some("0"), _) => Seen::Met("every file is in an under-store".to_owned()),
        (Some(count), Unpersisted::Keep) => Seen::Met(format!(
            "{count} files are in workers only, and stay in their tiers"
        )),
        (Some(count), Unpersisted::Refuse) => Seen::Bad(failure(
            codes::IN_WORKERS_ONLY,
            format!("{count} files are in workers only, and the system file says refuse"),
        )),
        (Some(count), Unpersisted::Persist) => Seen::Bad(failure(
            codes::IN_WORKERS_ONLY,
            format!("{count} files are in workers only after all that could be were persisted"),
        )),
        (None, _) => Seen::NotYet("nothing is known of files in workers only".to_owned()),
    }
}
