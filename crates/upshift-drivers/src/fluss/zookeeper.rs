//! Reads the nodes below a cluster's root. Nothing is ever written; a session is opened and ends with the look.
//!
//! Nodes are read one by one, so a tree is no picture of one moment: what was changed meanwhile may be half in
//! it. Whoever needs a moment looks twice.

use upshift_engine::driver::Fault;
use upshift_formats::fluss::{Data, Tree};
use upshift_model::fluss::Site;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

use super::codes;
use super::zookeeper_door::Door;
use super::zookeeper_session::{Said, Session, SessionError};
use crate::wire::secret::Secrets;

/// Nodes that are asked for at the same time, over one connection.
const AT_ONCE: usize = 64;

/// What is read.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'a> {
    /// `HOST:PORT`, several with commas between them.
    pub servers: &'a str,
    /// The cluster's root: `/fluss`.
    pub root: &'a str,
    /// How ZooKeeper lets upshift in; none: it asks nothing.
    pub door: Option<Door<'a>>,
}

impl<'a> Walk<'a> {
    /// To the metadata of a site.
    pub const fn of(site: &'a Site, secrets: &'a Secrets) -> Self {
        Self {
            servers: site.zookeeper.as_str(),
            root: site.root.as_str(),
            door: Some(Door {
                access: &site.access,
                secrets,
            }),
        }
    }
}

/// Why there is no tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZooKeeperError {
    /// No session came about, or it was lost.
    #[error("ZooKeeper at {servers} does not answer: {why}")]
    Unreachable {
        /// The servers.
        servers: String,
        /// Why.
        why: String,
    },
    /// It does not let upshift in, or upshift has no key to it.
    #[error("ZooKeeper at {servers} does not let upshift in: {why}")]
    NotLetIn {
        /// The servers.
        servers: String,
        /// Why.
        why: String,
    },
    /// There is nothing at the root, or nothing of Fluss.
    #[error("there is no Fluss cluster below {root} in ZooKeeper at {servers}")]
    NoCluster {
        /// The servers.
        servers: String,
        /// The root.
        root: String,
        /// What lies beside it.
        beside: Vec<String>,
    },
}

impl ZooKeeperError {
    /// Its page.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unreachable { .. } => codes::ZOOKEEPER_UNREACHABLE,
            Self::NotLetIn { .. } => codes::NOT_LET_IN,
            Self::NoCluster { .. } => codes::NO_CLUSTER,
        }
    }

    /// As the engine takes it: who does not answer may answer later; a key that does not fit, and a cluster
    /// that is not there, wait for a person.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unreachable { .. } => Fault::Transient(self.to_string()),
            Self::NotLetIn { .. } | Self::NoCluster { .. } => Fault::Refused(Failure {
                code: self.code(),
                what: self.to_string(),
                far_side: None,
            }),
        }
    }
}

/// Reads all nodes; `progress` hears how many there are so far.
///
/// # Errors
/// When ZooKeeper does not answer, or there is no cluster. A node that may not be read is no error: the tree
/// says so.
pub async fn read_tree(walk: Walk<'_>, progress: impl FnMut(usize)) -> Result<Tree, ZooKeeperError> {
    let unreachable = |error: SessionError| {
        let (servers, why) = (walk.servers.to_owned(), error.to_string());
        match error.is_about_the_door() {
            true => ZooKeeperError::NotLetIn { servers, why },
            false => ZooKeeperError::Unreachable { servers, why },
        }
    };
    let mut session = Session::open(walk.servers, walk.door)
        .await
        .map_err(unreachable)?;
    let root = walk.root.trim_end_matches('/');
    let tree = nodes(&mut session, root, progress).await.map_err(unreachable)?;
    let found = match is_cluster(&tree) {
        true => Ok(tree),
        false => Err(ZooKeeperError::NoCluster {
            servers: walk.servers.to_owned(),
            root: walk.root.to_owned(),
            beside: beside(&mut session, root).await.map_err(unreachable)?,
        }),
    };
    session.close().await;
    found
}

async fn nodes(
    session: &mut Session,
    root: &str,
    mut progress: impl FnMut(usize),
) -> Result<Tree, SessionError> {
    let mut tree = Tree::default();
    let mut level = vec![String::from("/")];
    while !level.is_empty() {
        let mut next = Vec::new();
        for paths in level.chunks(AT_ONCE) {
            let full: Vec<String> = paths.iter().map(|path| below(root, path)).collect();
            for (path, said) in paths.iter().zip(session.look(&full).await?) {
                match said {
                    Said::Is((node, children)) => {
                        next.extend(children.iter().map(|name| child(path, name)));
                        let data = Data {
                            bytes: node.bytes,
                            ephemeral: node.ephemeral,
                            written_ms: Some(node.written_ms),
                        };
                        tree.put(path, data);
                    }
                    // Gone since its parent named it.
                    Said::Gone => {}
                    Said::Forbidden => {
                        tree.could_not_read(path, "ZooKeeper does not let us read it (NoAuth)")
                    }
                }
            }
            progress(tree.len());
        }
        level = next;
    }
    Ok(tree)
}

/// Whether a tree is that of a Fluss cluster at all.
pub fn is_cluster(tree: &Tree) -> bool {
    let has = |path: &&str| tree.get(path).is_ok_and(|node| node.is_some());
    ["/coordinators", "/tabletservers", "/metadata"].iter().any(has) || tree.unread().next().is_some()
}

/// Names of the other roots, for whoever mistook one.
async fn beside(session: &mut Session, root: &str) -> Result<Vec<String>, SessionError> {
    let parent = match root.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    };
    let said = session.look(&[parent.to_owned()]).await?;
    let names = said.into_iter().filter_map(|said| match said {
        Said::Is((_, names)) => Some(names),
        Said::Gone | Said::Forbidden => None,
    });
    let mut names: Vec<String> = names.flatten().map(|name| child(parent, &name)).collect();
    names.sort();
    Ok(names)
}

fn below(root: &str, path: &str) -> String {
    match (root, path) {
        ("", path) => path.to_owned(),
        (root, "/") => root.to_owned(),
        (root, path) => format!("{root}{path}"),
    }
}

fn child(parent: &str, name: &str) -> String {
    match parent {
        "/" => format!("/{name}"),
        parent => format!("{parent}/{name}"),
    }
}
