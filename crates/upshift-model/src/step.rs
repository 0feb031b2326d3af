//! Waves, lanes and steps: the body of a plan.
//!
//! Effects are few and shared by all systems. How an effect is carried out is a driver's business;
//! which effects, and in which order, is the planner's.

use std::num::NonZeroU8;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::alluxio;
use crate::digest::Digest;
use crate::expect::Expectation;
use crate::fluss;
use crate::gate::Gate;
use crate::ids::{BindingName, Code, ComponentId, Slot, StepId};
use crate::policy::OnLaneFailure;
use crate::realtime_compute;
use crate::restore::RestorePointKind;
use crate::span::Millis;
use crate::version::Version;
use crate::weka;

/// A stage of the plan: lanes run side by side, at most `width` at once; a lane runs in order; the
/// next wave begins when every lane is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// One or two words: `prepare`, `switch`, `prove`.
    pub title: String,
    /// Steps in order, per lane.
    pub lanes: Vec<Lane>,
    /// How many lanes may be under way at once.
    pub width: NonZeroU8,
    /// What a failed lane means for the others.
    pub on_lane_failure: OnLaneFailure,
    /// What the wave costs and how one gets back, as shown before the start.
    pub outlook: WaveOutlook,
}

impl Wave {
    /// All its steps, lane by lane.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.lanes.iter().flat_map(|lane| lane.steps.iter())
    }
}

/// Steps that run in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Whom the lane is about, where it is about one: a job.
    pub subject: Option<ComponentId>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// What a wave costs and how one gets back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveOutlook {
    /// Expected downtime of the jobs; zero is none, absent is not known.
    pub downtime: Option<Millis>,
    /// How one gets back while this wave is under way and right after it.
    pub way_back: WayBack,
    /// What would be replayed on the way back, in a sentence with an amount; empty when nothing.
    pub replayed: String,
    /// Until when the way back stays open and what closes it, one closer a line.
    pub open_until: Vec<String>,
}

/// How one gets back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayBack {
    /// Nothing has to be undone but what upshift itself left.
    Free,
    /// From these restore points, by the steps compiled into the plan.
    Restore {
        /// Which.
        slots: Vec<Slot>,
    },
    /// Not at all.
    Closed {
        /// The page that says why.
        because: Code,
    },
}

/// One change, with what must hold on either side of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Position in the plan.
    pub id: StepId,
    /// What changes.
    pub effect: Effect,
    /// Not met: a wait with a name, or drift; never improvised around.
    pub before: Vec<Expectation>,
    /// Not met: not done, whatever a call returned.
    pub after: Vec<Expectation>,
    /// Why it is done this way, one reason a line: `canonical, because the state backend changes`.
    pub why: Vec<String>,
    /// How long it is expected to take, where that is known.
    pub usual: Option<Millis>,
    /// Given up after this long.
    pub give_up: Millis,
    /// How many tries in all; only a try that certainly failed is followed by another.
    pub tries: u16,
    /// What it means for whether a job is up.
    pub downtime: Downtime,
    /// The same as literal commands, for the runbook.
    pub by_hand: Vec<String>,
}

/// What a step means for whether a job is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downtime {
    /// Nothing.
    None,
    /// The lane's job is down from the moment the step is begun.
    Begins,
    /// The lane's job is up again once the step is done.
    Ends,
}

/// The verbs. A new one is argued as growth of the product's surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Take a restore point of a running component and let it run on.
    TakeRestorePoint {
        /// Of which job.
        of: ComponentId,
        /// On which cluster it runs.
        on: ComponentId,
        /// In which form.
        form: RestorePointKind,
        /// Which slot it fills.
        into: Slot,
    },
    /// Adopt the newest retained checkpoint of a job that cannot take a savepoint.
    AdoptCheckpoint {
        /// Of which job.
        of: ComponentId,
        /// On which cluster it runs or ran.
        on: ComponentId,
        /// Which slot it fills.
        into: Slot,
    },
    /// Make something ready without touching what runs.
    Prepare {
        /// What.
        what: Preparation,
    },
    /// Write configuration for a component.
    Configure {
        /// Which component.
        component: ComponentId,
        /// What is written.
        change: Change,
    },
    /// Bring an artifact to where it is needed.
    Transfer {
        /// What and where to.
        what: Artifact,
        /// Under which name its identity there is bound.
        into: BindingName,
    },
    /// Stop a component: a job, or all processes of a cluster.
    Stop {
        /// What is stopped.
        what: StopWhat,
    },
    /// Start a component.
    Start {
        /// What is started.
        what: StartWhat,
    },
    /// Write something of upshift's own and read it back, over fresh connections.
    Prove {
        /// What.
        what: Canary,
    },
    /// Let go of something; only after consent.
    Release {
        /// What.
        what: Releasable,
    },
    /// Let a system carry out a command of its own that takes long, and find it again.
    Weka {
        /// Which.
        what: weka::Act,
    },
    /// Let a Fluss cluster's coordinator carry out a change of its own.
    Fluss {
        /// Which.
        what: fluss::Act,
    },
    /// Wait: a soak time with everything watched, or a person's word.
    Hold {
        /// For what.
        gate: Gate,
    },
}

