//! This machine and the files that the declaration names, as one look sees them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::future::{OptionFuture, join_all};
use upshift_model::flink::{ConfFacts, HomeFacts, HostFacts, JarFacts};
use upshift_model::observed::{Gap, Observed};
use upshift_model::version::Version;

use super::told::blocking;
use crate::flink::conf::{self, ConfFile};
use crate::flink::driver::FlinkDriver;
use crate::flink::host::{self, JavaSearch};
use crate::flink::jar;
use crate::flink::look::{Look, LookHome};
use crate::flink::probe;
use crate::flink::process::{Seen, same_directory};

/// The processes with their configuration directories under the names that the declaration uses, so
/// that whoever compares need not know what a symbolic link leads to.
pub(super) fn as_declared(mut seen: Vec<Seen>, look: &Look) -> Vec<Seen> {
    let declared: Vec<&Path> = [&look.current_home, &look.target_home]
        .into_iter()
        .flatten()
        .map(|home| home.conf.as_path())
        .collect();
    for seen in &mut seen {
        if let Some(dir) = declared
            .iter()
            .find(|dir| same_directory(&seen.process.conf, dir))
        {
            seen.process.conf = dir.to_path_buf();
        }
    }
    seen
}

pub(super) async fn machine(driver: &FlinkDriver, seen: &Observed<Vec<Seen>>) -> HostFacts {
    let look = &driver.look;
    let (current, target) = (look.current_home.clone(), look.target_home.clone());
    let installed = target.clone().or_else(|| current.clone());
    let files = {
        let (look, current, target) = (look.clone(), current.clone(), target.clone());
        blocking(move || files(&look, current.as_ref(), target.as_ref()))
    };
    let archive = target
        .and_then(|home| home.archive)
        .map(|named| blocking(move || host::archive(&named)));
    let (files, archive, java, jars, probes) = futures::join!(
        files,
        OptionFuture::from(archive),
        java(current, installed),
        jars(look),
        probes(driver),
    );
    HostFacts {
        processes: seen
            .clone()
            .map(|all| all.into_iter().map(|seen| seen.process).collect()),
        target_java: java,
        current_home: files.current_home,
        target_home: files.target_home,
        target_archive: archive,
        current_conf: files.current_conf,
        target_conf_entries: files.target_conf_entries,
        savepoint_dir: files.savepoint_dir,
        target_home_free: files.target_home_free,
        ports: files.ports,
        jars,
        probes,
    }
}

/// What a few system calls tell.
struct Files {
    current_home: Option<Observed<HomeFacts>>,
    target_home: Option<Observed<HomeFacts>>,
    current_conf: Option<Observed<ConfFacts>>,
    target_conf_entries: Option<Observed<std::collections::BTreeSet<String>>>,
    savepoint_dir: Observed<upshift_model::flink::DirFacts>,
    target_home_free: Option<Observed<u64>>,
    ports: BTreeMap<u16, Observed<bool>>,
}

/// What lies in the folder that the configuration will be carried over to; nothing where it is absent.
fn entries(conf: &std::path::Path) -> Observed<std::collections::BTreeSet<String>> {
    let unseen = |why: String| Observed::unknown(format!("what lies in {}", conf.display()), why);
    match conf.try_exists() {
        Ok(false) => Observed::Known(std::collections::BTreeSet::new()),
        Ok(true) => super::super::conf::names(conf).map_or_else(|e| unseen(e.reason()), Observed::Known),
        Err(e) => unseen(e.to_string()),
    }
}

fn files(look: &Look, current: Option<&LookHome>, target: Option<&LookHome>) -> Files {
    let current_home = current.map(|home| host::home(&home.home));
    let release = current_home
        .as_ref()
        .and_then(Observed::known)
        .map(|facts| &facts.version);
    let current_conf = current.map(|home| match conf::facts(&home.conf, release) {
        Ok(facts) => Observed::Known(facts),
        Err(e) => Observed::unknown(format!("configuration in {}", home.conf.display()), e.reason()),
    });
    let target_conf_entries = target.map(|home| entries(&home.conf));
    Files {
        current_conf,
        target_home: target.map(|home| host::home(&home.home)),
        target_conf_entries,
        savepoint_dir: savepoint_dir(&look.savepoints),
        target_home_free: target.map(|home| match host::free_bytes(&home.home) {
            Ok(free) => Observed::Known(free),
            Err(e) => Observed::unknown(format!("free room for {}", home.home.display()), e.to_string()),
        }),
        ports: ports(look),
        current_home,
    }
}

