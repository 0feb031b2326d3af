//! What every fault at every step of a plan comes to, as a table that a person reads, the worst first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use upshift_campaign::{Course, Ending, Given, Strike, Struck, Told};
use upshift_model::ids::{Code, StepId};
use upshift_sim::direct::{Fault, When};

use crate::cli::render::Paint;
use crate::cli::{timeline, told};

/// A survey with what it was made from.
pub struct Surveyed<'a> {
    /// The plan file.
    pub file: &'a Path,
    /// The plan and its inventory.
    pub given: &'a Given,
    /// The run in which nothing goes wrong.
    pub calm: &'a Told,
    /// The one that goes back once every gate held, with nothing going wrong on the way.
    pub back: &'a Told,
    /// All strikes.
    pub struck: &'a [Struck],
}

impl Surveyed<'_> {
    /// Whether state survives everything.
    pub fn survives(&self) -> bool {
        let lost = |struck: &Struck| struck.ending == Ending::Lost;
        self.calm.flaws.is_empty() && self.back.flaws.is_empty() && !self.struck.iter().any(lost)
    }
}

const fn word(course: Course, ending: Ending) -> &'static str {
    match (ending, course) {
        (Ending::Lost, _) => "STATE NOT SAFE",
        (Ending::Asked, _) => "halts, and asks",
        (Ending::WentBack, _) => "goes back by itself",
        (Ending::Resumed, Course::There) => "goes through after `resume`",
        (Ending::Resumed, Course::Back) => "goes back after `resume`",
        (Ending::WentThrough, Course::There) => "goes through",
        (Ending::WentThrough, Course::Back) => "goes back",
    }
}

const ALL: [Ending; 5] = [
    Ending::Lost,
    Ending::Asked,
    Ending::WentBack,
    Ending::Resumed,
    Ending::WentThrough,
];

/// One line of the table: the same fault, the same end, for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    ending: Ending,
    fault: Fault,
    /// The code it stopped with.
    code: Option<Code>,
}

/// The calm run, then the tables.
pub fn text(surveyed: &Surveyed<'_>, paint: Paint) -> String {
    let Surveyed { given, calm, .. } = surveyed;
    let stamp = &given.inventory.taken_at;
    let mut lines = vec![
        format!(
            "plan {} on a simulated system, as the real one was seen at {}",
            given.plan.digest.short(),
            timeline::day_and_time(*stamp)
        ),
        String::new(),
        paint.bold("When nothing goes wrong"),
        told::text(calm, paint),
        String::new(),
        paint.bold("When one thing goes wrong"),
    ];
    lines.extend(section(surveyed, Course::There, paint));
    lines.push(paint.bold("When somebody goes back once every gate held"));
    lines.push(told::ending(surveyed.back, paint));
    lines.push(String::new());
    lines.push(paint.bold("When one thing goes wrong on that way back"));
    lines.extend(section(surveyed, Course::Back, paint));
    lines.push(match surveyed.survives() {
        true => paint.green("state survives every one of them"),
        false => paint.red("state does not survive all of them"),
    });
    lines.extend(example(surveyed));
    lines.join("\n")
}

fn section(surveyed: &Surveyed<'_>, course: Course, paint: Paint) -> Vec<String> {
    let on = |one: &&Struck| one.strike.course() == course;
    let struck: Vec<&Struck> = surveyed.struck.iter().filter(on).collect();
    let mut lines = counts(course, &struck);
    lines.push(String::new());
    lines.extend(table(course, &struck, paint));
    lines.push(String::new());
    lines
}

/// How many ended how.
fn counts(course: Course, struck: &[&Struck]) -> Vec<String> {
    let of = |ending| struck.iter().filter(|one| one.ending == ending).count();
    let mut lines = vec![format!("{} faults, each in a run of its own:", struck.len())];
    let some = ALL.into_iter().map(|ending| (ending, of(ending)));
    lines.extend(
        some.filter(|(ending, n)| *n > 0 || *ending == Ending::Lost)
            .map(|(ending, n)| format!("  {n:>5}  {}", word(course, ending))),
    );
    lines
}

/// A table with more places than this in a line only counts them.
const NAMED: usize = 8;

