//! A pair's limits weighed against what is seen of one job's state: which of them hold, which are
//! ruled out, and which cannot be told.
//!
//! The limits come from the catalogue; who looks at a snapshot or a cluster says what is seen. What
//! nobody said anything about cannot be told: it is never taken for ruled out.

use std::collections::BTreeMap;

use crate::knowledge::flink::{Effect, PairVerdict, Reason, Sight, When};

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It does, and by what that was seen.
    Holds(String),
    /// It does not.
    DoesNotHold,
    /// Nobody can tell, and why.
    CannotTell(String),
}

/// What is seen of one job and its state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits(BTreeMap<When, Truth>);

impl Traits {
    /// Nothing was looked at.
    pub fn unseen() -> Self {
        Self::default()
    }

    /// The same with one condition looked at.
    #[must_use]
    pub fn with(mut self, when: When, truth: Truth) -> Self {
        self.0.insert(when, truth);
        self
    }

    /// Whether a condition holds.
    pub fn of(&self, when: When) -> Truth {
        match (when, self.0.get(&when)) {
            (When::Always, _) => Truth::Holds(String::new()),
            (_, Some(truth)) => truth.clone(),
            (_, None) => Truth::CannotTell(how_to_find_out(when).to_owned()),
        }
    }
}

/// A pair's limits, sorted by what they come to for one job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weighed<'a> {
    /// They hold: the reason, and by what that was seen (empty where it holds in every case).
    pub holding: Vec<(&'a Reason, String)>,
    /// It cannot be told: the reason, and how to find out.
    pub open: Vec<(&'a Reason, String)>,
    /// They were ruled out.
    pub cleared: Vec<&'a Reason>,
}

impl Weighed<'_> {
    /// Whether something holds that makes the restore fail.
    pub fn fails(&self) -> bool {
        self.holding
            .iter()
            .any(|(reason, _)| reason.effect == Effect::Fails)
    }

    /// Whether something may hold that would make the restore fail.
    pub fn may_fail(&self) -> bool {
        self.open.iter().any(|(reason, _)| reason.effect == Effect::Fails)
    }
}

/// Weighs a pair's limits against what is seen of one job.
pub fn weigh<'a>(verdict: &'a PairVerdict, traits: &Traits) -> Weighed<'a> {
    let mut weighed = Weighed::default();
    for reason in verdict.reasons() {
        match traits.of(reason.when) {
            Truth::Holds(seen) => weighed.holding.push((reason, seen)),
            Truth::CannotTell(how) => weighed.open.push((reason, how)),
            Truth::DoesNotHold => weighed.cleared.push(reason),
        }
    }
    weighed
}

/// How a person, or upshift itself, finds out whether a condition holds.
pub const fn how_to_find_out(when: When) -> &'static str {
    match when.seen_in() {
        Sight::Given => "nothing has to be looked at",
        Sight::RestorePoint => "a savepoint taken without stopping shows it: set trial_savepoint = true",
        Sight::Plan => "the kind of restore point and the parallelism that the plan uses show it",
        Sight::Cluster => "the job's vertices show it while the job runs",
        Sight::Nowhere => "only the job's author can say",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    fn pair(from: &str, to: &str) -> PairVerdict {
        let version = |text: &str| text.parse().expect("a version");
        Knowledge::builtin().flink().pair(&version(from), &version(to))
    }

    #[test]
    fn a_pojo_with_a_list_fails_on_the_way_to_2_x_and_one_without_does_not() {
        let verdict = pair("1.20.5", "2.3.0");
        let seen = Truth::Holds("state counts of operator 0da0…".to_owned());
        let with = weigh(&verdict, &Traits::unseen().with(When::CollectionInPojo, seen)).fails();
        let without = Traits::unseen().with(When::CollectionInPojo, Truth::DoesNotHold);
        assert!(with);
        assert!(!weigh(&verdict, &without).fails());
        assert!(!weigh(&verdict, &without).may_fail());
    }

    #[test]
    fn what_nobody_looked_at_cannot_be_told() {
        let verdict = pair("1.20.5", "2.3.0");
        let weighed = weigh(&verdict, &Traits::unseen());
        assert!(weighed.may_fail());
        assert!(
            weighed
                .open
                .iter()
                .any(|(reason, _)| reason.when == When::KryoTypes)
        );
        assert!(weighed.cleared.is_empty());
    }

    #[test]
    fn kryo_alone_is_a_risk_and_not_a_failure() {
        let verdict = pair("1.20.5", "2.3.0");
        let traits = Traits::unseen()
            .with(When::CollectionInPojo, Truth::DoesNotHold)
            .with(
                When::KryoTypes,
                Truth::Holds("state held of operator window".to_owned()),
            );
        let weighed = weigh(&verdict, &traits);
        assert!(
            weighed
                .holding
                .iter()
                .any(|(reason, _)| reason.when == When::KryoTypes)
        );
        assert!(!weighed.fails());
    }
}
