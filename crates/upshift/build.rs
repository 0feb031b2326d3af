//! Lists the pages of `docs/findings/` for `src/pages.rs`, which embeds them. Nothing else is
//! generated, and nothing but file names is looked at here.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), std::io::Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/findings")
        .canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.starts_with("UP-") && name.ends_with(".md") {
            pages.push(path);
        }
    }
    pages.sort();
    let mut list = String::from("&[\n");
    for page in &pages {
        let code = page.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
        writeln!(
            list,
            "    ({code:?}, include_str!({:?})),",
            page.display().to_string()
        )
        .map_err(std::io::Error::other)?;
    }
    list.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("no OUT_DIR"))?);
    std::fs::File::create(out.join("pages.rs"))?.write_all(list.as_bytes())
}
