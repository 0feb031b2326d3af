//! What is said of a backup from its facts alone, where no file of a sensible size provokes it.

use upshift_model::alluxio::{Backup, Generators, Marker, Tally, Unchecked};
use upshift_model::digest::Digest;
use upshift_model::verdict::Verdict;
use upshift_planner::knowledge::Library;
use upshift_planner::systems::alluxio::backup::{Asked, findings};
use upshift_planner::systems::alluxio::codes;

fn backup() -> Backup {
    Backup {
        path: "/b/alluxio-backup-1.gz".to_owned(),
        bytes: 100,
        sha256: Digest::zero(),
        inflated: 1_000,
        entries: 10,
        whole: true,
        marker: Marker::There,
        kinds: Vec::new(),
        tally: Tally::default(),
        generators: Generators::default(),
        cluster: Some("36508fac".to_owned()),
        mounts: Vec::new(),
        cached_files: 0,
        cached_bytes: 0,
        cached: Vec::new(),
        damage: Vec::new(),
        unchecked: Vec::new(),
    }
}

#[test]
fn a_check_that_was_not_made_is_unknown_and_never_green() {
    let all = [
        Unchecked::Blocks,
        Unchecked::Inodes,
        Unchecked::Names,
        Unchecked::Mounts,
    ];
    for what in all {
        let facts = Backup {
            unchecked: vec![what],
            ..backup()
        };
        let found = findings(&facts, &Asked::default(), &Library::builtin());
        assert!(
            found.iter().any(|finding| finding.code == codes::UNCHECKED),
            "{what:?}"
        );
        let expected = match what {
            Unchecked::Blocks => Verdict::Conditional { yellow: 0, others: 1 },
            _ => Verdict::Unknown { unknown: 1 },
        };
        assert_eq!(Verdict::of(&found), expected, "{what:?}");
        let silent = match what {
            Unchecked::Blocks => codes::BLOCKS,
            Unchecked::Inodes => codes::PARENTS,
            Unchecked::Names => codes::DOUBLED,
            Unchecked::Mounts => codes::MOUNTS,
        };
        assert!(found.iter().all(|finding| finding.code != silent), "{what:?}");
    }
}

#[test]
fn files_that_are_not_at_rest_are_told() {
    let facts = Backup {
        tally: Tally {
            incomplete: 3,
            to_be_persisted: 2,
            lost: 1,
            ..Tally::default()
        },
        ..backup()
    };
    let found = findings(&facts, &Asked::default(), &Library::builtin());
    let said: Vec<&str> = found
        .iter()
        .filter(|finding| finding.code == codes::UNFINISHED)
        .map(|finding| finding.evidence[0].as_str())
        .collect();
    assert_eq!(said, ["3 files", "2 files", "1 files"]);
}