fn savepoint_dir(uri: &str) -> Observed<upshift_model::flink::DirFacts> {
    let what = || format!("savepoint directory {}", crate::wire::redact_url(uri));
    match host::local_path(uri).map(|path| host::directory(&path)) {
        Some(Ok(facts)) => Observed::Known(facts),
        Some(Err(e)) => Observed::unknown(what(), e.to_string()),
        None => Observed::unknown(what(), "it is not a directory of this machine"),
    }
}

fn ports(look: &Look) -> BTreeMap<u16, Observed<bool>> {
    if look.ports.is_empty() {
        return BTreeMap::new();
    }
    let listening = host::listening();
    let busy = |port: u16| match &listening {
        Ok(ports) => Observed::Known(ports.contains(&port)),
        Err(e) => Observed::unknown(format!("whether port {port} is free"), e.to_string()),
    };
    look.ports.iter().map(|port| (*port, busy(*port))).collect()
}

/// The configuration that the release will read is the carried-over one, so `env.java.home` comes from
/// the configuration of today.
async fn java(
    current: Option<LookHome>,
    installed: Option<LookHome>,
) -> Observed<upshift_model::flink::JavaFacts> {
    let Some(installed) = installed else {
        return Observed::unknown("Java for the wanted release", "no installation is declared");
    };
    let configured = match current {
        Some(current) => blocking(move || configured_java(&current.conf)).await,
        None => None,
    };
    host::target_java(&JavaSearch::here(configured, installed.java_home)).await
}

/// The release installed in `home`, and the Java that the configuration of today names.
pub(in crate::flink) async fn installed(
    home: PathBuf,
    conf: Option<PathBuf>,
) -> (Result<Version, Gap>, Option<PathBuf>) {
    blocking(move || {
        let version = match host::home(&home) {
            Observed::Known(facts) => Ok(facts.version),
            Observed::Unknown(gap) => Err(gap),
        };
        (version, conf.and_then(|dir| configured_java(&dir)))
    })
    .await
}

/// None also where the configuration cannot be read: that is a gap of its own.
fn configured_java(dir: &Path) -> Option<PathBuf> {
    let form = conf::main_file(dir, None).ok()?;
    let text = std::fs::read_to_string(dir.join(form.file())).ok()?;
    ConfFile::read(form, &text)
        .ok()?
        .get("env.java.home")
        .map(PathBuf::from)
}

async fn jars(look: &Look) -> BTreeMap<PathBuf, Observed<JarFacts>> {
    let asked = look.jars.iter().map(|(path, entry_classes)| {
        let (path, entry_classes) = (path.clone(), entry_classes.clone());
        blocking(move || {
            let facts = match jar::jar(&path, &entry_classes) {
                Ok(facts) => Observed::Known(facts),
                Err(e) => Observed::unknown(format!("jar {}", path.display()), e.to_string()),
            };
            (path, facts)
        })
    });
    join_all(asked).await.into_iter().collect()
}

async fn probes(driver: &FlinkDriver) -> BTreeMap<String, Observed<String>> {
    let asked = driver.look.probes.iter().map(async |(name, asked)| {
        let what = format!("probe {name:?}");
        let value = match probe::ask(asked, &driver.secrets).await {
            Ok(answer) if answer.success => Observed::Known(answer.value),
            Ok(answer) => Observed::unknown(what, answer.ended),
            Err(unasked) => Observed::unknown(what, unasked.reason()),
        };
        (name.clone(), value)
    });
    join_all(asked).await.into_iter().collect()
}
