//! What is done to an Alluxio cluster beside stopping and starting, and what must be true of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::declaration::{ClientSwitch, Unpersisted};
use super::facts::TierFolder;
use super::fit::Criteria;
use crate::ids::{BindingName, ComponentId};
use crate::version::Version;

/// Things made ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preparation {
    /// The counts of calls that change the tree are noted, and must not grow from then on.
    Watch {
        /// Under which name they are bound.
        into: BindingName,
    },
    /// Where the journals of the running masters end is noted: what stands behind that afterwards is in no backup.
    JournalEnd {
        /// Under which name it is bound.
        into: BindingName,
    },
    /// Files that exist in workers only are written into their under-stores by the release's own command; those who write
    /// are stopped by then.
    Persist {
        /// The release that does it.
        release: Version,
    },
    /// The master that runs writes a backup into a folder of the try's own.
    Backup {
        /// The release that writes it.
        release: Version,
        /// Words behind `fsadmin backup FOLDER`.
        options: Vec<String>,
        /// Whether a marker must lie beside it.
        marked: bool,
        /// Under which name its file, digest and count are bound.
        into: BindingName,
    },
    /// A backup is brought to this machine from the master's host that wrote it.
    Fetch {
        /// Under which name the backup is bound that was written there.
        of: BindingName,
        /// Under which name the copy is bound.
        into: BindingName,
    },
    /// A backup is put onto a master's host, and seen to be readable for that master.
    Copy {
        /// Under which name the backup is bound.
        of: BindingName,
        /// Which master.
        server: ComponentId,
        /// Under which name its copy is bound.
        into: BindingName,
    },
    /// A backup is read, judged, and written again where its release wrote what the wanted one does not understand.
    Restorable {
        /// Under which name the backup is bound.
        of: BindingName,
        /// What is acceptable.
        criteria: Box<Criteria>,
        /// Under which name what will be restored is bound.
        into: BindingName,
    },
    /// The blocks in the tiers of a stopped worker are listed, those of which the backup knows.
    Blocks {
        /// Of which worker.
        server: ComponentId,
        /// Under which name the backup is bound.
        of: BindingName,
        /// Under which name the list is bound.
        into: BindingName,
    },
    /// The tiers of a stopped worker are copied, all of them, and the copy compared file by file.
    SaveTiers {
        /// Of which worker.
        server: ComponentId,
        /// Where to.
        to: PathBuf,
    },
    /// What of the copied tiers does not lie in the worker's tiers any more is put back, before it starts.
    ReturnTiers {
        /// Of which worker.
        server: ComponentId,
        /// Where the copy is.
        from: PathBuf,
    },
    /// A stopped application gets the client of a release on its class path.
    ClassPath {
        /// What a person calls the application.
        client: String,
        /// How.
        switch: ClientSwitch,
        /// Whether it is the client of before again.
        back: bool,
    },
    /// An application is started again.
    Restart {
        /// What a person calls it.
        client: String,
        /// How.
        by: Vec<String>,
    },
    /// The journal of before is put back in its place, where it was moved away; what lies there by then is kept.
    PutBack {
        /// On which master's host.
        server: ComponentId,
        /// Where it was kept.
        kept: PathBuf,
        /// Its place.
        journal: PathBuf,
        /// Where what lies there is moved to.
        replaced: PathBuf,
    },
    /// The tiers of a stopped worker are formatted for a release. What lies in them is given up: a person said so.
    FormatWorker {
        /// Which.
        server: ComponentId,
        /// For which.
        release: Version,
        /// What lay in its tiers when the plan was made.
        gives_up: Vec<TierFolder>,
    },
    /// The journal folder is formatted for a release. Workers are not.
    Format {
        /// On which master's host.
        server: ComponentId,
        /// For which.
        release: Version,
    },
}

