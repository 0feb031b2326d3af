//! Files and directories as entries hold them, in the superset of all releases.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::acl::{self, AccessList};
use super::wire::{Fields, Malformed, Value, numbers};

/// Whether a file or directory is in the under-store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persistence {
    /// Only in Alluxio.
    NotPersisted,
    /// Only in Alluxio, and to be written.
    ToBePersisted,
    /// In the under-store.
    Persisted,
    /// Its blocks are gone and it never was in the under-store.
    Lost,
    /// A word that no release writes.
    Unknown,
}

impl Persistence {
    fn read(word: &[u8]) -> Self {
        match word {
            b"PERSISTED" => Self::Persisted,
            b"NOT_PERSISTED" => Self::NotPersisted,
            b"TO_BE_PERSISTED" => Self::ToBePersisted,
            b"LOST" => Self::Lost,
            _ => Self::Unknown,
        }
    }

    /// The word in the entry.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Persisted => "PERSISTED",
            Self::NotPersisted => "NOT_PERSISTED",
            Self::ToBePersisted => "TO_BE_PERSISTED",
            Self::Lost => "LOST",
            Self::Unknown => "?",
        }
    }
}

/// A file or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inode<'a> {
    /// Whether it is a directory.
    pub directory: bool,
    /// Its id.
    pub id: u64,
    /// The id of its parent; -1 for the root.
    pub parent: i64,
    /// Its name, as bytes.
    pub name: &'a [u8],
    /// Where it is.
    pub persistence: Persistence,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Its owner, where 1.x wrote it.
    owner: &'a [u8],
    /// Its group, where 1.x wrote it.
    group: &'a [u8],
    /// Its mode, where 1.x wrote it.
    mode: u32,
    /// When it was made, in milliseconds since 1970: its time to live is counted from then.
    pub created: i64,
    /// Milliseconds until it expires; -1 is never.
    pub ttl: i64,
    /// What happens then: 0 deletes, 1 frees, 2 deletes in Alluxio alone.
    pub ttl_action: u32,
    /// Its access control list.
    acl: &'a [u8],
    /// The list that a directory gives to what is made in it.
    default_acl: &'a [u8],
    /// A directory at which something is mounted.
    pub mount_point: bool,
    /// Bytes of a file.
    pub length: u64,
    /// Whether a file is written to its end.
    pub completed: bool,
    /// Fingerprint of the file in the under-store.
    pub fingerprint: &'a [u8],
    /// Extended attributes.
    pub attributes: u32,
    /// What they hold, in whatever order they are written: two inodes with the same attributes have the same.
    pub attributes_sum: u64,
    /// The fields from the first block to the last.
    blocks: &'a [u8],
}

/// What the fingerprints of 1.x begin with; 2.x writes `TYPE|` and ends on these.
pub(super) const OLD_FINGERPRINT: &[u8] = b"TYPE:";
const FILE_BLOCKS: u32 = 12;

impl<'a> Inode<'a> {
    fn empty(directory: bool) -> Self {
        Self {
            directory,
            id: 0,
            parent: 0,
            name: &[],
            persistence: Persistence::Unknown,
            pinned: false,
            owner: &[],
            group: &[],
            mode: 0,
            created: 0,
            ttl: -1,
            ttl_action: 0,
            acl: &[],
            default_acl: &[],
            mount_point: false,
            length: 0,
            completed: false,
            fingerprint: &[],
            attributes: 0,
            attributes_sum: 0,
            blocks: &[],
        }
    }

    /// A map has no order: what is written of it is summed up.
    fn attribute(&mut self, entry: &[u8]) {
        let mut hasher = DefaultHasher::new();
        entry.hash(&mut hasher);
        self.attributes += 1;
        self.attributes_sum = self.attributes_sum.wrapping_add(hasher.finish());
    }

    pub(super) fn directory(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut inode = Self::empty(true);
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            match number {
                8 => inode.owner = value.bytes(),
                9 => inode.group = value.bytes(),
                10 => inode.mode = mode(value),
                11 => inode.mount_point = value.flag(),
                13 => inode.ttl = value.signed(),
                14 => inode.ttl_action = mode(value),
                15 => inode.acl = value.bytes(),
                16 => inode.default_acl = value.bytes(),
                19 => inode.attribute(value.bytes()),
                _ => inode.shared(number, value),
            }
        }
        Ok(inode)
    }

    pub(super) fn file(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut inode = Self::empty(false);
        let mut fields = Fields::new(message);
        let mut first = None;
        loop {
            let before = fields.rest();
            let Some((number, value)) = fields.next()? else {
                break;
            };
            match number {
                9 => inode.length = value.number(),
                10 => inode.completed = value.flag(),
                FILE_BLOCKS => {
                    let from = *first.get_or_insert(before);
                    let length = from.len() - fields.rest().len();
                    inode.blocks = from.get(..length).unwrap_or_default();
                }
                13 => inode.ttl = value.signed(),
                14 => inode.owner = value.bytes(),
                15 => inode.group = value.bytes(),
                16 => inode.mode = mode(value),
                17 => inode.ttl_action = mode(value),
                18 => inode.fingerprint = value.bytes(),
                19 => inode.acl = value.bytes(),
                28 => inode.attribute(value.bytes()),
                _ => inode.shared(number, value),
            }
        }
        Ok(inode)
    }

    fn shared(&mut self, number: u32, value: Value<'a>) {
        match number {
            1 => self.id = value.number(),
            2 => self.parent = value.signed(),
            3 => self.name = value.bytes(),
            4 => self.persistence = Persistence::read(value.bytes()),
            5 => self.pinned = value.flag(),
            6 => self.created = value.signed(),
            // Times, sizes, and whatever later releases add: nothing here asks for them.
            _ => {}
        }
    }

    /// The ids of its blocks, in order.
    pub fn blocks(&self) -> impl Iterator<Item = u64> + 'a {
        let mut fields = Fields::new(self.blocks);
        let fields = std::iter::from_fn(move || fields.next().ok().flatten());
        fields
            .filter(|(number, _)| *number == FILE_BLOCKS)
            .flat_map(|(_, value)| numbers(value))
    }

    /// Owner, group, mode and what goes beyond them.
    #[must_use]
    pub fn access(&self) -> AccessList {
        match self.acl {
            [] => AccessList {
                owner: String::from_utf8_lossy(self.owner).into_owned(),
                group: String::from_utf8_lossy(self.group).into_owned(),
                mode: self.mode,
                entries: Vec::new(),
            },
            list => acl::read(list),
        }
    }

    /// What a directory gives to what is made in it; nothing where it has no list of its own for that.
    #[must_use]
    pub fn default_access(&self) -> Vec<String> {
        acl::read(self.default_acl).entries
    }

    /// Whether its lists say more than owner, group and mode.
    #[must_use]
    pub fn has_acl(&self) -> bool {
        acl::is_extended(self.acl) || acl::is_extended(self.default_acl)
    }

    /// Whether its fingerprint is of the form of 1.x.
    #[must_use]
    pub fn has_old_fingerprint(&self) -> bool {
        self.fingerprint.starts_with(OLD_FINGERPRINT)
    }

    /// Whether its bytes are in workers and nowhere else.
    #[must_use]
    pub fn is_only_cached(&self) -> bool {
        let cached = matches!(
            self.persistence,
            Persistence::NotPersisted | Persistence::ToBePersisted
        );
        !self.directory && self.completed && self.length > 0 && cached
    }
}

fn mode(value: Value<'_>) -> u32 {
    u32::try_from(value.number()).unwrap_or(u32::MAX)
}
