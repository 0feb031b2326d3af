//! What ties a cluster to its journal, its masters and its blocks, host by host.

use upshift_model::alluxio::Condition;
use upshift_model::expect::Expectation;
use upshift_model::step::{Change, ConfigEdit, Effect};

use super::plans::{plan, spread};
use super::*;

const FOLDER: &str = "alluxio.master.journal.folder";

fn with(was: &[(&str, &str)], wanted: &[(&str, &str)]) -> World {
    let site = |more: &[(&str, &str)]| Observed::Known(lines(&[&SITE[..3], more].concat()));
    World::new("2.7.3", "2.9.6").with(|w| {
        w.host().site = site(was);
        w.host().target_site = site(wanted);
    })
}

#[test]
fn another_journal_folder_is_refused_and_one_that_is_not_set_is_written() {
    let other = with(&[(FOLDER, "/srv/journal")], &[(FOLDER, "/srv/other")]);
    let finding = other.one(&KEPT);
    assert_eq!(severity(&finding), REFUSED);
    assert_eq!(finding.evidence, [format!("{FOLDER}: /srv/journal → /srv/other")]);
    for wanted in ["/srv/journal", "file:///srv/journal/"] {
        assert_eq!(
            severity(&with(&[], &[(FOLDER, wanted)]).one(&KEPT)),
            GREEN,
            "{wanted}"
        );
    }
    let below_home = [(FOLDER, "${alluxio.work.dir}/journal")];
    assert_eq!(severity(&with(&below_home, &below_home).one(&KEPT)), REFUSED);
    let written = |world: &World| -> Vec<ConfigEdit> {
        let plan = plan(world);
        let edits = plan.steps().filter_map(|step| match &step.effect {
            Effect::Configure {
                change: Change::CarryOver { edits, .. },
                ..
            } => Some(edits.clone()),
            _ => None,
        });
        edits
            .flatten()
            .filter(|edit| format!("{edit:?}").contains(FOLDER))
            .collect()
    };
    let stays = ConfigEdit::Set {
        key: FOLDER.to_owned(),
        value: "/srv/journal".to_owned(),
        why: "the journal stays where it is".to_owned(),
    };
    let unset = with(&[(FOLDER, "/srv/journal")], &[]);
    assert_eq!(severity(&unset.one(&KEPT)), GREEN);
    assert_eq!(written(&unset), std::slice::from_ref(&stays));
    let carried = with(&below_home, &[]).with(|w| w.host().target_site = Observed::Known(BTreeMap::new()));
    assert_eq!(severity(&carried.one(&KEPT)), GREEN);
    assert_eq!(written(&carried), [stays]);
    let set = with(&[(FOLDER, "/srv/journal")], &[(FOLDER, "/srv/journal")]);
    assert_eq!(written(&set), []);
}

#[test]
fn the_wanted_configuration_is_asked_for_where_the_plan_sets_nothing_in_it() {
    let set = with(&[(FOLDER, "/srv/journal")], &[(FOLDER, "/srv/journal")]);
    let plan = plan(&set);
    let conditions = plan.steps().flat_map(|step| &step.before);
    let asked: Vec<bool> = conditions
        .filter_map(|expectation| match expectation {
            Expectation::Alluxio(Condition::Configured { made, .. }) => Some(*made),
            _ => None,
        })
        .collect();
    assert_eq!(
        asked,
        [false, true, true],
        "before the stop, and before each start"
    );
}

#[test]
fn tiers_and_the_options_of_the_root_are_where_they_were() {
    let path = "alluxio.worker.tieredstore.level0.dirs.path";
    let moved = with(&[(path, "/mnt/ssd")], &[(path, "/mnt/nvme")]);
    assert_eq!(severity(&moved.one(&KEPT)), RED);
    assert_eq!(severity(&with(&[(path, "/mnt/ssd")], &[]).one(&KEPT)), RED);
    assert_eq!(
        severity(&with(&[], &[(path, "/mnt/ramdisk")]).one(&KEPT)),
        GREEN,
        "its default"
    );
    let region = "alluxio.master.mount.table.root.option.alluxio.underfs.s3.region";
    assert_eq!(severity(&with(&[(region, "eu")], &[]).one(&KEPT)), REFUSED);
    let beats = "alluxio.master.embedded.journal.election.timeout";
    assert_eq!(
        severity(&with(&[], &[(beats, "5s")]).one(&KEPT)),
        GREEN,
        "anybody's choice"
    );
    let readonly = "alluxio.master.mount.table.root.readonly";
    assert_eq!(severity(&with(&[], &[(readonly, "true")]).one(&KEPT)), REFUSED);
    assert_eq!(severity(&with(&[], &[(readonly, "false")]).one(&KEPT)), GREEN);
    let new = with(&[], &[(region, "eu")]).one(&KEPT);
    assert_eq!(severity(&new), YELLOW);
    let of_all = "alluxio.underfs.s3.region";
    assert_eq!(
        severity(&with(&[(of_all, "eu")], &[(region, "eu")]).one(&KEPT)),
        GREEN
    );
    assert_eq!(
        severity(&with(&[(of_all, "eu")], &[(region, "us")]).one(&KEPT)),
        REFUSED
    );
    let secret = with(&[], &[]).with(|w| {
        w.host().other_secrets.insert("aws.secretKey".to_owned());
    });
    assert_eq!(severity(&secret.one(&KEPT)), RED);
    let unread = with(&[], &[]).with(|w| w.host().site = Observed::unknown("its file", "denied"));
    assert_eq!(may_hide(&unread.one(&KEPT)), Severity::Red);
}

