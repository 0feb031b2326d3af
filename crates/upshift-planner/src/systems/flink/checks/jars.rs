//! The jars of the jobs: there, with the class to start, fit for the target's Java.
//!
//! Nothing of a jar is run here; what needs its job graph is asked of the target or not at all.

use std::path::Path;

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{DeclaredJob, DeclaredSubmission, JarFacts};
use upshift_model::observed::{Gap, Observed};

use super::source;
use super::view::{self, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// A class file of Java N has the version N + 44.
const CLASS_FILE_OFFSET: u32 = 44;

/// All findings about jars.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    view.declared
        .jobs
        .iter()
        .flat_map(|job| of_job(view, job))
        .collect()
}

fn of_job(view: &View<'_>, job: &DeclaredJob) -> Vec<Finding> {
    let mut found = match seen(view, &job.target.jar) {
        Ok(jar) => vec![
            present(job, jar),
            entry_class(job, &job.target, jar),
            bundled(view, job, jar),
            class_version(view, job, jar),
        ],
        Err(gap) => vec![absent(job, &gap)],
    };
    found.extend(current(view, job));
    found
}

fn seen<'a>(view: &View<'a>, path: &Path) -> Result<&'a JarFacts, Gap> {
    match view.facts.host.jars.get(path) {
        Some(Observed::Known(jar)) => Ok(jar),
        Some(Observed::Unknown(gap)) => Err(gap.clone()),
        None => Err(Gap {
            what: path.display().to_string(),
            reason: "not looked at".into(),
        }),
    }
}

fn present(job: &DeclaredJob, jar: &JarFacts) -> Finding {
    Topic::new(codes::JAR, view::job(&job.name))
        .saw(format!(
            "{}, {}, SHA-256 {}",
            job.target.jar.display(),
            view::bytes(jar.bytes),
            jar.sha256
        ))
        .green("the jar is in hand, its digest recorded")
}

fn absent(job: &DeclaredJob, gap: &Gap) -> Finding {
    let path = job.target.jar.display();
    Topic::new(codes::JAR, view::job(&job.name))
        .saw(gap.to_string())
        .fix(format!("ls -l {path}"))
        .fix("correct `jar` in its [[job]] entry")
        .refused("the jar cannot be read")
}

fn entry_class(job: &DeclaredJob, submission: &DeclaredSubmission, jar: &JarFacts) -> Finding {
    let topic = Topic::new(codes::ENTRY_CLASS, view::job(&job.name)).fix(format!(
        "unzip -l {} '*.class'; then set entry_class in its [[job]] entry",
        submission.jar.display()
    ));
    match (&submission.entry_class, jar.has_entry_class, &jar.main_class) {
        (Some(class), Some(true), _) => topic.saw(class).green("the entry class is in the jar"),
        (Some(class), Some(false), _) => topic.saw(class).refused("the entry class is not in the jar"),
        (Some(class), None, _) => {
            let gap = Gap {
                what: format!("class {class}"),
                reason: "the jar was not searched for it".into(),
            };
            topic.unknown(
                &gap,
                Severity::Red,
                "whether the entry class is in the jar could not be seen",
            )
        }
        (None, _, Some(class)) => topic
            .saw(format!("Main-Class: {class}"))
            .green("the jar's manifest names the entry class"),
        (None, _, None) => topic
            .saw("no entry_class in the file, no Main-Class in the manifest")
            .refused("nothing says which class to start"),
    }
}

/// Flink itself, connectors left out: its API in the jar, or an artifact of its own by name.
fn bundled(view: &View<'_>, job: &DeclaredJob, jar: &JarFacts) -> Finding {
    let topic = Topic::new(codes::BUNDLED_FLINK, view::job(&job.name));
    let seen = view.facts.references.get(&job.name).and_then(Observed::known);
    let own = seen.map_or_else(Vec::new, |seen| {
        let own = seen.artifacts.iter().filter(|artifact| !artifact.is_add_on());
        own.map(ToString::to_string).collect()
    });
    let classes = seen.filter(|seen| seen.bundled > 0);
    if jar.bundles_flink || !own.is_empty() {
        topic
            .saw_all(
                jar.bundles_flink
                    .then(|| "it holds classes of org/apache/flink/streaming/api".to_owned()),
            )
            .saw_all(own.iter().map(|artifact| format!("it holds {artifact}")))
            .saw_all(classes.map(|seen| {
                format!(
                    "{} of its classes are Flink's and in the target, too: those of the target are taken",
                    seen.bundled
                )
            }))
            .saw("what the target no longer has would come from the jar, made for another release")
            .fix("build it with Flink's own artifacts in scope provided (Maven) or compileOnly (Gradle)")
            .yellow("the jar bundles Flink itself")
    } else {
        topic.green("the jar does not bundle Flink itself")
    }
}

fn class_version(view: &View<'_>, job: &DeclaredJob, jar: &JarFacts) -> Finding {
    let topic = Topic::new(codes::CLASS_VERSION, view::job(&job.name))
        .source(source::JVM)
        .fix("compare `javap -v -cp JAR CLASS | grep major` with `java -version` on the target's machine");
    let Some(version) = jar.class_version else {
        let gap = Gap {
            what: "class file versions".into(),
            reason: "the jar holds no class that could be read".into(),
        };
        return topic.unknown(
            &gap,
            Severity::Yellow,
            "which Java the jar needs could not be seen",
        );
    };
    let needed = u32::from(version).saturating_sub(CLASS_FILE_OFFSET);
    let topic = topic.saw(format!("highest class file version {version}: Java {needed}"));
    if view.target_installation().is_none() {
        // The Java of a cluster that already runs is its own; nothing on this machine tells it.
        let gap = Gap {
            what: "the target's Java".into(),
            reason: "the target already runs".into(),
        };
        return topic.unknown(
            &gap,
            Severity::Yellow,
            "whether the target's Java takes the jar could not be seen",
        );
    }
    match &view.facts.host.target_java {
        Observed::Unknown(gap) => topic.unknown(
            gap,
            Severity::Red,
            "whether the target's Java takes the jar could not be seen",
        ),
        Observed::Known(java) if java.feature < needed => topic
            .saw(format!(
                "the target would run on Java {} ({})",
                java.feature,
                java.path.display()
            ))
            .fix(format!(
                "build it for Java {} (--release {}), or set java_home of the target to a Java {needed}",
                java.feature, java.feature
            ))
            .refused("the jar needs a newer Java: UnsupportedClassVersionError at its start"),
        Observed::Known(java) => topic
            .saw(format!("the target would run on Java {}", java.feature))
            .green("the target's Java takes the jar"),
    }
}

/// The way back needs what runs now.
fn current(view: &View<'_>, job: &DeclaredJob) -> Option<Finding> {
    let topic = Topic::new(codes::CURRENT_JAR, view::job(&job.name)).source(source::SCOPE);
    let jar = &job.current.jar;
    match seen(view, jar) {
        Ok(seen) => Some(
            topic
                .saw(format!("{}, SHA-256 {}", jar.display(), seen.sha256))
                .green("the running release's jar is in hand"),
        ),
        // The target's own finding says it already, and more loudly.
        Err(_) if *jar == job.target.jar => None,
        Err(gap) => Some(
            topic
                .saw(gap.to_string())
                .fix(format!(
                    "put the jar that runs now at {}, or correct jar = {{ current = \"…\", target = \"…\" }} in its [[job]] entry",
                    jar.display()
                ))
                .yellow("the running release's jar is not in hand: the way back is closed"),
        ),
    }
}
