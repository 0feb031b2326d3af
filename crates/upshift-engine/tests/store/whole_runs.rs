//! A whole run by the engine, on every store.

use std::sync::Arc;

use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, open_run, read_run};
use upshift_model::ids::RunId;
use upshift_model::policy::OnFailedGate;
use upshift_model::record::Outcome;

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
