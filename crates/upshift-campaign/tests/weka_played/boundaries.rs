//! Death at every record, loss of the connection at every call, and both at random with faults of the cluster.

use expect_test::{Expect, expect};
use upshift_campaign::Death;
use upshift_model::record::Outcome;

use crate::played::Cut;
use crate::stage::{BETWEEN, Came, TO, Trouble};

/// A debug build takes every so manieth place; `cargo test --profile sim` takes all.
const EVERY: usize = if cfg!(debug_assertions) { 6 } else { 1 };
/// So many calls that begin nothing are cut.
const OTHERS: usize = if cfg!(debug_assertions) { 8 } else { 200 };
/// So many seeds.
const SEEDS: u64 = if cfg!(debug_assertions) { 30 } else { 10_000 };

fn lived(trouble: Trouble) -> Came {
    trouble.lived()
}

/// Upgrades of backends that were begun anew and not resumed, by release.
fn begun(came: &Came, release: &str) -> usize {
    let all = came.state.begun.iter().filter(|one| one.release == release);
    let phase = |word: &String| word.starts_with("--ndu-");
    let backends = all.filter(|one| {
        one.words
            .iter()
            .all(|word| !word.starts_with("--") || phase(word))
    });
    backends.filter(|one| !one.words.iter().any(phase)).count()
}

/// The whole upgrade is there, and nothing was begun beside anything or twice.
#[track_caller]
fn is_whole(came: &Came, place: &str) {
    let story = &came.story;
    assert_eq!(came.outcome, Some(Outcome::Finalized), "{place}:\n{story}");
    assert_eq!(
        came.state.turned_away, 0,
        "begun beside another, {place}:\n{story}"
    );
    assert_eq!(came.state.release.as_deref(), Some(TO), "{place}:\n{story}");
    assert_eq!(came.state.phase, None, "{place}");
    assert!(
        came.state.clients.values().all(|release| release == TO),
        "{place}"
    );
    assert_eq!(came.state.clients.len(), 3, "{place}");
    assert!(came.state.overrides.is_empty(), "{place}");
    assert!(
        came.state.begun.iter().all(|one| one.ended.is_some()),
        "one is lost, {place}"
    );
}

/// One command for each hop's backends where none failed before the drives phase.
#[track_caller]
fn is_begun_once(came: &Came, place: &str) {
    for release in [BETWEEN, TO] {
        assert_eq!(begun(came, release), 1, "{release}, {place}:\n{}", came.story);
    }
    let set = came.state.changes.iter();
    let set = set.filter(|change| change.ends_with("override rpc.exception.version is set"));
    assert_eq!(set.count(), 1, "{place}");
}

#[test]
fn upshift_dies_at_every_record() {
    let undisturbed = lived(Trouble::default());
    is_whole(&undisturbed, "undisturbed");
    is_begun_once(&undisturbed, "undisturbed");
    let commands = undisturbed.state.begun.len();
    assert!(undisturbed.records > 30, "{} records", undisturbed.records);
    let places =
        (2..=undisturbed.records).flat_map(|record| [(record, Death::Before), (record, Death::After)]);
    for place in places.step_by(EVERY) {
        let came = lived(Trouble {
            deaths: vec![place],
            ..Trouble::default()
        });
        let named = format!("{} {}", place.1, place.0);
        assert_eq!(came.died.len(), 1, "{named}");
        is_whole(&came, &named);
        is_begun_once(&came, &named);
        assert_eq!(came.state.begun.len(), commands, "{named}");
    }
}

#[test]
fn the_connection_is_lost_at_every_call() {
    let undisturbed = lived(Trouble::default());
    let (calls, begins) = undisturbed.calls;
    // Every call that begins something, and some of the others, spread over the whole way.
    let others = (1..=calls).step_by(usize::try_from(calls).expect("small").div_ceil(OTHERS));
    for call in begins.iter().copied().chain(others) {
        for cut in [Cut::Before, Cut::After] {
            // Over a while, too: whoever tries again at once fails again.
            for length in [1, 25] {
                let cuts = (call..call + length).map(|call| (call, cut)).collect();
                let came = lived(Trouble {
                    cuts,
                    ..Trouble::default()
                });
                let named = format!("{length} calls from {call}, {cut:?}");
                is_whole(&came, &named);
                is_begun_once(&came, &named);
            }
        }
    }
}

/// Numbers that look random, the same for a seed at all times.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}

const FAULTS: [&str; 7] = [
    "ndu-prepare-fails@1",
    "ndu-drives-fails@1",
    "ndu-computes-fails@2",
    "ndu-frontends-fails@0",
    "client-fails@c1",
    "fetch-fails",
    "alert",
];

