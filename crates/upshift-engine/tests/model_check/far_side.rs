//! The far side of the model: two clusters and one job, with what Flink promises about keys. A trigger id and a job id
//! that are known are not taken twice; a cluster that ended knows nothing and answers nothing.

use crate::journal::{Step, Try};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum JobState {
    Running,
    Over,
}

/// How the far side takes what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Manner {
    Well,
    /// Accepted, and it fails for certain.
    Fails,
    /// Answered no.
    Refuses,
}

/// What a look says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Standing {
    Ready,
    Done,
    Failed,
    Contradicted,
    Refused,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct FarSide {
    /// The job as it was before the run: whether it is over.
    pub(crate) original_over: bool,
    /// Stops with savepoint that were taken, with how they ended.
    pub(crate) stops: Vec<(Try, bool)>,
    /// Jobs by key, on the new cluster and again on the old.
    pub(crate) started: Vec<(Try, JobState)>,
    pub(crate) new_is_gone: bool,
    /// Changes of the world by try; a recognized repeat changes nothing.
    pub(crate) effects: Vec<(Try, u8)>,
}

impl FarSide {
    fn count(&mut self, of: Try) {
        match self.effects.iter_mut().find(|(this, _)| *this == of) {
            Some((_, times)) => *times += 1,
            None => self.effects.push((of, 1)),
        }
        self.effects.sort_unstable();
    }

    pub(crate) fn alive(&self) -> usize {
        let started = self
            .started
            .iter()
            .filter(|(_, state)| *state == JobState::Running);
        usize::from(!self.original_over) + started.count()
    }

    pub(crate) fn runs_on(&self, start: Step) -> bool {
        self.started
            .iter()
            .any(|(this, state)| this.step == start && *state == JobState::Running)
    }

    pub(crate) fn has_savepoint(&self) -> bool {
        self.stops.iter().any(|(_, saved)| *saved)
    }

    /// Whether the request would change anything, now or later.
    pub(crate) fn may_change_by(&self, request: Try) -> bool {
        let known = self.started.iter().any(|(this, _)| *this == request);
        match request.step {
            Step::Stop => !self.original_over && !self.stops.iter().any(|(this, _)| *this == request),
            Step::Start => !known && !self.new_is_gone,
            Step::Return => !known,
            Step::EndNew => !self.new_is_gone,
            Step::Cancel => true,
            Step::Gate | Step::Accept => false,
        }
    }

    /// Takes one request. Whether the world changed, and whether it was answered no.
    pub(crate) fn take(&mut self, request: Try, manner: Manner) -> (bool, bool) {
        let changed = match request.step {
            Step::Stop => {
                let known = self.stops.iter().any(|(this, _)| *this == request);
                if known || self.original_over {
                    false
                } else {
                    let saved = manner == Manner::Well;
                    self.stops.push((request, saved));
                    self.original_over = saved;
                    true
                }
            }
            Step::Start | Step::Return => {
                let known = self.started.iter().any(|(this, _)| *this == request);
                let gone = request.step == Step::Start && self.new_is_gone;
                if known || gone {
                    return (false, false);
                }
                let state = match manner {
                    Manner::Well => JobState::Running,
                    Manner::Fails => JobState::Over,
                    Manner::Refuses => return (false, true),
                };
                self.started.push((request, state));
                self.started.sort_unstable_by_key(|(this, _)| *this);
                true
            }
            Step::Cancel => self.end_new_jobs(),
            Step::EndNew => {
                let there = !self.new_is_gone;
                self.new_is_gone = true;
                self.end_new_jobs();
                self.started.retain(|(this, _)| this.step != Step::Start);
                there
            }
            Step::Gate | Step::Accept => false,
        };
        if changed {
            self.count(request);
        }
        (changed, false)
    }

    fn end_new_jobs(&mut self) -> bool {
        let mut ended = false;
        for (this, state) in &mut self.started {
            if this.step == Step::Start && *state == JobState::Running {
                (*state, ended) = (JobState::Over, true);
            }
        }
        ended
    }

    /// Where the world stands on a step: `drivers::flink::standing`.
    pub(crate) fn standing(&self, step: Step, live: Option<Try>, filled: bool) -> Standing {
        match step {
            Step::Stop => match self.stops.iter().find(|(this, _)| Some(*this) == live) {
                Some((_, true)) => Standing::Done,
                Some((_, false)) => Standing::Failed,
                None if self.original_over => Standing::Contradicted,
                None => Standing::Ready,
            },
            Step::Start | Step::Return => self.standing_of_start(step, live, filled),
            Step::Cancel if self.runs_on(Step::Start) => Standing::Ready,
            Step::EndNew if !self.new_is_gone => Standing::Ready,
            Step::Cancel | Step::EndNew | Step::Gate | Step::Accept => Standing::Done,
        }
    }

    fn standing_of_start(&self, step: Step, live: Option<Try>, filled: bool) -> Standing {
        let here = |(this, _): &&(Try, JobState)| this.step == step;
        let other = self
            .started
            .iter()
            .filter(here)
            .any(|(this, state)| Some(*this) != live && *state == JobState::Running);
        let mine = self.started.iter().find(|(this, _)| Some(*this) == live);
        match mine {
            _ if other || (step == Step::Return && !self.original_over) => Standing::Contradicted,
            _ if !filled => Standing::Refused,
            None => Standing::Ready,
            Some((_, JobState::Running)) => Standing::Done,
            Some((_, JobState::Over)) => Standing::Failed,
        }
    }
}
