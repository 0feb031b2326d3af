//! `check` on snapshots in S3: the same findings as of a local one, from a real server that checks signatures
//! (`cargo xtask fetch s3`); and the stores that are refused by name.

use std::path::{Path, PathBuf};

use upshift_lab::{Cache, S3Server};

use crate::server::{serve, with_one_job};
use crate::snapshots::{ALL, UIDS, change, copy_of, lose_a_file, outcome};
use crate::support::Site;

/// A system whose snapshots lie below `s3://bucket/sp`, and the server that has them.
fn system() -> (Site, S3Server) {
    let site = Site::at(&serve(with_one_job("1.18.1", "orders")))
        .to("1.20.5")
        .but(UIDS, ALL);
    let all = site.path("in-s3");
    copy_of("1.18.1-rocksdb-native-files", &all.join("whole"));
    copy_of("1.18.1-rocksdb-native-files", &all.join("short"));
    lose_a_file(&all.join("short"));
    copy_of("1.18.1-hashmap-canonical-base-uids", &all.join("cut"));
    change(&all.join("cut"), |bytes| bytes.truncate(bytes.len() / 3));
    let cache = Cache::open().expect("a cache");
    std::fs::copy(backup(), all.join("alluxio-backup.gz")).expect("copied");
    std::fs::File::create(all.join("alluxio-backup.gz.complete")).expect("a marker");
    let server = S3Server::start(&cache, "bucket", "sp", &all).expect("an S3 server");
    let (key, word) = (site.path("key"), site.path("word"));
    site.put("key", server.access_key.as_bytes());
    site.put("word", server.secret_key.as_bytes());
    let site = site.but("savepoints = \"sp\"", "savepoints = \"s3://bucket/sp\"");
    let site = site.with(&format!(
        "[objects]\nendpoint = \"{}\"\nregion = \"eu-central-1\"\naccess_key = \"file:{}\"\nsecret_key = \"file:{}\"\n",
        server.endpoint,
        key.display(),
        word.display()
    ));
    (site, server)
}

/// A backup that a real master of 2.9.6 wrote.
fn backup() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/alluxio/backups/2.9.6-UFS");
    let files = std::fs::read_dir(folder).expect("a folder");
    let mut files = files.map(|entry| entry.expect("an entry").path());
    files
        .find(|path| path.extension().is_some_and(|end| end == "gz"))
        .expect("a backup")
}

#[test]
fn a_backup_of_alluxio_in_s3_is_judged_as_one_on_a_disk() {
    let (site, _server) = system();
    let judged = |place: &str| {
        let words = ["inspect", "backup", place, "--system", "orders.toml"];
        let more = [
            "--source",
            "2.9.6",
            "--target",
            "2.9.6",
            "--entries",
            "36",
            "--json",
        ];
        site.upshift(&[&words[..], &more[..]].concat())
    };
    let stored = judged("s3://bucket/sp/alluxio-backup.gz").json();
    let local = judged(&backup().display().to_string()).json();
    for key in [
        "sha256", "bytes", "entries", "tally", "kinds", "mounts", "cached", "whole",
    ] {
        assert_eq!(stored[key], local[key], "{key}");
    }
    assert_eq!(stored["marker"], "there");
    assert_eq!(stored["path"], "s3://bucket/sp/alluxio-backup.gz");
    for (place, says) in [
        ("s3://bucket/sp/none.gz", "nothing is there"),
        ("hdfs://namenode/alluxio_backups/b.gz", "HDFS is not proven"),
    ] {
        judged(place).exits(2).says(says);
    }
}

/// The findings of a code when a check looks at this snapshot.
fn findings(site: &Site, snapshot: &str, code: &str) -> Vec<(&'static str, String)> {
    let ran = site.upshift(&["check", "orders.toml", "--json", "--savepoint", snapshot]);
    let seen = ran.json();
    let all = seen["findings"].as_array().into_iter().flatten();
    all.filter(|finding| finding["code"] == code)
        .map(|finding| (outcome(finding), finding.to_string()))
        .collect()
}

#[test]
fn a_check_reads_snapshots_in_s3_and_looks_for_their_files() {
    let (site, server) = system();
    let rows = [
        ("whole", "UP-FLINK-0247", "green", "s3://bucket/sp/whole"),
        ("whole/_metadata", "UP-FLINK-0245", "green", "files"),
        // Only the header at the start of a state file names the states of a native snapshot.
        (
            "whole",
            "UP-FLINK-0240",
            "refused",
            "Unexpected state handle type",
        ),
        ("short", "UP-FLINK-0245", "refused", "s3://bucket/sp/short/"),
        ("cut", "UP-FLINK-0246", "refused", "at byte"),
        ("none", "UP-FLINK-0247", "blind", "UP-READ-0006"),
    ];
    for (snapshot, code, wanted, says) in rows {
        let found = findings(&site, &format!("s3://bucket/sp/{snapshot}"), code);
        let good = found
            .iter()
            .any(|(outcome, text)| *outcome == wanted && text.contains(says));
        assert!(good, "{snapshot}: wanted {code} {wanted} {says:?}: {found:#?}");
    }
    site.put("word", b"not the word");
    let found = findings(&site, "s3://bucket/sp/whole", "UP-FLINK-0247");
    assert!(
        matches!(found.as_slice(), [("blind", text)] if text.contains("UP-READ-0003")),
        "{found:#?}"
    );
    let shown = format!("{found:?}");
    assert!(
        !shown.contains(&server.access_key) && !shown.contains("not the word"),
        "{shown}"
    );
}

#[test]
fn stores_that_are_not_proven_are_refused_by_name() {
    let site = Site::at(&serve(with_one_job("1.18.1", "orders"))).to("1.20.5");
    for (location, name) in [
        ("hdfs://namenode/sp/savepoint-1", "HDFS"),
        ("gs://bucket/sp/savepoint-1", "Google Cloud Storage"),
        (
            "abfs://container@account/sp/savepoint-1",
            "Azure Data Lake Storage",
        ),
        ("oss://bucket/sp/savepoint-1", "Alibaba OSS"),
    ] {
        let found = findings(&site, location, "UP-FLINK-0247");
        let good = matches!(found.as_slice(), [("blind", text)] if text.contains("UP-READ-0001") && text.contains(name));
        assert!(good, "{location}: {found:#?}");
    }
}
