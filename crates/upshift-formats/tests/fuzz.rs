//! A short run of every fuzz target; the long one is `cargo xtask fuzz`.

mod fuzzing;

use fuzzing::{READERS, Target};

/// Executions of each reader; the numbers are those of the first of a long run.
const SHORT: u64 = 3_000;

#[test]
fn no_mutated_input_makes_a_reader_panic() {
    for reader in READERS {
        let target = Target::of(reader).expect("a reader");
        assert!(
            target.seeds() >= 2,
            "{reader} starts from {} inputs",
            target.seeds()
        );
        for number in 0..SHORT {
            let input = target.input(number);
            let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target.read(&input)));
            assert!(read.is_ok(), "{reader}, input {number}");
        }
    }
}

#[test]
fn the_same_number_is_the_same_input() {
    let target = Target::of("view").expect("a reader");
    let again = Target::of("view").expect("a reader");
    assert!((0..50).all(|number| target.input(number) == again.input(number)));
    assert!(Target::of("no-such-reader").is_none());
}