/// A condition on a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// No call has changed the tree since the counts were noted.
    Quiet {
        /// Under which name they are bound.
        since: BindingName,
    },
    /// No file exists in workers only, or they may.
    Persisted {
        /// Under which name the backup is bound.
        of: BindingName,
        /// What becomes of them.
        unpersisted: Unpersisted,
    },
    /// No block in the tiers of a stopped worker is younger than the backup.
    NothingLate {
        /// Under which name the list of its blocks is bound.
        of: BindingName,
    },
    /// Every tier of a worker that held something holds something still: a RAM disk that is gone, or a disk that is not
    /// mounted, is told while nothing is replaced.
    TiersHold {
        /// Of which worker.
        server: ComponentId,
        /// What lay in its tiers when the plan was made.
        held: Vec<TierFolder>,
    },
    /// Every file that exists in workers only lies in a tier that was listed.
    OnlyCopies {
        /// Under which name the backup is bound that names them.
        of: BindingName,
        /// Under which names the lists are bound, of all workers that were stopped.
        lists: Vec<BindingName>,
    },
    /// The journals of stopped masters hold no change of the tree behind where they ended.
    NothingWritten {
        /// Under which name their ends are bound.
        since: BindingName,
        /// Under which name the backup is bound that lacks such a change; it names files.
        of: BindingName,
    },
    /// A backup is still the file that was proven: asked right before something is done that only it makes good again.
    Unaltered {
        /// Under which name it is bound.
        of: BindingName,
        /// On which master's host it lies; none is this machine.
        on: Option<ComponentId>,
    },
    /// Two backups hold the same tree. What has expired meanwhile may be gone, and is told.
    SameTree {
        /// Under which name the older is bound.
        before: BindingName,
        /// The younger.
        after: BindingName,
        /// What may differ, and is told.
        but: BTreeSet<Facet>,
        /// Whether the younger may hold more, which is told.
        #[serde(default)]
        more: bool,
    },
    /// The folder that is mounted as the root is the one that the plan saw, with something in it.
    RootStore,
    /// The configuration of the wanted release on a server's host is the one that the plan means.
    Configured {
        /// Whose host.
        server: ComponentId,
        /// Whether it is in its place by now; else it may still be to be made of the file that the plan saw.
        made: bool,
    },
    /// The master answers as this release, with the mounts of the plan.
    Serving {
        /// Which.
        release: Version,
    },
    /// As many workers as before are in service, none is lost.
    Workers,
    /// There is room for a copy of a worker's tiers, in a folder outside of them that holds nothing of others.
    TierRoom {
        /// Of which worker.
        server: ComponentId,
        /// Where the copy will be.
        to: PathBuf,
    },
    /// Every process of an application has the client of this release loaded, and one runs.
    Loaded {
        /// What a person calls it.
        client: String,
        /// A part of the command line of its processes.
        process: String,
        /// Which release.
        release: Version,
    },
    /// Every block of the list lies where it lay.
    Blocks {
        /// Of which worker.
        server: ComponentId,
        /// Under which name the list is bound.
        of: BindingName,
    },
}

/// A side of a tree that is compared by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Facet {
    /// Which files and directories there are.
    Names,
    /// Lengths, blocks, whether they are complete.
    Contents,
    /// Where files are kept.
    Persistence,
    /// Owners, groups, modes and access control lists.
    Access,
    /// Access control lists that new children get.
    DefaultAccess,
    /// Times to live and what follows them.
    Expiry,
    /// What is pinned.
    Pins,
    /// Extended attributes.
    Attributes,
    /// Mounts.
    Mounts,
}

impl Facet {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Names,
        Self::Contents,
        Self::Persistence,
        Self::Access,
        Self::DefaultAccess,
        Self::Expiry,
        Self::Pins,
        Self::Attributes,
        Self::Mounts,
    ];

    /// The words used in sentences.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Names => "files and directories",
            Self::Contents => "lengths and blocks",
            Self::Persistence => "persistence",
            Self::Access => "owners, modes and access lists",
            Self::DefaultAccess => "default access lists",
            Self::Expiry => "times to live",
            Self::Pins => "pins",
            Self::Attributes => "extended attributes",
            Self::Mounts => "mounts",
        }
    }
}
