//! The first commands of a state directory may be started at the same moment.

use std::sync::Barrier;

use upshift_engine::store::sqlite::SqliteStore;

#[test]
fn a_store_can_be_made_opened_and_closed_by_many_at_once() {
    for _ in 0..60 {
        let dir = tempfile::tempdir().unwrap();
        let start = Barrier::new(4);
        let refused: Vec<String> = std::thread::scope(|scope| {
            let open = || {
                start.wait();
                let each = (0..4).filter_map(|_| SqliteStore::open(dir.path()).err());
                each.map(|e| format!("{e:?}")).collect::<Vec<_>>()
            };
            let all: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
            all.into_iter().flat_map(|one| one.join().unwrap()).collect()
        });
        assert!(refused.is_empty(), "{refused:?}");
    }
}
