//! The process that carries the run on is killed, at moments that nobody chose, and the run comes to the same end.

use std::time::Duration;

use upshift_lab::{Scene, Strategy};

use crate::support::{Chance, Running, World, pause, until};

/// An upgrade like this one writes so many records until it waits for a person.
const RECORDS: u64 = 27;
/// And takes at least so many milliseconds, most of them in a few long steps.
const MILLIS: u64 = 16_000;

/// When the process is killed: right after some record, or so long after it was started.
#[derive(Debug)]
enum Moment {
    Records(u64),
    Millis(u64),
}

impl Moment {
    /// Boundaries between steps and the middle of long ones are equally likely.
    fn draw(chance: &mut Chance, third: u64) -> Self {
        let part = |whole: u64| whole * third / 3..whole * (third + 1) / 3;
        match chance.draw(0..2) {
            0 => Self::Records(chance.draw(part(RECORDS))),
            _ => Self::Millis(chance.draw(0..MILLIS / 3)),
        }
    }

    fn wait_for(&self, world: &World) {
        match self {
            Self::Millis(millis) => pause(Duration::from_millis(*millis)),
            Self::Records(records) => until("the journal to grow", || {
                (world.journal_length() >= *records || world.phase() == "waiting").then_some(())
            }),
        }
    }
}

#[test]
fn killed_three_times_and_resumed_it_ends_as_if_nothing_had_been() {
    let world = World::set(&Scene::new("killed", "1.18.1", "1.20.5", Strategy::InPlace));
    let mut chance = Chance::new();
    let moments = [0, 1, 2].map(|third| Moment::draw(&mut chance, third));
    println!("killed at {moments:?}");

    let plan = world.plan();
    let mut follower = world.start(&["apply", &plan]);
    let mut kills = 0;
    for moment in moments {
        moment.wait_for(&world);
        let (killed, next) = kill_and_resume(&world, follower, "killed");
        kills += u32::from(killed);
        follower = next;
    }
    follower.end().exits(6).says(" finalize ");
    assert!(kills > 0, "nobody was killed");
    world.mark("applied");
    world.upshift(&["finalize", "killed"]).exits(0).says("FINALIZED");
    world.mark("finalized");

    world.assert_one_stop();
    assert_eq!(
        world.jobs(world.new_rest()).len(),
        1,
        "{:?}",
        world.jobs(world.new_rest())
    );
    world.prove_exactly_once(world.new_rest(), 2);
}

#[test]
fn killed_on_the_way_back_and_resumed_it_is_where_it_was_before() {
    let name = "killed-back";
    let world = World::set(&Scene::new(name, "1.18.1", "1.20.5", Strategy::Shadow));
    let mut chance = Chance::new();
    let plan = world.plan();
    world.upshift(&["apply", &plan]).exits(6);
    world.mark("applied");

    let mut follower = world.start(&["rollback", name, "--accept-replay"]);
    let mut kills = 0;
    for _ in 0..3 {
        pause(Duration::from_millis(chance.draw(0..3_000)));
        let (killed, next) = kill_and_resume(&world, follower, name);
        kills += u32::from(killed);
        follower = next;
    }
    let last = follower.end();
    // Where all was done before the last kill, nothing is left to resume.
    assert!(last.code == 0 || last.code == 2, "{last}");
    assert!(kills > 0, "nobody was killed");
    world.upshift(&["status", name]).exits(0).says("ROLLED BACK");
    world.mark("rolled back");

    world.assert_one_stop();
    let report = world.prove_complete(world.old_rest());
    assert_eq!(report.jobs().len(), 3, "one went, one came back: {report}");
}

/// Kills the process that carries the run on, sees whoever followed it give up, and resumes. Whether there was one to
/// kill.
fn kill_and_resume(world: &World, follower: Running, name: &str) -> (bool, Running) {
    let at = world.journal_length();
    let killed = world.kill_worker();
    if killed {
        let now = world.journal_length();
        world.mark(&format!("killed between records {at} and {now}"));
    }
    let gave_up = follower.end();
    assert!([0, 2, 6, 7].contains(&gave_up.code), "{gave_up}");
    (killed, world.start(&["resume", name]))
}
