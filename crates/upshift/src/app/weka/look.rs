//! Looks at a WEKA cluster that a file declares. Changes nothing.

use upshift_drivers::Clock;
use upshift_drivers::weka::{self, NO_ENTRY, Unseen};
use upshift_engine::driver::Fault;
use upshift_model::inventory::Inventory;
use upshift_model::weka::{Declaration, Site};

use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};
use crate::{clock, secret};

/// For so long a look counts: after it nobody may rely on the answer.
pub const VALID_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Looks at what the declaration names.
///
/// # Errors
/// When no backend can be asked.
pub async fn observe(declared: &Declaration) -> Result<Inventory, Stop> {
    let seen = weka::observe(declared, &secret::secrets(), &Clock::by(clock::now)).await;
    seen.map_err(|error| unseen(&error).into())
}

fn unseen(error: &Unseen) -> Trouble {
    let trouble = Trouble::new(NO_ENTRY, Exit::Unknown, error.to_string());
    match error {
        Unseen::Entry(why) => trouble.expected(why.to_string()),
        Unseen::Nobody(tried) => {
            let said = tried.iter().map(|error| format!("{error} ({})", error.code()));
            let mut trouble = trouble
                .at(said.collect::<Vec<_>>().join("; "))
                .expected("a backend under entry that lets this user in and answers weka status");
            for remedy in tried.iter().flat_map(|error| error.remedy()) {
                trouble = trouble.next(remedy);
            }
            trouble
        }
    }
}

/// The trouble of a plan's cluster of which nothing could be learned.
pub fn unseen_in_a_run(fault: &Fault, site: &Site) -> Trouble {
    let trouble = match fault {
        Fault::Refused(failure) => {
            let mut trouble = Trouble::usage(failure.code.clone(), failure.what.clone());
            trouble.far_side.clone_from(&failure.far_side);
            trouble
        }
        Fault::Transient(what) | Fault::Ambiguous(what) => {
            Trouble::new(NO_ENTRY, Exit::Unknown, format!("nothing was learned: {what}"))
        }
    };
    trouble
        .at(site.entry.join(", "))
        .expected("a backend under entry that lets this user in and answers weka status")
}
