//! The nodes below a cluster's root in ZooKeeper as they were read, with those that could not be.

use std::collections::BTreeMap;

/// What one node holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Data {
    /// Its bytes; empty for a node that holds none.
    pub bytes: Vec<u8>,
    /// Gone with the session of whoever made it.
    pub ephemeral: bool,
    /// When it was written, in milliseconds of the epoch by ZooKeeper's clock; a dump does not tell.
    pub written_ms: Option<i64>,
}

/// A part of the tree that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} could not be read: {why}")]
pub struct Unread {
    /// The highest node of that part.
    pub path: String,
    /// Why.
    pub why: String,
}

/// Nodes by their paths below the root; the root is `/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    nodes: BTreeMap<String, Data>,
    unread: BTreeMap<String, String>,
}

impl Tree {
    /// Puts a node in.
    pub fn put(&mut self, path: impl Into<String>, data: Data) {
        self.nodes.insert(path.into(), data);
    }

    /// Notes that a node, and all below it, could not be read.
    pub fn could_not_read(&mut self, path: impl Into<String>, why: impl Into<String>) {
        self.unread.insert(path.into(), why.into());
    }

    /// All nodes, parents before children.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Data)> {
        self.nodes.iter().map(|(path, data)| (path.as_str(), data))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The parts that could not be read.
    pub fn unread(&self) -> impl Iterator<Item = Unread> {
        self.unread.iter().map(|(path, why)| Unread {
            path: path.clone(),
            why: why.clone(),
        })
    }

    /// A node; none where there is none.
    ///
    /// # Errors
    /// When it, or a node above it, could not be read.
    pub fn get(&self, path: &str) -> Result<Option<&Data>, Unread> {
        match (self.nodes.get(path), self.hidden(path)) {
            (_, Some(unread)) => Err(unread),
            (found, None) => Ok(found),
        }
    }

    /// Names of the nodes right below one, in order; none where there is no such node.
    ///
    /// # Errors
    /// When the node, or one above it, could not be read.
    pub fn children(&self, path: &str) -> Result<Vec<&str>, Unread> {
        if let Some(unread) = self.hidden(path) {
            return Err(unread);
        }
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let known = self.nodes.range(prefix.clone()..).map(|(path, _)| path);
        let below = known.take_while(|path| path.starts_with(&prefix));
        let names = below.filter_map(|path| path.strip_prefix(&prefix));
        Ok(names
            .filter(|name| !name.is_empty() && !name.contains('/'))
            .collect())
    }

    /// The part that could not be read and that a path lies in.
    fn hidden(&self, path: &str) -> Option<Unread> {
        let lies_in = |unread: &str| {
            unread == "/"
                || path == unread
                || path
                    .strip_prefix(unread)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        let found = self.unread.iter().find(|(unread, _)| lies_in(unread))?;
        Some(Unread {
            path: found.0.clone(),
            why: found.1.clone(),
        })
    }
}
