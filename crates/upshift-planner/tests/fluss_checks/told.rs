//! What servers tell clients of who leads, beside ZooKeeper.

use upshift_model::finding::Severity;
use upshift_model::fluss::{Difference, Led, OwnCount, ServerId};
use upshift_model::observed::Observed;
use upshift_planner::systems::fluss::codes;

use super::{gap, measured, says};

#[test]
fn other_leaders_than_zookeeper_has_are_red_and_both_sides_are_named() {
    let mut world = measured();
    world.is(&codes::TOLD, Severity::Green);
    let led = |leader, epoch| Led {
        leader: Some(leader),
        epoch: Some(epoch),
        assigned: vec![0, 1, 2],
    };
    let bucket = world.system.cluster.buckets[0].id;
    let Observed::Known(held) = &mut world.system.both_sides.told[2].held else {
        panic!("told")
    };
    held.same = 5;
    held.others = vec![Difference {
        bucket,
        metadata: led(0, 4),
        told: led(2, 3),
    }];
    let finding = world.is(&codes::TOLD, Severity::Red);
    says(
        &finding,
        "lab.orders_log bucket 0: tablet server 1 tells clients that 2 leads with epoch 3, replicas on 0 1 2; ZooKeeper says that 0 leads with epoch 4",
    );
}

#[test]
fn what_was_not_told_is_unknown_and_who_was_not_asked_too() {
    let mut world = measured();
    world.system.both_sides.told[3].held = Observed::Unknown(gap());
    world.is_unknown(&codes::TOLD, Severity::Yellow);
    let mut world = measured();
    let all = &mut world.system.both_sides.told;
    all.retain(|one| one.server != ServerId::TabletServer(1));
    world.is_unknown(&codes::TOLD, Severity::Yellow);
    says(&world.finding(&codes::TOLD), "what tablet server 1 tells clients");
}

#[test]
fn a_coordinator_that_counts_a_leader_that_never_took_over_is_believed() {
    let mut world = measured();
    let mut count = OwnCount {
        replicas: 18,
        in_sync: 18,
        leaders: 6,
        active: 6,
        status: 0,
    };
    world.system.both_sides.own_count = Some(Observed::Known(count));
    world.is(&codes::TOLD, Severity::Green);
    (count.active, count.status) = (5, 2);
    world.system.both_sides.own_count = Some(Observed::Known(count));
    says(&world.is(&codes::TOLD, Severity::Red), "5 of 6 leaders active");
    world.system.both_sides.own_count = Some(Observed::Unknown(gap()));
    world.is_unknown(&codes::TOLD, Severity::Yellow);
}
