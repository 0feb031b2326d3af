//! Request bodies: which fields a release knows, and that releases before 1.20 refuse all others.

use serde_json::Value;

use super::Answer;
use super::errors;

/// A body's class at the server, with the fields of all acted-upon releases and those of some only.
pub(super) struct Shape {
    class: &'static str,
    fields: &'static [&'static str],
    since: &'static [(&'static str, (u64, u64))],
}

pub(super) const RUN: Shape = Shape {
    class: "JarRunRequestBody",
    fields: &[
        "entryClass",
        "programArgsList",
        "parallelism",
        "jobId",
        "allowNonRestoredState",
        "savepointPath",
        "restoreMode",
    ],
    since: &[("claimMode", (1, 20)), ("flinkConfiguration", (1, 17))],
};

pub(super) const STOP: Shape = Shape {
    class: "StopWithSavepointRequestBody",
    fields: &["targetDirectory", "drain", "formatType", "triggerId"],
    since: &[],
};

pub(super) const SAVEPOINT: Shape = Shape {
    class: "SavepointTriggerRequestBody",
    fields: &["target-directory", "cancel-job", "formatType", "triggerId"],
    since: &[],
};

/// 1.18 answers 400 to a field that it does not know, 1.20 drops it in silence.
const LAX_SINCE: (u64, u64) = (1, 20);

pub(super) fn line(release: &str) -> (u64, u64) {
    let mut numbers = release.split('.').map_while(|part| part.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The answer to a body that the release does not take.
pub(super) fn refused(shape: &Shape, release: &str, body: &Value) -> Option<Answer> {
    let line = line(release);
    if line >= LAX_SINCE {
        return None;
    }
    let knows = |field: &str| {
        shape.fields.contains(&field)
            || shape
                .since
                .iter()
                .any(|(name, since)| *name == field && line >= *since)
    };
    let unknown = body.as_object()?.keys().find(|field| !knows(field))?;
    Some(errors::format_of(shape.class, unknown))
}

pub(super) fn text<'b>(body: &'b Value, field: &str) -> Option<&'b str> {
    body.get(field).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_old_release_refuses_what_a_new_one_passes_over() {
        let body = json!({ "jobId": "00", "claimMode": "NO_CLAIM" });
        let told = refused(&RUN, "1.18.1", &body).unwrap();
        assert_eq!(told.status, 400);
        assert!(
            told.body.to_string().contains("Unrecognized field \\\"claimMode"),
            "{}",
            told.body
        );
        assert!(refused(&RUN, "1.20.5", &body).is_none());
        assert!(refused(&RUN, "1.20.5", &json!({ "bogus": 1 })).is_none());
        assert!(refused(&STOP, "1.18.1", &json!({ "drain": false })).is_none());
    }
}
