//! How long things take, and how long they are waited for. Measured on real servers of 1.8 to 2.9 on two cores; a million
//! files: 30 s to back up, 25 to 80 s to restore.

use upshift_model::span::Millis;

/// A program of somebody else's.
pub(super) const WRITERS_GIVE_UP: Millis = Millis::from_secs(900);
/// A command starts a machine; three million files a minute.
pub(super) const BACKUP: Millis = Millis::from_secs(6);
pub(super) const BACKUP_GIVE_UP: Millis = Millis::from_secs(7_200);
/// Two million entries a second.
pub(super) const READ: Millis = Millis::from_secs(1);
/// SIGTERM to the end of a process: 1 to 2 s.
pub(super) const STOP: Millis = Millis::from_secs(2);
pub(super) const STOP_GIVE_UP: Millis = Millis::from_secs(600);
/// A folder is moved at once, and copied as fast as the disk.
pub(super) const FOLDER_GIVE_UP: Millis = Millis::from_secs(7_200);
pub(super) const FORMAT: Millis = Millis::from_secs(3);
pub(super) const FORMAT_GIVE_UP: Millis = Millis::from_secs(600);
/// Start to answer with an empty journal: 12 to 25 s on busy cores.
pub(super) const START: Millis = Millis::from_secs(15);
/// A journal of a million files is read in 95 s, a backup of as many restored in 80 s.
pub(super) const START_GIVE_UP: Millis = Millis::from_secs(7_200);
pub(super) const WORKERS_GIVE_UP: Millis = Millis::from_secs(600);
pub(super) const EVERY: Millis = Millis::from_secs(1);
/// Ten seconds in a row.
pub(super) const BAD_SAMPLES: u16 = 10;
pub(super) const BLIND: Millis = Millis::from_secs(180);
