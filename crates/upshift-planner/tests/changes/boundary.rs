//! Every row from both sides: told for the pair that it bites, and not for the pair just before nor
//! for the one just after; not once it is mended; folded away where its conditions do not hold.

use upshift_planner::knowledge::changes::{Change, Changes, Need, Notes, Sight};
use upshift_planner::knowledge::{Known, Library, Release};

const ENGINE: &str = "flink-1.17";

/// The numbers of a release, as many as were given.
fn numbers(release: &Release) -> Vec<u32> {
    (0..release.given()).map(|at| release.number(at)).collect()
}

fn of(like: &Release, numbers: &[u32]) -> Release {
    let dotted = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    let text = match (
        like.system(),
        like.as_str().starts_with(|c: char| c.is_ascii_digit()),
    ) {
        (Known::RealtimeCompute, true) => format!("vvr-{dotted}-{ENGINE}"),
        (Known::RealtimeCompute, false) => {
            let (before, after) = like
                .as_str()
                .split_once(&dotted_of(like))
                .expect("its own number");
            format!("{before}{dotted}{after}")
        }
        _ => dotted,
    };
    Release::parse(like.system(), &text).unwrap_or_else(|error| panic!("{error}"))
}

fn dotted_of(release: &Release) -> String {
    let texts: Vec<String> = numbers(release).iter().map(u32::to_string).collect();
    texts.join(".")
}

/// Itself, as a release that one can go to.
fn itself(release: &Release) -> Release {
    let mut all = numbers(release);
    if release.system() == Known::RealtimeCompute && all.len() == 1 {
        all.push(0);
    }
    of(release, &all)
}

/// The release just before, on the scale on which it was given; far ahead in the line before where
/// the last number is zero.
fn before(release: &Release) -> Release {
    let mut all = numbers(release);
    if release.system() == Known::Alluxio && all == [300] {
        return of(release, &[2, 10, 0]);
    }
    let at = all
        .iter()
        .rposition(|number| *number > 0)
        .expect("no release is zero");
    all[at] -= 1;
    for later in &mut all[at + 1..] {
        *later = 99;
    }
    if release.system() == Known::RealtimeCompute && all.len() == 1 {
        all.push(99);
    }
    of(release, &all)
}

fn after(release: &Release) -> Release {
    let mut all = numbers(release);
    *all.last_mut().expect("it has numbers") += 1;
    if release.system() == Known::RealtimeCompute && all.len() == 1 {
        all.push(0);
    }
    of(release, &all)
}

fn tells(notes: &Notes<'_>, row: &Change) -> bool {
    let all = notes.bites.iter().chain(&notes.open);
    all.into_iter().any(|told| told.change.id == row.id)
}

fn told(changes: &Changes, from: &Release, to: &Release, row: &Change) -> bool {
    tells(&changes.notes(from, to, &[], &Sight::default()), row)
}

fn each(check: impl Fn(&Changes, &Change)) {
    let library = Library::builtin();
    for system in Known::ALL {
        let changes = library.changes(system);
        changes.rows().iter().for_each(|row| check(changes, row));
    }
}

/// Whether a row that is met at every move has neither ended nor been mended by then.
fn is_true_of(row: &Change, release: &Release) -> bool {
    row.until.as_ref().is_none_or(|until| release <= until) && row.fixed.iter().all(|fix| release < fix)
}

#[test]
fn every_row_is_told_to_who_crosses_it_and_to_nobody_beside() {
    each(|changes, row| {
        let (last, at) = (before(&row.since), itself(&row.since));
        let id = format!("{} of {}", row.id, row.file);
        assert!(
            told(changes, &last, &at, row),
            "{id}: not told from {last} to {at}"
        );
        let (earlier, later) = (before(&last), after(&row.since));
        assert!(
            !told(changes, &earlier, &last, row),
            "{id}: told from {earlier} to {last}"
        );
        assert_eq!(
            told(changes, &at, &later, row),
            row.at_every_move && is_true_of(row, &later),
            "{id}: from {at} to {later}"
        );
        assert!(!told(changes, &at, &at, row), "{id}: told from {at} to itself");
    });
}

