//! Backups: which are restored, which are not, and whether two hold the same tree.

use std::collections::BTreeSet;
use std::fs;

use upshift_drivers::alluxio::codes;
use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Condition, Criteria, Facet, Preparation, Unpersisted, codes as of_backups};
use upshift_model::ids::BindingName;
use upshift_model::step::Step;

use super::damage::{borders, damaged, deflated, inflated};
use super::world::*;

fn criteria() -> Criteria {
    Criteria {
        // Not lineage, which 2.x ends on.
        accepts: (2..=54)
            .filter(|number| ![7, 13, 14, 18].contains(number))
            .collect(),
        marked: false,
        cluster_id: true,
        no_old_fingerprints: true,
    }
}

fn proven(criteria: Criteria) -> Step {
    prepare(Preparation::Restorable {
        of: BindingName::new("before"),
        criteria: Box::new(criteria),
        into: BindingName::new("restore"),
    })
}

#[test]
fn every_kind_of_damage_is_found_before_anything_is_stopped_also_what_masters_swallow_without_a_word() {
    let whole = fixture("2.7.3-UFS");
    let world = World::new();
    for (what, bytes, expected) in damaged(&whole) {
        let file = world.at("ours/alluxio-backup-2026-11-20-1.gz");
        put(&file, &bytes);
        // Whoever told a number of entries told the one of what it wrote.
        let bound = backup_bound("before", &file, None);
        let standing = world
            .stands(&proven(criteria()), &bound, None)
            .expect("it can be read");
        let found = code(standing.clone());
        let all = format!("{standing:?}");
        assert!(
            found == expected || all.contains(expected.as_str()),
            "{what}: {found}, {all}"
        );
    }
}

#[test]
fn a_backup_is_the_one_that_was_taken_with_its_count_its_marker_and_types_that_the_target_takes() {
    let world = World::new();
    let whole = fixture("2.7.3-UFS");
    let (bytes, raw) = (fs::read(&whole).expect("a file"), inflated(&whole));
    let entries = borders(&raw).len() as u64;
    let file = world.at("ours/whole.gz");
    put(&file, &bytes);
    let ask = |criteria, told| {
        let bound = backup_bound("before", &file, told);
        world
            .stands(&proven(criteria), &bound, None)
            .expect("it can be read")
    };
    assert!(matches!(ask(criteria(), Some(entries)), Standing::Done(_)));
    assert_eq!(code(ask(criteria(), Some(entries + 1))), of_backups::COUNT);
    let marked = Criteria {
        marked: true,
        ..criteria()
    };
    assert_eq!(code(ask(marked, None)), of_backups::MARKER);
    let picky = Criteria {
        accepts: (2..=41).collect(),
        ..criteria()
    };
    assert_eq!(code(ask(picky, None)), of_backups::TYPES);
    // Another file under the same name, such as an emergency backup, is not the one that was taken.
    let bound = backup_bound("before", &file, None);
    put(&file, &deflated(&raw));
    match world.stands(&proven(criteria()), &bound, None) {
        Err(Fault::Refused(failure)) => assert_eq!(failure.code, codes::OTHER_BACKUP),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_backup_of_1_x_is_written_again_and_the_copy_is_what_is_restored() {
    let world = World::new();
    let file = world.at("ours/old.gz");
    put(&file, &fs::read(fixture("1.8.1-UFS")).expect("a file"));
    let bound = backup_bound("before", &file, None);
    let no_id = Criteria {
        cluster_id: false,
        ..criteria()
    };
    // A crash left half of a copy: it is made anew.
    put(&world.at("ours/rewritten.gz.partial"), b"half");
    let Standing::Done(proof) = world.tried(&proven(no_id.clone()), &bound) else {
        panic!("it is proven");
    };
    let mut all = bound.clone();
    all.absorb(&proof);
    let restored = all.value(&BindingName::new("restore.file")).expect("bound");
    assert!(restored.ends_with("rewritten.gz"), "{restored}");
    // Asked again after a crash, it is found and not written a third time.
    assert!(matches!(
        world.stands(&proven(no_id), &bound, None),
        Ok(Standing::Done(_))
    ));
    let same = Condition::SameTree {
        before: BindingName::new("before"),
        after: BindingName::new("restore"),
        but: BTreeSet::new(),
        more: false,
    };
    assert!(matches!(
        world.stands(&watch(same), &all, None),
        Ok(Standing::Done(_))
    ));
    let persisted = |unpersisted| Condition::Persisted {
        of: BindingName::new("restore"),
        unpersisted,
    };
    let keep = world.stands(&watch(persisted(Unpersisted::Keep)), &all, None);
    assert!(matches!(keep, Ok(Standing::Done(_))));
    let refuse = world.stands(&watch(persisted(Unpersisted::Refuse)), &all, None);
    assert_eq!(code(refuse.expect("seen")), codes::IN_WORKERS_ONLY);
}

#[test]
fn another_tree_is_told_by_the_side_on_which_it_differs() {
    let world = World::new();
    let mut all = backup_bound("before", &fixture("2.1.0-UFS"), None);
    let other = backup_bound("after", &fixture("1.8.1-UFS"), None);
    all.values.extend(other.values);
    let same = |but: &[Facet]| {
        watch(Condition::SameTree {
            before: BindingName::new("before"),
            after: BindingName::new("after"),
            but: but.iter().copied().collect(),
            more: false,
        })
    };
    let standing = world.stands(&same(&[]), &all, None).expect("seen");
    assert_eq!(code(standing), codes::OTHER_TREE);
    let standing = world.stands(&same(&Facet::ALL), &all, None);
    assert!(
        matches!(standing, Ok(Standing::Done(_))),
        "what may differ is told and no more"
    );
}
