//! A whole run by the engine, on every store.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use upshift_engine::clock::Clock;
use upshift_engine::codes;
use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, open_run, read_run};
use upshift_engine::request::{Ask, Request};
use upshift_engine::store::Store;
use upshift_model::ids::{RunId, StepId};
use upshift_model::policy::OnFailedGate;
use upshift_model::proof::Proof;
use upshift_model::record::{Answer, Line, Outcome, Question, Record};
use upshift_model::run_state::Phase;

use crate::bed::on_each;
use crate::support::{Manner, ToyCounsel, World, clock, holder, plan, who};

#[test]
fn a_run_is_carried_to_its_end_with_every_effect_once() {
    on_each(async |bed| {
        let store = bed.open().await;
        let run = RunId::from("r");
        open_run(&*store, &clock(), &run, "toy", plan(OnFailedGate::Ask), who())
            .await
            .unwrap();
        let world = World::new(&[("1.a.1", Manner::LosesAnswer), ("1.b.2", Manner::FailsOnce)]);
        let me = holder();
        let journal = Journal::claim(Arc::clone(&store), clock(), &run, &me, Arc::new(|_, _| {}));
        let engine = Engine::new(
            journal.await.unwrap(),
            Arc::clone(&world) as _,
            Arc::new(ToyCounsel::default()),
        );
        assert_eq!(
            engine.carry_on().await.unwrap(),
            Ended::Closed(Outcome::Finalized)
        );
        engine.leave().await.unwrap();
        assert_eq!(store.holder(&run).await.unwrap(), None);
        assert!(world.effects().values().all(|n| *n == 1), "{:?}", world.effects());
        let (lines, state) = read_run(&*bed.open().await, &run).await.unwrap();
        assert_eq!(state.last.seq, u64::try_from(lines.len()).unwrap());
    });
}

/// Somebody accepts, the process dies before it has recorded the step as done, and somebody else asks to go back.
#[test]
fn from_the_word_that_accepts_there_is_no_way_back() {
    on_each(async |bed| {
        let store = bed.open().await;
        let run = RunId::from("r");
        accepted(&store, &run).await;
        let say = async |ask| {
            let word = Request { ask, by: who() };
            store.post(&run, &word).await.unwrap();
        };
        let world = World::new(&[]);
        say(Ask::RollBack { accept_replay: true }).await;
        assert_eq!(carry_on(&store, &run, &world).await, Ended::Halted);
        let state = read_run(&*store, &run).await.unwrap().1;
        let Phase::Halted { halt, .. } = &state.phase else {
            panic!("halted: {:?}", state.phase);
        };
        assert_eq!(halt.failure.code, codes::NO_WAY_BACK);
        assert!(halt.failure.what.contains(&who().name), "{}", halt.failure.what);
        assert!(state.back.is_none() && state.accepted().is_some());

        say(Ask::Resume).await;
        let ended = carry_on(&store, &run, &world).await;
        assert_eq!(ended, Ended::Closed(Outcome::Finalized));
    });
}

/// A day, at some time of the run: nothing is lost, doubled or waited for any longer.
#[test]
fn a_clock_that_is_set_back_changes_nothing_but_the_dates() {
    const DAY: i64 = 86_400_000;
    on_each(async |bed| {
        for asked in (4..=44).step_by(8) {
            let store = bed.open().await;
            let run = RunId::new(format!("r{asked}"));
            let sealed = plan(OnFailedGate::Ask);
            open_run(&*store, &clock(), &run, "toy", sealed, who())
                .await
                .unwrap();
            let world = World::new(&[("1.a.1", Manner::Slow(2)), ("1.b.1", Manner::LosesAnswer)]);
            let times = AtomicI64::new(0);
            let set_back = Clock::new(move || {
                let n = times.fetch_add(1, Ordering::SeqCst);
                let at = 7 * n + if n < asked { DAY } else { 0 };
                jiff::Timestamp::from_millisecond(at).unwrap()
            });
            let ended = carry_on_by(&store, set_back, &run, &world).await;
            assert_eq!(ended, Ended::Closed(Outcome::Finalized), "set back at {asked}");
            assert!(world.effects().values().all(|n| *n == 1), "{:?}", world.effects());
            let lines = read_run(&*bed.open().await, &run).await.unwrap().0;
            let backwards = |pair: &[Line]| pair[1].entry().at < pair[0].entry().at;
            assert!(
                lines.windows(2).any(backwards),
                "it was never set back at {asked}"
            );
        }
    });
}

async fn carry_on(store: &Arc<dyn Store>, run: &RunId, world: &Arc<World>) -> Ended {
    carry_on_by(store, clock(), run, world).await
}

async fn carry_on_by(store: &Arc<dyn Store>, clock: Clock, run: &RunId, world: &Arc<World>) -> Ended {
    let me = holder();
    let journal = Journal::claim(Arc::clone(store), clock, run, &me, Arc::new(|_, _| {}));
    let counsel = Arc::new(ToyCounsel::default());
    let engine = Engine::new(journal.await.unwrap(), Arc::clone(world) as _, counsel);
    let ended = engine.carry_on().await.unwrap();
    engine.leave().await.unwrap();
    ended
}

/// A run whose steps are done up to the question, which was answered.
async fn accepted(store: &Arc<dyn Store>, run: &RunId) {
    open_run(&**store, &clock(), run, "toy", plan(OnFailedGate::Ask), who())
        .await
        .unwrap();
    let me = holder();
    let journal = Journal::claim(Arc::clone(store), clock(), run, &me, Arc::new(|_, _| {}));
    let journal = journal.await.unwrap();
    for step in ["1.a.1", "1.a.2", "1.b.1", "1.b.2", "2.1"] {
        let (step, proof) = (StepId::from(step), Proof::of(["seen".to_owned()]));
        journal.write(Record::Done { step, proof }).await.unwrap();
    }
    let step = StepId::from("3.1");
    let asked = Record::Asked {
        step: step.clone(),
        question: Question::Finalize,
    };
    journal.write(asked).await.unwrap();
    let answered = Record::Answered {
        step,
        answer: Answer::Finalize,
        by: who(),
    };
    journal.write(answered).await.unwrap();
    journal.give_up().await.unwrap();
}