#[test]
fn whatever_goes_wrong_at_random_nothing_is_lost() {
    let undisturbed = lived(Trouble::default());
    for seed in 0..SEEDS {
        let mut chance = Chance(seed);
        chance.below(1);
        let fault = usize::try_from(chance.below(10)).expect("small");
        let how = if chance.below(2) == 0 {
            Death::Before
        } else {
            Death::After
        };
        let cut = if chance.below(2) == 0 {
            Cut::Before
        } else {
            Cut::After
        };
        let from = 1 + chance.below(undisturbed.calls.0);
        let length = chance.below(40);
        let trouble = Trouble {
            faults: FAULTS
                .get(fault)
                .map(|fault| (*fault).to_owned())
                .into_iter()
                .collect(),
            deaths: vec![
                (2 + chance.below(undisturbed.records), how),
                (2 + chance.below(undisturbed.records), how),
            ],
            cuts: (from..from + length).map(|call| (call, cut)).collect(),
            seed: chance.below(6),
            ..Trouble::default()
        };
        let named = format!("seed {seed}: {:?}", trouble.faults);
        let came = lived(trouble);
        is_whole(&came, &named);
    }
}

/// Somebody uploads a snapshot while backends are upgraded: the vendor's command is not ended, and nothing further is
/// begun until a person has seen to it.
#[test]
fn what_users_begin_meanwhile_halts_the_run_between_the_waves() {
    let came = lived(Trouble {
        late: vec!["task-upload".to_owned()],
        ..Trouble::default()
    });
    let halted = "2.2 done\nhalted: UP-WEKA-0516: task STOW_UPLOAD runs\n";
    assert!(came.story.contains(halted), "{}", came.story);
    is_whole(&came, "an upload");
    is_begun_once(&came, "an upload");
}

#[track_caller]
fn tells(fault: &str, expected: Expect) {
    let came = lived(Trouble {
        faults: vec![fault.to_owned()],
        ..Trouble::default()
    });
    is_whole(&came, fault);
    let words = came.state.begun.iter();
    let words: Vec<String> = words
        .map(|one| format!("{} {} {:?}", one.release, one.words.join(" "), one.ended))
        .collect();
    expected.assert_eq(&format!("{}--\n{}\n", came.story, words.join("\n")));
}

