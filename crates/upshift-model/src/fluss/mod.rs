//! What is known of an Apache Fluss system: what was seen of it, and what its health comes to.

mod access;
mod act;
pub mod before_stop;
mod condition;
mod declaration;
mod facts;
mod health;
mod machine;
mod naming;
mod novelty;
mod own_databases;
mod owned;
mod quorum;
mod release;
mod site;
mod staged;
mod stuck_leader;
mod system;
mod told;

pub use access::{Access, Identity, Login, Tls};
pub use act::Act;
pub use condition::{CLEAN, Condition, clean_end_of, server_yaml_of};
pub use declaration::{Client, Declaration, DeclaredServer};
pub use facts::{
    BucketFacts, BucketId, Coordinator, Dropped, Facts, KvSnapshot, Lake, LakeNode, Leadership, Listener,
    Rebalance, RebalanceStatus, ServerTag, TableFacts, TabletServer,
};
pub use health::{Counts, Health, Light, Reason, Short, health};
pub use machine::{
    ClientProcess, DataFolder, DataState, Home, HostFacts, OptionLine, Owner, RemoteFolder, RemoteState,
    ServerProcess, THIS_MACHINE,
};
pub use novelty::Novelty;
pub use own_databases::{CANARY, CANARY_MADE_AFTER, is_own_database};
pub use owned::{Part, Switch, Tiering, lake_before};
pub use quorum::{Keeper, KeeperState};
pub use release::{Line, Role, line_of_apis, lines_of_coordinator, lines_of_tablet_server, same_release};
pub use site::{Launch, Server, Site};
pub use staged::Staged;
pub use stuck_leader::{StuckLeader, stuck_leaders};
pub use system::{ServerAnswer, ServerId, System};
pub use told::{BothSides, Difference, Held, Led, OwnCount, Told};
