//! The figures as a table, and what they say about the aims.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::time::Duration;

use super::case::{Case, Mode};
use super::contender::Contender;

/// One run.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    /// What was upgraded.
    pub(super) case: Case,
    /// Who did it.
    pub(super) contender: Contender,
    /// The longest pause between two records.
    pub(super) gap: Duration,
    /// From the last record before that pause to the first checkpoint after the restore, by the server's clock.
    pub(super) to_checkpoint: Duration,
    /// The load average over one minute, at the end.
    pub(super) load: f64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (gap, checkpoint) = (self.gap.as_secs_f64(), self.to_checkpoint.as_secs_f64());
        write!(
            f,
            "gap {gap:.2} s, to the first checkpoint {checkpoint:.2} s, load {:.1}",
            self.load
        )
    }
}

/// The aims: upshift's gap against the runbook's, and against the floor's.
const SHADOW_OF_RUNBOOK: f64 = 0.5;
const IN_PLACE_OF_RUNBOOK: f64 = 0.75;
const SHADOW_OF_FLOOR: f64 = 1.2;

/// Every run, the medians, and the ratios that the aims are about.
pub(super) fn render(all: &[Measured]) -> String {
    let mut groups: BTreeMap<(Case, Contender), Vec<&Measured>> = BTreeMap::new();
    for m in all {
        groups.entry((m.case, m.contender)).or_default().push(m);
    }
    let mut out = String::from(
        "| upgrade | by | gaps at the sink, s | median | stop to first checkpoint, median | load |\n\
         |---|---|---|---|---|---|\n",
    );
    for ((case, contender), runs) in &groups {
        let gaps: Vec<_> = runs
            .iter()
            .map(|m| format!("{:.2}", m.gap.as_secs_f64()))
            .collect();
        let loads = runs.iter().map(|m| m.load);
        let (low, high) = loads.fold((f64::MAX, 0.0_f64), |(l, h), x| (l.min(x), h.max(x)));
        let line = format!(
            "| {case} | {} | {} | {:.2} | {:.2} | {low:.1}-{high:.1} |",
            contender.name(),
            gaps.join(" "),
            median(runs.iter().map(|m| m.gap)),
            median(runs.iter().map(|m| m.to_checkpoint)),
        );
        writeln!(out, "{line}").expect("a string takes all text");
    }
    for case in groups
        .keys()
        .map(|(case, _)| *case)
        .collect::<std::collections::BTreeSet<_>>()
    {
        let gap = |who| {
            groups
                .get(&(case, who))
                .map(|runs| median(runs.iter().map(|m| m.gap)))
        };
        let Some(ours) = gap(Contender::Upshift) else {
            continue;
        };
        let aim = if case.mode == Mode::Shadow {
            SHADOW_OF_RUNBOOK
        } else {
            IN_PLACE_OF_RUNBOOK
        };
        let pairs = [
            (gap(Contender::Runbook), "runbook", aim),
            (gap(Contender::Floor), "floor", SHADOW_OF_FLOOR),
        ];
        for (theirs, name, aim) in pairs {
            if let Some(theirs) = theirs {
                let ratio = ours / theirs;
                let met = if ratio <= aim { "met" } else { "missed" };
                let line = format!("{case}: upshift's gap is {ratio:.2} of the {name}'s; aim {aim}: {met}");
                writeln!(out, "{line}").expect("a string takes all text");
            }
        }
    }
    out
}

fn median(times: impl Iterator<Item = Duration>) -> f64 {
    let mut all: Vec<_> = times.map(|t| t.as_secs_f64()).collect();
    all.sort_by(f64::total_cmp);
    match all.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => all[n / 2],
        n => f64::midpoint(all[n / 2 - 1], all[n / 2]),
    }
}
