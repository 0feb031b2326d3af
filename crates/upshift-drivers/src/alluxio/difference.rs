//! Which files and directories make two trees different ones, found without keeping either: sums of a few thousand
//! shares tell where to look, and only what lies in shares that differ is kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::Path;

use upshift_formats::alluxio::{BackupLimits, Inode, read_backup_with};
use upshift_model::alluxio::Facet;

use super::tree::{Allowed, digest, sides};

/// Into so many shares a tree is parted by its ids.
const SHARES: usize = 1 << 14;
/// More than so many files and directories are not kept.
const MOST: usize = 500_000;
/// So many of each kind are named.
const NAMED: usize = 5;
/// Deeper trees are cut: every level is one more reading.
const LEVELS: usize = 64;
/// What a time to live does that takes a file away: 1 only frees it.
const FREES: u32 = 1;

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Difference {
    /// There now and not before.
    pub(super) more: Kind,
    /// There before and not now.
    pub(super) gone: Kind,
    /// There both times, and another.
    pub(super) changed: Kind,
    /// Gone or changed because its time to live was over.
    pub(super) expired: Kind,
    /// Whether there was too much to be told apart.
    pub(super) too_many: bool,
}

/// Files and directories that differ in one way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kind {
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// The first of them, by path.
    pub(super) named: Vec<String>,
}

impl Difference {
    /// Whether nothing was lost or changed but what expired.
    pub(super) fn is_harmless(&self, more: bool) -> bool {
        let lost = self.gone.count + self.changed.count;
        lost == 0 && !self.too_many && (more || self.more.count == 0)
    }
}

/// One file or directory of a share that differs.
struct Row {
    parent: i64,
    name: Vec<u8>,
    length: u64,
    /// When it expires; none where it does not.
    expires: Option<i64>,
    frees: bool,
    sides: BTreeMap<Facet, u128>,
}

impl Row {
    fn of(inode: &Inode<'_>, allowed: &Allowed) -> Self {
        let sides = sides(inode).into_iter();
        let sides = sides.filter(|(facet, _)| !allowed.but.contains(facet));
        Self {
            parent: inode.parent,
            name: inode.name.to_vec(),
            length: inode.length,
            expires: (inode.ttl >= 0).then(|| inode.created.saturating_add(inode.ttl)),
            frees: inode.ttl_action == FREES,
            sides: sides
                .map(|(facet, text)| (facet, digest(inode.id, &text)))
                .collect(),
        }
    }

    fn has_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }

    /// One that was freed has no time to live any more, and is pinned no more.
    fn was_freed(&self, after: &Self, now: i64) -> bool {
        let resets = |facet: &Facet| matches!(facet, Facet::Expiry | Facet::Pins);
        let mut differing = self
            .sides
            .iter()
            .filter(|(facet, side)| after.sides.get(facet) != Some(side));
        self.frees && self.has_expired(now) && differing.all(|(facet, _)| resets(facet))
    }
}

/// Reads both until it is known what differs.
///
/// # Errors
/// When one of them cannot be read.
pub(super) fn difference(before: &Path, after: &Path, allowed: &Allowed) -> io::Result<Difference> {
    let (was, is) = (shares(before, allowed)?, shares(after, allowed)?);
    let differs: Vec<bool> = was.iter().zip(&is).map(|(was, is)| was != is).collect();
    let (Some(was), Some(is)) = (rows(before, &differs, allowed)?, rows(after, &differs, allowed)?) else {
        return Ok(Difference {
            too_many: true,
            ..Difference::default()
        });
    };
    let expired = expired(&was, &is, allowed.now);
    let (mut more, mut gone, mut changed, mut over) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, row) in &was {
        match is.get(id) {
            None if expired.contains(id) => over.push((*id, row)),
            None => gone.push((*id, row)),
            Some(now) if now.sides == row.sides => {}
            Some(now) if row.was_freed(now, allowed.now) => over.push((*id, row)),
            Some(_) => changed.push((*id, row)),
        }
    }
    more.extend(
        is.iter()
            .filter(|(id, _)| !was.contains_key(id))
            .map(|(id, row)| (*id, row)),
    );
    Ok(Difference {
        more: kind(more, after)?,
        gone: kind(gone, before)?,
        changed: kind(changed, before)?,
        expired: kind(over, before)?,
        too_many: false,
    })
}

