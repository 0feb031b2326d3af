//! A plan with one safety step taken out is caught by the same simulator that finds nothing against the
//! whole plan, with the same seeds and the same faults.

use std::sync::Arc;

use upshift_campaign::{Kind, MemoryStore, Safety, Wanted, in_virtual_time, of_seed};

const SEEDS: u64 = 12;

/// Seeds with which something speaks against the plan.
fn caught(safety: Safety, without: bool) -> Vec<String> {
    let wanted = Wanted {
        kinds: match safety.is_of_rolling() {
            true => vec![Kind::Rolling],
            false => vec![Kind::InPlace, Kind::Shadow, Kind::RunningCluster, Kind::JobOnly],
        },
        faults: safety.guards_against().into_iter().collect(),
        without: without.then_some(safety),
    };
    let of = |seed| {
        let told = in_virtual_time(of_seed(seed, &wanted, Arc::new(MemoryStore::default())));
        (!told.flaws.is_empty()).then(|| format!("seed {seed}: {}", told.flaws.join(", ")))
    };
    (1..=SEEDS).filter_map(of).collect()
}

#[test]
fn a_plan_without_one_of_its_safety_steps_is_caught() {
    for safety in Safety::ALL {
        let found = caught(safety, true);
        println!(
            "without {safety}: {} of {SEEDS} caught; {}",
            found.len(),
            found.first().map_or("", |f| f)
        );
        assert!(!found.is_empty(), "nobody misses {safety}");
        assert_eq!(caught(safety, false), [""; 0], "{safety} is there, and yet");
    }
}