/// Things made ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preparation {
    /// The release of the component is unpacked into its home, its digest checked first.
    Unpack {
        /// The component whose installation it is.
        component: ComponentId,
    },
    /// A probe is asked for its value now; ratios later refer to it.
    Baseline {
        /// The probe's name.
        probe: String,
        /// Under which name the value is bound.
        into: BindingName,
    },
    /// What the system knows of itself is copied into a file: evidence of how it was, and no way back.
    Evidence {
        /// The folder that the file is written into.
        folder: PathBuf,
        /// Under which name the file is bound.
        into: BindingName,
    },
    /// A copy of a component is made beside it, under another name and on the wanted release, and read back.
    Clone {
        /// Of which component.
        of: ComponentId,
        /// What the copy is called.
        to: ComponentId,
        /// Under which name the system's own id of the copy is bound.
        into: BindingName,
    },
    /// The release that a component starts with next is another one from now on. What runs goes on.
    Release {
        /// Which component.
        component: ComponentId,
        /// The one that it names before.
        from: Version,
        /// The one that it names then.
        to: Version,
    },
    /// What a canary is written into is made.
    Canary {
        /// Which.
        what: Canary,
        /// Anew: what is there of it is dropped first.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        anew: bool,
    },
    /// Something that only an Alluxio cluster needs.
    Alluxio(alluxio::Preparation),
    /// Something that only a namespace of Realtime Compute needs.
    RealtimeCompute(realtime_compute::Preparation),
}

/// A place of upshift's own inside a system, to be written into and read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// Its name there; nothing else may be of this name.
    pub name: String,
    /// Over how many parts it is spread.
    pub parts: u32,
    /// How many copies each part has.
    pub copies: u32,
}

/// Changes of configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The configuration directory is copied with the main file rewritten for the new release.
    CarryOver {
        /// Directory it is taken from.
        from: PathBuf,
        /// Name of the main file there.
        from_file: String,
        /// Digest of that file when the plan was made.
        from_digest: Digest,
        /// Directory it is written to; it must be absent, empty or ours.
        to: PathBuf,
        /// Name of the main file there.
        to_file: String,
        /// What is changed on the way, in order.
        edits: Vec<ConfigEdit>,
    },
}

/// One change of one configuration key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigEdit {
    /// The key has another name in the new release; the value stays as it is.
    Rename {
        /// Old name.
        from: String,
        /// New name.
        to: String,
        /// Why.
        why: String,
    },
    /// The key is not carried over.
    Drop {
        /// Its name.
        key: String,
        /// Why.
        why: String,
    },
    /// The key is set, replacing what was there.
    Set {
        /// Its name.
        key: String,
        /// Its value; never a secret.
        value: String,
        /// Why.
        why: String,
    },
}

/// Things brought somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Artifact {
    /// A job's jar, uploaded to a cluster; the cluster's name for it is bound.
    Jar {
        /// Which job.
        job: ComponentId,
        /// To which cluster.
        to: ComponentId,
    },
    /// A folder with everything in it, on one machine.
    Folder {
        /// A server of the machine on which it lies.
        of: ComponentId,
        /// Where it lies.
        from: PathBuf,
        /// Where it is to lie. Nothing may be there but an earlier try.
        to: PathBuf,
        /// Whether it stays where it was, too.
        keep: bool,
    },
}

/// Ways to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopWhat {
    /// The job stops with a restore point as its last act.
    JobInto {
        /// Which job.
        job: ComponentId,
        /// On which cluster.
        on: ComponentId,
        /// In which form.
        form: RestorePointKind,
        /// Which slot it fills.
        into: Slot,
    },
    /// The job is cancelled; nothing is kept of it. Done when it is not there, too.
    JobCancel {
        /// Which job.
        job: ComponentId,
        /// On which cluster.
        on: ComponentId,
        /// Where its id there is bound, or the id itself where the inventory saw it.
        id: ForeignId,
    },
    /// All processes of the cluster end, each by its own pid.
    Cluster {
        /// Which cluster.
        cluster: ComponentId,
    },
    /// One server of several ends in an orderly way, by its own pid; it is never killed.
    Server {
        /// Which server.
        server: ComponentId,
    },
    /// Whoever writes to the system, by a program of its owner's.
    Writers {
        /// The program and its arguments, which no shell reads.
        by: Vec<String>,
    },
}

/// Where a system's own id of something comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignId {
    /// The inventory saw it.
    Seen(String),
    /// An earlier step bound it.
    Bound(BindingName),
}

