//! A namespace of Realtime Compute that a file or a plan names: who looks at it, and who carries a plan out.

use upshift_drivers::Clock;
use upshift_drivers::realtime_compute::{RealtimeCompute, RealtimeComputeDriver, Wanted, observe as look};
use upshift_drivers::wire::objects::Objects;
use upshift_engine::driver::Fault;
use upshift_model::inventory::Inventory;
use upshift_model::plan::Plan;
use upshift_model::realtime_compute::{Declaration, Service, Site};

use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes, secret};

/// Looks at what the declaration names.
///
/// # Errors
/// When the key cannot be had, or the service gives not even the list of deployments.
pub async fn observe(declared: &Declaration) -> Result<Inventory, Stop> {
    let client = client(&declared.service)?.paced(declared.calls_per_second);
    let copy_of = |name: &str| Some(format!("{name}{}", declared.clone_suffix));
    let wanted = Wanted {
        system: &declared.name,
        service: &declared.service,
        select: &declared.select,
        copy_of: &copy_of,
        objects: Objects::new(declared.objects.clone(), secret::secrets()),
        probes: declared.probes.clone(),
        programs: declared.programs.clone(),
        graph: declared.graph.clone(),
        reads_state: true,
    };
    let seen = look(&client, &wanted, clock::now()).await;
    seen.map_err(|fault| unseen(&fault, &declared.service).into())
}

/// The driver for a plan's site.
///
/// # Errors
/// When the address cannot be used.
pub fn driver(plan: &Plan, site: &Site) -> Result<RealtimeComputeDriver, Stop> {
    let client = client(&site.service)?;
    let clock = Clock::by(clock::now);
    Ok(RealtimeComputeDriver::for_plan(
        client,
        plan.system.clone(),
        site,
        clock,
    ))
}

fn client(service: &Service) -> Result<RealtimeCompute, Stop> {
    let client = RealtimeCompute::new(service, secret::secrets(), Clock::by(clock::now));
    Ok(client.map_err(|error| {
        let what = format!("the address cannot be used: {error}");
        Trouble::usage(codes::NO_ANSWER, what).at(&service.endpoint.url)
    })?)
}

/// The trouble of a namespace of which nothing could be learned.
pub fn unseen(fault: &Fault, service: &Service) -> Trouble {
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
        .at(&service.endpoint.url)
        .expected("the OpenAPI of Realtime Compute, and a key that it accepts")
}
