//! Journals: logs of the under-store, and folders of every kind.

use upshift_formats::alluxio::{DefectKind, Flavour, LogName, flavour, read_log};

use super::fixtures::bytes;

const ENTRY: u32 = 16 << 20;

#[test]
fn real_logs_are_read_entry_by_entry() {
    for (name, entries) in [
        ("journal-1.8.0-FileSystemMaster.log", 135),
        ("journal-1.8.0-BlockMaster.log", 18),
    ] {
        let log = read_log(&bytes(name)[..], ENTRY).expect("memory does not fail");
        assert!(log.defects.is_empty(), "{name}: {:?}", log.defects);
        assert_eq!(
            (log.entries, log.first, log.last),
            (entries, Some(0), Some(entries - 1))
        );
        assert_eq!(log.kinds.values().sum::<u64>(), entries);
    }
}

#[test]
fn no_cut_log_passes_for_whole_but_at_a_border() {
    let whole = bytes("journal-1.8.0-BlockMaster.log");
    let borders = (0..whole.len()).filter(|end| {
        let log = read_log(&whole[..*end], ENTRY).expect("memory does not fail");
        log.defects.is_empty()
    });
    // A log may end behind any entry: its name says how many belong there.
    assert_eq!(borders.count(), 18);
}

#[test]
fn a_log_that_lacks_an_entry_is_told() {
    let whole = bytes("journal-1.8.0-BlockMaster.log");
    let first = usize::from(whole[0]) + 1;
    let second = usize::from(whole[first]) + 1;
    let torn = [&whole[..first], &whole[first + second..]].concat();
    let log = read_log(&torn[..], ENTRY).expect("memory does not fail");
    assert_eq!((log.entries, log.defects.count(DefectKind::Sequenced)), (17, 1));
}

#[test]
fn names_of_logs_tell_their_entries() {
    let name = LogName::read("0x0-0x87").expect("a name");
    assert_eq!((name.start, name.end), (0, Some(0x87)));
    let open = LogName::read("0x87-0x7fffffffffffffff").expect("a name");
    assert_eq!((open.start, open.end), (0x87, None));
    for wrong in ["", "0-1", "0x5-0x1", "0x1", "0x0-0xzz"] {
        assert_eq!(LogName::read(wrong), None, "{wrong}");
    }
}

#[test]
fn a_folder_tells_of_which_kind_the_journal_is() {
    assert_eq!(flavour([]), Flavour::Empty);
    let under_store = [
        "BlockMaster/v1/_format_1795216878083",
        "BlockMaster/v1/logs/0x0-0x7fffffffffffffff",
        "FileSystemMaster/v1/checkpoints",
        "FileSystemMaster/v1/.tmp",
    ];
    let Flavour::UnderStore {
        masters,
        formatted,
        checkpoints,
    } = flavour(under_store)
    else {
        panic!("an under-store journal");
    };
    assert_eq!((masters.len(), formatted, checkpoints), (2, true, false));
    let checkpoint = ["FileSystemMaster/v1/checkpoints/0x0-0x87"];
    assert!(matches!(
        flavour(checkpoint),
        Flavour::UnderStore {
            checkpoints: true,
            ..
        }
    ));
    let ratis = [
        "raft",
        "raft/02511d47-d67c-49a3-9011-abb3109a44c1/current/log_0-12",
    ];
    assert_eq!(flavour(ratis), Flavour::Ratis);
    let copycat = ["copycat-1-1.log", "copycat.meta", "copycat.conf"];
    assert_eq!(flavour(copycat), Flavour::Copycat);
}

#[test]
fn a_folder_of_two_kinds_or_of_none_is_no_journal() {
    for paths in [
        &["raft/x", "copycat-1-1.log"][..],
        &["raft/x", "BlockMaster/v1/logs/0x0-0x1"],
        &["notes.txt"],
        &["raft/x", "alluxio-backup-2026-11-20-1.gz"],
    ] {
        let found = flavour(paths.iter().copied());
        assert!(matches!(found, Flavour::Foreign { .. }), "{paths:?}: {found:?}");
    }
}