/// Ways to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartWhat {
    /// The cluster's processes, from its installation and its configuration directory.
    Cluster {
        /// Which cluster.
        cluster: ComponentId,
        /// The release it must come up with.
        release: Version,
        /// Slots that must be registered.
        slots: u32,
    },
    /// One server of several; done when it has joined the others anew.
    Server {
        /// Which server.
        server: ComponentId,
        /// The release it must come up with.
        release: Version,
    },
    /// The same, with what a backup holds, on a journal that holds nothing yet.
    Restored {
        /// Which server.
        server: ComponentId,
        /// The release it must come up with.
        release: Version,
        /// Under which name the backup is bound.
        from: BindingName,
    },
    /// Whoever writes to the system, by a program of its owner's.
    Writers {
        /// The program and its arguments, which no shell reads.
        by: Vec<String>,
    },
    /// A job, from a restore point; claim mode is always NO_CLAIM.
    Job {
        /// Which job.
        job: ComponentId,
        /// On which cluster.
        on: ComponentId,
        /// Where the uploaded jar's name is bound; none where the place that it starts on holds its program.
        jar: Option<BindingName>,
        /// From which restore point; none only for a job that is declared stateless.
        from: Option<Slot>,
        /// Whether state that no operator claims may be dropped; true only when a waiver names
        /// every operator that loses its state.
        may_drop_state: bool,
        /// Where the new job's id is bound.
        into: BindingName,
    },
}

/// Things let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Releasable {
    /// The processes of a cluster that no job of the plan uses any more.
    ClusterProcesses {
        /// Which cluster.
        cluster: ComponentId,
    },
    /// The uploaded copy of a jar.
    UploadedJar {
        /// On which cluster.
        cluster: ComponentId,
        /// Where its name is bound.
        jar: BindingName,
    },
    /// A restore point is no longer kept by the run: from now on the policy's time runs, after
    /// which `restore-points release` may dispose of it. Nothing is deleted by this step.
    RestorePoint {
        /// Which slot.
        slot: Slot,
    },
    /// The files of a restore point that no run keeps are deleted.
    RestorePointFiles {
        /// Its URI.
        location: String,
        /// Digest of its metadata, so that nothing else is deleted that lies there by now.
        sha256: Digest,
    },
    /// The files of a restore point that this run made, known by what fills the slot, are deleted.
    SlotFiles {
        /// Which slot; done when nothing fills it.
        slot: Slot,
    },
    /// A folder that this run made for a cluster, with everything in it.
    Scratch {
        /// The folder; its `conf` carries upshift's mark.
        folder: PathBuf,
    },
    /// A deployment, with everything that the service keeps of it. It must have no job that is not over.
    Deployment {
        /// Which.
        deployment: ComponentId,
        /// Where the system's own id of it is found.
        id: ForeignId,
    },
    /// A draft that this run made for a deployment of the same name.
    Draft {
        /// What it is called.
        draft: ComponentId,
        /// Where the system's own id of it is bound; done where nothing is.
        id: BindingName,
    },
    /// What a canary was written into.
    Canary {
        /// Which.
        what: Canary,
    },
}

impl Effect {
    /// The slot that the effect fills.
    pub fn fills(&self) -> Option<&Slot> {
        match self {
            Self::TakeRestorePoint { into, .. }
            | Self::AdoptCheckpoint { into, .. }
            | Self::Stop {
                what: StopWhat::JobInto { into, .. },
            } => Some(into),
            Self::Prepare { .. }
            | Self::Configure { .. }
            | Self::Transfer { .. }
            | Self::Stop {
                what:
                    StopWhat::JobCancel { .. }
                    | StopWhat::Cluster { .. }
                    | StopWhat::Server { .. }
                    | StopWhat::Writers { .. },
            }
            | Self::Start { .. }
            | Self::Prove { .. }
            | Self::Weka { .. }
            | Self::Fluss { .. }
            | Self::Release { .. }
            | Self::Hold { .. } => None,
        }
    }

    /// The slot that the effect needs filled.
    pub fn needs(&self) -> Option<&Slot> {
        match self {
            Self::Start {
                what: StartWhat::Job { from, .. },
            } => from.as_ref(),
            Self::Release {
                what: Releasable::RestorePoint { slot },
            } => Some(slot),
            Self::TakeRestorePoint { .. }
            | Self::AdoptCheckpoint { .. }
            | Self::Prepare { .. }
            | Self::Configure { .. }
            | Self::Transfer { .. }
            | Self::Stop { .. }
            | Self::Start {
                what:
                    StartWhat::Cluster { .. }
                    | StartWhat::Server { .. }
                    | StartWhat::Restored { .. }
                    | StartWhat::Writers { .. },
            }
            | Self::Prove { .. }
            | Self::Weka { .. }
            | Self::Fluss { .. }
            | Self::Release { .. }
            | Self::Hold { .. } => None,
        }
    }
}
