//! Lists the files of `knowledge/<system>/changes/` for `src/knowledge/changes/built_in.rs`, which
//! embeds them. Nothing else is generated, and nothing but file names is looked at here.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), std::io::Error> {
    let knowledge = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../knowledge")
        .canonicalize()?;
    println!("cargo::rerun-if-changed={}", knowledge.display());
    let mut list = String::from("&[\n");
    for system in sorted(&knowledge)? {
        let folder = system.join("changes");
        if !folder.is_dir() {
            continue;
        }
        for file in sorted(&folder)? {
            if file.extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            let name = file.strip_prefix(&knowledge).map_err(std::io::Error::other)?;
            writeln!(
                list,
                "    ({:?}, include_str!({:?})),",
                name.display().to_string(),
                file.display().to_string()
            )
            .map_err(std::io::Error::other)?;
        }
    }
    list.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("no OUT_DIR"))?);
    std::fs::File::create(out.join("changes.rs"))?.write_all(list.as_bytes())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}
