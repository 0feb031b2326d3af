//! The protocol of a run, checked in every state that two workers, two crashes, one lost answer, one fault and people who
//! say rollback, resume and finalize at any moment can bring it into.
//!
//! | in the model | in the code |
//! |---|---|
//! | `Claim` | `Store::claim`: the next epoch; by a kernel lock, or by a lease that lapses while its holder lives |
//! | `State::view` | `RunState`, the fold of the journal; two histories with one fold are one state |
//! | `append` | `Store::append`: refused in an older epoch, and the writer ends |
//! | `At::Deciding` | the head of `Engine::carry_on` and `StepLoop::carry_out`: phase, inbox, then `Driver::standing` |
//! | `At::Looked` | what `standing` said; the world may change before it is acted upon |
//! | `At::Intended` | `StepLoop::intend` is durable, nothing was sent; a process can be stopped here for an hour |
//! | `At::Asking`, `Arrive`, `AnswerLost` | `Driver::attempt`: a request is taken at any later time, also when nobody waits for it |
//! | `At::Heard` | `attempted` is written, and `failed` after a refusal that was no repeat |
//! | `At::Halting` | `Decider::halted`; a death between failure and halt is a state of its own |
//! | `turn`, `way_back` | `Decider::turn` and the planner's `plan_back`: settled by a look where the journal cannot tell |
//!
//! What it takes for granted: a step is given up only when no request of it is on its way any more (patience is half an
//! hour, a call ends within a minute), and nothing comes between an owner's last question to the store and its sending.
//! Lanes, soak times and parked jobs are left out: they share no step.

#![expect(
    clippy::print_stdout,
    reason = "how many states there were, and the way to what breaks, for whoever wants them"
)]

mod far_side;
mod journal;
mod model;
mod properties;

use std::collections::BTreeSet;

use model::{Broken, Protocol, Strategy};
use stateright::{Checker as _, HasDiscoveries, Model as _};

/// With a lock, both policies; with a lease, whose lapses multiply the states, the one that leaves more to people.
fn all() -> impl Iterator<Item = Protocol> {
    let ownership = [(false, false), (false, true), (true, false)];
    ownership.into_iter().flat_map(|(lease, policy_turns)| {
        [Strategy::InPlace, Strategy::Shadow].map(|strategy| Protocol {
            lease,
            strategy,
            policy_turns,
            broken: None,
        })
    })
}

#[test]
fn the_protocol_holds_in_every_state() {
    for protocol in all() {
        let checker = protocol.checker().threads(2).spawn_bfs().join();
        println!("{protocol:?}: {} states", checker.unique_state_count());
        checker.assert_properties();
    }
}

/// The names of what breaks when a rule is left out; and a way there, printed for whoever wants to follow it.
fn counterexamples(lease: bool, strategy: Strategy, rule: Broken) -> BTreeSet<&'static str> {
    let protocol = Protocol {
        lease,
        strategy,
        policy_turns: false,
        broken: Some(rule),
    };
    let checker = protocol
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let always = |name: &str| !name.starts_with("reached: ");
    let found = checker.discoveries().into_iter().filter(|(name, _)| always(name));
    found
        .map(|(name, path)| {
            println!("{rule:?}: not so: {name}: {:?}", path.into_actions());
            name
        })
        .collect()
}

#[test]
fn every_rule_that_is_left_out_is_missed() {
    for (lease, strategy, rule) in [
        (false, Strategy::Shadow, Broken::NoIntentBeforeEffect),
        (true, Strategy::Shadow, Broken::NoEpochCheck),
        (true, Strategy::InPlace, Broken::NoConfirmation),
        (false, Strategy::InPlace, Broken::FreshKeys),
        (false, Strategy::InPlace, Broken::TurnsUnsettled),
        (false, Strategy::Shadow, Broken::CancelsOnly),
        (false, Strategy::Shadow, Broken::RefusalSettles),
        (false, Strategy::InPlace, Broken::TurnsAccepted),
    ] {
        assert!(
            !counterexamples(lease, strategy, rule).is_empty(),
            "{rule:?} is not missed"
        );
    }
}
