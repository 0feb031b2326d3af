//! The whole list of findings as a person reads it, twice.

use std::fmt::Write as _;

use expect_test::expect;
use upshift_model::finding::Finding;
use upshift_model::flink::Sink;
use upshift_model::observed::Observed;
use upshift_planner::systems::flink::codes;

use crate::cases::outcome;
use crate::support::World;

fn listing(findings: &[Finding]) -> String {
    let mut text = String::new();
    // The catalogue's own date changes with the catalogue.
    for finding in findings
        .iter()
        .filter(|finding| finding.code != codes::CATALOGUE_AGE)
    {
        let waived = finding
            .waived_by
            .as_ref()
            .map_or_else(String::new, |why| format!(" (waived: {why})"));
        writeln!(
            text,
            "{:?} {} {}: {}{waived}",
            outcome(finding),
            finding.code,
            finding.subject,
            finding.title
        )
        .expect("writing to a string");
        for (mark, lines) in [("saw", &finding.evidence), ("fix", &finding.remedy)] {
            for line in lines {
                writeln!(text, "    {mark}: {line}").expect("writing to a string");
            }
        }
    }
    text
}

#[test]
fn a_healthy_shadow_copy() {
    expect![[r#"
        Green UP-FLINK-0102 cluster: the release is one that upshift acts upon
            saw: Flink 1.18.1
        Green UP-FLINK-0104 cluster: the file and the cluster agree on what runs
            saw: the file says 1.18.1, the cluster says 1.18.1
        Green UP-FLINK-0102 target cluster: the release is one that upshift acts upon
            saw: Flink 1.20.5
        Green UP-FLINK-0101 target cluster: the target is not older than what runs
            saw: 1.18.1 runs, 1.20.5 is wanted
        Green UP-FLINK-0100 target cluster: state goes from the one release to the other, under conditions
            saw: state of Flink 1.18.1, restored by 1.20.5
        Green UP-FLINK-0109 the restore point is an unaligned checkpoint: a limit of this pair of releases concerns none of the jobs
            saw: unaligned checkpoints are not for an upgrade from one line to another
        Green UP-FLINK-0109 the restore point is a checkpoint of the changelog backend: a limit of this pair of releases concerns none of the jobs
            saw: a checkpoint of the changelog backend was never tried across lines
        Green UP-FLINK-0109 the job is a Table API or SQL program: a limit of this pair of releases concerns none of the jobs
            saw: a Table API or SQL job may get another plan, and so other state, from any release of another line
        Green UP-FLINK-0110 cluster: the cluster is a standalone one
            saw: no key of another provider in its configuration
        Green UP-FLINK-0111 cluster: jobs come over REST: a session cluster
        Green UP-FLINK-0112 cluster: high availability is off
        Green UP-FLINK-0113 cluster: jars may be submitted over REST
        Green UP-FLINK-0116 cluster: the file says where the running release is installed
            saw: home /srv/flink-1.18.1, configuration /srv/old/conf
        Green UP-FLINK-0114 cluster: the cluster's processes are seen on this machine
            saw: pid 4001: job manager
            saw: pid 4002: task manager
        Green UP-FLINK-0115 cluster: every task manager runs on this machine
            saw: 1 registered, 1 of them on this machine
        Green UP-FLINK-0194 cluster: no operator or autoscaler shows in the configuration
        Green UP-FLINK-0195 cluster: the cluster does not rescale jobs by itself
        Green UP-FLINK-0120 job orders: the job is running
            saw: id 72a453b49067bc6ac70207bc19a87cdf, state RUNNING
        Green UP-FLINK-0122 job orders: every vertex is RUNNING
            saw: 2 vertices
        Green UP-FLINK-0123 job orders: no restarts since it was submitted
        Green UP-FLINK-0124 job orders: no exceptions since it was submitted
        Green UP-FLINK-0125 cluster: the file names every job that runs
        Green UP-FLINK-0130 job orders: the job checkpoints
            saw: every 10 s, exactly_once
        Green UP-FLINK-0134 job orders: checkpoints are aligned
        Green UP-FLINK-0135 job orders: the changelog is off
        Green UP-FLINK-0136 job orders: checkpoints are exactly-once
            saw: mode: exactly_once
        Green UP-FLINK-0133 job orders: no checkpoint failed
            saw: 8640 completed, 0 failed
        Green UP-FLINK-0132 job orders: the newest completed checkpoint is recent
            saw: number 8640 completed 5 s before the look (2026-11-20T21:04:06Z), took 1 s
            saw: one is due every 10 s
        Green UP-FLINK-0140 savepoint directory: the savepoint directory exists and is writable
            saw: /srv/savepoints
        Green UP-FLINK-0142 savepoint directory: old and new cluster reach the savepoint directory under the same path
            saw: the job manager and all 1 task managers run on this machine, as the new ones will
        Green UP-FLINK-0143 savepoint directory: there is room for the savepoints
            saw: 61.0 GB free
            saw: 420.0 MB wanted: newest checkpoints 105.0 MB, times 2, for 2 savepoint(s) of each job
        Green UP-FLINK-0144 cluster: the state backend stays
            saw: configured now: rocksdb; for the target: rocksdb
        Green UP-FLINK-0145 policy: a savepoint is taken and read before anything stops
        Green UP-FLINK-0247 job orders: a snapshot of the job was read
            saw: file:/srv/savepoints/savepoint-72a453-1b2c3d: the newest savepoint that the server knows
        Green UP-FLINK-0220 job orders: the target reads this version of the metadata
            saw: canonical savepoint 8001 with metadata version 4 (written by 1.18 to 1.20), 105.0 MB of state, 2 operators
            saw: the target reads 1 to 4
        Green UP-FLINK-0222 job orders: the target reads the headers of operator state
        Green UP-FLINK-0245 job orders: every file is there as long as it must be
            saw: 2 files
        Green UP-FLINK-0251 job orders: which operators with state the job as wanted has is known
            saw: the jar, its arguments and the parallelism are those that run
        Green UP-FLINK-0224 job orders: every operator that is known of the job as wanted is in the snapshot
        Green UP-FLINK-0225 job orders: every operator with state has a uid
        Green UP-FLINK-0228 job orders: the max parallelism of the snapshot stays
            saw: set and the same: 2 operators; left to Flink, which takes over that of the snapshot: 0
        Green UP-FLINK-0229 job orders: the parallelism is within the snapshot's max parallelism
        Green UP-FLINK-0232 job orders: keys and windows keep their types
        Green UP-FLINK-0231 job orders: the program stays, and with it the types of its state
            saw: the jar and its arguments are those that run
        Green UP-FLINK-0221 way back: 1.18.1 reads metadata of snapshots that 1.20.5 takes
            saw: 1.20.5 writes metadata of version 4, 1.18.1 reads up to 4
        Green UP-FLINK-0223 way back: 1.18.1 reads headers of operator state of snapshots that 1.20.5 takes
            saw: 1.20.5 writes headers of operator state of version 6, 1.18.1 reads up to 6
        Green UP-FLINK-0146 job orders: there is a recent savepoint
            saw: the newest is 2 h old, at file:/srv/savepoints/savepoint-72a453-1b2c3d
        Green UP-FLINK-0150 target cluster: the target has slots enough
            saw: 4 slots: 1 task manager(s) of 4
            saw: 2 wanted by the named jobs
        Green UP-FLINK-0175 job orders: its author declares uids
            saw: declared: source, counter
            saw: declared and not seen: the server does not tell
        Green UP-FLINK-0170 job orders: the jar is in hand, its digest recorded
            saw: /srv/jars/orders.jar, 4.2 MB, SHA-256 0163f1eea7894350060624d315234d40c508ab251ba121714e234503045faadd
        Green UP-FLINK-0171 job orders: the entry class is in the jar
            saw: com.example.Orders
        Green UP-FLINK-0172 job orders: the jar does not bundle Flink itself
        Green UP-FLINK-0161 job orders: the target's Java takes the jar
            saw: highest class file version 55: Java 11
            saw: the target would run on Java 11
        Green UP-FLINK-0173 job orders: the running release's jar is in hand
            saw: /srv/jars/orders.jar, SHA-256 0163f1eea7894350060624d315234d40c508ab251ba121714e234503045faadd
        Green UP-FLINK-0260 job orders: the target has what the jar refers to
            saw: 42 classes of /srv/jars/orders.jar looked through, against /srv/flink-1.20.5
        Green UP-FLINK-0261 job orders: no connector in the jar was made for another release line
        Green UP-FLINK-0160 target cluster: the target runs on this Java
            saw: Java 11 (/usr/bin/java) for Flink 1.20.5
        Green UP-FLINK-0162 target cluster: the target's home holds the release that is wanted
            saw: /srv/flink-1.20.5: Flink 1.20.5 by its flink-dist jar
        Green UP-FLINK-0167 cluster: the running release's installation is in hand
            saw: /srv/flink-1.18.1: Flink 1.18.1
        Green UP-FLINK-0186 target cluster: the folder for the new configuration is free
            saw: /srv/new/conf is absent or empty
        Green UP-FLINK-0180 cluster: the running release's configuration is in hand
            saw: flink-conf.yaml, 2 entries, SHA-256 0c326c4f02797b088fc566e64fbfe2162390f52f2fec1483ec3a413a7f11c910
        Green UP-FLINK-0187 target cluster: the configuration is carried over; upshift diff PLAN shows how
            saw: flink-conf.yaml becomes config.yaml, 3 edits
        Green UP-FLINK-0181 file flink-conf.yaml: the main file has another name in the target
            saw: flink-conf.yaml becomes config.yaml
        Green UP-FLINK-0185 cluster: the cluster runs with what its configuration file says
        Green UP-FLINK-0190 conf folder: each cluster has a conf folder of its own
            saw: /srv/old/conf and /srv/new/conf
        Green UP-FLINK-0190 pid folder: each cluster has a pid folder of its own
            saw: /srv/old/pid and /srv/new/pid
        Green UP-FLINK-0190 log folder: each cluster has a log folder of its own
            saw: /srv/old/log and /srv/new/log
        Green UP-FLINK-0192 port 8181 (rest): the port is free
        Green UP-FLINK-0192 port 6223 (rpc_port): the port is free
        Green UP-FLINK-0192 port 6224 (blob_port): the port is free
        Green UP-FLINK-0157 probe orders per minute: the probe holds now
            saw: answered "1212", expected a number above zero, later at least 0.9 of it
        Green UP-FLINK-0281 changes on the way: no change on the way that is known bites this system
            saw: 1.18.1 to 1.20.5: 0 changes were ruled out by what was seen
        Green UP-FLINK-0196 job orders: a replay changes nothing: the sink is idempotent
        Green UP-FLINK-0197 job orders: the way back stays open beyond the soak
            saw: source_retention: 7 d
            saw: soak: 15 m
    "#]].assert_eq(&listing(&World::shadow().findings()));
}

#[test]
fn an_upgrade_in_place_that_must_not_start() {
    let mut world = World::in_place();
    world.running().state = "RESTARTING".into();
    world.details().restarts = Observed::Known(12);
    world.declared().sink = Sink::Undeclared;
    world.declared().uids.clear();
    world.target().version = "2.3.0".parse().expect("a version");
    world.facts.host.target_home = Some(Observed::unknown("/srv/flink-1.20.5", "no such directory"));
    world.facts.host.ports.clear();
    world.facts.source.web_submit = Observed::Known(false);
    expect![[r#"
        Green UP-FLINK-0102 cluster: the release is one that upshift acts upon
            saw: Flink 1.18.1
        Green UP-FLINK-0104 cluster: the file and the cluster agree on what runs
            saw: the file says 1.18.1, the cluster says 1.18.1
        Green UP-FLINK-0102 target cluster: the release is one that upshift acts upon
            saw: Flink 2.3.0
        Green UP-FLINK-0101 target cluster: the target is not older than what runs
            saw: 1.18.1 runs, 2.3.0 is wanted
        Yellow UP-FLINK-0100 target cluster: state goes from the one release to the other, and nobody promises it
            saw: state of Flink 1.18.1, restored by 2.3.0
            saw: state compatibility is not guaranteed between 1.x and 2.x
            saw: the vendor does not promise it
            fix: prove the job's results after the switch; keep the way back open until then
            fix: prove the job's results after the switch
        Green UP-FLINK-0109 the restore point is an unaligned checkpoint: a limit of this pair of releases concerns none of the jobs
            saw: unaligned checkpoints are not for an upgrade from one line to another
        Green UP-FLINK-0109 the restore point is a checkpoint of the changelog backend: a limit of this pair of releases concerns none of the jobs
            saw: a checkpoint of the changelog backend was never tried across lines
        Green UP-FLINK-0109 the job is a Table API or SQL program: a limit of this pair of releases concerns none of the jobs
            saw: a Table API or SQL job may get another plan, and so other state, from any release of another line
        Yellow UP-FLINK-0109 job orders: the jar uses an API that the target no longer has: a limit of this pair of releases may hold
            saw: SourceFunction, SinkFunction, Sink V1, the Scala and DataSet APIs are gone: a jar that uses them fails when it is submitted, the state untouched
            fix: build the jar for 2.x and try it on a scratch cluster of the target before the switch
            fix: only the job's author can say
        Green UP-FLINK-0110 cluster: the cluster is a standalone one
            saw: no key of another provider in its configuration
        Green UP-FLINK-0111 cluster: jobs come over REST: a session cluster
        Green UP-FLINK-0112 cluster: high availability is off
        Refused UP-FLINK-0113 cluster: jars may not be submitted over REST
            saw: GET http://127.0.0.1:8081/config: features.web-submit is false
            fix: set web.submit.enable: true in the configuration and restart the job manager
        Green UP-FLINK-0116 cluster: the file says where the running release is installed
            saw: home /srv/flink-1.18.1, configuration /srv/old/conf
        Green UP-FLINK-0114 cluster: the cluster's processes are seen on this machine
            saw: pid 4001: job manager
            saw: pid 4002: task manager
        Green UP-FLINK-0115 cluster: every task manager runs on this machine
            saw: 1 registered, 1 of them on this machine
        Green UP-FLINK-0194 cluster: no operator or autoscaler shows in the configuration
        Green UP-FLINK-0195 cluster: the cluster does not rescale jobs by itself
        Refused UP-FLINK-0120 job orders: the job is RESTARTING and could not take a savepoint now
            saw: id 72a453b49067bc6ac70207bc19a87cdf, state RESTARTING
            fix: wait until it is RUNNING: upshift observe FILE
            fix: if it cannot run any more: set may_use_checkpoint = true in its [[job]] entry
        Green UP-FLINK-0122 job orders: every vertex is RUNNING
            saw: 2 vertices
        Yellow UP-FLINK-0123 job orders: the job was restarted since it was submitted
            saw: numRestarts: 12
            fix: find out why before the upgrade, or its failures will be taken for the upgrade's
        Green UP-FLINK-0124 job orders: no exceptions since it was submitted
        Green UP-FLINK-0125 cluster: the file names every job that runs
        Green UP-FLINK-0130 job orders: the job checkpoints
            saw: every 10 s, exactly_once
        Green UP-FLINK-0134 job orders: checkpoints are aligned
        Green UP-FLINK-0135 job orders: the changelog is off
        Green UP-FLINK-0136 job orders: checkpoints are exactly-once
            saw: mode: exactly_once
        Green UP-FLINK-0133 job orders: no checkpoint failed
            saw: 8640 completed, 0 failed
        Green UP-FLINK-0132 job orders: the newest completed checkpoint is recent
            saw: number 8640 completed 5 s before the look (2026-11-20T21:04:06Z), took 1 s
            saw: one is due every 10 s
        Green UP-FLINK-0140 savepoint directory: the savepoint directory exists and is writable
            saw: /srv/savepoints
        Green UP-FLINK-0142 savepoint directory: old and new cluster reach the savepoint directory under the same path
            saw: the job manager and all 1 task managers run on this machine, as the new ones will
        Green UP-FLINK-0143 savepoint directory: there is room for the savepoints
            saw: 61.0 GB free
            saw: 420.0 MB wanted: newest checkpoints 105.0 MB, times 2, for 2 savepoint(s) of each job
        Green UP-FLINK-0144 cluster: the state backend stays
            saw: configured now: rocksdb; for the target: rocksdb
        Green UP-FLINK-0145 policy: a savepoint is taken and read before anything stops
        Green UP-FLINK-0247 job orders: a snapshot of the job was read
            saw: file:/srv/savepoints/savepoint-72a453-1b2c3d: the newest savepoint that the server knows
        Green UP-FLINK-0220 job orders: the target reads this version of the metadata
            saw: canonical savepoint 8001 with metadata version 4 (written by 1.18 to 1.20), 105.0 MB of state, 2 operators
            saw: the target reads 1 to 6
        Green UP-FLINK-0222 job orders: the target reads the headers of operator state
        Green UP-FLINK-0245 job orders: every file is there as long as it must be
            saw: 2 files
        Green UP-FLINK-0251 job orders: which operators with state the job as wanted has is known
            saw: the jar, its arguments and the parallelism are those that run
        Green UP-FLINK-0224 job orders: every operator that is known of the job as wanted is in the snapshot
        Green UP-FLINK-0225 job orders: every operator with state has a uid
        Green UP-FLINK-0228 job orders: the max parallelism of the snapshot stays
            saw: set and the same: 2 operators; left to Flink, which takes over that of the snapshot: 0
        Green UP-FLINK-0229 job orders: the parallelism is within the snapshot's max parallelism
        Green UP-FLINK-0232 job orders: keys and windows keep their types
        Green UP-FLINK-0231 job orders: the program stays, and with it the types of its state
            saw: the jar and its arguments are those that run
        Green UP-FLINK-0233 job orders: state does not hold a bean with a collection that Kryo wrote
            saw: a POJO with a List, Map or Set field was written by Kryo and is read by the collection serializers that 2.x uses: StateMigrationException, after the job is RUNNING
        Green UP-FLINK-0234 job orders: state does not hold types that Kryo wrote
            saw: 2.x reads Kryo types with Kryo 5.6 instead of 2.24: not promised, though a plain class restored with right values from 1.20.5 on 2.3.0
        Yellow UP-FLINK-0221 way back: 1.18.1 cannot read metadata of snapshots that 2.3.0 takes
            saw: 2.3.0 writes metadata of version 6, 1.18.1 reads up to 4
            saw: the way back of the plan starts from the savepoint that the old release took, and loses what came after it
            fix: keep that savepoint until you are sure: [policy] keep_restore_points
            fix: what 2.3.0 writes cannot be carried back: decide within the soak time
        Green UP-FLINK-0223 way back: 1.18.1 reads headers of operator state of snapshots that 2.3.0 takes
            saw: 2.3.0 writes headers of operator state of version 6, 1.18.1 reads up to 6
        Green UP-FLINK-0146 job orders: there is a recent savepoint
            saw: the newest is 2 h old, at file:/srv/savepoints/savepoint-72a453-1b2c3d
        Green UP-FLINK-0150 target cluster: the target has slots enough
            saw: 4 slots: 1 task manager(s) of 4
            saw: 2 wanted by the named jobs
        Yellow UP-FLINK-0175 job orders: the file declares no uids
            saw: the same jar runs on the target: ids follow from the graph's shape and stay as long as it does
            saw: ids of the operators at the head of each chain:
            saw: e5a72f353fc1e6bbf3bd96a41384998c  Source: orders
            saw: 0da08f51eaa85fc298e176a139b3649a  counter -> Sink: out
            fix: declare what the job sets: uids = ["source", "dedupe"] in its [[job]] entry
            fix: where it sets none: .uid("NAME") on every operator of the next release; to keep today's state, .setUidHash("ID") with the ids above
            fix: make submission fail where one is missing: upshift plan FILE --require-uids
        Green UP-FLINK-0170 job orders: the jar is in hand, its digest recorded
            saw: /srv/jars/orders.jar, 4.2 MB, SHA-256 0163f1eea7894350060624d315234d40c508ab251ba121714e234503045faadd
        Green UP-FLINK-0171 job orders: the entry class is in the jar
            saw: com.example.Orders
        Green UP-FLINK-0172 job orders: the jar does not bundle Flink itself
        Green UP-FLINK-0161 job orders: the target's Java takes the jar
            saw: highest class file version 55: Java 11
            saw: the target would run on Java 11
        Green UP-FLINK-0173 job orders: the running release's jar is in hand
            saw: /srv/jars/orders.jar, SHA-256 0163f1eea7894350060624d315234d40c508ab251ba121714e234503045faadd
        Green UP-FLINK-0260 job orders: the target has what the jar refers to
            saw: 42 classes of /srv/jars/orders.jar looked through, against /srv/flink-1.20.5
        Green UP-FLINK-0261 job orders: no connector in the jar was made for another release line
        Green UP-FLINK-0160 target cluster: the target runs on this Java
            saw: Java 11 (/usr/bin/java) for Flink 2.3.0
        Refused UP-FLINK-0163 target cluster: the target's home is absent and no archive is named
            saw: /srv/flink-1.20.5: no such directory
            fix: name what it is unpacked from: [installation] target = { version = "…", archive = "file:///path/flink-VERSION-bin-scala_2.12.tgz", sha512 = "…" }
            fix: or unpack it yourself: tar -xzf ARCHIVE --strip-components=1 -C /srv/flink-1.20.5
        Green UP-FLINK-0167 cluster: the running release's installation is in hand
            saw: /srv/flink-1.18.1: Flink 1.18.1
        Green UP-FLINK-0186 target cluster: the folder for the new configuration is free
            saw: /srv/new/conf is absent or empty
        Green UP-FLINK-0180 cluster: the running release's configuration is in hand
            saw: flink-conf.yaml, 2 entries, SHA-256 0c326c4f02797b088fc566e64fbfe2162390f52f2fec1483ec3a413a7f11c910
        Green UP-FLINK-0187 target cluster: the configuration is carried over; upshift diff PLAN shows how
            saw: flink-conf.yaml becomes config.yaml, 0 edits
        Green UP-FLINK-0181 file flink-conf.yaml: the main file has another name in the target
            saw: flink-conf.yaml becomes config.yaml
        Green UP-FLINK-0185 cluster: the cluster runs with what its configuration file says
        Green UP-FLINK-0190 conf folder: each cluster has a conf folder of its own
            saw: /srv/old/conf and /srv/new/conf
        Green UP-FLINK-0190 pid folder: each cluster has a pid folder of its own
            saw: /srv/old/pid and /srv/new/pid
        Green UP-FLINK-0190 log folder: each cluster has a log folder of its own
            saw: /srv/old/log and /srv/new/log
        Green UP-FLINK-0157 probe orders per minute: the probe holds now
            saw: answered "1212", expected a number above zero, later at least 0.9 of it
        Green UP-FLINK-0281 changes on the way: no change on the way that is known bites this system
            saw: 1.18.1 to 2.3.0: 0 changes were ruled out by what was seen
        Yellow UP-FLINK-0196 job orders: nobody said what the sink makes of a record that comes twice
            saw: no `sink` in its entry; treated as append
            saw: a return starts from the savepoint and sends again what came after it
            fix: set sink = "idempotent" or "transactional" in its [[job]] entry where that is so
            fix: else: the plan names the amount, and `upshift rollback` asks for consent before it replays
        Green UP-FLINK-0197 job orders: the way back stays open beyond the soak
            saw: source_retention: 7 d
            saw: soak: 15 m
    "#]].assert_eq(&listing(&world.findings()));
}
