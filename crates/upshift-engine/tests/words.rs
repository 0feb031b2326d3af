//! What people say to a run, and what a gate makes of good and bad samples.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use std::sync::Arc;

use support::{Manner, ToyCounsel, World, clock, failure, holder, plan, plan_within, who};
use upshift_engine::codes;
use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, Listener, open_run, read_run};
use upshift_engine::request::{Ask, Request};
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Store, StoreError};
use upshift_model::gate::Gate;
use upshift_model::ids::Code;
use upshift_model::ids::RunId;
use upshift_model::policy::OnFailedGate;
use upshift_model::record::{Answer, HaltKind, Line, Outcome, Question, Record};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::Effect;

/// Time stands still in these tests unless everybody waits, so a watcher must wait, too.
#[expect(clippy::disallowed_methods, reason = "a test's watcher")]
async fn a_moment() {
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
}

struct Bench {
    dir: tempfile::TempDir,
    store: Arc<dyn Store>,
    world: Arc<World>,
    run: RunId,
}

impl Bench {
    async fn new(on_failed_gate: OnFailedGate, manners: &[(&str, Manner)]) -> Self {
        Self::with(plan(on_failed_gate), manners).await
    }

    async fn with(plan: upshift_model::plan::Sealed, manners: &[(&str, Manner)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(dir.path()).unwrap());
        let run = RunId::from("run");
        open_run(&*store, &clock(), &run, "toy", plan, who())
            .await
            .unwrap();
        Self {
            dir,
            store,
            world: World::new(manners),
            run,
        }
    }

    async fn engine(&self) -> Engine {
        self.engine_with(ToyCounsel::default()).await
    }

    async fn engine_with(&self, counsel: ToyCounsel) -> Engine {
        let listener: Listener = Arc::new(|_, _| {});
        let claimed = Journal::claim(Arc::clone(&self.store), clock(), &self.run, &holder(), listener).await;
        Engine::new(claimed.unwrap(), Arc::clone(&self.world) as _, Arc::new(counsel))
    }

    async fn say(&self, ask: Ask) {
        self.store
            .post(&self.run, &Request { ask, by: who() })
            .await
            .unwrap();
    }

    async fn state(&self) -> RunState {
        read_run(&*self.store, &self.run).await.unwrap().1
    }

    fn samples(&self, bad: &[bool]) {
        let sample = |bad: &bool| match bad {
            true => Ok(Standing::Failed(failure("a restart was seen"))),
            false => Ok(Standing::Underway(Progress::of("well"))),
        };
        self.see(bad.iter().map(sample).collect());
    }

    fn see(&self, samples: Vec<Result<Standing, Fault>>) {
        self.world
            .state
            .lock()
            .unwrap()
            .samples
            .insert("2.1".into(), samples);
    }

    /// Carries the run on and says `ask` once `when` holds of it.
    async fn saying(&self, counsel: ToyCounsel, when: impl Fn(&RunState) -> bool, ask: Ask) -> Ended {
        let engine = self.engine_with(counsel).await;
        let (ended, ()) = futures::join!(engine.carry_on(), async {
            while !when(&self.state().await) {
                a_moment().await;
            }
            self.say(ask).await;
        });
        ended.unwrap()
    }

