//! The names under which one step leaves something for another. Drivers and status lines show them
//! as they are.

use upshift_model::ids::{BindingName, ComponentId, Slot};

/// `job/NAME`.
pub(crate) fn job_id(name: &str) -> ComponentId {
    ComponentId::new(format!("job/{name}"))
}

/// The name of a job, from its component id.
pub(crate) fn job_name(job: &ComponentId) -> &str {
    job.as_str().strip_prefix("job/").unwrap_or(job.as_str())
}

/// The slot of the savepoint that the stop takes: `S/NAME`.
pub(crate) fn savepoint_of(job: &ComponentId) -> Slot {
    Slot::new(format!("S/{}", job_name(job)))
}

/// The slot of the savepoint that is taken without stopping: `trial/NAME`.
pub(crate) fn trial_of(job: &ComponentId) -> Slot {
    Slot::new(format!("trial/{}", job_name(job)))
}

/// The uploaded jar's name on a cluster: `jar/NAME@new`.
pub(crate) fn jar_of(job: &ComponentId, cluster: &ComponentId) -> BindingName {
    BindingName::new(format!("jar/{}@{cluster}", job_name(job)))
}

/// The job's id on a cluster: `id/NAME@new`.
pub(crate) fn id_of(job: &ComponentId, cluster: &ComponentId) -> BindingName {
    BindingName::new(format!("id/{}@{cluster}", job_name(job)))
}

/// A probe's value before the switch: `probe/NAME`.
pub(crate) fn baseline_of(probe: &str) -> BindingName {
    upshift_model::probe::baseline_of(probe)
}
