//! The protocol of runs, checked exhaustively.
mod far_side;
mod journal;
mod model;
mod properties;

use model::{Broken, Protocol, Strategy};
use stateright::{Checker as _, Model as _};

#[test]
fn explore() {
    for lease in [std::env::var("L").is_ok()] { for strategy in [Strategy::InPlace, Strategy::Shadow] { for policy_turns in [false, true] { for broken in [None, Some(Broken::NoIntentBeforeEffect), Some(Broken::NoEpochCheck), Some(Broken::FreshKeys), Some(Broken::TurnsUnsettled), Some(Broken::CancelsOnly), Some(Broken::RefusalSettles)] {
        let p = Protocol { lease, strategy, policy_turns, broken };
        let t = std::time::Instant::now();
        let c = p.checker().threads(2).timeout(std::time::Duration::from_secs(20)).spawn_bfs().join();
        println!("{p:?}: {} unique, {} total, depth {} {:?}", c.unique_state_count(), c.state_count(), c.max_depth(), t.elapsed());
        for (name, path) in c.discoveries() {
            if c.model().properties().iter().any(|p| p.name == name && p.expectation == stateright::Expectation::Always) {
                println!("   VIOLATED {name}: {:?}", path.clone().into_actions());
                println!("     {:?}", path.last_state());
            }
        }
    }}}}
}
