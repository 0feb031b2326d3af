//! The numbered tree of a plan.

use upshift_model::plan::{Direction, Plan, Sealed};
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Step, Wave, WayBack};

use super::expectation;
use super::page::Page;
use super::step::Names;

/// Column of a wave's downtime.
const DOWNTIME_AT: usize = 46;
/// Column of a step's usual time.
const TIME_AT: usize = 88;
/// Column of the text beside a label of the foot.
const FOOT: usize = 10;

/// The tree as it is approved.
pub fn tree(sealed: &Sealed) -> String {
    let plan = &sealed.plan;
    let mut page = Page::default();
    head(&mut page, sealed);
    let mut open = true;
    for (at, wave) in plan.waves.iter().enumerate() {
        let closed = matches!(wave.outlook.way_back, WayBack::Closed { .. });
        if open && closed && plan.direction == Direction::Forward {
            page.line(
                &format!("  ──────  point of no return: {} ──────", closing(wave)),
                10,
            );
        }
        open &= !closed;
        wave_lines(&mut page, plan, at, wave);
    }
    if plan.waves.is_empty() {
        page.line("  nothing has to be done", 2);
    }
    foot(&mut page, plan);
    page.text()
}

fn head(page: &mut Page, sealed: &Sealed) {
    let plan = &sealed.plan;
    let way = match &plan.direction {
        Direction::Forward => String::new(),
        Direction::Back { of } => format!(", back from plan {}", of.short()),
    };
    let what = match plan.from == plan.to {
        true => format!("{} {}", plan.kind, plan.to),
        false => format!("{} {} → {}", plan.kind, plan.from, plan.to),
    };
    page.line(&format!("{}: {what}, {}{way}", plan.system, plan.strategy), 2);
    let seen = plan.inventory.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let stamp = format!(
        "plan {} (looked at {seen}, knowledge of {})",
        sealed.digest.short(),
        plan.knowledge.date
    );
    page.line(&stamp, 2);
    page.gap();
}

fn closing(wave: &Wave) -> String {
    let lets_go = wave
        .lanes
        .iter()
        .flat_map(|lane| &lane.steps)
        .any(|s| matches!(s.effect, Effect::Release { .. }));
    match lets_go {
        true => "what follows lets go of the old".to_owned(),
        false => "nobody can go back from here".to_owned(),
    }
}

fn wave_lines(page: &mut Page, plan: &Plan, at: usize, wave: &Wave) {
    let downtime = match wave.outlook.downtime {
        Some(Millis::ZERO) => "no downtime".to_owned(),
        Some(down) => format!("down ~{down}"),
        None => "downtime not known".to_owned(),
    };
    let width = wave.width.get();
    let lanes = wave.lanes.len();
    let side = match (lanes, width) {
        (0 | 1, _) => String::new(),
        (_, 1) => format!(", {lanes} lanes one after the other"),
        (_, _) if usize::from(width) >= lanes => format!(", {lanes} lanes side by side"),
        _ => format!(", {lanes} lanes, {width} at a time"),
    };
    page.beside(
        &format!("  wave {}  {}{side}", at + 1, wave.title),
        DOWNTIME_AT,
        &downtime,
    );
    let names = Names::of(&plan.site, &plan.policy);
    for step in wave.lanes.iter().flat_map(|lane| &lane.steps) {
        step_lines(page, &names, step);
    }
    way_back(page, plan, at, wave);
    page.gap();
}

fn step_lines(page: &mut Page, names: &Names<'_>, step: &Step) {
    let mark = match step.downtime {
        Downtime::None => "",
        Downtime::Begins => " ↓",
        Downtime::Ends => " ↑",
    };
    // A gate's time is part of its words already.
    let is_gate = matches!(step.effect, Effect::Hold { .. });
    let time = step
        .usual
        .filter(|_| !is_gate)
        .map_or_else(String::new, |usual| format!("~{usual}"));
    let number = format!("    {:<8}", step.id.as_str().trim_start_matches("back."));
    page.beside(
        &format!("{number}{}{mark}", names.effect(&step.effect)),
        TIME_AT,
        &time,
    );
    let after: Vec<String> = step
        .after
        .iter()
        .filter_map(|e| expectation::words(e, names))
        .collect();
    let before: Vec<String> = step
        .before
        .iter()
        .filter_map(|e| expectation::words(e, names))
        .collect();
    let say = |page: &mut Page, label: &str, words: &[String]| {
        if !words.is_empty() {
            page.line(&format!("            {label} {}", words.join(", ")), 14);
        }
    };
    say(page, "once", &before);
    say(page, "then", &after);
    for why in &step.why {
        page.line(&format!("            {why}"), 14);
    }
}

fn way_back(page: &mut Page, plan: &Plan, at: usize, wave: &Wave) {
    let outlook = &wave.outlook;
    if plan.direction != Direction::Forward {
        if !outlook.replayed.is_empty() {
            page.line(&format!("    replayed: {}", outlook.replayed), 14);
        }
        return;
    }
    let undone: usize = plan.ways_back.get(at).map_or(0, |waves| {
        waves
            .iter()
            .map(|wave| wave.lanes.iter().map(|lane| lane.steps.len()).sum::<usize>())
            .sum()
    });
    let back = match &outlook.way_back {
        WayBack::Free if undone == 0 => "nothing to undo".to_owned(),
        WayBack::Free => format!("free, {}", steps_words(undone)),
        WayBack::Restore { slots } if slots.is_empty() => format!("start anew, {}", steps_words(undone)),
        WayBack::Restore { slots } => {
            let slots: Vec<&str> = slots.iter().map(|slot| slot.as_str()).collect();
            format!("restart from {}, {}", slots.join(", "), steps_words(undone))
        }
        WayBack::Closed { because } => format!("closed ({because})"),
    };
    page.line(&format!("    back:     {back}"), 14);
    if !outlook.replayed.is_empty() {
        page.line(&format!("    replayed: {}", outlook.replayed), 14);
    }
    let said = at
        .checked_sub(1)
        .is_some_and(|before| plan.waves[before].outlook.open_until == outlook.open_until);
    for (nth, closer) in outlook.open_until.iter().filter(|_| !said).enumerate() {
        let label = if nth == 0 { "open:    " } else { "         " };
        page.line(&format!("    {label} {closer}"), 14);
    }
}

fn steps_words(count: usize) -> String {
    if count == 1 {
        "1 step".to_owned()
    } else {
        format!("{count} steps")
    }
}

fn foot(page: &mut Page, plan: &Plan) {
    label(page, "needs:", &plan.needs);
    if !plan.strategy_why.is_empty() {
        let why = plan.strategy_why.join("; ");
        page.line(&format!("why {}: {why}", plan.strategy), FOOT + 2);
    }
    if plan.direction == Direction::Forward {
        label(
            page,
            "checks:",
            &[format!("{} green, {} to read", plan.green, plan.findings.len())],
        );
    }
    let waived: Vec<String> = plan
        .waivers
        .iter()
        .map(|w| format!("{} for {}: {}", w.code, w.subject, w.words()))
        .collect();
    label(page, "waived:", &waived);
}

fn label(page: &mut Page, label: &str, lines: &[String]) {
    for (nth, line) in lines.iter().enumerate() {
        let label = if nth == 0 { label } else { "" };
        page.line(&format!("{label:<FOOT$}{line}"), FOOT + 2);
    }
}
