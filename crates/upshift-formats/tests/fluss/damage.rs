//! Cut and flipped bytes: whatever is not what servers write is an error, never a panic.

use upshift_formats::fluss::{
    Assignment, Config, Coordinator, KvSnapshot, LakeTable, LeaderAndIsr, Partition, Rebalance, Schema,
    ServerTags, Table, TabletServer, counter, epoch, read_dump,
};

use super::fixtures;

/// Asks every reader of JSON and of text; tells how many took the bytes for theirs. Any eight bytes are a counter.
fn takers(bytes: &[u8]) -> usize {
    [
        Coordinator::read(bytes).is_ok(),
        TabletServer::read(bytes).is_ok(),
        Assignment::read(bytes).is_ok(),
        LeaderAndIsr::read(bytes).is_ok(),
        KvSnapshot::read(bytes).is_ok(),
        Table::read(bytes).is_ok(),
        Schema::read(bytes).is_ok(),
        Partition::read(bytes).is_ok(),
        LakeTable::read(bytes).is_ok(),
        ServerTags::read(bytes).is_ok(),
        Rebalance::read(bytes).is_ok(),
        Config::read(bytes).is_ok(),
        epoch(bytes).is_ok(),
    ]
    .into_iter()
    .filter(|took| *took)
    .count()
}

#[test]
fn no_prefix_of_a_node_passes_for_a_node() {
    let mut nodes = 0;
    for (name, bytes) in fixtures::all() {
        let tree = read_dump(&bytes).expect("a dump");
        for (path, data) in tree.nodes().filter(|(_, data)| data.bytes.starts_with(b"{")) {
            nodes += 1;
            for end in 0..data.bytes.len() {
                assert_eq!(takers(&data.bytes[..end]), 0, "{name} {path} cut at {end}");
            }
        }
    }
    assert!(nodes > 200, "{nodes} nodes");
}

#[test]
fn no_prefix_of_a_dump_passes_for_a_dump() {
    let (_, bytes) = fixtures::all().swap_remove(0);
    let whole = bytes.trim_ascii_end().len();
    assert!((0..whole).all(|end| read_dump(&bytes[..end]).is_err()));
    assert!(read_dump(&bytes[..whole]).is_ok());
}

#[test]
fn flipped_bits_never_make_a_reader_panic() {
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for (_, bytes) in fixtures::all() {
        let tree = read_dump(&bytes).expect("a dump");
        for (_, data) in tree.nodes().filter(|(_, data)| !data.bytes.is_empty()) {
            for _ in 0..40 {
                dice ^= dice << 13;
                dice ^= dice >> 7;
                dice ^= dice << 17;
                let mut bytes = data.bytes.clone();
                let place = usize::try_from(dice % bytes.len() as u64).expect("a place");
                bytes[place] ^= 1 << (dice >> 32 & 7);
                takers(&bytes);
                assert_eq!(counter(&bytes).is_ok(), bytes.len() == 8);
            }
        }
    }
}
