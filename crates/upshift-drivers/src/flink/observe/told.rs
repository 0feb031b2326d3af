//! How answers, and their absence, become facts and gaps. Asks nothing itself.

use upshift_engine::driver::Fault;
use upshift_model::observed::Observed;

/// A fact, or the gap with what the far side said.
pub(super) fn observed<T>(what: &str, found: Result<T, Fault>) -> Observed<T> {
    match found {
        Ok(fact) => Observed::Known(fact),
        Err(fault) => Observed::unknown(what, fault_words(&fault)),
    }
}

pub(in crate::flink) fn fault_words(fault: &Fault) -> String {
    match fault {
        Fault::Refused(failure) => match &failure.far_side {
            Some(said) => format!("{}: {said}", failure.what),
            None => failure.what.clone(),
        },
        Fault::Transient(why) | Fault::Ambiguous(why) => why.clone(),
    }
}

/// Files and `/proc` are read apart from the tasks that speak with servers.
pub(in crate::flink) async fn blocking<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

pub(super) fn time(milliseconds: i64) -> Option<jiff::Timestamp> {
    (milliseconds > 0)
        .then(|| jiff::Timestamp::from_millisecond(milliseconds).ok())
        .flatten()
}
