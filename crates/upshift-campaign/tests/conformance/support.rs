//! All walks over one subject, told as a table.

use upshift_campaign::Wish;
use upshift_campaign::conformance::{Breach, Disturbance, Make, Tried, Walk, walk};

/// No try has more requests that change something.
const MOST: u32 = 6;

/// Everything that can be done to a try but what leaves the clock standing; each held against a calm run.
pub(crate) async fn all(make: &Make, wish: Wish, disturbances: &[Disturbance]) -> Vec<Tried> {
    let calm = walk(make, Walk::Calm, wish).await;
    let mut all = vec![calm.clone()];
    for one in [Walk::Twice, Walk::Again] {
        all.push(walk(make, one, wish).await.against(&calm));
    }
    for how in disturbances {
        for nth in 1..=MOST {
            let tried = walk(make, Walk::Disturbed(*how, nth), wish).await;
            if tried.struck == 0 {
                break;
            }
            all.push(tried.against(&calm));
        }
    }
    all
}

/// What was broken, in words.
pub(crate) fn broken(all: &[Tried]) -> Vec<String> {
    let of = |tried: &Tried| {
        let walk = tried.walk;
        let told = |breach: &Breach| format!("{walk}: {breach}");
        tried.breaches.iter().map(told).collect::<Vec<_>>()
    };
    all.iter().flat_map(of).collect()
}

/// One line a walk: how many steps were tried, and at how many it went wrong.
pub(crate) fn table(all: &[Tried]) -> String {
    let line = |tried: &Tried| format!("{}: {} of {}\n", tried.walk, tried.struck, tried.tries);
    all.iter().map(line).collect()
}
