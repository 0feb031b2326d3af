//! A plan on a simulated system that is like the one it was made for: with one fault, with faults drawn from a seed, or
//! with every fault at every step.

use std::sync::Arc;

use upshift_campaign::{
    Course, Given, MemoryStore, Strike, Struck, Told, Wanted, contacts, in_virtual_time, of_case, of_given,
    strikes, survey,
};
use upshift_model::step::Step;
use upshift_sim::direct::{Fault, Place, Planned, When};

use crate::app::sim::apart;
use crate::codes;
use crate::trouble::Trouble;

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::default())
}

/// The run in which nothing goes wrong, there or back.
pub fn calm(course: Course, given: &Given) -> Told {
    apart(|| in_virtual_time(of_case(course.calm(given), store())))
}

/// The run with one fault.
pub fn struck(given: &Given, strike: &Strike) -> Told {
    apart(|| in_virtual_time(of_case(strike.case(given), store())))
}

/// The run with faults that a seed draws.
pub fn drawn(given: &Given, seed: u64, faults: &[Fault]) -> Told {
    let wanted = Wanted {
        faults: faults.to_vec(),
        ..Wanted::default()
    };
    apart(|| in_virtual_time(of_given(seed, given.clone(), &wanted, store())))
}

/// Every fault at every step at which it can strike, on the way there and on the way back; `progress` hears how many
/// are over, of how many.
pub fn surveyed(
    given: &Given,
    (there, back): (&Told, &Told),
    threads: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Vec<Struck> {
    let faults = given.faults();
    let mut all = strikes(Course::There, there, &faults);
    all.extend(strikes(Course::Back, back, &faults));
    survey(given, &all, threads, &|done| progress(done, all.len()))
}

/// Where somebody wants a fault: a step by its id or by its place in the plan, and maybe which contact of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The step, in his words.
    pub step: String,
    /// The contact.
    pub when: Option<When>,
}

impl std::str::FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (step, when) = match text.split_once(':') {
            None => (text, None),
            Some((step, contact)) => (step, Some(self::contact(contact)?)),
        };
        Ok(Self {
            step: step.to_owned(),
            when,
        })
    }
}

fn contact(text: &str) -> Result<When, String> {
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|n| *n > 0);
    let look = text.strip_prefix("look").and_then(number).map(When::Look);
    let act = text.strip_prefix("try").and_then(number).map(When::Act);
    look.or(act)
        .ok_or_else(|| "STEP, STEP:lookN or STEP:tryN was expected".to_owned())
}

impl At {
    /// The step of the plan that is meant, or of the way back, with the run in which nothing goes wrong there.
    ///
    /// # Errors
    /// When there is none.
    fn step(&self, given: &Given) -> Result<(Course, Told, Step), Trouble> {
        let plan = &given.plan.plan;
        let by_id = |step: &&Step| step.id.as_str() == self.step;
        let by_number = || {
            let number = self.step.parse::<usize>().ok()?;
            plan.steps().nth(number.checked_sub(1)?)
        };
        if let Some(step) = plan.steps().find(by_id).or_else(by_number) {
            return Ok((Course::There, calm(Course::There, given), step.clone()));
        }
        let back = calm(Course::Back, given);
        let found = Course::Back.steps(&back).find(by_id).cloned();
        found
            .ok_or_else(|| {
                let ids: Vec<&str> = plan.steps().map(|step| step.id.as_str()).collect();
                let ways: Vec<&str> = Course::Back.steps(&back).map(|step| step.id.as_str()).collect();
                no_place(
                    format!("the plan has no step {:?}", self.step),
                    format!(
                        "a step's id, or its number from 1 to {}: {}; or one of the way back: {}",
                        ids.len(),
                        ids.join(", "),
                        ways.join(", ")
                    ),
                )
            })
            .map(|step| (Course::Back, back, step))
    }

    /// The strike of a fault there.
    ///
    /// # Errors
    /// When there is no such step, or the fault means nothing at it.
    pub fn strike(&self, fault: Fault, given: &Given) -> Result<Strike, Trouble> {
        let (course, calm, step) = self.step(given)?;
        let step = &step;
        if matches!(fault, Fault::KilledBeforeRecord | Fault::KilledAfterRecord) {
            let of_step = |strike: &Strike| strike.step() == Some(&step.id);
            // The last record of a step says that it is done.
            return strikes(course, &calm, &[fault])
                .into_iter()
                .rfind(of_step)
                .ok_or_else(|| nothing_there(fault, step, given));
        }
        if !given.faults().contains(&fault) {
            return Err(nothing_there(fault, step, given));
        }
        let natural = contacts(fault, step).into_iter().next();
        let when = self
            .when
            .or(natural)
            .ok_or_else(|| nothing_there(fault, step, given))?;
        let place = Place {
            step: step.id.clone(),
            when,
        };
        Ok(Strike::Contact {
            course,
            planned: Planned { fault, place },
        })
    }
}

fn nothing_there(fault: Fault, step: &Step, given: &Given) -> Trouble {
    let faults = given.faults();
    let all = faults.iter().filter(|fault| !contacts(**fault, step).is_empty());
    let words: Vec<&str> = all.map(|fault| fault.word()).collect();
    no_place(
        format!("{fault} means nothing at step {}", step.id),
        format!("one of {}", words.join(", ")),
    )
}

fn no_place(what: String, expected: String) -> Trouble {
    Trouble::usage(codes::NO_PLACE, what)
        .expected(expected)
        .next("upshift rehearse PLAN, which shows every fault at every step")
}
