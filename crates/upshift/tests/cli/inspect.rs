//! `upshift inspect`: what is told of real snapshots, of damaged ones, and of what lies between two.

use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};

use super::support::{Ran, upshift};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flink-savepoints")
}

/// Runs `inspect` in the folder of the fixtures.
fn inspect(words: &[&str]) -> Ran {
    let words = [&["inspect"], words].concat();
    upshift(&fixtures(), &words)
}

fn golden(words: &[&str], code: i32, expected: Expect) {
    let ran = inspect(words).exits(code);
    expected.assert_eq(&format!("{}{}", ran.out, ran.err));
}

/// Inspects one of `fixtures/flink-kinds`; the random names of its directories are left out.
fn kind(name: &str, words: &[&str], code: i32, expected: Expect) {
    let dir = fixtures().join("../flink-kinds").join(name);
    let manifest = std::fs::read(dir.join("MANIFEST.json")).expect("a fixture");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    let [place, data] = ["checkpoint_subdir", "data"].map(|key| manifest[key].as_str().expect("text"));
    let ran = upshift(&dir, &[&["inspect", "savepoint", place], words].concat()).exits(code);
    let text = format!("{}{}", ran.out, ran.err).replace(place, "SNAPSHOT");
    let job = place.split('/').nth(1).expect("a job or a savepoint");
    expected.assert_eq(&text.replace(job, "JOB").replace(data, "DATA"));
}

