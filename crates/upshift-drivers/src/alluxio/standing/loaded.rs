//! Which client the processes of an application have loaded: by the jars that they have open, not by what lies on a disk.

use upshift_engine::driver::Fault;
use upshift_model::version::Version;

use super::Look;
use super::condition::Seen;
use crate::alluxio::observe::client_version;

impl Look<'_> {
    pub(super) async fn loaded(&self, client: &str, process: &str, release: &Version) -> Result<Seen, Fault> {
        let mut right = Vec::new();
        for host in &self.driver.site.hosts {
            for (pid, jars) in self.driver.far(&host.name)?.loaded(process).await? {
                let versions: Vec<String> = jars.iter().filter_map(|jar| client_version(jar)).collect();
                let shown = format!("process {pid} of {client} on {}", host.name);
                if versions.is_empty() {
                    return Ok(Seen::NotYet(format!("{shown} has loaded no client yet")));
                }
                if let Some(other) = versions.iter().find(|version| *version != release.as_str()) {
                    return Ok(Seen::NotYet(format!(
                        "{shown} has the client of {other} loaded, {release} is wanted"
                    )));
                }
                right.push(format!("{shown} has the client of {release} loaded"));
            }
        }
        Ok(match right.is_empty() {
            true => Seen::NotYet(format!(
                "no Java process with {process:?} in its command line runs on the hosts"
            )),
            false => Seen::Met(right.join("; ")),
        })
    }
}
