//! The references of real jars against real releases: a job of the old world is named, the lab's job is clean.
//!
//! It needs the releases that `cargo xtask fetch needed` puts into the cache, and fails where they are missing.

use std::path::PathBuf;

use upshift_drivers::flink::references::{Asked, references};
use upshift_lab::{Cache, Home, Java, job_jar, old_job_jar};
use upshift_model::flink::JarReferences;

struct Lab {
    cache: Cache,
    java: Java,
}

impl Lab {
    fn open() -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::fetch(&cache).expect("a Java");
        Self { cache, java }
    }

    fn home(&self, version: &str) -> PathBuf {
        let home = Home::ready(&self.cache, version).expect("the release: cargo xtask fetch needed");
        home.path().to_owned()
    }

    fn old_job(&self, from: Option<&str>, to: &str) -> JarReferences {
        let jar = old_job_jar(&self.cache, &self.java).expect("the old job's jar");
        let from = from.map(|version| self.home(version));
        let entry = Some("com.example.old.OldJob");
        let asked = Asked {
            jar: &jar,
            entry_class: entry,
            runs_now: true,
        };
        references(asked, &self.home(to), from.as_deref()).expect("references")
    }
}

#[test]
fn what_2_0_took_away_is_named_with_who_refers_to_it() {
    let lab = Lab::open();
    for from in [Some("1.20.5"), None] {
        let seen = lab.old_job(from, "2.3.0");
        let missing: Vec<_> = seen
            .missing
            .iter()
            .map(|gap| (gap.class.as_str(), gap.member.as_deref(), gap.by_job))
            .collect();
        for class in [
            "org.apache.flink.api.java.ExecutionEnvironment",
            "org.apache.flink.streaming.api.functions.source.SourceFunction",
            "org.apache.flink.streaming.api.functions.sink.DiscardingSink",
        ] {
            assert!(missing.contains(&(class, None, true)), "{class} in {missing:#?}");
        }
        let member = |class: &str, start: &str| {
            missing
                .iter()
                .any(|(of, member, _)| of.ends_with(class) && member.is_some_and(|m| m.starts_with(start)))
        };
        assert!(member("StreamExecutionEnvironment", "addSource("), "{missing:#?}");
        assert!(
            member(".RichMapFunction", "open(") || member("Opened", "open("),
            "{missing:#?}"
        );
        assert!(
            member(".RuntimeContext", "getIndexOfThisSubtask("),
            "{missing:#?}"
        );
        assert_eq!(seen.bundled, 0);
        let by = seen
            .missing
            .iter()
            .find(|gap| gap.class.ends_with(".SourceFunction"))
            .map(|gap| gap.by.clone());
        assert_eq!(
            by,
            Some(vec![
                "com.example.old.OldJob".to_owned(),
                "com.example.old.OldJob$Ones".to_owned()
            ])
        );
    }
}

#[test]
fn the_same_job_is_clean_on_another_line_of_1() {
    let lab = Lab::open();
    assert_eq!(lab.old_job(None, "1.18.1").missing, []);
    assert_eq!(lab.old_job(None, "1.20.5").missing, []);
}

#[test]
fn the_labs_job_is_clean_everywhere() {
    let lab = Lab::open();
    let jar = job_jar(&lab.cache, &lab.java).expect("the job's jar");
    for version in ["1.18.1", "1.20.5", "2.3.0"] {
        let asked = Asked {
            jar: &jar,
            entry_class: Some("upshift.lab.LabJob"),
            runs_now: true,
        };
        let seen = references(asked, &lab.home(version), None).expect("references");
        assert_eq!(
            (seen.missing.as_slice(), seen.more_missing),
            (&[][..], 0),
            "{version}"
        );
        assert!(seen.classes > 5 && seen.unreadable.is_empty(), "{seen:?}");
    }
}
