//! Of which kind a journal is, told from a listing of its folder and not from what the configuration says.

use std::collections::BTreeSet;

/// The kind of a journal on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flavour {
    /// Nothing is there.
    Empty,
    /// In the under-store, with a folder for every master component.
    UnderStore {
        /// `BlockMaster`, `FileSystemMaster`, …
        masters: BTreeSet<String>,
        /// Whether a mark says that it was formatted.
        formatted: bool,
        /// Whether any component has a checkpoint: those of 1.x are not read by 2.x.
        checkpoints: bool,
    },
    /// Embedded, of 2.4 and later.
    Ratis,
    /// Embedded, of 2.3 and earlier.
    Copycat,
    /// Of more than one kind, or of none: later masters start beside what they do not know, with an empty tree.
    Foreign {
        /// The first names that do not fit.
        names: Vec<String>,
    },
}

/// So many names that do not fit are told.
const NAMED: usize = 5;
/// The folder of a Ratis group, and its files before 2.4.0 had settled.
const RATIS: [&str; 2] = ["raft", "02511d47-d67c-49a3-9011-abb3109a44c1"];

/// Tells from paths below the journal folder, with `/` between parts. Folders may be given or left out.
pub fn flavour<'a>(paths: impl IntoIterator<Item = &'a str>) -> Flavour {
    let (mut masters, mut foreign) = (BTreeSet::new(), Vec::new());
    let (mut formatted, mut checkpoints, mut ratis, mut copycat) = (false, false, false, false);
    let mut any = false;
    for path in paths {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        any |= !parts.is_empty();
        match parts.as_slice() {
            [] => {}
            [first, ..] if RATIS.contains(first) => ratis = true,
            [master] if master.ends_with("Master") => {}
            [master, "v1"] if master.ends_with("Master") => drop(masters.insert((*master).to_owned())),
            [master, "v1", rest @ ..] if master.ends_with("Master") => {
                masters.insert((*master).to_owned());
                formatted |= rest.first().is_some_and(|name| name.starts_with("_format_"));
                checkpoints |= matches!(rest, ["checkpoints", _, ..]);
            }
            [name] if is_copycat(name) => copycat = true,
            _ => foreign.push(path.to_owned()),
        }
    }
    foreign.truncate(NAMED);
    match (any, ratis, copycat, masters.is_empty(), foreign.is_empty()) {
        (false, ..) => Flavour::Empty,
        (_, true, false, true, true) => Flavour::Ratis,
        (_, false, true, true, true) => Flavour::Copycat,
        (_, false, false, false, true) => Flavour::UnderStore {
            masters,
            formatted,
            checkpoints,
        },
        (_, ratis, copycat, no_masters, _) => {
            let kinds = [
                (ratis, "raft"),
                (copycat, "segments of Copycat"),
                (!no_masters, "masters"),
            ];
            let kinds = kinds
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, name)| (*name).to_owned());
            let names = kinds.chain(foreign).collect();
            Flavour::Foreign { names }
        }
    }
}

/// `copycat-1-1.log`, `copycat.meta`, `copycat.conf`, `copycat-12-20261127.snapshot`.
fn is_copycat(name: &str) -> bool {
    let endings = [".log", ".meta", ".conf", ".snapshot", ".tmp"];
    (name.starts_with("copycat") || name.starts_with("atomix"))
        && endings.iter().any(|end| name.ends_with(end))
}
