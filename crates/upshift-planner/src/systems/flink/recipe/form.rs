//! In which form a savepoint is taken: canonical, or the state backend's own.
//!
//! What each form may be used for is Flink's own table, in the catalogue. The rule on top: native
//! where it is promised for everything that this upgrade does to the job, canonical otherwise and
//! wherever it is not known what is done. Between major versions nothing is promised for either
//! form, and of the two the canonical one depends on less. Native is two to three times quicker to
//! take (measured with 105 MB), and that is downtime.

use upshift_model::flink::{Checkpointing, FormWish};
use upshift_model::restore::RestorePointKind;
use upshift_model::version::Version;

use crate::knowledge::Knowledge;
use crate::knowledge::flink::{Kind, Purpose, Serves};

/// What the rule looks at.
pub(super) struct Question<'a> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) wish: FormWish,
    pub(super) from: &'a Version,
    pub(super) to: &'a Version,
    /// Backend by the configuration of the old cluster, of the new one; none where not known.
    pub(super) backends: (Option<String>, Option<String>),
    /// Whether the job's jar is byte for byte the one that runs; none where not known.
    pub(super) same_jar: Option<bool>,
    pub(super) checkpointing: Option<&'a Checkpointing>,
}

/// The form, and why.
pub(super) fn choose(question: &Question<'_>) -> (RestorePointKind, Vec<String>) {
    let canonical = |why: String| (RestorePointKind::SavepointCanonical, vec![why]);
    match question.wish {
        FormWish::Canonical => canonical("canonical, because the file asks for it".to_owned()),
        FormWish::Native => (
            RestorePointKind::SavepointNative,
            vec!["native, because the file asks for it".to_owned()],
        ),
        FormWish::Auto => match reason_for_canonical(question) {
            Some(why) => canonical(format!("canonical, because {why}")),
            None => (
                RestorePointKind::SavepointNative,
                vec![reason_for_native(question)],
            ),
        },
    }
}

fn reason_for_canonical(question: &Question<'_>) -> Option<String> {
    let (from, to) = (question.from, question.to);
    if from.major() != to.major() {
        return Some(format!(
            "between {}.x and {}.x Flink promises nothing, and this form depends on least",
            from.major(),
            to.major()
        ));
    }
    let promised = |purpose, what: &dyn Fn() -> String| match native_is_promised(question.knowledge, purpose)
    {
        true => None,
        false => Some(format!("{}, and native is not promised for that", what())),
    };
    let hop = match from.same_line(to) {
        true if from == to => None,
        true => promised(Purpose::PatchUpgrade, &|| "the patch release changes".to_owned()),
        false => promised(Purpose::LineUpgrade, &|| {
            format!("{} becomes {}", from.line(), to.line())
        }),
    };
    let backend = || match &question.backends {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => promised(Purpose::BackendChange, &|| {
            format!("the state backend changes from {old} to {new}")
        }),
        _ => Some("whether the state backend stays is not known".to_owned()),
    };
    let schema = || match question.same_jar {
        Some(true) => None,
        Some(false) => promised(Purpose::SchemaEvolution, &|| {
            "the jar changes and with it maybe the state's schema".to_owned()
        }),
        None => Some("whether the jar changes is not known".to_owned()),
    };
    let changelog = || match question.checkpointing {
        None => Some("how the job checkpoints is not known".to_owned()),
        Some(seen) if seen.changelog == Some(true) => Some("the changelog is on".to_owned()),
        Some(_) => None,
    };
    hop.or_else(backend).or_else(schema).or_else(changelog)
}

fn native_is_promised(knowledge: &Knowledge, purpose: Purpose) -> bool {
    let row = knowledge.flink().snapshot_serves(Kind::Native, purpose);
    row.known().is_some_and(|(serves, _)| *serves == Serves::Yes)
}

fn reason_for_native(question: &Question<'_>) -> String {
    let hop = if question.from.same_line(question.to) {
        "a patch"
    } else {
        "a minor upgrade"
    };
    format!("native, because {hop} with the same backend and the same jar allows it, and it is quicker")
}

/// The name of a state backend as configuration gives it, one name for each: the keys changed with
/// 1.19, and a factory class may stand for the short name. Absent means the default, `hashmap`.
pub(crate) fn backend(config: &std::collections::BTreeMap<String, String>) -> String {
    let named = ["state.backend.type", "state.backend"]
        .iter()
        .find_map(|key| config.get(*key));
    let Some(text) = named else {
        return "hashmap".to_owned();
    };
    let lower = text.to_ascii_lowercase();
    let known = [
        ("rocksdb", "rocksdb"),
        ("forst", "forst"),
        ("hashmap", "hashmap"),
        ("filesystem", "hashmap"),
    ];
    known
        .iter()
        .find(|(part, _)| lower.contains(part))
        .map_or(lower.clone(), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question<'a>(
        knowledge: &'a Knowledge,
        (from, to): (&'a Version, &'a Version),
        seen: &'a Checkpointing,
    ) -> Question<'a> {
        let backend = Some("rocksdb".to_owned());
        Question {
            knowledge,
            wish: FormWish::Auto,
            from,
            to,
            backends: (backend.clone(), backend),
            same_jar: Some(true),
            checkpointing: Some(seen),
        }
    }

    fn healthy() -> Checkpointing {
        Checkpointing {
            mode: "exactly_once".to_owned(),
            interval: None,
            timeout: None,
            unaligned: Some(false),
            state_backend: None,
            changelog: Some(false),
            retained: Some(true),
        }
    }

    #[test]
    fn native_only_where_flink_promises_it() {
        let (old, new, next): (Version, Version, Version) = (
            "1.18.1".parse().expect("a version"),
            "1.20.5".parse().expect("a version"),
            "2.3.0".parse().expect("a version"),
        );
        let seen = healthy();
        let kind = |q: &Question<'_>| choose(q).0;
        use RestorePointKind::{SavepointCanonical, SavepointNative};
        let knowledge = Knowledge::builtin();
        let minor = || question(&knowledge, (&old, &new), &seen);
        assert_eq!(kind(&minor()), SavepointNative);
        assert_eq!(
            kind(&question(&knowledge, (&new, &next), &seen)),
            SavepointCanonical
        );
        let other = Some("hashmap".to_owned());
        let q = Question {
            backends: (other, Some("rocksdb".to_owned())),
            ..minor()
        };
        let why = "canonical, because the state backend changes from hashmap to rocksdb, and native is not promised for that";
        assert_eq!(choose(&q).1, [why]);
        assert_eq!(
            kind(&Question {
                backends: (None, None),
                ..minor()
            }),
            SavepointCanonical
        );
        assert_eq!(
            kind(&Question {
                same_jar: Some(false),
                ..minor()
            }),
            SavepointCanonical
        );
        assert_eq!(
            kind(&Question {
                checkpointing: None,
                ..minor()
            }),
            SavepointCanonical
        );
        let changelog = Checkpointing {
            changelog: Some(true),
            ..seen.clone()
        };
        assert_eq!(
            kind(&Question {
                checkpointing: Some(&changelog),
                ..minor()
            }),
            SavepointCanonical
        );
        assert_eq!(
            kind(&Question {
                wish: FormWish::Native,
                ..question(&knowledge, (&new, &next), &seen)
            }),
            SavepointNative
        );
    }
}