#[test]
fn nothing_goes_wrong() {
    tells(
        "alert",
        expect![[r#"
        1.1 done
        1.2 done
        1.3 done
        1.4 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        3.2 done
        4.1 done
        4.2 done
        4.3 done
        4.4 done
        5.1 done
        5.2 done
        6.1 done
        6.2 done
        7.1 done
        asks
        8.1 done
        Finalized
        --
        4.4.26 --prepare-only Some(0)
        4.4.26  Some(0)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
        5.1.25 --distribute-version Some(0)
        5.1.25  Some(0)
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
    "#]],
    );
}

#[test]
fn a_server_cannot_be_made_ready() {
    tells(
        "ndu-prepare-fails@1",
        expect![[r#"
        1.1 done
        1.2 done
        1.3 done
        1.4 failed: UP-WEKA-0512: command 1 on be000 ended with status 1; the package of 4.4.26 is on 1 of 3 backends
        halted: UP-WEKA-0512: command 1 on be000 ended with status 1; the package of 4.4.26 is on 1 of 3 backends
        1.4 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        3.2 done
        4.1 done
        4.2 done
        4.3 done
        4.4 done
        5.1 done
        5.2 done
        6.1 done
        6.2 done
        7.1 done
        asks
        8.1 done
        Finalized
        --
        4.4.26 --prepare-only Some(1)
        4.4.26 --prepare-only Some(0)
        4.4.26  Some(0)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
        5.1.25 --distribute-version Some(0)
        5.1.25  Some(0)
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
    "#]],
    );
}

#[test]
fn a_container_with_drives_does_not_come_up() {
    tells(
        "ndu-drives-fails@1",
        expect![[r#"
        1.1 done
        1.2 done
        1.3 done
        1.4 done
        2.1 done
        2.2 failed: UP-WEKA-0513: command 1 on be000 ended with status 1; phase DrivePhase, 1 of 9 containers of backends are up on 4.4.26; once the cause is gone, upshift resume goes on with --ndu-drives-phase
        halted: UP-WEKA-0513: command 1 on be000 ended with status 1; phase DrivePhase, 1 of 9 containers of backends are up on 4.4.26; once the cause is gone, upshift resume goes on with --ndu-drives-phase
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        3.2 done
        4.1 done
        4.2 done
        4.3 done
        4.4 done
        5.1 done
        5.2 done
        6.1 done
        6.2 done
        7.1 done
        asks
        8.1 done
        Finalized
        --
        4.4.26 --prepare-only Some(0)
        4.4.26  Some(1)
        4.4.26 --ndu-drives-phase Some(0)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
        5.1.25 --distribute-version Some(0)
        5.1.25  Some(0)
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
    "#]],
    );
}

#[test]
fn a_container_that_computes_does_not_come_up() {
    tells(
        "ndu-computes-fails@2",
        expect![[r#"
        1.1 done
        1.2 done
        1.3 done
        1.4 done
        2.1 done
        2.2 failed: UP-WEKA-0513: command 1 on be000 ended with status 1; phase ComputeRollingPhase, 5 of 9 containers of backends are up on 4.4.26; once the cause is gone, upshift resume goes on with --ndu-computes-phase
        halted: UP-WEKA-0513: command 1 on be000 ended with status 1; phase ComputeRollingPhase, 5 of 9 containers of backends are up on 4.4.26; once the cause is gone, upshift resume goes on with --ndu-computes-phase
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        3.2 done
        4.1 done
        4.2 done
        4.3 done
        4.4 done
        5.1 done
        5.2 done
        6.1 done
        6.2 done
        7.1 done
        asks
        8.1 done
        Finalized
        --
        4.4.26 --prepare-only Some(0)
        4.4.26  Some(1)
        4.4.26 --ndu-computes-phase Some(0)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
        5.1.25 --distribute-version Some(0)
        5.1.25  Some(0)
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
    "#]],
    );
}

#[test]
fn a_frontend_does_not_come_up() {
    tells(
        "ndu-frontends-fails@0",
        expect![[r#"
        1.1 done
        1.2 done
        1.3 done
        1.4 done
        2.1 done
        2.2 failed: UP-WEKA-0513: command 1 on be000 ended with status 1; phase FrontendPhase, 6 of 9 containers of backends are up on 4.4.26; once the cause is gone, upshift resume goes on with --ndu-frontends-phase
        halted: UP-WEKA-0513: command 1 on be000 ended with status 1; phase FrontendPhase, 6 of 9 containers of backends are up on 4.4.26; once the cause is gone, upshift resume goes on with --ndu-frontends-phase
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        3.2 done
        4.1 done
        4.2 done
        4.3 done
        4.4 done
        5.1 done
        5.2 done
        6.1 done
        6.2 done
        7.1 done
        asks
        8.1 done
        Finalized
        --
        4.4.26 --prepare-only Some(0)
        4.4.26  Some(1)
        4.4.26 --ndu-frontends-phase Some(0)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
        5.1.25 --distribute-version Some(0)
        5.1.25  Some(0)
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
    "#]],
    );
}

#[test]
fn a_client_does_not_come_up() {
    tells(
        "client-fails@c1",
        expect![[r#"
        1.1 done
        1.2 done
        1.3 done
        1.4 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 failed: UP-WEKA-0514: command 1 on be000 ended with status 1; 1 of 3 clients are up on 4.4.26: client 10 is UP on 4.2.10, client 11 is UP on 4.2.10
        halted: UP-WEKA-0514: command 1 on be000 ended with status 1; 1 of 3 clients are up on 4.4.26: client 10 is UP on 4.2.10, client 11 is UP on 4.2.10
        3.1 done
        3.2 done
        4.1 done
        4.2 done
        4.3 done
        4.4 done
        5.1 done
        5.2 done
        6.1 done
        6.2 done
        7.1 done
        asks
        8.1 done
        Finalized
        --
        4.4.26 --prepare-only Some(0)
        4.4.26  Some(0)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(1)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 10,11 --from backends Some(0)
        5.1.25 --distribute-version Some(0)
        5.1.25  Some(0)
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
    "#]],
    );
}

#[test]
fn the_package_cannot_be_had() {
    tells(
        "fetch-fails",
        expect![[r#"
        1.1 done
        1.2 done
        1.3 failed: UP-WEKA-0512: command 1 on be000 ended with status 1; be000 has 4.2.10
        halted: UP-WEKA-0512: command 1 on be000 ended with status 1; be000 has 4.2.10
        1.3 done
        1.4 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        3.2 done
        4.1 done
        4.2 done
        4.3 done
        4.4 done
        5.1 done
        5.2 done
        6.1 done
        6.2 done
        7.1 done
        asks
        8.1 done
        Finalized
        --
        4.4.26 --prepare-only Some(0)
        4.4.26  Some(0)
        4.4.26 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
        5.1.25 --distribute-version Some(0)
        5.1.25  Some(0)
        5.1.25 --mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade 9,10,11 --from backends Some(0)
    "#]],
    );
}
