//! The Java that the target would run on, against what the catalogue says of the release.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::DeclaredInstallation;
use upshift_model::observed::Observed;

use super::view::{NEW_CLUSTER, View};
use crate::knowledge::flink::Support;
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// Whether the target's release is known to run on the Java that its scripts would use.
pub(super) fn fit(view: &View<'_>, target: &DeclaredInstallation) -> Finding {
    let topic = Topic::new(codes::JAVA, NEW_CLUSTER).fix(advice(view, target));
    let java = match &view.facts.host.target_java {
        Observed::Known(java) => java,
        Observed::Unknown(gap) => {
            return topic.unknown(gap, Severity::Red, "the target's Java could not be seen");
        }
    };
    let release = &target.version;
    let topic = topic.saw(format!(
        "Java {} ({}) for Flink {release}",
        java.feature,
        java.path.display()
    ));
    match view
        .situation
        .knowledge
        .flink()
        .java_supported(release, java.feature)
    {
        Observed::Unknown(gap) => topic.unknown(
            &gap,
            Severity::Red,
            "whether the target runs on this Java is not known",
        ),
        Observed::Known(known) => {
            let topic = topic.source(known.origin.to_string());
            match known.support {
                Support::Supported => topic.green("the target runs on this Java"),
                Support::Beta => topic.yellow("Flink offers this Java as experimental"),
                Support::Undeclared => {
                    topic.yellow("the target was seen to run on this Java; Flink does not promise it")
                }
                Support::Unsupported => topic.red("the target does not run on this Java"),
            }
        }
    }
}

/// Java releases with long support, the only ones that Flink speaks of.
const FEATURES: [u32; 5] = [8, 11, 17, 21, 25];

fn advice(view: &View<'_>, target: &DeclaredInstallation) -> String {
    let flink = view.situation.knowledge.flink();
    let supported = |feature: &u32| {
        let known = flink.java_supported(&target.version, *feature);
        known
            .known()
            .is_some_and(|known| known.support == Support::Supported)
    };
    let named: Vec<_> = FEATURES
        .iter()
        .filter(|feature| supported(feature))
        .map(u32::to_string)
        .collect();
    let which = if named.is_empty() {
        "another".to_owned()
    } else {
        named.join(" or ")
    };
    format!(
        "give it Java {which}: [installation] java_home = {{ current = \"…\", target = \"/path/to/java\" }}"
    )
}