    async fn halted_with(&self) -> Code {
        match self.state().await.phase {
            Phase::Halted { halt, .. } => halt.failure.code,
            other => panic!("not halted: {other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_sample_starts_the_soak_anew_and_two_in_a_row_fail_it() {
    let bench = Bench::new(OnFailedGate::RollBack, &[]).await;
    bench.samples(&[false, true, false, true, false]);
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::Finalized)
    );

    let bench = Bench::new(OnFailedGate::RollBack, &[]).await;
    bench.samples(&[false, true, true]);
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::RolledBack)
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_gate_asks_where_the_policy_says_so_and_the_answer_starts_its_time_anew() {
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    bench.samples(&[true, true]);
    let engine = bench.engine().await;
    let (ended, ()) = futures::join!(engine.carry_on(), async {
        while !matches!(bench.state().await.phase, Phase::Waiting { .. }) {
            a_moment().await;
        }
        bench.say(Ask::Answer(Answer::Continue)).await;
    });
    assert_eq!(ended.unwrap(), Ended::Closed(Outcome::Finalized));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_no_reason_to_ask_again() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.1", Manner::LosesAnswer)]).await;
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::Finalized)
    );
    assert!(bench.world.effects().values().all(|n| *n == 1));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_hangs_halts_after_its_patience_and_says_where_the_state_is() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.2", Manner::Hangs)]).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    let Phase::Halted { halt, .. } = bench.state().await.phase else {
        panic!("halted")
    };
    assert_eq!(halt.kind, HaltKind::TimedOut);
    assert!(halt.state.iter().all(|s| s.safe), "{:?}", halt.state);
    assert!(
        halt.state[0].at.contains("file:/sp/savepoint-1"),
        "{:?}",
        halt.state
    );
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_go_back_interrupts_a_wait_that_does_not_end() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.2", Manner::Hangs)]).await;
    let engine = bench.engine().await;
    let (ended, ()) = futures::join!(engine.carry_on(), async {
        while !bench.state().await.is_begun(&"1.a.2".into()) {
            a_moment().await;
        }
        bench.say(Ask::RollBack { accept_replay: false }).await;
    });
    assert_eq!(ended.unwrap(), Ended::Closed(Outcome::RolledBack));
}

#[tokio::test(start_paused = true)]
async fn a_pause_stands_between_two_steps_until_somebody_resumes() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.1", Manner::Slow(3))]).await;
    bench.say(Ask::Pause).await;
    let engine = bench.engine().await;
    let (ended, ()) = futures::join!(engine.carry_on(), async {
        while !matches!(bench.state().await.phase, Phase::Paused { .. }) {
            a_moment().await;
        }
        assert!(bench.state().await.open_intents().is_empty());
        bench.say(Ask::Resume).await;
    });
    assert_eq!(ended.unwrap(), Ended::Closed(Outcome::Finalized));
}

#[tokio::test(start_paused = true)]
async fn a_restart_beside_the_plan_comes_before_whatever_halted_and_is_in_the_journal() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.2", Manner::Fails)]).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    let server = || "job/b".into();
    bench.say(Ask::Restart { server: server() }).await;
    // What halted fails once more, after the restart.
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    let state = bench.state().await;
    assert!(state.is_done(&"beside.1.1".into()) && state.open_aside().is_none());
    assert_eq!(bench.world.effects()[&"beside.1.1".into()], 1);
    // A second one has a number of its own, and the way back does not undo either.
    bench.say(Ask::Restart { server: server() }).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    assert!(bench.state().await.is_done(&"beside.2.1".into()));
    bench.say(Ask::RollBack { accept_replay: false }).await;
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::RolledBack)
    );
}

