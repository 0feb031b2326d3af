//! One try of a step: one arm an effect, each of which asks for exactly one change. What came of it is for `standing`
//! to see.

use std::io::Write as _;
use std::path::Path;

use upshift_engine::driver::Fault;
use upshift_formats::fluss::write_dump;
use upshift_model::fluss::Act;
use upshift_model::record::Intent;
use upshift_model::step::{Canary, Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::driver::FlussDriver;
use super::expectation::{away, failure};
use super::rpc::{self, CanaryError, RpcError, prove};
use super::standing::{
    Files, file_of, is_made_since, is_taken_on, launch_of, led_of, number_of, place_of, reachable, told,
};
use super::{codes, conceal, read_tree, staging};

pub(super) async fn attempt(driver: &FlussDriver, step: &Step, intent: &Intent) -> Result<(), Fault> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server },
        } => match told(intent) {
            Some((pid, ticks)) => {
                let server = driver.server(server)?;
                driver.machines.terminate(server, pid, ticks).await
            }
            None => Err(driver.not_known(step)),
        },
        Effect::Start {
            what: StartWhat::Server { server, release },
        } => {
            let server = driver.server(server)?;
            let launch = launch_of(server, release).ok_or_else(|| driver.not_known(step))?;
            driver.machines.start(server, launch, intent).await
        }
        Effect::Prepare {
            what: Preparation::Evidence { folder, .. },
        } => evidence(driver, folder, intent).await,
        Effect::Prepare {
            what: Preparation::Canary { what, anew },
        } => make(driver, what, *anew, intent).await,
        Effect::Configure { component, change } => {
            let server = driver.server(component)?;
            let files = Files::read(driver, server, change).await?;
            // It changed since the look: nothing is written, and the next look tells.
            let (Some(wanted), None) = (files.wanted, files.found) else {
                return Err(Fault::Ambiguous(format!("{} has changed", files.to.display())));
            };
            let new = wanted.into_bytes();
            driver.machines.put_new(server, new, &files.to, &files.from).await
        }
        Effect::Fluss {
            what: Act::SpreadLeaders,
        } => spread_leaders(driver, intent).await,
        Effect::Fluss {
            what: Act::Stage { host, .. },
        } => staging::put(driver.machines.link_to(host)?, &driver.site.staged).await,
        Effect::Fluss {
            what: Act::Run { part },
        } => match driver.site.program(part) {
            Some(words) => driver.machines.run(words, intent).await,
            None => Err(driver.not_known(step)),
        },
        Effect::Prove { what } => {
            let place = place(driver, what).await?;
            unsure(prove(&place, number_of(intent)).await.map(drop))
        }
        Effect::Release {
            what: Releasable::Canary { what },
        } => unsure(place(driver, what).await?.remove().await),
        _ => Err(driver.not_known(step)),
    }
}

async fn place(driver: &FlussDriver, canary: &Canary) -> Result<rpc::Canary, Fault> {
    let facts = driver.facts().await?;
    let place = place_of(&facts, canary).await;
    place.ok_or_else(|| Fault::Transient("no coordinator leads".to_owned()))
}

/// Whether it was taken on is seen in the metadata: an answer that is lost leaves the same there.
async fn spread_leaders(driver: &FlussDriver, intent: &Intent) -> Result<(), Fault> {
    let facts = driver.facts().await?;
    if is_taken_on(&facts, intent)? {
        return Ok(());
    }
    let active = facts.active.known().and_then(Option::as_ref);
    let listeners = active.map_or(&[][..], |active| active.listeners.as_slice());
    let address = reachable(listeners).await;
    let address = address.ok_or_else(|| Fault::Transient("no coordinator leads".to_owned()))?;
    match rpc::spread_leaders(&address).await {
        Ok(_) => Ok(()),
        Err(error @ (RpcError::NotKnown { .. } | RpcError::Refused { .. })) => {
            Err(Fault::Refused(failure(codes::NOT_SPREAD, error.to_string())))
        }
        Err(error) => Err(Fault::Ambiguous(error.to_string())),
    }
}

/// Tables of an earlier try that nobody came to lead are dropped first; so are those that were there before the step,
/// where it makes them anew. While a server of the plan is away nothing is made: it would get no part of it.
async fn make(driver: &FlussDriver, canary: &Canary, anew: bool, intent: &Intent) -> Result<(), Fault> {
    let facts = driver.facts().await?;
    if let Some(failure) = away(&driver.site, &facts, None)? {
        return Err(Fault::Transient(failure.what));
    }
    let place = place(driver, canary).await?;
    let (tables, led, wanted) = led_of(&facts, canary);
    let is_old = anew && !is_made_since(&facts, canary, intent);
    if tables > 0 && (led < wanted || is_old) {
        unsure(place.remove().await)?;
    }
    unsure(place.make().await)
}

/// Leaders move and servers come back: whatever a canary met, the next look tells what came of it.
fn unsure(said: Result<(), CanaryError>) -> Result<(), Fault> {
    said.map_err(|error| Fault::Ambiguous(error.to_string()))
}

/// Written whole under another name first: a file of the try's own name is a whole one.
async fn evidence(driver: &FlussDriver, folder: &Path, intent: &Intent) -> Result<(), Fault> {
    let tree = read_tree(driver.walk(), |_| ())
        .await
        .map_err(|error| error.fault())?;
    let text = write_dump(&conceal(&tree));
    let file = file_of(folder, &driver.system, intent);
    let put = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let part = file.with_extension("part");
        let mut out = std::fs::File::create(&part)?;
        out.write_all(text.as_ref())?;
        out.sync_all()?;
        std::fs::rename(&part, &file)?;
        std::fs::File::open(folder)?.sync_all()
    };
    put().map_err(|error| {
        Fault::Refused(failure(
            codes::NO_EVIDENCE,
            format!("the metadata could not be copied to {}: {error}", file.display()),
        ))
    })
}
