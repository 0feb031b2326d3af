//! The useful line of Flink's error texts: 4 to 6 wrappers around one cause, each with its stack.
//! What a cause means for an upgrade is not judged here.

use crate::wire::redact_text;

/// Longest cause that is kept.
const LONGEST: usize = 500;

/// The last `Caused by:` of a stack trace, with the lines that belong to its message; the first line
/// where there is none. Stack frames, and the class names of mere wrappers, are left out.
pub fn last_cause(text: &str) -> String {
    let text = text.trim_start_matches("<Exception on server side:").trim_start();
    let from = text.rfind("Caused by: ").map_or(0, |at| at + "Caused by: ".len());
    let message: Vec<&str> = text[from..]
        .lines()
        .map(str::trim)
        .take_while(|line| !is_frame(line))
        .filter(|line| !line.is_empty())
        .collect();
    let message = message.join(" ");
    let short = match message.split_once(": ") {
        Some((class, rest)) if is_class_name(class) => {
            format!("{}: {rest}", class.rsplit('.').next().unwrap_or(class))
        }
        _ => message,
    };
    redact_text(&crate::wire::shorten(&short, LONGEST))
}

fn is_frame(line: &str) -> bool {
    line.starts_with("at ") || (line.starts_with("... ") && line.ends_with(" more"))
}

fn is_class_name(text: &str) -> bool {
    text.contains('.')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '$' | '_'))
}

#[cfg(test)]
mod tests {
    use super::last_cause;

    #[test]
    fn the_last_cause_is_the_one_that_helps() {
        let text = "java.util.concurrent.CompletionException: org.apache.flink.util.FlinkRuntimeException: Could not execute application.\n\tat x.y(Z.java:1)\n\t... 1 more\nCaused by: org.apache.flink.util.FlinkRuntimeException: Could not execute application.\n\tat x.y(Z.java:1)\nCaused by: java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint file:/sp/savepoint-1.\nMax parallelism mismatch between checkpoint/savepoint state and new program.\n\tat org.apache.flink.runtime.checkpoint.Checkpoints.throwNonRestoredStateException(Checkpoints.java:223)\n\t... 10 more\n";
        assert_eq!(
            last_cause(text),
            "IllegalStateException: Failed to rollback to checkpoint/savepoint file:/sp/savepoint-1. Max \
             parallelism mismatch between checkpoint/savepoint state and new program."
        );
    }

    #[test]
    fn without_a_cause_the_first_line_is_kept() {
        let text = "org.apache.flink.runtime.rest.NotFoundException: Job 11 not found\n\tat a.b(C.java:1)\n";
        assert_eq!(last_cause(text), "NotFoundException: Job 11 not found");
        assert_eq!(
            last_cause("Unable to load requested file /x."),
            "Unable to load requested file /x."
        );
        assert_eq!(last_cause(""), "");
        let remote = "<Exception on server side:\norg.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (11)\n\tat a.b(C.java:1)\n\nEnd of exception on server side>";
        assert_eq!(
            last_cause(remote),
            "FlinkJobNotFoundException: Could not find Flink job (11)"
        );
    }
}
