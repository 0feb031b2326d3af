//! The defect of Fluss up to 0.7 that a roll has to live with (#1721): a server that calls another one while that is
//! down may keep the dead connection for ever, and never fetches from it again. It is a race between two threads of the
//! caller, so it is played until somebody loses it.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use super::cluster::FlussCluster;
use super::home::FlussHome;
use crate::error::ClusterError;
use crate::wait::until;

/// Followers call once a second, and lose within a few calls.
const LIMIT: Duration = Duration::from_secs(180);
/// A call right after a loss may fail in the same words without one.
const LOST: usize = 3;

impl FlussCluster {
    /// Takes a tablet server down that leads buckets, with the coordinator so that no other comes to lead them, until one
    /// of its followers keeps a dead connection to it; then starts both again. Tells the follower's number; none where
    /// no follower lost the race.
    pub fn cut_a_follower_off(&mut self, leader: u32, home: &FlussHome) -> Result<Option<u32>, ClusterError> {
        let others: Vec<u32> = self.numbers().filter(|id| *id != leader).collect();
        let log = |id: u32| self.tablet_server_dir(id).join("server.log");
        let mut logs = Vec::new();
        for id in others {
            let file = log(id);
            let length = std::fs::metadata(&file).map_err(ClusterError::io("look at", &file))?;
            logs.push((id, file, length.len()));
        }
        self.stop_coordinator()?;
        self.stop_tablet_server(leader)?;
        let lost = until(LIMIT, || {
            for (id, file, from) in &logs {
                if is_lost(&written_since(file, *from)?, leader) {
                    return Ok(Some(*id));
                }
            }
            Ok::<_, ClusterError>(None)
        });
        self.start_tablet_server(leader, home)?;
        self.start_coordinator(home)?;
        lost
    }
}

fn written_since(file: &PathBuf, from: u64) -> Result<String, ClusterError> {
    let read = || {
        let mut open = File::open(file)?;
        open.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        open.read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = read().map_err(ClusterError::io("read", file))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether what a follower wrote ends in calls that were given up unsent, and in no new connection.
fn is_lost(text: &str, leader: u32) -> bool {
    let its = format!("(id: ts-{leader},");
    let its_lines = text
        .lines()
        .filter(|line| line.contains(&its) && !line.starts_with("Caused by"));
    let unsent = |line: &&str| line.contains("because it is disconnected");
    its_lines.rev().take_while(unsent).count() >= LOST
}

#[cfg(test)]
mod tests {
    use super::is_lost;

    #[test]
    fn only_calls_that_are_given_up_one_after_the_other_tell_a_loss() {
        let dead = "ExecutionException: Cannot send request to server h:1 (id: ts-0, rack: null) because it is disconnected.\n";
        let tried = "ERROR Failed to establish connection to server h:1 (id: ts-0, rack: null).\n";
        assert!(is_lost(&[tried, dead, dead, dead].concat(), 0));
        assert!(!is_lost(&[dead, dead, tried, dead].concat(), 0));
        assert!(!is_lost(&dead.repeat(3), 1));
    }
}
