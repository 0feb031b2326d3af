//! A person's own rows over the built-in ones: they tighten, and loosen only with a word why.

use std::collections::BTreeMap;

use upshift_planner::knowledge::{BookError, Facts, Known, Library, TableError, Verdict, imported};
use upshift_planner::route::{Outcome, Wish, route};

use crate::support::{LIBRARY, release};

fn laid(file: &str, text: &str) -> Result<Library, BookError> {
    let mut library = Library::builtin();
    library.lay(&BTreeMap::from([(file.to_owned(), text.to_owned())]))?;
    Ok(library)
}

fn rule(id: &str, more: &str) -> String {
    format!(
        "date = \"2026-11-21\"\n[[rule]]\nid = \"{id}\"\nabout = \"pair\"\n{more}\ntext = \"ours\"\n\
         source = \"our own runs\"\nconfidence = \"measured\"\n"
    )
}

fn outcome(library: &Library, system: Known, from: &str, to: &str) -> Outcome {
    let wish = Wish {
        from: release(system, from),
        to: release(system, to),
        clients: None,
    };
    route(library, &wish, &Facts::default(), false)
}

#[test]
fn a_rule_that_refuses_holds_beside_the_rest() {
    let text = rule("no-4.4.26", "to = [\"4.4.26\", \"4.4.26\"]\neffect = \"refuses\"");
    let library = laid("weka/rules.toml", &text).expect("it can be laid");
    let Outcome::Found(found) = outcome(&library, Known::Weka, "4.2.6.90", "5.1.25") else {
        panic!("another build is there");
    };
    assert!(
        found.hops.iter().all(|hop| hop.as_str() != "4.4.26"),
        "{:?}",
        found.hops
    );
}

#[test]
fn a_row_that_loosens_has_to_say_why() {
    let text = rule("we-dare", "effect = \"allows\"");
    assert!(matches!(
        laid("fluss/rules.toml", &text),
        Err(BookError::Loosens { .. })
    ));
    let waived = rule(
        "we-dare",
        "effect = \"allows\"\nwaived = \"tried with our tables\"",
    );
    let library = laid("fluss/rules.toml", &waived).expect("it says why");
    let (from, to) = (release(Known::Fluss, "0.5.0"), release(Known::Fluss, "0.6.0"));
    assert_eq!(
        library.pair(&from, &to, &Facts::default()).verdict,
        Verdict::Supported
    );
    let build = "[[release]]\nversion = \"5.1.26\"\nranges = [{ min = \"4.4\" }]\nsource = \"ours\"\nconfidence = \"inferred\"\n";
    assert!(matches!(
        laid("weka/releases.toml", build),
        Err(BookError::Loosens { .. })
    ));
}

#[test]
fn rows_that_cannot_be_are_refused_with_their_place() {
    let no_source = rule("x", "effect = \"note\"").replace("our own runs", " ");
    let twice = rule("mcb", "effect = \"note\"");
    let backwards = rule("x", "effect = \"note\"\nfrom = [\"5.1\", \"4.4\"]");
    let no_version = rule("x", "effect = \"note\"\nfrom = [\"five\", \"4.4\"]");
    let fact = rule(
        "x",
        "effect = \"refuses\"\nwhen = [{ fact = \"moon\", is = \"full\" }]",
    );
    let key = rule("x", "effect = \"note\"\ncolour = \"red\"");
    let change = rule("x", "effect = \"note\"").replace("\"pair\"", "\"enters\"");
    assert!(matches!(
        laid("weka/rules.toml", &no_source),
        Err(BookError::NoSource { .. })
    ));
    assert!(matches!(
        laid("weka/rules.toml", &twice),
        Err(BookError::Twice { .. })
    ));
    assert!(matches!(
        laid("weka/rules.toml", &backwards),
        Err(BookError::ImpossibleRange { .. })
    ));
    assert!(matches!(
        laid("weka/rules.toml", &no_version),
        Err(BookError::Version { .. })
    ));
    assert!(matches!(
        laid("weka/rules.toml", &fact),
        Err(BookError::Syntax { .. })
    ));
    assert!(matches!(
        laid("weka/rules.toml", &key),
        Err(BookError::Syntax { .. })
    ));
    assert!(matches!(
        laid("weka/rules.toml", &change),
        Err(BookError::NoSince { .. })
    ));
    assert!(matches!(
        laid("weka/paths.toml", &key),
        Err(BookError::UnknownFile { .. })
    ));
    assert!(matches!(
        laid("postgres/rules.toml", &key),
        Err(BookError::UnknownFile { .. })
    ));
}

#[test]
fn an_overlay_that_tightens_never_opens_a_route() {
    for system in [Known::Fluss, Known::Alluxio, Known::Weka] {
        let all = LIBRARY.releases(system);
        let few: Vec<_> = all.iter().rev().step_by(all.len().div_ceil(6)).collect();
        for (effect, at) in ["refuses", "risk", "note"]
            .into_iter()
            .flat_map(|e| few.iter().map(move |at| (e, at)))
        {
            let text = rule(
                "ours",
                &format!("to = [\"{at}\", \"{at}\"]\neffect = \"{effect}\""),
            );
            let library = laid(&format!("{}/rules.toml", system.word()), &text).expect("it can be laid");
            for (from, to) in few.iter().flat_map(|from| few.iter().map(move |to| (from, to))) {
                let before = LIBRARY.pair(from, to, &Facts::default()).verdict;
                assert!(
                    library.pair(from, to, &Facts::default()).verdict >= before,
                    "{from} to {to}"
                );
            }
            let (low, high) = (few[few.len() - 1].as_str(), few[0].as_str());
            let blocked =
                |library: &Library| matches!(outcome(library, system, low, high), Outcome::Blocked(_));
            assert!(!blocked(&LIBRARY) || blocked(&library), "{system} {effect} {at}");
        }
    }
}

#[test]
fn the_vendors_table_becomes_an_overlay_that_can_be_laid() {
    let table = r#"{
        "5.1.27": { "min": ["4.4.21.2", "5.0"], "max": ["4.4.30", "5.1.26"] },
        "4.3.1": { "min": ["4.2.1"], "max": ["4.2.10", "4.3.0"] },
        "4.4.34": { "min": ["4.2.1"], "max": [] }
    }"#;
    let text = imported(table, "the vendor's table of a day").expect("it is one");
    assert!(
        text.contains("{ min = \"4.2.1\", max = \"4.2.10\" }, { min = \"4.3\", max = \"4.3.0\" }"),
        "{text}"
    );
    let library = laid("weka/releases.toml", &text).expect("it can be laid");
    assert!(matches!(
        outcome(&LIBRARY, Known::Weka, "4.4.30", "5.1.27"),
        Outcome::Blocked(_)
    ));
    assert!(matches!(
        outcome(&library, Known::Weka, "4.4.30", "5.1.27"),
        Outcome::Found(_)
    ));
    let low = release(Known::Weka, "4.2.10");
    let verdict = |to| {
        library
            .pair(&low, &release(Known::Weka, to), &Facts::default())
            .verdict
    };
    assert_eq!(verdict("4.3.1"), Verdict::Supported);
    assert!(matches!(imported("[]", "x"), Err(TableError::Shape(_))));
    assert!(matches!(imported("{}", "x"), Err(TableError::Empty)));
    assert!(matches!(
        imported(r#"{"5": {"min": [], "max": []}}"#, "x"),
        Err(TableError::Version(_))
    ));
    assert!(matches!(
        imported(r#"{"5.0": {"min": [], "max": []}}"#, "x"),
        Err(TableError::NoSource { .. })
    ));
}