/// What is gone because its time was over, and what lay below it.
fn expired(was: &HashMap<u64, Row>, is: &HashMap<u64, Row>, now: i64) -> HashSet<u64> {
    let gone = || was.iter().filter(|(id, _)| !is.contains_key(id));
    let is_over = |row: &Row| row.has_expired(now) && !row.frees;
    let mut all: HashSet<u64> = gone()
        .filter(|(_, row)| is_over(row))
        .map(|(id, _)| *id)
        .collect();
    loop {
        let below = |row: &Row| u64::try_from(row.parent).is_ok_and(|parent| all.contains(&parent));
        let next: Vec<u64> = gone()
            .filter(|(id, row)| !all.contains(id) && below(row))
            .map(|(id, _)| *id)
            .collect();
        if next.is_empty() {
            return all;
        }
        all.extend(next);
    }
}

fn share(id: u64) -> usize {
    // Ids of files differ in their upper bits, those of directories in the lower.
    let mixed = (id ^ id >> 24).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50;
    usize::try_from(mixed).map_or(0, |mixed| mixed % SHARES)
}

pub(super) fn each(path: &Path, mut tell: impl FnMut(&Inode<'_>)) -> io::Result<()> {
    let read = read_backup_with(File::open(path)?, &BackupLimits::default(), |inode| tell(inode))?;
    match read.whole {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is not whole", path.display()),
        )),
    }
}

fn shares(path: &Path, allowed: &Allowed) -> io::Result<Vec<u128>> {
    let mut sums = vec![0_u128; SHARES];
    each(path, |inode| {
        let mut all = sides(inode);
        all.retain(|(facet, _)| !allowed.but.contains(facet));
        for (facet, text) in all {
            // The same text on two sides is not the same.
            let own = digest(inode.id, &[&[facet as u8][..], &text].concat());
            if let Some(sum) = sums.get_mut(share(inode.id)) {
                *sum = sum.wrapping_add(own);
            }
        }
    })?;
    Ok(sums)
}

fn rows(path: &Path, differs: &[bool], allowed: &Allowed) -> io::Result<Option<HashMap<u64, Row>>> {
    let mut rows = HashMap::new();
    each(path, |inode| {
        if differs.get(share(inode.id)) == Some(&true) && rows.len() <= MOST {
            rows.insert(inode.id, Row::of(inode, allowed));
        }
    })?;
    Ok((rows.len() <= MOST).then_some(rows))
}

/// Counts, and names the first by their paths.
fn kind(mut rows: Vec<(u64, &Row)>, of: &Path) -> io::Result<Kind> {
    rows.sort_by_key(|(id, _)| *id);
    let named: Vec<(i64, String)> = rows
        .iter()
        .take(NAMED)
        .map(|(_, row)| (row.parent, String::from_utf8_lossy(&row.name).into_owned()))
        .collect();
    Ok(Kind {
        count: rows.len() as u64,
        bytes: rows.iter().map(|(_, row)| row.length).sum(),
        named: paths(named, of)?,
    })
}

/// A level up at every reading: names of all directories are not kept.
pub(super) fn paths(mut named: Vec<(i64, String)>, of: &Path) -> io::Result<Vec<String>> {
    for _ in 0..LEVELS {
        let wanted: HashSet<u64> = named
            .iter()
            .filter_map(|(parent, _)| u64::try_from(*parent).ok())
            .filter(|parent| *parent > 0)
            .collect();
        if wanted.is_empty() {
            break;
        }
        let mut found: HashMap<i64, (i64, String)> = HashMap::new();
        each(of, |inode| {
            if inode.directory && wanted.contains(&inode.id) {
                let name = String::from_utf8_lossy(inode.name).into_owned();
                found.insert(inode.id.cast_signed(), (inode.parent, name));
            }
        })?;
        for (parent, path) in &mut named {
            match found.get(parent) {
                Some((above, name)) => (*parent, *path) = (*above, format!("{name}/{path}")),
                None => *parent = -1,
            }
        }
    }
    Ok(named.into_iter().map(|(_, path)| format!("/{path}")).collect())
}