fn asks_about_a_gate(state: &RunState) -> bool {
    let Phase::Waiting { question, .. } = &state.phase else {
        return false;
    };
    matches!(question, upshift_model::record::Question::FailedGate { .. })
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_an_answer_to_a_gate_that_failed_and_the_gate_is_watched_anew() {
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    bench.samples(&[false, true, true]);
    let server = "job/b".into();
    let restart = Ask::Restart { server };
    let ended = bench
        .saying(ToyCounsel::default(), asks_about_a_gate, restart)
        .await;
    assert_eq!(ended, Ended::Closed(Outcome::Finalized));
    let state = bench.state().await;
    assert!(state.is_done(&"beside.1.1".into()));
    assert!(!state.steps[&"2.1".into()].went_on_in_spite());

    // One that cannot be planned leaves the question, and says why.
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    bench.samples(&[false, true, true]);
    let counsel = ToyCounsel {
        knows_no_way: true,
        doubles: false,
    };
    let engine = bench.engine_with(counsel).await;
    let (ended, ()) = futures::join!(engine.carry_on(), async {
        let asks = |what: &'static str| {
            let bench = &bench;
            async move {
                loop {
                    let state = bench.state().await;
                    if asks_about_a_gate(&state) && format!("{:?}", state.phase).contains(what) {
                        return;
                    }
                    a_moment().await;
                }
            }
        };
        asks("a restart was seen").await;
        let server = "job/b".into();
        bench.say(Ask::Restart { server }).await;
        asks("it runs nothing that is known").await;
        bench.say(Ask::Answer(Answer::Continue)).await;
    });
    assert_eq!(ended.unwrap(), Ended::Closed(Outcome::Finalized));
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_cannot_be_planned_leaves_the_run_halted_and_says_why() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.2", Manner::Fails)]).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    let server = "job/b".into();
    bench.say(Ask::Restart { server }).await;
    let counsel = ToyCounsel {
        knows_no_way: true,
        doubles: false,
    };
    let engine = bench.engine_with(counsel).await;
    assert_eq!(engine.carry_on().await.unwrap(), Ended::Halted);
    let Phase::Halted { step, halt, .. } = bench.state().await.phase else {
        panic!("halted")
    };
    assert_eq!(halt.failure.what, "it runs nothing that is known");
    assert_eq!(step, Some("1.a.2".into()), "it stands where it stood");
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_run_frees_its_system() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.2", Manner::Fails)]).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    let busy = open_run(
        &*bench.store,
        &clock(),
        &"two".into(),
        "toy",
        plan(OnFailedGate::Ask),
        who(),
    )
    .await;
    assert!(matches!(busy, Err(StoreError::Busy { .. })));
    bench.say(Ask::Abandon).await;
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::Abandoned)
    );
    open_run(
        &*bench.store,
        &clock(),
        &"two".into(),
        "toy",
        plan(OnFailedGate::Ask),
        who(),
    )
    .await
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_second_owner_is_refused_by_name_and_a_fenced_one_cannot_write() {
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    let engine = bench.engine().await;
    let listener: Listener = Arc::new(|_, _| {});
    let second = Journal::claim(Arc::clone(&bench.store), clock(), &bench.run, &holder(), listener).await;
    match second.err() {
        Some(StoreError::Held { holder: h, .. }) => assert_eq!(*h, holder()),
        other => panic!("{other:?}"),
    }
    // Somebody takes the run over by force: the epoch is counted up behind the owner's back.
    let db = rusqlite::Connection::open(bench.dir.path().join("upshift.db")).unwrap();
    db.execute("UPDATE runs SET epoch = epoch + 1", []).unwrap();
    let fenced = engine.carry_on().await.unwrap_err();
    assert_eq!(fenced.code(), codes::FENCED);
    assert!(bench.world.effects().is_empty());
}

