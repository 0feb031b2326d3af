//! Changes on the way as findings: what bites is shown by its row, what looks different and what
//! cannot be decided is folded, and what does not bite is not shown.

use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::flink::{JavaFacts, SerializerKind, SerializerShape};
use upshift_model::observed::Observed::Known;
use upshift_planner::systems::flink::codes;

use crate::support::World;

fn row(id: &str, severity: &str, act: &str, when: &str) -> String {
    format!(
        "[[change]]\nid = \"{id}\"\nsince = \"1.20\"\narea = \"state\"\nact = \"{act}\"\nseverity = \"{severity}\"\n\
         when = [{when}]\ntext = \"text of {id}\"\nadvice = \"do {id}\"\nsource = \"the notes\"\nconfidence = \"vendor\"\n"
    )
}

fn with(rows: &[String]) -> World {
    let mut world = World::in_place();
    let java = JavaFacts {
        feature: 17,
        path: "/usr/bin/java".into(),
    };
    world.facts.host.target_java = Known(java);
    let text = format!("date = \"2026-11-27\"\n{}", rows.concat());
    world.changes.insert("flink/changes/1.20.toml".into(), text);
    world
}

fn of<'a>(findings: &'a [Finding], code: &upshift_model::ids::Code) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| finding.code == *code).collect()
}

const JAVA: &str = "{ java = { from = 17 } }";
const OLD_JAVA: &str = "{ java = { below = 11 } }";
const CLASS: &str = "{ class = [\"org.apache.flink.A\"] }";
const STATE: &str = "{ fact = \"kryo-types\", is = [\"true\"] }";

#[test]
fn a_change_that_bites_is_red_or_yellow_by_its_row_and_is_waived_by_its_name() {
    let rows = [
        row("bites", "red", "before", JAVA),
        row("asks", "yellow", "after", JAVA),
    ];
    let mut world = with(&rows);
    let findings = world.findings();
    let red = of(&findings, &codes::CHANGE_RED);
    assert_eq!((red.len(), red[0].subject.as_str()), (1, "change bites"));
    assert_eq!(red[0].judged(), Some(Severity::Red));
    assert!(
        red[0].evidence.iter().any(|line| line.contains("text of bites")),
        "{red:?}"
    );
    assert!(
        red[0].evidence.iter().any(|line| line.contains("Java 17")),
        "{red:?}"
    );
    assert_eq!(red[0].remedy, ["do bites"]);
    let yellow = of(&findings, &codes::CHANGE_YELLOW);
    assert_eq!((yellow.len(), yellow[0].subject.as_str()), (1, "change asks"));
    world.waive(codes::CHANGE_RED.as_str(), "change bites");
    let waived = world.findings();
    assert!(of(&waived, &codes::CHANGE_RED)[0].waived_by.is_some());
    assert!(of(&waived, &codes::WAIVER_UNUSED).is_empty());
}

#[test]
fn what_does_not_bite_and_mere_notes_are_not_shown() {
    let rows = [
        row("old-java", "red", "before", OLD_JAVA),
        row("a-note", "note", "before", JAVA),
    ];
    let findings = with(&rows).findings();
    for code in [
        codes::CHANGE_RED,
        codes::CHANGE_UNDECIDED,
        codes::CHANGE_UNDECIDED_RED,
    ] {
        assert!(of(&findings, &code).is_empty(), "{code}");
    }
    let green = of(&findings, &codes::CHANGE_YELLOW);
    assert_eq!((green.len(), green[0].judged()), (1, Some(Severity::Green)));
}

#[test]
fn what_looks_different_is_one_finding() {
    let rows: Vec<String> = (0..9)
        .map(|n| row(&format!("different-{n}"), "yellow", "looks-different", ""))
        .collect();
    let findings = with(&rows).findings();
    let yellow = of(&findings, &codes::CHANGE_YELLOW);
    assert_eq!(yellow.len(), 1);
    assert_eq!(yellow[0].title, "9 things will look different");
    assert!(
        yellow[0]
            .evidence
            .iter()
            .any(|line| line.starts_with("and 3 more")),
        "{yellow:?}"
    );
}

#[test]
fn what_cannot_be_decided_is_folded_unless_it_may_lose_state() {
    let rows = [
        row("by-the-jar", "red", "before", CLASS),
        row("by-the-jar-too", "yellow", "before", CLASS),
        row("by-the-state", "red", "before", STATE),
        row("by-the-state-too", "yellow", "before", STATE),
    ];
    let mut world = with(&rows);
    // Neither what the jar refers to nor what the state holds was seen.
    world.facts.references.clear();
    world.facts.snapshots.clear();
    let findings = world.findings();
    let folded = of(&findings, &codes::CHANGE_UNDECIDED);
    assert_eq!(folded.len(), 1);
    assert!(folded[0].title.contains("whether 3 changes"), "{folded:?}");
    assert!(
        folded[0]
            .evidence
            .iter()
            .any(|line| line.contains("1 of them would stop a job that they concern: by-the-jar"))
    );
    assert!(!folded[0].blinds());
    let grave = of(&findings, &codes::CHANGE_UNDECIDED_RED);
    assert_eq!(
        (grave.len(), grave[0].subject.as_str()),
        (1, "change by-the-state")
    );
    assert!(grave[0].blinds());
    assert!(matches!(grave[0].state, FindingState::Unknown { .. }));
}

#[test]
fn what_hangs_on_the_state_is_decided_by_the_snapshot_that_was_read() {
    let mut world = with(&[row("by-the-state", "red", "before", STATE)]);
    let bitten = |world: &World| of(&world.findings(), &codes::CHANGE_RED).len();
    assert_eq!(bitten(&world), 0);
    assert!(of(&world.findings(), &codes::CHANGE_UNDECIDED_RED).is_empty());
    let state = &mut world.snapshot().operators[0].states[0];
    let kryo = SerializerShape {
        snapshot_class: "kryo.KryoSerializerSnapshot".into(),
        kind: SerializerKind::Kryo {
            class: "java.lang.Object".into(),
        },
    };
    state.serializers.insert("VALUE_SERIALIZER".into(), kryo);
    let findings = world.findings();
    let red = of(&findings, &codes::CHANGE_RED);
    assert_eq!(red.len(), 1, "{findings:?}");
    let says = |line: &String| line.contains("savepoint-72a453-1b2c3d: operator source, state value");
    assert!(red[0].evidence.iter().any(says), "{red:?}");
    world.snapshot().operators[0].not_all_read = Some("its file is gone".into());
    world.snapshot().operators[0].states.clear();
    let findings = world.findings();
    assert_eq!(of(&findings, &codes::CHANGE_UNDECIDED_RED).len(), 1);
}

#[test]
fn a_target_whose_notes_nobody_read_is_not_called_good() {
    let mut world = World::in_place();
    world.changes.remove("flink/changes/1.20.toml");
    let findings = world.findings();
    let unread = of(&findings, &codes::CHANGE_UNDECIDED);
    assert_eq!((unread.len(), unread[0].subject.as_str()), (1, "notes of 1.20.5"));
    assert!(of(&findings, &codes::CHANGE_YELLOW).is_empty());
}