#[test]
fn what_has_ended_or_is_mended_is_not_told_any_more() {
    each(|changes, row| {
        let last = before(&row.since);
        let id = format!("{} of {}", row.id, row.file);
        if let Some(until) = &row.until {
            let (end, next) = (itself(until), after(until));
            assert!(
                told(changes, &last, &end, row),
                "{id}: not told from {last} to {end}"
            );
            assert!(
                !told(changes, &last, &next, row),
                "{id}: told from {last} to {next}"
            );
        }
        for fix in &row.fixed {
            let (mended, still) = (itself(fix), before(fix));
            assert!(
                !told(changes, &last, &mended, row),
                "{id}: told from {last} to {mended}"
            );
            if still >= row.since && fix.given() > 2 {
                assert!(
                    told(changes, &last, &still, row),
                    "{id}: not told from {last} to {still}"
                );
            }
        }
    });
}

/// Facts under which a condition holds, or does not.
fn facts(need: &Need, holds: bool) -> Vec<String> {
    match need {
        Need::Option { keys, is } => {
            let key = keys[0].replace(['<', '>'], "");
            let key = key
                .strip_suffix('.')
                .map_or_else(|| key.clone(), |stem| format!("{stem}.x"));
            let value = is.first().map_or("x", String::as_str);
            match holds {
                true => vec![format!("option:{key}={value}")],
                false => vec!["option:*=".to_owned()],
            }
        }
        Need::NoOption { keys } => match holds {
            true => vec!["option:*=".to_owned()],
            false => vec![format!("option:{}=x", keys[0])],
        },
        Need::Class { names } => {
            let name = names[0]
                .strip_suffix('.')
                .map_or_else(|| names[0].clone(), |stem| format!("{stem}.X"));
            named("class", &name, holds)
        }
        Need::Member { names } => named("member", &names[0], holds),
        Need::Scheme { schemes } => named("scheme", &schemes[0], holds),
        Need::Connector { names, from, below } => match (holds, from, below) {
            (false, ..) => vec!["connector:*=false".to_owned()],
            (true, Some(from), _) => vec![format!("connector:{}={from}", names[0])],
            (true, None, Some(_)) => vec![format!("connector:{}=0.0.1", names[0])],
            (true, None, None) => vec![format!("connector:{}=true", names[0])],
        },
        Need::Java { from, below } => {
            let inside = from.or(below.map(|below| below - 1)).expect("one end");
            let outside = below.or(from.map(|from| from - 1)).expect("one end");
            vec![format!("java={}", if holds { inside } else { outside })]
        }
        Need::Fact { fact, is } => {
            let other = fact.values().iter().find(|value| !is.contains(value));
            let value = if holds { is.first() } else { other };
            vec![format!(
                "{}={}",
                fact.word(),
                value.expect("a row asks for some of a fact's values, not all")
            )]
        }
    }
}

fn named(set: &str, name: &str, holds: bool) -> Vec<String> {
    match holds {
        true => vec![format!("{set}:{name}=true")],
        false => vec![format!("{set}:*=false")],
    }
}

#[test]
fn every_row_bites_where_its_conditions_hold_and_is_folded_where_one_does_not() {
    each(|changes, row| {
        let (last, at) = (before(&row.since), itself(&row.since));
        let id = format!("{} of {}", row.id, row.file);
        let mut told: Vec<String> = row.when.iter().flat_map(|need| facts(need, true)).collect();
        told.sort();
        told.dedup();
        let mut sight = Sight::default();
        sight.tell(&told).unwrap_or_else(|error| panic!("{id}: {error}"));
        let notes = changes.notes(&last, &at, &[], &sight);
        assert!(
            notes.bites.iter().any(|told| told.change.id == row.id),
            "{id} does not bite with {told:?}"
        );
        for need in &row.when {
            let mut sight = Sight::default();
            sight
                .tell(&facts(need, false))
                .unwrap_or_else(|error| panic!("{id}: {error}"));
            let notes = changes.notes(&last, &at, &[], &sight);
            let folded = notes.folded.iter().find(|told| told.change.id == row.id);
            let folded = folded.unwrap_or_else(|| panic!("{id} is not folded although not: {need}"));
            assert!(!folded.because.is_empty(), "{id}: nothing says why");
        }
    });
}
