//! A rehearsal on real servers: its plan, and an earlier one that was broken off.
//!
//! It is a run like any other. What it leaves when its process dies is in its journal, and the next rehearsal, or
//! `resume`, sees it to its end first.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};

use upshift_model::plan::Sealed;
use upshift_model::policy::Strategy;
use upshift_model::record::Outcome;
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_planner::systems::flink::rehearsal::{Ground, RehearsalError, rehearsal};

use crate::app::context::{Context, store_trouble};
use crate::app::find_run::{self, Found};
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// What somebody wants of a rehearsal.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// How long everything watched must hold.
    pub soak: Millis,
    /// Configuration of the scratch cluster alone.
    pub set: BTreeMap<String, String>,
    /// Jobs may write where the real ones write.
    pub with_real_sinks: bool,
}

/// An open rehearsal of the same system that no process carries on any more. One that is carried on is another
/// person's, and is refused like any open run.
///
/// # Errors
/// When the store cannot be read.
pub async fn broken_off(context: &Context, plan: &Sealed) -> Result<Option<Found>, Stop> {
    for found in find_run::all(context).await? {
        let of = &found.state.plan.plan;
        let ours = found.open
            && of.strategy == Strategy::Rehearsal
            && of.system == plan.plan.system
            && context.is_at_home(&found.state);
        let holder = context.store.holder(&found.state.run).await;
        if ours && holder.map_err(|e| store_trouble(&e))?.is_none() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The plan of a rehearsal of this plan.
///
/// # Errors
/// When there is nothing in it that could be rehearsed, its sinks are not isolated, or this machine has no free port.
pub fn plan(context: &Context, of: &Sealed, wanted: &Wanted) -> Result<Sealed, Stop> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let state_dir = std::path::absolute(&context.state_dir)?;
    let ground = Ground {
        folder: state_dir.join("rehearsals").join(&id),
        ports: free_ports()?,
        set: wanted.set.clone(),
        soak: wanted.soak,
        with_real_sinks: wanted.with_real_sinks,
    };
    match rehearsal(of, &ground, context.clock.now()) {
        Ok(plan) => Ok(plan.seal()),
        Err(error) => Err(refused(&error).into()),
    }
}

fn refused(error: &RehearsalError) -> Trouble {
    let trouble = Trouble::new(error.code(), Exit::Blocked, error.to_string());
    match error {
        RehearsalError::SinksNotIsolated { .. } => trouble
            .expected("`rehearsal_args` of each job in the system file, other than its `args`; nothing was touched")
            .next("add rehearsal_args, then: upshift plan FILE -o PLAN")
            .next("upshift rehearse PLAN --real --with-real-sinks, where writing twice does no harm"),
        RehearsalError::Transactional { .. } => trouble
            .expected("`rehearsal_args` of each job in the system file, also with --with-real-sinks; nothing was touched")
            .next("add rehearsal_args, then: upshift plan FILE -o PLAN"),
        RehearsalError::NoInstallation | RehearsalError::NoJob | RehearsalError::NoSavepoint { .. } => trouble
            .expected("a plan that starts a cluster of the new release and moves jobs by savepoint; nothing was touched"),
    }
}

/// Below the range from which the kernel takes ports for connections, so that they are still free when the cluster
/// starts; whether they are is looked at again right before.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

fn free_ports() -> Result<[u16; 3], Stop> {
    let begin = u16::try_from(uuid::Uuid::now_v7().as_u128() % u128::from(COUNT)).unwrap_or(0);
    let mut held = Vec::new();
    for step in 0..COUNT {
        let port = FIRST + (begin + step) % COUNT;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            held.push((port, listener));
        }
        if let [(rest, _), (rpc, _), (blob, _)] = held.as_slice() {
            return Ok([*rest, *rpc, *blob]);
        }
    }
    let what = std::io::Error::new(
        std::io::ErrorKind::AddrInUse,
        "no three free ports between 20000 and 32000",
    );
    Err(what.into())
}

/// How a rehearsal ended: done when it held, blocked when it did not.
pub fn verdict(state: &RunState) -> Option<Exit> {
    match &state.phase {
        Phase::Closed {
            outcome: Outcome::Finalized,
            ..
        } => Some(Exit::Done),
        Phase::Closed {
            outcome: Outcome::RolledBack,
            ..
        } => Some(Exit::Blocked),
        _ => None,
    }
}
