//! A host with one master and one worker: a folder with their data, and beside it an installation for every release
//! that was put there. Everything is started and stopped by the installation's own scripts.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::conf::{self, LOGGING, Ports, Shared};
use super::home::AlluxioHome;
use super::keeper;
use crate::error::ClusterError;
use crate::java::Java;
use crate::ports::free_port;
use crate::process;

const BIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lab/alluxio/bin");

/// A host.
#[derive(Debug)]
pub struct AlluxioHost {
    dir: PathBuf,
    java: Java,
    ports: Ports,
    /// Where the class is that runs many shell commands in one process.
    classes: PathBuf,
    shared: Option<Shared>,
}

/// What a script or a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it said on standard output.
    pub out: String,
}

impl AlluxioHost {
    /// Folders for everything below `dir`, and free ports. Nothing is started.
    pub fn new(java: &Java, classes: &Path, dir: &Path) -> Result<Self, ClusterError> {
        for folder in [
            "work/lib",
            "backups",
            "journal",
            "tier0",
            "ufs",
            "ufs2",
            "metastore",
            "web",
            "src",
        ] {
            let path = dir.join(folder);
            fs::create_dir_all(&path).map_err(ClusterError::io("make", &path))?;
        }
        let dir = dir.canonicalize().map_err(ClusterError::io("resolve", dir))?;
        let port = || free_port().map_err(ClusterError::io("find free ports for", &dir));
        let ports = Ports {
            master_rpc: port()?,
            master_web: port()?,
            embedded: port()?,
            worker_rpc: port()?,
            worker_data: port()?,
            worker_web: port()?,
        };
        Ok(Self {
            ports,
            java: java.clone(),
            classes: classes.to_owned(),
            shared: None,
            dir,
        })
    }

    /// So many hosts below `dir`, whose masters of 2.x keep an embedded journal together. The first has the under-store.
    pub fn several(java: &Java, classes: &Path, dir: &Path, count: usize) -> Result<Vec<Self>, ClusterError> {
        Self::sharing(java, classes, (dir, count), None)
    }

    /// The same with one journal for all of them, on the first, and a ZooKeeper out of the jars of a release. It ends with
    /// the sandbox that `dir` lies in.
    pub fn by_zookeeper(
        java: &Java,
        classes: &Path,
        dir: &Path,
        count: usize,
        home: &AlluxioHome,
    ) -> Result<Vec<Self>, ClusterError> {
        let port = keeper::start(java, home, &dir.join("zookeeper"))?;
        Self::sharing(java, classes, (dir, count), Some(port))
    }

    fn sharing(
        java: &Java,
        classes: &Path,
        (dir, count): (&Path, usize),
        zookeeper: Option<u16>,
    ) -> Result<Vec<Self>, ClusterError> {
        let hosts = (0..count).map(|number| Self::new(java, classes, &dir.join(format!("m{number}"))));
        let mut hosts: Vec<Self> = hosts.collect::<Result<_, _>>()?;
        let shared = hosts.first().map(|first| Shared {
            dir: first.dir.clone(),
            masters: hosts.iter().map(|host| host.ports).collect(),
            zookeeper,
        });
        for host in &mut hosts {
            host.shared.clone_from(&shared);
        }
        Ok(hosts)
    }

    /// The folder of its data.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the master answers over HTTP.
    pub fn rest(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.master_web)
    }

    /// Puts an installation of this release there, configured; gives its folder.
    pub fn install(&self, home: &AlluxioHome) -> Result<PathBuf, ClusterError> {
        let at = self.dir.join(format!("alluxio-{}", home.version()));
        for folder in ["conf", "logs"] {
            let path = at.join(folder);
            fs::create_dir_all(&path).map_err(ClusterError::io("make", &path))?;
        }
        copy_scripts(&at)?;
        let jars = home.jars();
        let env = format!(
            "JAVA_HOME='{}'\nALLUXIO_JARS='{}'\nALLUXIO_CLASSES='{}'\n",
            self.java.home().display(),
            jars.display(),
            self.classes.display()
        );
        for (name, text) in [
            ("VERSION", format!("{}\n", home.version())),
            ("conf/alluxio-env.sh", env),
            (
                "conf/alluxio-site.properties",
                conf::site(home, &self.dir, self.ports, self.shared.as_ref()),
            ),
            ("conf/log4j.properties", LOGGING.to_owned()),
            ("conf/masters", "localhost\n".to_owned()),
            ("conf/workers", "localhost\n".to_owned()),
        ] {
            let path = at.join(name);
            process::put(&path, text.as_bytes()).map_err(ClusterError::io("write", &path))?;
        }
        Ok(at)
    }

    /// Runs a script of an installation, which may fail: its exit code says little.
    pub fn script(&self, installation: &Path, name: &str, words: &[&str]) -> Result<Ran, ClusterError> {
        self.said(installation, name, words, "")
    }

    /// Runs shell commands (`fs`, `fsadmin`) one after the other in one process; a command is its words. Gives what
    /// each said, and an error for the first that did not end with 0.
    pub fn shell(&self, installation: &Path, commands: &[&[&str]]) -> Result<Vec<String>, ClusterError> {
        let lines: Vec<String> = commands.iter().map(|words| words.join("\t")).collect();
        let ran = self.said(
            installation,
            "alluxio",
            &["batch"],
            &format!("{}\n", lines.join("\n")),
        )?;
        let parts: Vec<&str> = ran.out.split("#> ").skip(1).collect();
        let mut all = Vec::new();
        for (words, part) in lines.iter().zip(&parts) {
            let (said, code) = part.rsplit_once("#< ").unwrap_or((part, "nothing"));
            let said = said.split_once('\n').map_or("", |(_, said)| said);
            if code.trim() != "0" {
                return Err(ClusterError::Script {
                    script: words.replace('\t', " "),
                    status: format!("exit code {}", code.trim()),
                    said: said.to_owned(),
                });
            }
            all.push(said.to_owned());
        }
        match all.len() == commands.len() {
            true => Ok(all),
            false => Err(ClusterError::Script {
                script: lines
                    .get(all.len())
                    .map_or_else(String::new, |line| line.replace('\t', " ")),
                status: format!("no answer, exit code {:?}", ran.code),
                said: ran.out,
            }),
        }
    }

    fn said(
        &self,
        installation: &Path,
        name: &str,
        words: &[&str],
        input: &str,
    ) -> Result<Ran, ClusterError> {
        let program = installation.join("bin").join(name);
        let failed = || ClusterError::io("run", &program);
        let mut child = Command::new(&program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed())?;
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(input.as_bytes()).map_err(failed())?;
        drop(stdin);
        let output = child.wait_with_output().map_err(failed())?;
        Ok(Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }
}

fn copy_scripts(at: &Path) -> Result<(), ClusterError> {
    let bin = at.join("bin");
    fs::create_dir_all(&bin).map_err(ClusterError::io("make", &bin))?;
    for entry in fs::read_dir(BIN).map_err(ClusterError::io("list", BIN))? {
        let from = entry.map_err(ClusterError::io("list", BIN))?.path();
        let to = bin.join(from.file_name().expect("an entry of a folder has a name"));
        fs::copy(&from, &to).map_err(ClusterError::io("copy", &from))?;
    }
    Ok(())
}
