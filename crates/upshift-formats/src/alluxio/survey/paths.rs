//! Paths of the few files that are named, put together from the names of all directories, as far as those fit.

use std::collections::HashMap;

/// What a directory costs besides its name.
const EACH: usize = 40;
/// Deeper trees are cut: a circle would have no end.
const DEPTH: usize = 4_096;

/// Names of directories.
#[derive(Debug)]
pub(super) struct Paths {
    directories: HashMap<u64, (i64, Box<[u8]>)>,
    bytes: usize,
    limit: usize,
}

impl Paths {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            directories: HashMap::new(),
            bytes: 0,
            limit,
        }
    }

    /// Remembers a directory, where it fits.
    pub(super) fn directory(&mut self, id: u64, parent: i64, name: &[u8]) {
        self.bytes += EACH + name.len();
        if self.bytes <= self.limit {
            self.directories.insert(id, (parent, name.into()));
        }
    }

    /// `/a/b/name`; `…/name` where a parent was not kept.
    pub(super) fn path(&self, parent: i64, name: &[u8]) -> String {
        let mut parts = vec![String::from_utf8_lossy(name).into_owned()];
        let mut parent = parent;
        while parent > 0 && parts.len() < DEPTH {
            match u64::try_from(parent)
                .ok()
                .and_then(|id| self.directories.get(&id))
            {
                Some((next, name)) => {
                    parts.push(String::from_utf8_lossy(name).into_owned());
                    parent = *next;
                }
                None => {
                    parts.push("…".to_owned());
                    break;
                }
            }
        }
        parts.reverse();
        match parent > 0 {
            true => parts.join("/"),
            false => format!("/{}", parts.join("/")),
        }
    }
}