#[test]
fn a_checkpoint_with_changelog_names_both_its_parts() {
    kind(
        "2.3.0-changelog-hashmap",
        &[],
        0,
        expect![[r#"
        SNAPSHOT
        checkpoint 4, metadata version 6, written by Flink 2.1 to 2.3
        3 operators, 2 with state; 13 kB of state in 10 handles
        924 B in files beside it, 22 kB in files named by absolute paths
        not movable: it refers to files by absolute paths
        changelog: a materialized snapshot and the changes since

        ca88eee0095684d687a1b6495617f957  uid numbers, Source: numbers
          parallelism 2, max 16; 546 B; 2 OperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions
            (1 of 2 state headers in files were opened; --files opens all)

        36f1d886a6fb925dd34f9c3c3f951752  uid plain, plain
          parallelism 2, max 16; 13 kB; 2 ChangelogStateBackendHandleImpl; 2 ChangelogStateHandleStreamImpl; 2 KeyGroupsStateHandle; 2 OperatorStreamStateHandle
            passed  list SPLIT_DISTRIBUTE  Long, 2 partitions
            (1 of 4 state headers in files were opened; --files opens all)

        without state: 1 operator
          b0efe4b9a967a3d011e1c9847df8ab14  uid paced, paced

        odd
          UP-READ-0020 operator 36f1d886a6fb925dd34f9c3c3f951752: state header in file:DATA/checkpoints/JOB/taskowned/2c4ee1dc-dbdb-49b5-be1e-a1e910b4e802: DATA/checkpoints/JOB/taskowned/2c4ee1dc-dbdb-49b5-be1e-a1e910b4e802: nothing is there: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn merged_files_with_records_in_flight_are_told() {
    kind(
        "1.20.5-merged-channels",
        &[],
        0,
        expect![[r#"
        SNAPSHOT
        checkpoint 2, metadata version 4, written by Flink 1.20
        5 operators, 5 with state; 93 kB of state in 24 handles
        93 kB in files named by absolute paths
        not movable: it refers to files by absolute paths
        unaligned: records in flight are part of it
        files are merged: parts of them belong to other subtasks or checkpoints

        ca88eee0095684d687a1b6495617f957  uid not recorded
          parallelism 2, max 16; 546 B; 2 FileMergingOperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  type not read, 2 partitions
            (0 of 2 state headers in files were opened; --files opens all)

        36f1d886a6fb925dd34f9c3c3f951752  uid not recorded
          parallelism 2, max 16; 5.7 kB; 2 FileMergingOperatorStreamStateHandle; 2 KeyGroupsStateHandle
            passed  list SPLIT_DISTRIBUTE  type not read, 2 partitions
            (0 of 4 state headers in files were opened; --files opens all)

        59fa767824610e31f4a11d6125e09bf4  uid not recorded
          parallelism 2, max 16; 7.3 kB; 2 FileMergingOperatorStreamStateHandle; 2 InputChannelStateHandle; 2 KeyGroupsStateHandle
            (0 of 2 state headers in files were opened; --files opens all)

        01254ab7a44beadbe56efefc89a06fe8  uid not recorded
          parallelism 2, max 16; 79 kB; 2 FileMergingOperatorStreamStateHandle; 4 ResultSubpartitionStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  type not read, 2 partitions
            (0 of 2 state headers in files were opened; --files opens all)

        b0efe4b9a967a3d011e1c9847df8ab14  uid not recorded
          parallelism 2, max 16; 142 B; 2 FileMergingOperatorStreamStateHandle; 4 ResultSubpartitionStateHandle

        odd
          UP-READ-0020 operator ca88eee0095684d687a1b6495617f957: state header in file:DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/242acf9c-2100-4139-a67f-6f74f60012f5: DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/242acf9c-2100-4139-a67f-6f74f60012f5: nothing is there: No such file or directory (os error 2)
          UP-READ-0020 operator 36f1d886a6fb925dd34f9c3c3f951752: state header in file:DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/576bb19e-d4cf-4afc-88d0-b976c033638b: DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/576bb19e-d4cf-4afc-88d0-b976c033638b: nothing is there: No such file or directory (os error 2)
          UP-READ-0020 operator 59fa767824610e31f4a11d6125e09bf4: state header in file:DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/081f3dc0-a29b-4a40-aafd-7c714e7b4647: DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/081f3dc0-a29b-4a40-aafd-7c714e7b4647: nothing is there: No such file or directory (os error 2)
          UP-READ-0020 operator 01254ab7a44beadbe56efefc89a06fe8: state header in file:DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/ad97d29d-11e6-4576-9e5f-60a33de9a2d2: DATA/checkpoints/JOB/taskowned/job_JOB_tm_127.0.0.1-36615-9c0099/ad97d29d-11e6-4576-9e5f-60a33de9a2d2: nothing is there: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn records_in_flight_are_told() {
    kind(
        "2.3.0-channels",
        &[],
        0,
        expect![[r#"
        SNAPSHOT
        checkpoint 2, metadata version 6, written by Flink 2.1 to 2.3
        5 operators, 5 with state; 94 kB of state in 16 handles
        8.5 kB in the metadata, 85 kB in files beside it
        its directory may be moved or copied whole
        unaligned: records in flight are part of it

        ca88eee0095684d687a1b6495617f957  uid numbers, Source: numbers
          parallelism 2, max 16; 546 B; 2 OperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions

        36f1d886a6fb925dd34f9c3c3f951752  uid plain, plain
          parallelism 2, max 16; 5.7 kB; 2 KeyGroupsStateHandle; 2 OperatorStreamStateHandle
            keys                                                        Long
            _timer_state/event_user-timers       timers                 Timer<Long, VoidNamespace>
            _timer_state/processing_user-timers  timers                 Timer<Long, VoidNamespace>
            count                                VALUE                  Long
            passed                               list SPLIT_DISTRIBUTE  Long, 2 partitions
            seen                                 LIST                   List<String>
            visits                               MAP                    Map<String, Long>

        59fa767824610e31f4a11d6125e09bf4  uid slow, slow
          parallelism 2, max 16; 8.1 kB; 2 KeyGroupsStateHandle; 2 MergedInputChannelStateHandle
            keys                                         Long
            _timer_state/event_user-timers       timers  Timer<Long, VoidNamespace>
            _timer_state/processing_user-timers  timers  Timer<Long, VoidNamespace>

        01254ab7a44beadbe56efefc89a06fe8  uid many, Source: many
          parallelism 2, max 16; 79 kB; 2 MergedResultSubpartitionStateHandle; 2 OperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions

        b0efe4b9a967a3d011e1c9847df8ab14  uid paced, paced
          parallelism 2, max 16; 205 B; 2 MergedResultSubpartitionStateHandle
    "#]],
    );
}

#[test]
fn a_master_hook_is_named() {
    kind(
        "2.3.0-hook",
        &[],
        0,
        expect![[r#"
        SNAPSHOT
        canonical savepoint 4, metadata version 6, written by Flink 2.1 to 2.3
        4 operators, 2 with state; 6.4 kB of state in 6 handles
        6.4 kB in the metadata
        its directory may be moved or copied whole
        state of master hooks: upshift lab hook ä中

        ca88eee0095684d687a1b6495617f957  uid numbers, Source: numbers
          parallelism 2, max 16; 546 B; 2 OperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions

        36f1d886a6fb925dd34f9c3c3f951752  uid plain, plain
          parallelism 2, max 16; 5.9 kB; 2 KeyGroupsSavepointStateHandle; 2 OperatorStreamStateHandle
            keys                                                        Long
            _timer_state/event_user-timers       timers                 Timer<Long, VoidNamespace>
            _timer_state/processing_user-timers  timers                 Timer<Long, VoidNamespace>
            count                                VALUE                  Long
            passed                               list SPLIT_DISTRIBUTE  Long, 2 partitions
            seen                                 LIST                   List<String>
            visits                               MAP                    Map<String, Long>

        without state: 2 operators
          b0efe4b9a967a3d011e1c9847df8ab14  uid paced, paced
          7f576998fda6d3db517bdd9500921961  uid hooked, hooked
    "#]],
    );
}

#[test]
fn what_had_finished_is_said_of_operators_with_and_without_state() {
    kind(
        "2.3.0-finished",
        &[],
        0,
        expect![[r#"
        SNAPSHOT
        checkpoint 9, metadata version 6, written by Flink 2.1 to 2.3
        7 operators, 3 with state; 6.6 kB of state in 7 handles
        6.5 kB in the metadata
        its directory may be moved or copied whole

        ca88eee0095684d687a1b6495617f957  uid numbers, Source: numbers
          parallelism 2, max 16; 546 B; 2 OperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions

        1e921283d56d69bf5168f19cd91e398a  uid halves, Source: halves
          parallelism 2, max 16; 281 B; 1 OperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 1 partition

        36f1d886a6fb925dd34f9c3c3f951752  uid plain, plain
          parallelism 2, max 16; 5.7 kB; 2 KeyGroupsStateHandle; 2 OperatorStreamStateHandle
            keys                                                        Long
            _timer_state/event_user-timers       timers                 Timer<Long, VoidNamespace>
            _timer_state/processing_user-timers  timers                 Timer<Long, VoidNamespace>
            count                                VALUE                  Long
            passed                               list SPLIT_DISTRIBUTE  Long, 2 partitions
            seen                                 LIST                   List<String>
            visits                               MAP                    Map<String, Long>

        without state: 4 operators
          a6bb52df94b576b12882dd8ff44f3177  uid halves-paced, halves-paced
          b0efe4b9a967a3d011e1c9847df8ab14  uid paced, paced
          be3846e6427a8682b73c48b7e7f542c4  uid few, Source: few; all subtasks had finished
          c1bd4f3258ccafda13b56d7b90b783cf  uid few-paced, few-paced; all subtasks had finished

        odd
          operator 1e921283d56d69bf5168f19cd91e398a: 1 of 2 subtasks had finished
          operator a6bb52df94b576b12882dd8ff44f3177: 1 of 2 subtasks had finished
    "#]],
    );
}

#[test]
fn times_to_live_are_part_of_the_type() {
    kind(
        "1.20.5-ttl-canonical",
        &[],
        0,
        expect![[r#"
        SNAPSHOT
        canonical savepoint 4, metadata version 4, written by Flink 1.18 to 1.20
        3 operators, 2 with state; 9.9 kB of state in 4 handles
        9.9 kB in the metadata
        its directory may be moved or copied whole

        ca88eee0095684d687a1b6495617f957  uid not recorded
          parallelism 2, max 16; 546 B; 2 OperatorStreamStateHandle; coordinator 16 B
            SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions

        0be2b30eb624c64108ca9bd7dfd6d634  uid not recorded
          parallelism 2, max 16; 9.3 kB; 2 KeyGroupsSavepointStateHandle
            keys                                              Long
            _timer_state/event_user-timers       timers       Timer<Long, VoidNamespace>
            _timer_state/processing_user-timers  timers       Timer<Long, VoidNamespace>
            ageless                              VALUE        String
            counted                              AGGREGATING  Ttl<Long, Long>
            list                                 LIST         List<Ttl<Long, Tuple2<String, Long>>>
            map                                  MAP          Map<String, Ttl<Long, Long>>
            sum                                  REDUCING     Ttl<Long, Long>
            value                                VALUE        Ttl<Long, Long>

        without state: 1 operator
          b0efe4b9a967a3d011e1c9847df8ab14  uid not recorded
    "#]],
    );
}

#[test]
fn a_savepoint_is_shown_with_its_states_and_serializers() {
    golden(
        &["savepoint", "1.20.5-hashmap-native-kinds-uids", "--uid", "source"],
        0,
        expect![[r#"
            1.20.5-hashmap-native-kinds-uids
            native savepoint 5, metadata version 4, written by Flink 1.18 to 1.20
            9 operators, 6 with state; 25 kB of state in 11 handles
            25 kB in the metadata
            its directory may be moved or copied whole

            f87d82977f8d6fee965276a0168c57b7  uid not recorded
              parallelism 2, max 128; 766 B; 2 OperatorStreamStateHandle
                members  list UNION             String, 2 partitions
                seen     list SPLIT_DISTRIBUTE  Long, 2 partitions

            3681dd3b43c36f87b626db636033d1db  uid not recorded
              parallelism 2, max 128; 16 kB; 2 KeyGroupsStateHandle
                keys                                              String
                _timer_state/event_user-timers       timers       Timer<String, VoidNamespace>
                _timer_state/processing_user-timers  timers       Timer<String, VoidNamespace>
                account                              VALUE        POJO lab.Functions$Account { balance: Long, colour: enum lab.Functions$Colour { RED, GREEN }, id: String, tags: Kryo(java.util.List) }
                avg                                  AGGREGATING  Tuple2<Long, Long>
                by-name                              MAP          Map<String, POJO lab.Functions$Account { balance: Long, colour: enum lab.Functions$Colour { RED, GREEN }, id: String, tags: Kryo(java.util.List) }>
                pairs                                LIST         List<Tuple2<String, Long>>
                sum                                  REDUCING     Long

            01203aa9a12dc1ec725e03853dd7c8f2  uid not recorded
              parallelism 2, max 128; 6.5 kB; 2 KeyGroupsStateHandle
                keys                                             String
                _timer_state/event_window-timers       timers    Timer<String, GlobalWindow>
                _timer_state/processing_window-timers  timers    Timer<String, GlobalWindow>
                count                                  REDUCING  Long per GlobalWindow
                window-contents                        REDUCING  Long per GlobalWindow

            e5a72f353fc1e6bbf3bd96a41384998c  uid source (as named)
              parallelism 2, max 128; 540 B; 2 OperatorStreamStateHandle; coordinator 16 B
                SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions

            e635e88f2157f1386a91248eacaad37a  uid not recorded
              parallelism 2, max 128; 678 B; 2 OperatorStreamStateHandle
                rules  broadcast  String -> Long, 2 partitions

            5182b45b6472b1a8299f474baebf57c3  uid not recorded
              parallelism 1, max 128; 278 B; 1 OperatorStreamStateHandle; coordinator 16 B
                SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 1 partition

            without state: 3 operators
              57cf17f76c82b22b9319bd4f89883acd  uid not recorded
              a30c3d80a4c44851b857343c4fdb4c1e  uid not recorded
              92e76b3b07ff8035f46bb5c66079690d  uid not recorded
        "#]],
    );
}

#[test]
fn a_checkpoint_names_its_absolute_files_and_misses_them() {
    golden(
        &["savepoint", "2.3.0-rocksdb-checkpoint-files/job/chk-5", "--files"],
        3,
        expect![[r#"
            2.3.0-rocksdb-checkpoint-files/job/chk-5
            checkpoint 5, metadata version 6, written by Flink 2.1 to 2.3
            5 operators, 3 with state; 137 kB of state in 6 handles
            76 kB in the metadata, 60 kB in files named by absolute paths
            not movable: it refers to files by absolute paths
            keyed state as the files of an embedded store

            f87d82977f8d6fee965276a0168c57b7  uid tally, tally
              parallelism 2, max 128; 766 B; 2 OperatorStreamStateHandle
                members  list UNION             String, 2 partitions
                seen     list SPLIT_DISTRIBUTE  Long, 2 partitions

            0da08f51eaa85fc298e176a139b3649a  uid counter, counter
              parallelism 2, max 128; 136 kB; 2 IncrementalRemoteKeyedStateHandle
                keys                                         Long
                _timer_state/event_user-timers       timers  Timer<Long, VoidNamespace>
                _timer_state/processing_user-timers  timers  Timer<Long, VoidNamespace>
                blob                                 VALUE   byte[]
                buckets                              MAP     Map<String, Long>
                count                                VALUE   Long

            e5a72f353fc1e6bbf3bd96a41384998c  uid source, Source: source
              parallelism 2, max 128; 540 B; 2 OperatorStreamStateHandle; coordinator 16 B
                SourceReaderState  list SPLIT_DISTRIBUTE  byte[], 2 partitions

            without state: 2 operators
              139fd28d5d69675d4adbbe1481d23309  no uid, Sink: Print to Std. Out
              a30c3d80a4c44851b857343c4fdb4c1e  uid writer, writer

            2 files looked at, 0 B: 2 not as they should be
              UP-READ-0017  /srv/flinkdat/run/fx-2.3.0/ck/4bcbff4d3056425d72ed81b9c5f85403/shared/55f22367-ac15-4a93-9a2b-cc8e879ac526: missing, needed by 0da08f51eaa85fc298e176a139b3649a
              UP-READ-0017  /srv/flinkdat/run/fx-2.3.0/ck/4bcbff4d3056425d72ed81b9c5f85403/shared/ad663607-a6a8-43f9-b380-2a6145d9ef75: missing, needed by 0da08f51eaa85fc298e176a139b3649a
            2 files outside of its directory, shared or held by others:
              /srv/flinkdat/run/fx-2.3.0/ck/4bcbff4d3056425d72ed81b9c5f85403/shared/55f22367-ac15-4a93-9a2b-cc8e879ac526
              /srv/flinkdat/run/fx-2.3.0/ck/4bcbff4d3056425d72ed81b9c5f85403/shared/ad663607-a6a8-43f9-b380-2a6145d9ef75
        "#]],
    );
}

#[test]
fn two_snapshots_are_compared() {
    golden(
        &[
            "diff",
            "1.20.5-hashmap-canonical-base-uids",
            "2.3.0-hashmap-canonical-chain-uids",
        ],
        0,
        expect![[r#"
            from 1.20.5-hashmap-canonical-base-uids
            to   2.3.0-hashmap-canonical-chain-uids
            metadata version: 4 -> 6

            gone  139fd28d5d69675d4adbbe1481d23309  uid not recorded
              no state

            new  8356c0d083328d87784c14caa71b5217  uid tally-a, tally-a
              766 B in 2 states: members, seen

            new  db864654c61b88ebbd5a27a4fb993454  no uid, Sink: Print to Std. Out
              no state

            new  f5165f4fa5f8ae248750a663c4a01325  uid tally-b, tally-b
              766 B in 2 states: members, seen
        "#]],
    );
    golden(
        &[
            "diff",
            "1.20.5-hashmap-canonical-only-pojo",
            "2.3.0-rocksdb-checkpoint-files/job/chk-5",
            "--exit-code",
        ],
        5,
        expect![[r#"
            from 1.20.5-hashmap-canonical-only-pojo
            to   2.3.0-rocksdb-checkpoint-files/job/chk-5
            metadata version: 4 -> 6
            kind: savepoint -> checkpoint
            format: CANONICAL -> not recorded

            gone  b29ed8d5f86bace1e426523538f9d5e5  uid not recorded
              3.2 kB in 3 states: _timer_state/event_user-timers, _timer_state/processing_user-timers, plain

            new  0da08f51eaa85fc298e176a139b3649a  uid counter, counter
              136 kB in 5 states: _timer_state/event_user-timers, _timer_state/processing_user-timers, blob, buckets, count
        "#]],
    );
    inspect(&[
        "diff",
        "2.3.0-hashmap-canonical-base-uids",
        "2.3.0-hashmap-canonical-base-uids",
        "--exit-code",
    ])
    .exits(0)
    .says("no difference");
}

#[test]
fn json_says_the_same() {
    let ran = inspect(&["savepoint", "1.20.5-hashmap-native-files", "--files", "--json"]).exits(0);
    let account = ran.json();
    assert_eq!(account["metadata_version"], 4);
    assert_eq!(account["movable"], true);
    assert_eq!(account["files"]["wrong"].as_array().map(Vec::len), Some(0));
    let operators = account["operators"].as_array().expect("operators");
    assert!(operators.iter().any(|o| {
        o["states"]
            .as_array()
            .is_some_and(|s| s.iter().any(|s| s["name"] == "blob"))
    }));
    assert!(
        operators.iter().all(|o| o["states_complete"] == true),
        "{account}"
    );
}

#[test]
fn uids_have_their_ids() {
    golden(
        &["uid", "source", "größe"],
        0,
        expect![[r#"
        e5a72f353fc1e6bbf3bd96a41384998c  source
        11c2acd7020ed996ad88e8897efb8e3d  größe
    "#]],
    );
}

#[test]
fn what_is_no_snapshot_says_where_what_and_what_to_do() {
    golden(
        &["savepoint", "2.3.0-rocksdb-checkpoint-files"],
        2,
        expect![[r#"
        UP-READ-0010  2.3.0-rocksdb-checkpoint-files no _metadata in this directory
            expected  the directory of a snapshot, with its _metadata
            next      upshift inspect savepoint 2.3.0-rocksdb-checkpoint-files/job/chk-5
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-READ-0010
    "#]],
    );
    golden(
        &["savepoint", "PROVENANCE.md"],
        2,
        expect![[r#"
        UP-READ-0012  PROVENANCE.md not the metadata of a Flink snapshot: it begins with 0x23205768
            expected  0x4960672d, the start of Flink's _metadata
            next      compare its checksum with the original's, and copy it again
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-READ-0012
    "#]],
    );
    golden(
        &["savepoint", "hdfs://namenode/savepoints/one"],
        2,
        expect![[r#"
        UP-READ-0001  hdfs://namenode/savepoints/one upshift does not read hdfs: HDFS is not proven; it reads local paths, file:, s3: and s3a:
            next      copy the snapshot to a local directory, and name that
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-READ-0001
    "#]],
    );
    golden(
        &["savepoint", "no/such/place"],
        2,
        expect![[r#"
        UP-READ-0006  no/such/place nothing is there
            expected  the directory of a snapshot, or its _metadata
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-READ-0006
    "#]],
    );
}

#[test]
fn damage_says_at_which_byte() {
    let whole =
        std::fs::read(fixtures().join("2.3.0-hashmap-canonical-only-pojo/_metadata")).expect("a fixture");
    let dir = tempfile::tempdir().expect("a scratch folder");
    let damaged = |bytes: &[u8], code: i32, expected: Expect| {
        use std::io::Write as _;
        let file = std::fs::File::create(dir.path().join("_metadata"));
        file.and_then(|mut file| file.write_all(bytes))
            .expect("a scratch file");
        let ran = upshift(dir.path(), &["inspect", "savepoint", "."]).exits(code);
        expected.assert_eq(&ran.err);
    };
    damaged(
        &[],
        3,
        expect![[r#"
        UP-READ-0011  ./_metadata an empty file
            expected  the metadata of a Flink snapshot, whole
            next      compare its size, 0 bytes, with the original's, and copy it again
        exit 3: blocked by findings
        explained by: upshift explain UP-READ-0011
    "#]],
    );
    damaged(
        &whole[..2000],
        3,
        expect![[r#"
        UP-READ-0014  ./_metadata it ends too early: expected 101 bytes of byte-stream name at byte 1958, found 42
            expected  the metadata of a Flink snapshot, whole
            next      compare its size, 2000 bytes, with the original's, and copy it again
        exit 3: blocked by findings
        explained by: upshift explain UP-READ-0014
    "#]],
    );
    let mut newer = whole.clone();
    newer[7] = 9;
    damaged(
        &newer,
        4,
        expect![[r#"
        UP-READ-0013  ./_metadata metadata version 9, newer than this upshift reads
            expected  metadata version 2 to 7
            next      compare its checksum with the original's, and copy it again
        exit 4: something that had to be seen was not seen
        explained by: upshift explain UP-READ-0013
    "#]],
    );
    let mut negative = whole;
    negative[8] = 0xff;
    damaged(
        &negative,
        3,
        expect![[r#"
        UP-READ-0015  ./_metadata expected checkpoint id to be not negative at byte 8, found -72057594037927932
            expected  the metadata of a Flink snapshot, whole
            next      compare its checksum with the original's, and copy it again
        exit 3: blocked by findings
        explained by: upshift explain UP-READ-0015
    "#]],
    );
}
