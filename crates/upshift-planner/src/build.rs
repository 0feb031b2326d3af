//! The hands that put a plan together: a draft of a step, lanes, waves, and their numbers.
//!
//! It knows no system. What is done, and in which order, is for the recipes to say.

use std::num::NonZeroU8;

use upshift_model::expect::Expectation;
use upshift_model::ids::{ComponentId, StepId};
use upshift_model::policy::OnLaneFailure;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Lane, Step, Wave, WaveOutlook, WayBack};

/// A step that still lacks its number.
#[derive(Debug, Clone)]
pub struct Draft(Step);

impl Draft {
    /// A step that is tried once and given up after `give_up`.
    pub fn new(effect: Effect, give_up: Millis) -> Self {
        Self(Step {
            id: StepId::new(""),
            effect,
            before: Vec::new(),
            after: Vec::new(),
            why: Vec::new(),
            usual: None,
            give_up,
            tries: 1,
            downtime: Downtime::None,
            by_hand: Vec::new(),
        })
    }

    /// One more thing that must hold before.
    pub fn before(mut self, expectation: Expectation) -> Self {
        self.0.before.push(expectation);
        self
    }

    /// Things that must hold before.
    pub fn before_all(mut self, expectations: impl IntoIterator<Item = Expectation>) -> Self {
        self.0.before.extend(expectations);
        self
    }

    /// One more thing that must hold after.
    pub fn after(mut self, expectation: Expectation) -> Self {
        self.0.after.push(expectation);
        self
    }

    /// Things that must hold after.
    pub fn after_all(mut self, expectations: impl IntoIterator<Item = Expectation>) -> Self {
        self.0.after.extend(expectations);
        self
    }

    /// One more reason.
    pub fn why(mut self, reason: impl Into<String>) -> Self {
        self.0.why.push(reason.into());
        self
    }

    /// Reasons.
    pub fn why_all(mut self, reasons: impl IntoIterator<Item = String>) -> Self {
        self.0.why.extend(reasons);
        self
    }

    /// How long it usually takes.
    pub fn usual(mut self, time: Millis) -> Self {
        self.0.usual = Some(time);
        self
    }

    /// How often it is tried in all.
    pub fn tries(mut self, tries: u16) -> Self {
        self.0.tries = tries;
        self
    }

    /// What it means for whether the lane's job is up.
    pub fn downtime(mut self, downtime: Downtime) -> Self {
        self.0.downtime = downtime;
        self
    }

    /// The same as commands.
    pub fn by_hand(mut self, commands: Vec<String>) -> Self {
        self.0.by_hand = commands;
        self
    }

    /// The step, to be numbered with its wave.
    pub fn step(self) -> Step {
        self.0
    }
}

/// A lane of these steps.
pub fn lane(subject: Option<&ComponentId>, steps: Vec<Step>) -> Lane {
    Lane {
        subject: subject.cloned(),
        steps,
    }
}

/// A wave of the lanes that hold any step; none when no lane does.
pub fn wave(title: &str, lanes: Vec<Lane>, width: usize, on_lane_failure: OnLaneFailure) -> Option<Wave> {
    let lanes: Vec<Lane> = lanes.into_iter().filter(|lane| !lane.steps.is_empty()).collect();
    let width = width.clamp(1, lanes.len().max(1));
    let width = u8::try_from(width)
        .ok()
        .and_then(NonZeroU8::new)
        .unwrap_or(NonZeroU8::MAX);
    let outlook = WaveOutlook {
        downtime: Some(Millis::ZERO),
        way_back: WayBack::Free,
        replayed: String::new(),
        open_until: Vec::new(),
    };
    (!lanes.is_empty()).then(|| Wave {
        title: title.to_owned(),
        lanes,
        width,
        on_lane_failure,
        outlook,
    })
}

/// Gives every step its position: `2.1`, or `2.b.1` where the wave has several lanes.
pub fn number(waves: &mut [Wave], prefix: &str) {
    for (wave_at, wave) in waves.iter_mut().enumerate() {
        let several = wave.lanes.len() > 1;
        for (lane_at, lane) in wave.lanes.iter_mut().enumerate() {
            for (step_at, step) in lane.steps.iter_mut().enumerate() {
                step.id = position(prefix, wave_at, several.then_some(lane_at), step_at);
            }
        }
    }
}

/// The position of a step, all indices from 0.
pub(crate) fn position(prefix: &str, wave: usize, lane: Option<usize>, step: usize) -> StepId {
    let (wave, step) = (wave + 1, step + 1);
    StepId::new(match lane {
        None => format!("{prefix}{wave}.{step}"),
        Some(lane) => format!("{prefix}{wave}.{}.{step}", letters(lane)),
    })
}

/// `a`, `b`, … `z`, `aa`, `ab`, …
fn letters(index: usize) -> String {
    let mut rest = index + 1;
    let mut text = Vec::new();
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).expect("a remainder of 26 fits a byte");
        text.push(char::from(b'a' + digit));
        rest = (rest - 1) / 26;
    }
    text.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn lanes_are_lettered_beyond_z() {
        let said: Vec<String> = [0, 1, 25, 26, 27, 51, 52].into_iter().map(letters).collect();
        assert_eq!(said, ["a", "b", "z", "aa", "ab", "az", "ba"]);
    }
}
