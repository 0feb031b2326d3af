//! What stands behind a place in a live journal: changes of the tree by their names, in logs and in segments of Ratis.

use upshift_formats::alluxio::{Change, LogName, Segment, log_changes, segment_changes};

use super::fixtures::bytes as fixture;
use super::made::{bytes, number, summed, varint};

const ENTRY: u32 = 16 << 20;

fn of_log(from: u64) -> Vec<Change> {
    let mut all = Vec::new();
    let log = fixture("journal-1.8.0-FileSystemMaster.log");
    let log = log_changes(&log[..], ENTRY, from, &mut |change| all.push(change));
    assert!(log.expect("memory does not fail").defects.is_empty());
    all
}

#[test]
fn changes_of_a_real_log_are_told_from_a_number_on() {
    assert_eq!(
        (of_log(0).len(), of_log(130).len(), of_log(135).len()),
        (135, 5, 0)
    );
    let all = of_log(0);
    let of = |kind: u32| -> Vec<&Change> { all.iter().filter(|change| change.kind.0 == kind).collect() };
    let made = of(9);
    let root = made.first().expect("a root");
    assert_eq!((root.id, root.name.as_deref()), (Some(0), None), "{root:?}");
    assert!(
        of(11)
            .iter()
            .all(|file| file.parent.is_some() && file.name.is_some())
    );
    assert!(
        of(19)
            .iter()
            .all(|moved| moved.id.is_some() && moved.to.is_some())
    );
    // Ids that are set aside make no tree another one.
    assert!(of(10).iter().chain(&of(3)).all(|change| change.idle));
    assert!(
        all.iter()
            .filter(|change| change.kind.0 != 10)
            .all(|change| !change.idle)
    );
}

/// A log entry of Ratis with its checksum.
fn framed(index: u64, body: &[u8]) -> Vec<u8> {
    let message = [number(1, 1), number(2, index), body.to_vec()].concat();
    summed([varint(message.len() as u64), message].concat())
}

fn of_the_tree(entries: &[Vec<u8>]) -> Vec<u8> {
    let all: Vec<Vec<u8>> = entries.iter().map(|entry| bytes(39, entry)).collect();
    bytes(3, &[bytes(1, &all.concat()), bytes(14, b"client")].concat())
}

fn made_here(name: &str, id: u64) -> Vec<u8> {
    let path = format!("/a/{name}");
    let entry = [
        number(1, id),
        number(2, 1),
        bytes(3, name.as_bytes()),
        bytes(17, path.as_bytes()),
    ];
    [number(1, 40), bytes(9, &entry.concat())].concat()
}

/// An election at 5, a directory and a time of access at 6, a rename at 7.
fn segment() -> Vec<u8> {
    let read = bytes(35, &[number(1, 9), number(18, 1_700_000_000_000)].concat());
    let moved = [
        number(1, 9),
        number(4, 1),
        bytes(5, b"new"),
        bytes(6, b"/a/old"),
        bytes(7, b"/a/new"),
    ];
    [
        b"RaftLog1".to_vec(),
        framed(5, &bytes(4, b"")),
        framed(6, &of_the_tree(&[made_here("late", 10), read])),
        framed(7, &of_the_tree(&[bytes(19, &moved.concat())])),
        vec![0; 32],
    ]
    .concat()
}

fn of_segment(bytes: &[u8], from: u64) -> (Segment, Vec<Change>) {
    let mut all = Vec::new();
    let segment = segment_changes(bytes, from, &mut |change| all.push(change));
    (segment, all)
}

#[test]
fn changes_of_a_segment_are_told_from_an_index_on() {
    let (whole, all) = of_segment(&segment(), 0);
    assert_eq!((whole.last, whole.cut, &whole.damage), (Some(7), false, &None));
    let told: Vec<(u32, Option<&str>, Option<&str>, bool)> = all
        .iter()
        .map(|change| {
            (
                change.kind.0,
                change.path.as_deref(),
                change.to.as_deref(),
                change.idle,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (9, Some("/a/late"), None, false),
            (35, None, None, true),
            (19, Some("/a/old"), Some("/a/new"), false),
        ]
    );
    assert_eq!(of_segment(&segment(), 7).1.len(), 1);
    assert_eq!(of_segment(&segment(), 8).1.len(), 0);
    // One that was set aside and holds nothing yet.
    assert_eq!(of_segment(&[0; 64], 0).0, Segment::default());
}

#[test]
fn no_cut_or_damaged_segment_tells_more_than_is_in_it() {
    let whole = segment();
    let entries = whole.len() - 32;
    for end in 0..entries {
        let (segment, all) = of_segment(&whole[..end], 0);
        assert!(all.len() <= 3, "{end}");
        let says = segment.cut || segment.damage.is_some();
        // It may end behind any entry, and before the first.
        assert!(says || segment.last < Some(7), "{end}: {segment:?}");
    }
    let mut behind = whole;
    *behind.last_mut().expect("a byte") = 1;
    assert!(of_segment(&behind, 0).0.damage.is_some());
    // Every flipped bit of an entry is told, and nothing of it.
    let whole = segment();
    for at in 8..entries {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        let (segment, _) = of_segment(&flipped, 0);
        assert!(segment.cut || segment.damage.is_some(), "{at}: {segment:?}");
    }
    // Half written, with zeros behind it that were set aside before.
    let mut half = whole;
    half[entries - 20..].fill(0);
    let (half, _) = of_segment(&half, 0);
    assert_eq!((half.last, half.cut, half.damage), (Some(6), true, None));
    let skipped = [b"RaftLog1".to_vec(), framed(5, &[]), framed(7, &[])].concat();
    assert!(of_segment(&skipped, 0).0.damage.is_some());
    assert!(of_segment(b"something else", 0).0.damage.is_some());
}

#[test]
fn names_of_segments_tell_their_indices() {
    let closed = LogName::of_segment("log_0-12").expect("a name");
    assert_eq!((closed.start, closed.end), (0, Some(13)));
    let open = LogName::of_segment("log_inprogress_13").expect("a name");
    assert_eq!((open.start, open.end), (13, None));
    for wrong in [
        "log_",
        "log_5-1",
        "log_inprogress_",
        "raft-meta",
        "log_0-18446744073709551615",
    ] {
        assert_eq!(LogName::of_segment(wrong), None, "{wrong}");
    }
}
