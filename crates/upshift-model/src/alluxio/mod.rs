//! What is known of an Alluxio system: its backups, its journal folders, and what was seen of it.

mod backup;
pub mod codes;
mod declaration;
mod facts;
mod fit;
mod journal;
mod site;
mod work;

pub use backup::{
    Backup, CachedFile, Damage, DamageKind, EntryCount, Generators, Marker, Mount, Tally, Unchecked,
};
pub use declaration::{Client, ClientSwitch, Declaration, Lies, Unpersisted, Way, Writers};
pub use facts::{
    ClientProcess, Facts, HostFacts, JournalPlace, Master, MasterAnswer, Member, MountedStore, OptionLine,
    Process, Role, RootStore, SILENT_SECS, StoreFolder, THIS_MACHINE, TierFolder, UnpersistedFile, Worker,
    own_or,
};
pub use fit::{Criteria, Unfit, unfit};
pub use journal::{Journal, JournalKind, JournalLog};
pub use site::{Installation, JournalFolder, MountTerms, Pinned, Place, Server, Site};
pub use work::{Condition, Facet, Preparation};
