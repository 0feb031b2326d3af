//! The rules of the house, as an ordinary test.

use xtask::{tidy, workspace};

#[test]
fn the_house_is_tidy() {
    let found = tidy::complaints(&workspace::root()).unwrap();
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} complaints:\n{}",
        lines.len(),
        lines.join("\n")
    );
}
