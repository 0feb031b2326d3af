//! What the savepoint of before is held against where it can be read, before its job is stopped: what Flink's own rows
//! say of the lines that both engines are built on. What the service has changed in them nobody outside can say.

use upshift_model::flink::JobGraphs;
use upshift_model::flink::fit::FitCriteria;
use upshift_model::realtime_compute::Deployment;
use upshift_model::version::Version;

use crate::systems::flink::limits;
use crate::systems::realtime_compute::situation::Situation;

/// Whether the new engine runs what the old one runs. SQL is planned anew by each engine; a jar makes the same graph of
/// the same code, unless the file names another one or the deployment was changed since its job was started.
fn is_the_same(s: &Situation<'_>, deployment: &Deployment) -> bool {
    let other = s.declaration.programs.contains_key(&deployment.name);
    deployment.kind != "SQLSCRIPT" && !other && deployment.changed == Some(false)
}

/// The criteria for a deployment; none where the engine that it leaves is not known by its name.
pub(in crate::systems::realtime_compute) fn criteria(
    s: &Situation<'_>,
    deployment: &Deployment,
) -> Option<FitCriteria> {
    let line = |(major, minor): (u32, u32)| format!("{major}.{minor}.0").parse::<Version>().ok();
    let from = line(s.engine_of(deployment)?.built_on())?;
    let to = line(s.to.built_on())?;
    let flink = s.library.flink();
    Some(FitCriteria {
        job: deployment.name.clone(),
        metadata_versions: flink.metadata_versions_read(&to),
        operator_header: flink.operator_header(&to),
        graphs: deployment.graph.clone().map(|wanted| JobGraphs {
            declared: None,
            wanted,
            running: None,
        }),
        same_program: is_the_same(s, deployment).then_some(true),
        crosses_lines: !from.same_line(&to),
        limits: limits(flink, &from, &to),
        ..FitCriteria::default()
    })
}
