//! The inbox, and what a run waits for.

use upshift_engine::request::{Ask, Request};
use upshift_engine::store::{LaneNote, Note, StoreError};
use upshift_model::ids::RunId;

use crate::bed::{after, closed, on_each, opened, process};
use crate::support::who;

fn request(ask: Ask) -> Request {
    Request { ask, by: who() }
}

#[test]
fn requests_wait_in_order_and_go_with_the_line_that_answers_them() {
    on_each(async |bed| {
        let (store, person) = (bed.open().await, bed.open().await);
        let run = RunId::from("r");
        let first = opened("r");
        store.open_run("toy", &first).await.unwrap();
        person.post(&run, &request(Ask::Pause)).await.unwrap();
        person.post(&run, &request(Ask::Resume)).await.unwrap();
        let asked = |inbox: Vec<upshift_engine::request::Pending>| -> Vec<Ask> {
            inbox.into_iter().map(|p| p.request.ask).collect()
        };
        let inbox = store.inbox(&run).await.unwrap();
        let pause = inbox[0].id;
        assert_eq!(asked(inbox), [Ask::Pause, Ask::Resume]);
        let claim = store.claim(&run, &process(1)).await.unwrap();

        // A line that is refused answers nothing.
        let far = after(&after(&first, claim.epoch), claim.epoch);
        store.append(&far, &[pause]).await.unwrap_err();
        assert_eq!(store.inbox(&run).await.unwrap().len(), 2);

        let second = after(&first, claim.epoch);
        store.append(&second, &[pause]).await.unwrap();
        assert_eq!(asked(store.inbox(&run).await.unwrap()), [Ask::Resume]);
        // Whatever is left when the run is over is answered by that.
        store.append(&closed(&second, claim.epoch), &[]).await.unwrap();
        assert!(store.inbox(&run).await.unwrap().is_empty());
    });
}

#[test]
fn a_request_to_another_run_is_not_taken_out_with_it() {
    on_each(async |bed| {
        let store = bed.open().await;
        let first = opened("r");
        store.open_run("toy", &first).await.unwrap();
        store.open_run("other", &opened("s")).await.unwrap();
        store.post(&"s".into(), &request(Ask::Pause)).await.unwrap();
        let claim = store.claim(&"r".into(), &process(1)).await.unwrap();
        store.append(&closed(&first, claim.epoch), &[]).await.unwrap();
        assert_eq!(store.inbox(&"s".into()).await.unwrap().len(), 1);
        let nobody = store.post(&"t".into(), &request(Ask::Pause)).await.unwrap_err();
        assert!(matches!(nobody, StoreError::NoSuchRun { .. }), "{nobody:?}");
    });
}

#[test]
fn the_latest_note_is_read_by_everybody() {
    on_each(async |bed| {
        let (store, other) = (bed.open().await, bed.open().await);
        let run = RunId::from("r");
        store.open_run("toy", &opened("r")).await.unwrap();
        assert_eq!(other.latest_note(&run).await.unwrap(), None);
        for what in ["a savepoint", "a cluster"] {
            let lane = LaneNote {
                step: "1.1".into(),
                what: what.to_owned(),
                since: jiff::Timestamp::UNIX_EPOCH,
                until: None,
            };
            let note = Note {
                lanes: vec![lane],
                at: jiff::Timestamp::UNIX_EPOCH,
            };
            store.note(&run, &note).await.unwrap();
            assert_eq!(other.latest_note(&run).await.unwrap(), Some(note));
        }
    });
}