fn table(course: Course, struck: &[&Struck], paint: Paint) -> Vec<String> {
    let mut rows: BTreeMap<Row, Vec<&Struck>> = BTreeMap::new();
    for &one in struck {
        let row = Row {
            ending: one.ending,
            fault: one.strike.fault(),
            code: one.stopped.as_ref().map(|failure| failure.code.clone()),
        };
        rows.entry(row).or_default().push(one);
    }
    let mut lines = vec![format!(
        "{:<28} {:<22} {:<16} AT STEP",
        "ENDS", "FAULT", "STOPS FOR"
    )];
    for (row, all) in rows {
        let code = row.code.as_ref().map_or("-", Code::as_str);
        let ends = format!("{:<28}", word(course, row.ending));
        let ends = match row.ending {
            Ending::Lost => paint.red(&ends),
            Ending::Asked => paint.yellow(&ends),
            Ending::WentBack | Ending::Resumed | Ending::WentThrough => ends,
        };
        lines.push(format!(
            "{ends} {:<22} {code:<16} {}",
            row.fault.word(),
            places(&all, struck)
        ));
        let against: BTreeSet<&String> = all.iter().flat_map(|one| &one.flaws).collect();
        lines.extend(against.iter().map(|flaw| format!("    {flaw}")));
    }
    lines
}

/// The steps of these strikes; with the contact where another one of the same fault at the step ended otherwise.
fn places(row: &[&Struck], struck: &[&Struck]) -> String {
    let at =
        |one: &Struck, step: Option<&StepId>, fault| one.strike.step() == step && one.strike.fault() == fault;
    let mut names: Vec<String> = Vec::new();
    for one in row {
        let (step, fault) = (one.strike.step(), one.strike.fault());
        let here = row.iter().filter(|other| at(other, step, fault)).count();
        let everywhere = struck.iter().filter(|other| at(other, step, fault)).count();
        let step = step.map_or("the end", StepId::as_str);
        let name = match here == everywhere {
            true => step.to_owned(),
            false => place(&one.strike),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() > NAMED {
        true => format!("{}, and {} more", names[..NAMED].join(" "), names.len() - NAMED),
        false => names.join(" "),
    }
}

/// A place as `--at` takes it, or as people say it.
fn place(strike: &Strike) -> String {
    match strike {
        Strike::Contact { planned, .. } => match planned.place.when {
            When::Look(n) => format!("{}:look{n}", planned.place.step),
            When::Act(n) => format!("{}:try{n}", planned.place.step),
        },
        Strike::Record { record, step, .. } => match step {
            Some(step) => format!("{step} (record {record})"),
            None => format!("record {record}"),
        },
    }
}

/// How the worst one is looked at.
fn example(surveyed: &Surveyed<'_>) -> Option<String> {
    let contacts = surveyed
        .struck
        .iter()
        .filter(|one| matches!(one.strike, Strike::Contact { .. }));
    let worst = contacts.min_by_key(|one| one.ending)?;
    Some(format!(
        "one of them in full: upshift rehearse {} --at {} --fault {}",
        surveyed.file.display(),
        place(&worst.strike),
        worst.strike.fault()
    ))
}

/// The same facts for programs.
#[derive(Debug, Serialize)]
pub struct View {
    plan: String,
    inventory_taken_at: jiff::Timestamp,
    survives: bool,
    calm: told::View,
    back: told::View,
    counts: BTreeMap<&'static str, usize>,
    faults: Vec<StruckView>,
}

#[derive(Debug, Serialize)]
struct StruckView {
    way: &'static str,
    fault: &'static str,
    step: Option<StepId>,
    at: String,
    ends: &'static str,
    stops_for: Option<Stopped>,
    survived: bool,
    against: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Stopped {
    code: Code,
    what: String,
}

/// For programs, without blanks.
const fn ends(ending: Ending) -> &'static str {
    match ending {
        Ending::Lost => "state-not-safe",
        Ending::Asked => "asks",
        Ending::WentBack => "goes-back",
        Ending::Resumed => "goes-through-after-resume",
        Ending::WentThrough => "goes-through",
    }
}

impl View {
    /// Of a survey.
    pub fn of(surveyed: &Surveyed<'_>) -> Self {
        let view = |one: &Struck| StruckView {
            way: match one.strike.course() {
                Course::There => "there",
                Course::Back => "back",
            },
            fault: one.strike.fault().word(),
            step: one.strike.step().cloned(),
            at: place(&one.strike),
            ends: ends(one.ending),
            stops_for: one.stopped.as_ref().map(|failure| Stopped {
                code: failure.code.clone(),
                what: failure.what.clone(),
            }),
            survived: one.flaws.is_empty(),
            against: one.flaws.clone(),
        };
        let count = |ending| surveyed.struck.iter().filter(|one| one.ending == ending).count();
        Self {
            plan: surveyed.given.plan.digest.to_string(),
            inventory_taken_at: surveyed.given.inventory.taken_at,
            survives: surveyed.survives(),
            calm: told::View::of(surveyed.calm),
            back: told::View::of(surveyed.back),
            counts: ALL
                .into_iter()
                .map(|ending| (ends(ending), count(ending)))
                .collect(),
            faults: surveyed.struck.iter().map(view).collect(),
        }
    }
}
