//! Where a cluster's metadata comes from, and where a dump of it goes.

use std::path::Path;

use upshift_drivers::fluss::{
    Door, Walk, ZooKeeperError, both_sides, codes, conceal, facts, is_cluster, read_tree,
};
use upshift_formats::fluss::{Tree, read_dump, write_dump};
use upshift_model::fluss::{Access, BothSides, Facts};

use crate::app::output::{self, Present};
use crate::exit::Exit;
use crate::secret;
use crate::trouble::{Stop, Trouble};

/// No dump of a real cluster is anywhere near this: 512 MB.
const LARGEST: u64 = 512 << 20;

/// Where the metadata is.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// In ZooKeeper.
    ZooKeeper {
        /// `HOST:PORT`, several with commas between them.
        servers: &'a str,
        /// The cluster's root.
        root: &'a str,
        /// How it lets upshift in.
        access: &'a Access,
    },
    /// In a file.
    Dump(&'a Path),
}

/// What was read.
#[derive(Debug)]
pub struct Opened {
    /// The nodes.
    pub tree: Tree,
    /// What they tell.
    pub facts: Facts,
    /// What servers tell clients beside it; none of a file.
    pub both_sides: Option<BothSides>,
}

/// Reads the metadata; `progress` hears how many nodes were read so far.
///
/// # Errors
/// When ZooKeeper does not answer, there is no cluster, or the file is no dump.
pub async fn open(source: Source<'_>, progress: impl FnMut(usize)) -> Result<Opened, Stop> {
    match source {
        Source::ZooKeeper {
            servers,
            root,
            access,
        } => {
            let secrets = secret::secrets();
            let door = Some(Door {
                access,
                secrets: &secrets,
            });
            let walk = Walk { servers, root, door };
            let tree = read_tree(walk, progress).await.map_err(|error| unread(&error))?;
            let place = format!("{servers}{}", root.trim_end_matches('/'));
            let again = || async {
                let tree = read_tree(walk, |_| ()).await.map_err(|error| error.to_string())?;
                Ok(facts(&tree, place.clone()))
            };
            let (facts, both_sides) = both_sides(facts(&tree, place.clone()), again).await;
            Ok(Opened {
                tree,
                facts,
                both_sides: Some(both_sides),
            })
        }
        Source::Dump(path) => {
            let tree = dump(path)?;
            let facts = facts(&tree, path.display().to_string());
            Ok(Opened {
                tree,
                facts,
                both_sides: None,
            })
        }
    }
}

/// Writes a dump, without the values of options that are secret. A file that is there already is not
/// overwritten.
///
/// # Errors
/// When the file is there, or cannot be written.
pub fn write(tree: &Tree, path: &Path) -> Result<(), Stop> {
    output::write(path, &write_dump(&conceal(tree)), Present::Keep)?;
    Ok(())
}

fn dump(path: &Path) -> Result<Tree, Trouble> {
    let wrong = |what: String| {
        Trouble::usage(codes::NOT_A_DUMP, what)
            .at(path.display().to_string())
            .expected("a file that upshift inspect fluss --write-dump made")
    };
    let size = std::fs::metadata(path).map_err(|e| wrong(format!("the file cannot be read: {e}")))?;
    if size.len() > LARGEST {
        return Err(wrong(format!(
            "the file has {} bytes; at most {LARGEST} are read",
            size.len()
        )));
    }
    let bytes = std::fs::read(path).map_err(|e| wrong(format!("the file cannot be read: {e}")))?;
    let tree = read_dump(&bytes).map_err(|e| wrong(e.to_string()))?;
    // Whatever is asked of an empty tree has an answer, and a wrong one.
    match is_cluster(&tree) {
        true => Ok(tree),
        false => Err(wrong("no node of a Fluss cluster is in it".to_owned())),
    }
}

pub(super) fn unread(error: &ZooKeeperError) -> Trouble {
    match error {
        ZooKeeperError::Unreachable { servers, why } => Trouble::new(
            error.code(),
            Exit::Unknown,
            format!("ZooKeeper does not answer: {why}"),
        )
        .at(servers)
        .expected("the servers of zookeeper.address, HOST:PORT with commas between them"),
        ZooKeeperError::NotLetIn { servers, why } => Trouble::new(
            error.code(),
            Exit::Unknown,
            format!("ZooKeeper does not let upshift in: {why}"),
        )
        .at(servers)
        .expected(
            "the user and the certificates that Fluss's own servers use: [zookeeper_login], [zookeeper_tls]",
        ),
        ZooKeeperError::NoCluster {
            servers,
            root,
            beside,
        } => {
            let trouble = Trouble::usage(error.code(), format!("there is no Fluss cluster below {root}"));
            let found = match beside.is_empty() {
                true => "the value of zookeeper.path.root in server.yaml".to_owned(),
                false => format!(
                    "the value of zookeeper.path.root; beside it there are {}",
                    beside.join(", ")
                ),
            };
            trouble.at(servers).expected(found)
        }
    }
}
