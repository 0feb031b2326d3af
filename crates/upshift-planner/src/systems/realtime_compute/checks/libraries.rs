//! What the jars of a deployment were built with, held against the wanted engine.

use upshift_model::finding::{Finding, Severity};
use upshift_model::realtime_compute::{Deployment, Library};
use upshift_model::topic::Topic;

use crate::knowledge::Release;
use crate::systems::realtime_compute::codes;
use crate::systems::realtime_compute::situation::{Situation, subject};

/// Whether everything inside is of the wanted engine.
pub(super) fn aligned(s: &Situation<'_>, deployment: &Deployment) -> Finding {
    let row = s.row("dependencies");
    let topic = Topic::new(codes::LIBRARIES, subject(deployment)).source(row.source);
    let advice = format!("build it with the libraries of {}", s.to);
    let libraries = match deployment.libraries.as_result() {
        Ok(libraries) => libraries,
        Err(gap) => {
            return topic
                .saw(row.text)
                .fix(format!(
                    "get its jars and look: upshift inspect jar JAR; then {advice}"
                ))
                .unknown(
                    gap,
                    Severity::Yellow,
                    "what its jars were built with is not known",
                );
        }
    };
    let told = |one: &Library| format!("{}: {} {}", one.jar, one.artifact, one.version);
    let (fine, other): (Vec<_>, Vec<_>) = libraries.iter().partition(|one| fits(&one.version, &s.to));
    match (other.is_empty(), fine.is_empty()) {
        (false, _) => {
            let other = other.into_iter().map(told).collect::<Vec<_>>();
            topic
                .saw(row.text)
                .saw_all(other)
                .fix(advice)
                .yellow("its jars hold libraries of another engine")
        }
        (true, true) => topic
            .saw("its jars hold nothing of Flink or of the vendor that names a version")
            .green("nothing in its jars belongs to another engine"),
        (true, false) => topic
            .saw_all(fine.into_iter().map(told))
            .green("its jars were built for the wanted engine"),
    }
}

/// Whether a library belongs to an engine: by the engine's number where it has one (`1.17-vvr-8.0.11-4`), by the
/// line of Flink otherwise (`1.17.2`).
fn fits(version: &str, engine: &Release) -> bool {
    let numbers = |text: &str| -> Vec<u32> { text.split('.').map_while(|n| n.parse().ok()).collect() };
    let (flink, own) = match version.split_once("-vvr-") {
        Some((flink, own)) => (flink, Some(own.split('-').next().unwrap_or(own))),
        None => (version.split('-').next().unwrap_or(version), None),
    };
    let flink = numbers(flink);
    let same_line = flink.len() >= 2 && (flink[0], flink[1]) == engine.built_on();
    let same_engine = own.is_none_or(|own| {
        let own = numbers(own);
        (0..engine.given()).all(|at| own.get(at).copied().unwrap_or(0) == engine.number(at))
    });
    same_line && same_engine
}

#[cfg(test)]
mod tests {
    use super::fits;
    use crate::knowledge::{Known, Release};

    #[test]
    fn a_library_belongs_to_one_engine() {
        let engine = |text: &str| Release::parse(Known::RealtimeCompute, text).expect("an engine");
        let old = engine("vvr-8.0.11-flink-1.17");
        let new = engine("vvr-11.7-jdk11-flink-1.20");
        for (version, fits_old, fits_new) in [
            ("1.17-vvr-8.0.11-4", true, false),
            ("1.17-vvr-8.0.9", false, false),
            ("1.20-vvr-11.7.0-3-jdk11", false, true),
            ("1.20-vvr-11.6.0-jdk11", false, false),
            ("1.17.2", true, false),
            ("1.20.1-SNAPSHOT", false, true),
            ("2", false, false),
        ] {
            assert_eq!(
                (fits(version, &old), fits(version, &new)),
                (fits_old, fits_new),
                "{version}"
            );
        }
    }
}
