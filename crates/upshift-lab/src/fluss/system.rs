//! The system file of a cluster of the lab: every server with its configuration and the words that start it, of the
//! release that runs and of the one that is wanted.

use std::fmt::Write as _;

use super::cluster::FlussCluster;
use super::home::FlussHome;

impl FlussCluster {
    /// The system file of an upgrade of this cluster; `evidence` is where metadata is copied before it.
    pub fn system_file(&self, name: &str, (from, to): (&FlussHome, &FlussHome), evidence: &str) -> String {
        let mut text = format!(
            "kind = \"fluss\"\nname = {name:?}\nzookeeper = {:?}\ncurrent = {:?}\ntarget = {:?}\n\
             target_home = {:?}\nevidence = {evidence:?}\nsoak = \"1s\"\n",
            self.zookeeper(),
            from.version(),
            to.version(),
            to.path()
        );
        for id in std::iter::once(None).chain((0..self.tablet_servers()).map(Some)) {
            let dir = id.map_or_else(|| self.coordinator_dir(), |id| self.tablet_server_dir(id));
            let words = |home| match id {
                Some(id) => self.tablet_server_words(id, home),
                None => self.coordinator_words(home),
            };
            let of = id.map_or_else(String::new, |id| format!("tablet_server = {id}\n"));
            write!(
                text,
                "\n[[server]]\n{of}conf = {:?}\nstart = {:?}\ntarget_start = {:?}\n",
                dir.join("conf"),
                words(from),
                words(to)
            )
            .expect("writing to a string cannot fail");
        }
        text
    }
}
