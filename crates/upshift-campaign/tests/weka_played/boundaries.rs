//! Death at every record, loss of the connection at every call, and both at random with faults of the cluster.

use upshift_campaign::Death;
use upshift_model::record::Outcome;

use crate::played::Cut;
use crate::stage::{BETWEEN, Came, TO, Trouble};

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
    for place in places {
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