#[tokio::test(start_paused = true)]
async fn lost_and_changed_records_are_told_and_never_continued() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.2", Manner::Fails)]).await;
    bench.engine().await.carry_on().await.unwrap();
    let db = rusqlite::Connection::open(bench.dir.path().join("upshift.db")).unwrap();
    db.execute_batch("DROP TRIGGER entries_remain; DROP TRIGGER entries_stay;")
        .unwrap();
    let last: i64 = db
        .query_row("SELECT MAX(seq) FROM entries", [], |row| row.get(0))
        .unwrap();
    let body: String = db
        .query_row("SELECT body FROM entries WHERE seq = 3", [], |row| row.get(0))
        .unwrap();

    db.execute(
        "UPDATE entries SET body = replace(body, 'prompt', 'x') || ' ' WHERE seq = 3",
        [],
    )
    .unwrap();
    let broken = read_run(&*bench.store, &bench.run).await;
    assert!(matches!(broken, Err(StoreError::Broken { .. })), "{broken:?}");
    db.execute("UPDATE entries SET body = ?1 WHERE seq = 3", [body])
        .unwrap();
    read_run(&*bench.store, &bench.run).await.unwrap();

    db.execute("DELETE FROM entries WHERE seq = ?1", [last]).unwrap();
    let lost = read_run(&*bench.store, &bench.run).await;
    assert!(matches!(lost, Err(StoreError::Lost { .. })), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_of_a_newer_build_is_refused() {
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    let db = rusqlite::Connection::open(bench.dir.path().join("upshift.db")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    let newer = SqliteStore::open(bench.dir.path());
    assert!(matches!(newer.err(), Some(StoreError::Newer { found: 99, .. })));
}

#[tokio::test(start_paused = true)]
async fn the_journal_holds_the_plan_and_every_record_in_its_chain() {
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    bench.engine().await.carry_on().await.unwrap();
    let (lines, state) = read_run(&*bench.store, &bench.run).await.unwrap();
    assert!(matches!(lines[0].entry().record, Record::Opened { .. }));
    assert_eq!(
        state.plan.digest,
        upshift_model::digest::Digest::of_document(&state.plan.plan)
    );
    for pair in lines.windows(2) {
        assert_eq!(pair[1].entry().prev, *pair[0].digest());
    }
}

#[tokio::test(start_paused = true)]
async fn time_in_which_nothing_is_seen_does_not_count_and_too_much_of_it_fails_the_gate() {
    let dark = || Err(Fault::Transient("connection refused".to_owned()));
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    bench.see(vec![Ok(Standing::Underway(Progress::of("well"))), dark(), dark()]);
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::Finalized)
    );

    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    bench.see((0..200).map(|_| dark()).collect());
    let is_asked = |s: &RunState| matches!(&s.phase, Phase::Waiting { question: Question::FailedGate { failure }, .. } if failure.code == codes::BLIND);
    let ended = bench
        .saying(
            ToyCounsel::default(),
            is_asked,
            Ask::RollBack { accept_replay: false },
        )
        .await;
    assert_eq!(ended, Ended::Closed(Outcome::RolledBack));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_down_for_too_long_takes_the_run_back_where_that_was_decided() {
    let plan = plan_within(OnFailedGate::RollBack, Some(Millis(300)));
    let bench = Bench::with(plan, &[("1.a.2", Manner::Hangs)]).await;
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::RolledBack)
    );
    let noted = |s: &RunState| {
        s.steps
            .values()
            .any(|step| step.notes.iter().any(|note| note.code == codes::MAX_DOWNTIME))
    };
    assert!(noted(&bench.state().await));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_down_for_too_long_is_told_once_and_goes_on_where_nobody_decided() {
    let plan = plan_within(OnFailedGate::Ask, Some(Millis(50)));
    let bench = Bench::with(plan, &[("1.a.2", Manner::Slow(20))]).await;
    assert_eq!(
        bench.engine().await.carry_on().await.unwrap(),
        Ended::Closed(Outcome::Finalized)
    );
    let lines = read_run(&*bench.store, &bench.run).await.unwrap().0;
    let noted: Vec<_> = lines
        .iter()
        .filter(|l| matches!(l.entry().record, Record::Noted { .. }))
        .filter_map(|l| l.entry().record.step())
        .collect();
    let steps: std::collections::BTreeSet<_> = noted.iter().collect();
    assert!(!noted.is_empty() && noted.len() == steps.len(), "{noted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hop_that_nobody_judges_is_not_begun() {
    let mut plan = plan(OnFailedGate::Ask).plan;
    let gate = Gate::Judged {
        from: plan.from.clone(),
        to: plan.to.clone(),
    };
    let lanes = plan.waves.iter_mut().flat_map(|wave| wave.lanes.iter_mut());
    for step in lanes.flat_map(|lane| lane.steps.iter_mut()) {
        if matches!(
            &step.effect,
            Effect::Hold {
                gate: Gate::Soak { .. }
            }
        ) {
            step.effect = Effect::Hold { gate: gate.clone() };
        }
    }
    let bench = Bench::with(plan.seal(), &[]).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    assert_eq!(bench.halted_with().await, codes::NOBODY_JUDGES);
}

#[tokio::test(start_paused = true)]
async fn without_a_way_back_the_run_stays_where_it_is() {
    let bench = Bench::new(OnFailedGate::RollBack, &[("1.a.2", Manner::Fails)]).await;
    let counsel = ToyCounsel {
        knows_no_way: true,
        doubles: false,
    };
    assert_eq!(
        bench.engine_with(counsel).await.carry_on().await.unwrap(),
        Ended::Halted
    );
    assert_eq!(bench.halted_with().await, codes::NO_WAY_BACK);
}

#[tokio::test(start_paused = true)]
async fn going_back_into_a_sink_that_appends_is_asked_first_even_where_the_policy_goes_back() {
    let bench = Bench::new(OnFailedGate::RollBack, &[("1.a.2", Manner::Fails)]).await;
    let counsel = ToyCounsel {
        knows_no_way: false,
        doubles: true,
    };
    let is_asked = |s: &RunState| {
        matches!(
            &s.phase,
            Phase::Waiting {
                question: Question::Replay { .. },
                ..
            }
        )
    };
    let ended = bench
        .saying(counsel, is_asked, Ask::RollBack { accept_replay: true })
        .await;
    assert_eq!(ended, Ended::Closed(Outcome::RolledBack));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ends_is_halted_with_its_code_and_a_resume_waits_anew() {
    let bench = Bench::new(OnFailedGate::Ask, &[("1.a.2", Manner::Hangs)]).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    assert_eq!(bench.halted_with().await, codes::TIMED_OUT);
    bench.say(Ask::Resume).await;
    assert_eq!(bench.engine().await.carry_on().await.unwrap(), Ended::Halted);
    let state = bench.state().await;
    let tries = state.steps[&"1.a.2".into()].intent.as_ref().unwrap().attempt;
    assert_eq!(
        tries, 1,
        "a try whose end was not seen is not followed by another"
    );
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_the_store_has_the_code_of_its_page() {
    let bench = Bench::new(OnFailedGate::Ask, &[]).await;
    let twice = open_run(
        &*bench.store,
        &clock(),
        &"two".into(),
        "toy",
        plan(OnFailedGate::Ask),
        who(),
    )
    .await;
    assert_eq!(twice.unwrap_err().code(), codes::OPEN_RUN);
    let nobody = read_run(&*bench.store, &"nobody".into()).await;
    assert_eq!(nobody.unwrap_err().code(), codes::NO_SUCH_RUN);
    let _owner = bench.engine().await;
    let held = bench.store.claim(&bench.run, &holder()).await;
    assert_eq!(held.unwrap_err().code(), codes::HELD);

    let db = rusqlite::Connection::open(bench.dir.path().join("upshift.db")).unwrap();
    db.execute_batch("DROP TRIGGER entries_remain; DROP TRIGGER entries_stay;")
        .unwrap();
    db.execute("UPDATE entries SET body = '{\"format\": 7}'", [])
        .unwrap();
    let newer = read_run(&*bench.store, &bench.run).await;
    assert_eq!(newer.unwrap_err().code(), codes::STORE_NEWER);
    db.execute("UPDATE entries SET body = '{\"format\": 1}'", [])
        .unwrap();
    let broken = read_run(&*bench.store, &bench.run).await;
    assert_eq!(broken.unwrap_err().code(), codes::JOURNAL_BROKEN);
    db.execute("DELETE FROM entries", []).unwrap();
    let lost = read_run(&*bench.store, &bench.run).await;
    assert_eq!(lost.unwrap_err().code(), codes::RECORDS_LOST);

    let other = Bench::new(OnFailedGate::Ask, &[]).await;
    other.engine().await.carry_on().await.unwrap();
    std::fs::remove_file(other.dir.path().join("heads").join("run")).unwrap();
    let unmarked = read_run(&*other.store, &other.run).await.unwrap_err();
    assert!(
        matches!(unmarked, StoreError::Unmarked { found: 2.., .. }),
        "{unmarked:?}"
    );
    assert_eq!(unmarked.code(), codes::RECORDS_LOST);

    let newer = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(newer.path()).unwrap());
    let db = rusqlite::Connection::open(newer.path().join("upshift.db")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(newer.path()).err().unwrap();
    assert_eq!(refused.code(), codes::STORE_NEWER);
    let unusable = SqliteStore::open(std::path::Path::new("/proc/no-such-place"))
        .err()
        .unwrap();
    assert_eq!(unusable.code(), codes::STORE_UNUSABLE);
}

impl Bench {
    fn watch_again(&self, bad: usize) {
        let failed = || Ok(Standing::Failed(failure("nothing runs any more")));
        let samples = (0..bad).map(|_| failed()).collect();
        self.world
            .state
            .lock()
            .unwrap()
            .samples
            .insert("3.1".into(), samples);
    }

    /// So often it was said that nothing runs any more.
    async fn gates_failed(&self) -> usize {
        let (lines, _) = read_run(&*self.store, &self.run).await.unwrap();
        let failed = |line: &&Line| match &line.entry().record {
            Record::Asked {
                question: Question::FailedGate { failure },
                ..
            } => failure.what == "nothing runs any more",
            _ => false,
        };
        lines.iter().filter(failed).count()
    }

    async fn until(&self, when: impl Fn(&Phase) -> bool) {
        while !when(&self.state().await.phase) {
            a_moment().await;
        }
    }
}

fn asks_whether_to_accept(phase: &Phase) -> bool {
    let Phase::Waiting { question, .. } = phase else {
        return false;
    };
    *question == Question::Finalize
}

fn says_that_a_gate_failed(phase: &Phase) -> bool {
    let Phase::Waiting { step, question, .. } = phase else {
        return false;
    };
    step.as_str() == "3.1" && matches!(question, Question::FailedGate { .. })
}

/// A plan whose acceptance only a person gives.
fn unhurried() -> upshift_model::plan::Sealed {
    let mut plan = plan(OnFailedGate::Ask).plan;
    for step in plan
        .waves
        .iter_mut()
        .flat_map(|wave| wave.lanes.iter_mut())
        .flat_map(|lane| lane.steps.iter_mut())
    {
        if let Effect::Hold {
            gate: Gate::Finalize { after },
        } = &mut step.effect
        {
            *after = None;
        }
    }
    plan.seal()
}

#[tokio::test(start_paused = true)]
async fn what_held_is_looked_at_once_more_before_the_word_that_accepts_counts() {
    let bench = Bench::with(unhurried(), &[]).await;
    // As many as the two words would take if each of them looked.
    bench.watch_again(4);
    let engine = bench.engine().await;
    let (ended, ()) = futures::join!(engine.carry_on(), async {
        bench.until(asks_whether_to_accept).await;
        // Said twice: the second word is none for the question that the first one led to.
        bench.say(Ask::Answer(Answer::Finalize)).await;
        bench.say(Ask::Answer(Answer::Finalize)).await;
        while bench.gates_failed().await < 1 {
            a_moment().await;
        }
        bench.until(asks_whether_to_accept).await;
        assert!(bench.state().await.accepted().is_none());
        bench.say(Ask::Answer(Answer::Finalize)).await;
        bench.until(says_that_a_gate_failed).await;
        bench.say(Ask::Answer(Answer::Continue)).await;
        bench.until(asks_whether_to_accept).await;
        assert!(bench.state().await.accepted().is_none());
        bench.watch_again(4);
        bench.say(Ask::Answer(Answer::Finalize)).await;
    });
    assert_eq!(ended.unwrap(), Ended::Closed(Outcome::Finalized));
    assert_eq!(bench.gates_failed().await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_accepts_by_itself_looks_once_more_and_goes_back_where_that_is_its_word() {
    let bench = Bench::new(OnFailedGate::RollBack, &[]).await;
    bench.watch_again(2);
    let ended = bench.engine().await.carry_on().await.unwrap();
    assert_eq!(ended, Ended::Closed(Outcome::RolledBack));
    assert!(bench.state().await.accepted().is_none());

    // One bad look is none.
    let bench = Bench::new(OnFailedGate::RollBack, &[]).await;
    bench.watch_again(1);
    let ended = bench.engine().await.carry_on().await.unwrap();
    assert_eq!(ended, Ended::Closed(Outcome::Finalized));
}
