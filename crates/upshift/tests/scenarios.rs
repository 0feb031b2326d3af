//! Named stories: scripts in `scenarios/` at the root of the checkout, each with everything that upshift says in it as
//! golden text beside it. `UPDATE_EXPECT=1` writes the golden texts anew.
//!
//! The program is the real one, the system a stand-in; see `script` for the words of a story.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test asks which story alone is wanted, and writes where nobody else reads"
)]

#[path = "scenarios/clean.rs"]
mod clean;
#[path = "scenarios/play.rs"]
mod play;
#[path = "scenarios/script.rs"]
mod script;
#[path = "sim/support.rs"]
mod support;
#[expect(dead_code, reason = "the stories of the other kind need more of it")]
#[path = "sim/telling.rs"]
mod telling;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// No story: what the scripts of a stand-in installation start. Without their words it does nothing.
#[test]
fn process_of_a_cluster() {
    upshift_sim::wire::run_if_started_by_a_script(std::env::args());
}

fn stories() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let only = std::env::var("STORY").ok();
    let entries = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut stories: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "story"))
        .filter(|path| {
            only.as_ref()
                .is_none_or(|only| path.file_stem().is_some_and(|stem| stem == only.as_str()))
        })
        .collect();
    stories.sort();
    stories
}

/// `STORY=name` plays one alone.
#[test]
fn every_story_goes_as_it_is_told() {
    let left = Mutex::new(stories());
    assert!(!left.lock().unwrap().is_empty(), "there are stories");
    let told = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = { left.lock().unwrap().pop() } {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                    let script = script::Script::read(&text).unwrap_or_else(|e| panic!("{name}.story: {e}"));
                    let heard = play::play(&script);
                    told.lock().unwrap().push((path, heard));
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap();
    told.sort();
    for (path, heard) in told {
        expect_test::expect_file![path.with_extension("txt")].assert_eq(&heard);
    }
}
