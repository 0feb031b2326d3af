//! Looks at an Alluxio cluster that a file or a plan names. Changes nothing.

use upshift_drivers::Clock;
use upshift_drivers::alluxio;
use upshift_engine::driver::Fault;
use upshift_model::alluxio::Declaration;
use upshift_model::inventory::Inventory;

use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes, secret};

/// Looks at what the declaration names.
///
/// # Errors
/// When neither a master nor a host tells anything.
pub async fn observe(declared: &Declaration) -> Result<Inventory, Stop> {
    let seen = alluxio::look(declared, &secret::secrets(), &Clock::by(clock::now)).await;
    let at = declared.masters.first().map_or("", |master| master.url.as_str());
    seen.map_err(|fault| unseen(&fault, at).into())
}

/// The trouble of a cluster of which nothing could be learned.
pub fn unseen(fault: &Fault, at: &str) -> Trouble {
    let trouble = match fault {
        Fault::Refused(failure) => Trouble::usage(failure.code.clone(), failure.what.clone()),
        Fault::Transient(what) | Fault::Ambiguous(what) => Trouble::new(
            codes::NO_ANSWER,
            Exit::Unknown,
            format!("nothing was learned: {what}"),
        ),
    };
    trouble.at(at).expected(
        "the web address of a master (alluxio.master.web.port), or a host where its process can be seen",
    )
}
