//! Numbers drawn from a seed that is printed, so that a story that failed can be told again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::ops::Range;

/// A small generator: splitmix64.
pub(crate) struct Chance {
    state: u64,
}

impl Chance {
    /// A new seed, printed.
    pub(crate) fn new() -> Self {
        let seed = RandomState::new().build_hasher().finish();
        println!("seed {seed:#018x}");
        Self { state: seed }
    }

    /// One number of the range.
    pub(crate) fn draw(&mut self, range: Range<u64>) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        range.start + (z ^ (z >> 31)) % (range.end - range.start)
    }
}
