//! `cargo xtask alluxio-lab`: a real Alluxio cluster on this machine with a small tree, and a system file for its upgrade.
//!
//! It stands until standard input ends or somebody ends it; then everything in it is ended and removed.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use upshift_lab::alluxio::batch_classes;
use upshift_lab::{AlluxioHome, AlluxioHost, Cache, Java, Sandbox};

use crate::fetch;
use crate::until_told;
use crate::workspace::{print, say};

/// Arguments of `alluxio-lab`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release that runs.
    #[arg(default_value = "2.7.3")]
    from: String,
    /// The release that is wanted.
    #[arg(default_value = "2.9.6")]
    to: String,
    /// How many files the tree has that lie in the under-store only.
    #[arg(long, default_value_t = 0)]
    stored: u32,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    fetch::alluxio_of(&cache, &[&args.from, &args.to])?;
    say("waiting for the machine's turn, then starting a master and a worker");
    let lab = AlluxioLab::start(&cache, "alluxio-lab", (&args.from, &args.to), args.stored)?;
    let dir = lab.host.dir();
    let file = dir.join("lab.toml");
    File::create(&file)?.write_all(lab.system_file("lab", None).as_bytes())?;
    // The standard output files of servers, backups and evidence go where the system file says: below this folder.
    print(&format!("cd {}", dir.display()));
    print(&format!("upshift check {}", file.display()));
    print(&format!("upshift plan {} -o up.plan", file.display()));
    say(&format!(
        "the master answers at {}; Ctrl-D or Ctrl-C clears up",
        lab.host.rest()
    ));
    until_told::wait()
}

/// One master and one worker that run, with both releases installed.
#[derive(Debug)]
pub(crate) struct AlluxioLab {
    pub(crate) host: AlluxioHost,
    /// The installation that runs.
    pub(crate) old: PathBuf,
    /// The one that is wanted.
    pub(crate) new: PathBuf,
    releases: (String, String),
    // Ends what still runs.
    _sandbox: Sandbox,
}

impl AlluxioLab {
    /// With twenty files in the worker, and so many that lie in the root's under-store only.
    pub(crate) fn start(cache: &Cache, name: &str, (from, to): (&str, &str), stored: u32) -> Result<Self> {
        let java = Java::ready_eleven(cache)?;
        let classes = batch_classes(cache, &Java::ready(cache)?)?;
        let sandbox = Sandbox::new(cache, name)?;
        let host = AlluxioHost::new(&java, &classes, sandbox.dir())?;
        let old = host.install(&AlluxioHome::ready(cache, from)?)?;
        let new = host.install(&AlluxioHome::ready(cache, to)?)?;
        // Without it the first access after a restore changes the tree.
        let site = new.join("conf/alluxio-site.properties");
        let mut text = fs::read_to_string(&site)?;
        text.push_str("alluxio.master.journal.sync.root.after.init.from.backup=false\n");
        File::create(&site)?.write_all(text.as_bytes())?;
        host.script(&old, "alluxio", &["format"])?;
        host.script(&old, "alluxio-start.sh", &["all"])?;
        let file = sandbox.path("file");
        File::create(&file)?.write_all(&[7; 100_000])?;
        let file = file.display().to_string();
        let names: Vec<String> = (0..20).map(|number| format!("/a/b/file{number}")).collect();
        let mut commands: Vec<Vec<&str>> = vec![vec!["fs", "mkdir", "/a/b"]];
        commands.extend(names.iter().map(|name| vec!["fs", "copyFromLocal", &file, name]));
        let commands: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
        host.shell(&old, &commands)?;
        fill(&host.dir().join("ufs"), stored)?;
        Ok(Self {
            host,
            old,
            new,
            releases: (from.to_owned(), to.to_owned()),
            _sandbox: sandbox,
        })
    }

    /// The system file of its upgrade, by a backup or in place where `way` says so.
    pub(crate) fn system_file(&self, name: &str, way: Option<&str>) -> String {
        let way = way.map_or_else(String::new, |way| format!("way = {way:?}\n"));
        let (from, to) = &self.releases;
        format!(
            "kind = \"alluxio\"\nname = {name:?}\nmasters = [{:?}]\ncurrent = {from:?}\ntarget = {to:?}\nhome = {:?}\n\
             target_home = {:?}\nmaster_log = {:?}\nbackups = \"ours\"\n{way}soak = \"1s\"\n",
            self.host.rest(),
            self.old,
            self.new,
            self.new.join("logs/master.out"),
        )
    }
}

/// Small files in folders of 500.
fn fill(store: &Path, files: u32) -> Result<()> {
    for number in 0..files {
        let dir = store.join(format!("many/{}", number / 500));
        if number % 500 == 0 {
            fs::create_dir_all(&dir)?;
        }
        File::create_new(dir.join(format!("file{number}")))?.write_all(b"1")?;
    }
    Ok(())
}