/// What one host says is no word for the others.
#[test]
fn every_master_is_asked_and_not_the_first_alone() {
    let world = |change: &dyn Fn(&mut HostFacts)| spread(Way::Backup).with(|w| change(&mut w.facts.hosts[1]));
    let other_type = world(&|m2| m2.target_site = Observed::Known(lines(&SITE)));
    assert_eq!(severity(&other_type.one(&JOURNAL_TYPE)), REFUSED);
    let other_kind = world(&|m2| m2.journal = Observed::Known(JournalKind::UnderStore));
    assert_eq!(severity(&other_kind.one(&JOURNAL)), REFUSED);
    let unlisted = world(&|m2| m2.journal = Observed::unknown("the folder", "it may not be listed"));
    assert_eq!(may_hide(&unlisted.one(&JOURNAL)), Severity::Red);
    let no_root = world(&|m2| m2.root_store = Some(Observed::unknown("the root", "there is no such folder")));
    assert_eq!(may_hide(&no_root.one(&UNDER_STORES)), Severity::Red);
    let misspelt = world(&|m2| {
        if let Observed::Known(site) = &mut m2.target_site {
            let line = OptionLine {
                value: "1".to_owned(),
                line: 9,
            };
            site.insert("alluxio.no.such".to_owned(), line);
        }
    });
    let unread = misspelt.one(&UNREAD_KEY);
    assert_eq!(severity(&unread), YELLOW);
    assert_eq!(unread.evidence[0], "line 9 on m2");
}

/// Neither file names the root: each release mounts a folder below its own home.
#[test]
fn a_root_that_nobody_names_is_refused_where_the_file_is_carried_over_too() {
    let world = World::new("2.7.3", "2.9.6").with(|w| {
        w.host().site = Observed::Known(lines(&SITE[1..]));
        w.host().target_site = Observed::Known(BTreeMap::new());
    });
    assert_eq!(severity(&world.one(&ROOT_MOUNT)), REFUSED);
}

#[test]
fn a_journal_that_cannot_be_moved_is_told_before_anything_is_stopped() {
    let with = |place: JournalPlace, way: Way| {
        World::new("2.7.3", "2.9.6").with(|w| {
            w.declaration.way = Some(way);
            w.host().journal_place = Observed::Known(place);
        })
    };
    for way in [Way::InPlace, Way::Backup] {
        assert_eq!(severity(&with(PLACE, way).one(&MOVABLE)), GREEN);
        let is_mount = JournalPlace {
            is_mount: true,
            ..PLACE
        };
        assert_eq!(severity(&with(is_mount, way).one(&MOVABLE)), REFUSED);
        let closed = JournalPlace {
            is_writable: false,
            ..PLACE
        };
        assert_eq!(severity(&with(closed, way).one(&MOVABLE)), REFUSED);
    }
    let full = JournalPlace {
        free_kib: 999,
        ..PLACE
    };
    assert_eq!(severity(&with(full, Way::InPlace).one(&MOVABLE)), RED);
    assert_eq!(
        severity(&with(full, Way::Backup).one(&MOVABLE)),
        GREEN,
        "nothing is copied"
    );
}

#[test]
fn files_of_the_configuration_that_are_not_carried_over_are_named() {
    let files = |all: &[(&str, &str)]| {
        let of = |(name, text): &(&str, &str)| ((*name).to_owned(), Some(Digest::of_bytes(text.as_bytes())));
        Observed::Known(all.iter().map(of).collect::<BTreeMap<_, _>>())
    };
    let world = World::new("2.7.3", "2.9.6").with(|w| {
        w.host().conf = files(&[
            ("alluxio-env.sh", "-Xmx64g"),
            ("masters", "m1"),
            ("core-site.xml", "1"),
        ]);
        w.host().target_conf = files(&[
            ("masters", "m1"),
            ("core-site.xml", "2"),
            ("metrics.properties", ""),
        ]);
    });
    let finding = world.one(&OTHER_FILES);
    assert_eq!(severity(&finding), YELLOW);
    let told = [
        "alluxio-env.sh: not there on this machine",
        "core-site.xml: another on this machine",
    ];
    assert_eq!(finding.evidence, told);
    assert_eq!(finding.remedy.len(), 2);
    let unseen = world.with(|w| w.host().target_conf = Observed::unknown("conf", "denied"));
    assert_eq!(may_hide(&unseen.one(&OTHER_FILES)), Severity::Yellow);
}
