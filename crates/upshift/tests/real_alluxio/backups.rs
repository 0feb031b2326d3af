//! Backups that real masters write: read as the master tells its tree, and restored by the next release.

use std::fs;

use serde_json::Value;

use super::namespace::{details, held, listed};
use super::stage::{Stage, put};

/// The key without which 2.9 changes a restored tree at the first access.
const NO_ROOT_SYNC: &str = "alluxio.master.journal.sync.root.after.init.from.backup=false\n";

fn codes(seen: &Value) -> Vec<&str> {
    let all = seen["findings"].as_array().expect("findings").iter();
    let bad = all.filter(|finding| finding["state"]["judged"]["severity"] != "green");
    bad.map(|finding| finding["code"].as_str().expect("a code"))
        .collect()
}

#[test]
fn a_backup_of_2_7_3_is_read_judged_restored_by_2_9_6_and_read_again() {
    let stage = Stage::set("alluxio-2.7.3-2.9.6");
    let old = stage.install("2.7.3");
    stage.seed(&old, true);
    let said = stage
        .host
        .shell(&old, &[&["fs", "ls", "-R", "/"], &["fs", "count", "/"]]);
    let said = said.expect("a listing");
    let (before, count) = stage.backup(&old);
    let count = count.expect("2.7.3 tells the number of entries");

    // The reader and the master tell the same tree.
    assert_eq!(held(&before), listed(&said[0]));
    let numbers = count.to_string();
    let told = ["--source", "2.7.3", "--target", "2.9.6", "--entries", &numbers];
    let seen = stage.inspect(&before, &told, 0);
    assert_eq!(codes(&seen), ["UP-ALLUXIO-0319"]);
    assert_eq!(seen["marker"], "there");
    let counted: Vec<u64> = said[1]
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let directories = seen["tally"]["directories"].as_u64().expect("a count") - 1;
    assert_eq!(
        counted[..2],
        [seen["tally"]["files"].as_u64().expect("a count"), directories]
    );

    // What was called restorable is restored whole.
    stage.script(&old, "alluxio-stop.sh", &["all"], "Successfully Killed");
    stage.fresh_journal("2.7.3");
    let new = stage.install("2.9.6");
    let site = new.join("conf/alluxio-site.properties");
    let text = fs::read_to_string(&site).expect("a configuration");
    put(&site, format!("{text}{NO_ROOT_SYNC}").as_bytes());
    stage.script(&new, "alluxio", &["formatMasters"], "");
    let from = before.display().to_string();
    stage.script(
        &new,
        "alluxio-start.sh",
        &["-i", &from, "all"],
        "master is healthy",
    );
    let log = stage.master_log(&new);
    assert!(
        log.contains(&format!("Restored {count} entries from backup")),
        "{log}"
    );
    let again = stage
        .host
        .shell(&new, &[&["fs", "ls", "-R", "/"]])
        .expect("a listing");
    assert_eq!(listed(&again[0]), listed(&said[0]));
    let (after, count_after) = stage.backup(&new);
    assert_eq!(count_after, Some(count));
    assert_eq!(details(&after), details(&before));
}

#[test]
fn a_backup_of_1_8_1_is_written_again_for_2_9_6_and_all_files_can_be_read() {
    let stage = Stage::set("alluxio-1.8.1");
    let old = stage.install("1.8.1");
    stage.seed(&old, false);
    let said = stage
        .host
        .shell(&old, &[&["fs", "ls", "-R", "/"]])
        .expect("a listing");
    let (backup, count) = stage.backup(&old);
    assert_eq!(count, None, "1.8 tells no number");
    assert_eq!(held(&backup), listed(&said[0]));
    let seen = stage.inspect(&backup, &["--source", "1.8.1", "--target", "1.8.2"], 0);
    assert_eq!(codes(&seen), Vec::<&str>::new());
    let seen = stage.inspect(&backup, &["--source", "1.8.1", "--target", "2.9.6"], 3);
    assert_eq!(codes(&seen), ["UP-ALLUXIO-0318", "UP-ALLUXIO-0319"]);

    // Restored from the copy, files can be read although they are synced at the first access.
    let copy = stage.host.dir().join("backups/for-2.9.6.gz");
    let to = copy.display().to_string();
    let words = ["--source", "1.8.1", "--target", "2.9.6", "--rewrite", &to];
    let seen = stage.inspect(&backup, &words, 0);
    let entries = seen["entries"].as_u64().expect("a count");
    assert_eq!(details(&copy), details(&backup));
    stage.script(&old, "alluxio-stop.sh", &["all"], "Successfully Killed");
    stage.fresh_journal("1.8.1");
    let new = stage.install("2.9.6");
    stage.script(&new, "alluxio", &["formatMasters"], "");
    stage.script(&new, "alluxio-start.sh", &["-i", &to, "all"], "master is healthy");
    let log = stage.master_log(&new);
    assert!(
        log.contains(&format!("Restored {entries} entries from backup")),
        "{log}"
    );
    let commands: [&[&str]; 4] = [
        &["fs", "ls", "-R", "/"],
        &["fs", "cat", "/a/small"],
        &["fs", "stat", "/a/b/big"],
        &["fs", "checksum", "/a/b/big"],
    ];
    let all = stage.host.shell(&new, &commands).expect("every file can be read");
    assert_eq!(all[1].trim_end(), "hello");
}
