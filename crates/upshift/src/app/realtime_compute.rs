//! Looks at a namespace of Realtime Compute that a file names. Changes nothing.

use upshift_drivers::Clock;
use upshift_drivers::realtime_compute::{RealtimeCompute, observe as look};
use upshift_engine::driver::Fault;
use upshift_model::inventory::Inventory;
use upshift_model::realtime_compute::Declaration;

use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes, secret};

/// Looks at what the declaration names.
///
/// # Errors
/// When the key cannot be had, or the service gives not even the list of deployments.
pub async fn observe(declared: &Declaration) -> Result<Inventory, Stop> {
    let at = &declared.service.endpoint.url;
    let client = RealtimeCompute::new(&declared.service, secret::secrets(), Clock::by(clock::now));
    let client = client.map_err(|error| {
        Trouble::usage(codes::NO_ANSWER, format!("the address cannot be used: {error}")).at(at)
    })?;
    let seen = look(&client, declared, clock::now()).await;
    seen.map_err(|fault| unseen(&fault, at).into())
}

/// The trouble of a namespace of which nothing could be learned.
fn unseen(fault: &Fault, at: &str) -> Trouble {
    let trouble = match fault {
        Fault::Refused(failure) => {
            let mut trouble = Trouble::usage(failure.code.clone(), failure.what.clone());
            trouble.far_side.clone_from(&failure.far_side);
            trouble
        }
        Fault::Transient(what) | Fault::Ambiguous(what) => Trouble::new(
            codes::NO_ANSWER,
            Exit::Unknown,
            format!("nothing was learned: {what}"),
        ),
    };
    trouble
        .at(at)
        .expected("the OpenAPI of Realtime Compute, and a key that it accepts")
}
