//! What came of one simulated upgrade, as a person reads it: what was drawn, the journal with the faults
//! between its records, the outcome, and what speaks against it. Shared by all commands that simulate.

use serde::Serialize;
use upshift_campaign::{Death, Told};
use upshift_model::ids::StepId;
use upshift_model::run_state::RunState;

use super::render::Paint;
use super::timeline;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When, in the simulation's own time.
    pub at: jiff::Timestamp,
    /// A record of the journal or a fault.
    pub is: &'static str,
    /// The number of the record, or of the last one before the fault.
    pub record: u64,
    /// The step that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// In words, a line each.
    pub lines: Vec<String>,
}

const RECORD: &str = "record";
const FAULT: &str = "fault";

/// All that happened, in order.
pub fn moments(told: &Told) -> Vec<Moment> {
    let faults = faults(told);
    let mut all = Vec::new();
    let mut state: Option<RunState> = None;
    let mut next = faults.into_iter().peekable();
    for line in &told.lines {
        let entry = line.entry();
        while let Some(fault) = next.next_if(|fault| fault.record < entry.seq) {
            all.push(fault);
        }
        all.push(Moment {
            at: entry.at,
            is: RECORD,
            record: entry.seq,
            step: entry.record.step().cloned(),
            lines: timeline::lines(line, state.as_ref()),
        });
        // Lines are told without what went before from one on that cannot stand where it stands.
        state = match state {
            Some(mut state) => state.apply(line).ok().map(|()| state),
            None => RunState::fold([line]).ok(),
        };
    }
    all.extend(next);
    all
}

/// Faults at contacts and deaths at appends, by the record that they came after.
fn faults(told: &Told) -> Vec<Moment> {
    let contacts = told.happened.iter().map(|happened| Moment {
        at: jiff::Timestamp::from_millisecond(happened.at).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        is: FAULT,
        record: happened.after,
        step: Some(happened.what.place.step.clone()),
        lines: vec![happened.what.to_string()],
    });
    let deaths = told.died.iter().map(|died| Moment {
        at: died.at,
        is: FAULT,
        record: match died.how {
            Death::Before => died.record - 1,
            Death::After => died.record,
        },
        step: None,
        lines: vec![format!("{} {}", died.how, died.record)],
    });
    let mut all: Vec<Moment> = contacts.chain(deaths).collect();
    all.sort_by_key(|moment| moment.record);
    all
}

/// What was drawn, a line each; a place that the run never came to is told.
pub fn drawn(told: &Told) -> Vec<String> {
    let said = |what: String, came: bool| match came {
        true => what,
        false => format!("{what}, which never came"),
    };
    let trouble = &told.case.trouble;
    let planned = trouble.planned.iter().map(|planned| {
        let came = told.happened.iter().any(|happened| happened.what == *planned);
        said(planned.to_string(), came)
    });
    let deaths = trouble.deaths.iter().map(|(record, how)| {
        let came = told
            .died
            .iter()
            .any(|died| (died.record, died.how) == (*record, *how));
        said(format!("{how} {record}"), came)
    });
    planned.chain(deaths).collect()
}

/// The whole story as text.
pub fn text(told: &Told, paint: Paint) -> String {
    let mut lines = vec![
        format!("{}: {} of them", told.system, told.subjects),
        format!("the person {}", told.case.wish),
    ];
    if let Some(without) = told.case.without {
        lines.push(format!("the plan lacks a safety step: {without}"));
    }
    lines.extend(drawn(told).iter().map(|fault| format!("drawn: {fault}")));
    lines.push(String::new());
    for moment in moments(told) {
        match moment.is {
            FAULT => {
                let at = timeline::clock_time(moment.at);
                let word = paint.yellow("FAULT");
                lines.extend(moment.lines.iter().map(|line| format!("{at}  {word}    {line}")));
            }
            _ => lines.extend(moment.lines),
        }
    }
    lines.push(String::new());
    lines.push(ending(told, paint));
    lines.extend(told.picture.split("; ").map(|part| format!("now: {part}")));
    lines.join("\n")
}

/// How it ended, and what speaks against it.
pub fn ending(told: &Told, paint: Paint) -> String {
    let mut lines = vec![format!(
        "{} after {} records, {} processes of upshift, {} faults",
        told.ended(),
        told.lines.len(),
        told.processes,
        told.happened.len() + told.died.len()
    )];
    match told.flaws.is_empty() {
        true => lines.push(paint.green("state: nothing lost, nothing doubled, nothing left half done")),
        false => lines.extend(
            told.flaws
                .iter()
                .map(|flaw| format!("{}  {flaw}", paint.red("AGAINST IT"))),
        ),
    }
    lines.join("\n")
}

/// The same facts for programs.
#[derive(Debug, Serialize)]
pub struct View {
    /// The system in words.
    pub system: String,
    /// What the person is after.
    pub person: String,
    /// The safety step that the plan lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<&'static str>,
    /// Faults that were drawn.
    pub drawn: Vec<String>,
    /// What happened.
    pub timeline: Vec<Moment>,
    /// How it ended.
    pub outcome: &'static str,
    /// Records of the journal.
    pub records: usize,
    /// Processes of upshift that it took.
    pub processes: u32,
    /// Jobs or instances.
    pub subjects: usize,
    /// Whether nothing speaks against it.
    pub survived: bool,
    /// What speaks against it.
    pub against: Vec<String>,
    /// The system at the end.
    pub now: Vec<String>,
}

impl View {
    /// Of a told case.
    pub fn of(told: &Told) -> Self {
        Self {
            system: told.system.clone(),
            person: told.case.wish.to_string(),
            without: told.case.without.map(upshift_campaign::Safety::word),
            drawn: drawn(told),
            timeline: moments(told),
            outcome: told.ended(),
            records: told.lines.len(),
            processes: told.processes,
            subjects: told.subjects,
            survived: told.flaws.is_empty(),
            against: told.flaws.clone(),
            now: told.picture.split("; ").map(str::to_owned).collect(),
        }
    }
}
