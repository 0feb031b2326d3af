//! Who said what, why and under which ticket: of waivers and of words, from the file to the archive for a colleague.

use std::io::Read as _;

use serde_json::json;

use crate::stories::quick;
use crate::support::Story;

fn archived(story: &Story, name: &str) -> String {
    let file = std::fs::File::open(story.dir.path().join("run.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut text = String::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap().ends_with(name) {
            entry.read_to_string(&mut text).unwrap();
        }
    }
    text
}

#[test]
fn waivers_and_words_tell_who_why_and_the_ticket_wherever_they_are_kept() {
    let mut scene = quick().policy("finalize_after", "\"1d\"");
    scene.jobs[0].keys = "may_use_checkpoint = true".to_owned();
    scene.more =
        "[[waive]]\ncode = \"UP-FLINK-0211\"\nsubject = \"job orders\"\nreason = \"its savepoints hang\"\n\
                  by = \"grace\"\nticket = \"CHG-7\"\n"
            .to_owned();
    let story = Story::set(&scene);
    story.plan().says("its savepoints hang (by grace) [CHG-7]");
    story.upshift(&["apply", "up.plan", "--why", "end of support", "--ticket", "CHG-8"]);
    story.upshift(&["finalize", "--why", "all well", "--ticket", "CHG-9"]);
    story.closed();
    let ran = story.upshift(&["status", "orders", "--json"]);
    let view: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(view["opened_by"]["ticket"], "CHG-8");
    assert_eq!(view["waivers"][0]["by"], "grace");
    assert_eq!(view["waivers"][0]["ticket"], "CHG-7");
    let said = view["said"].as_array().unwrap();
    let of = |word: &str| {
        let said = said.iter().find(|said| said["word"] == word);
        said.map(|said| json!([said["by"]["why"], said["by"]["ticket"]]))
    };
    assert_eq!(
        of("opened"),
        Some(json!(["end of support", "CHG-8"])),
        "{}",
        ran.out
    );
    assert_eq!(of("answered"), Some(json!(["all well", "CHG-9"])), "{}", ran.out);
    story.upshift(&["bundle", "orders", "-o", "run.tar.gz"]).exits(0);
    let journal = archived(&story, "journal.jsonl");
    for word in ["CHG-7", "grace", "CHG-8", "end of support", "CHG-9", "all well"] {
        assert!(journal.contains(word), "{word}: {journal}");
    }
}
