//! Flink's error texts, as the recorded transcripts of its REST API have them: wrappers around a cause,
//! each with frames of a stack.

use serde_json::{Value, json};

use super::Answer;

const FRAME: &str = "\n\tat org.apache.flink.Stand.in(Stand.java:1)\n";

/// `{"errors": […]}`.
fn errors(status: u16, texts: &[String]) -> Answer {
    Answer {
        status,
        body: json!({ "errors": texts }),
    }
}

fn rest(status: u16, text: &str) -> Answer {
    let text = format!("org.apache.flink.runtime.rest.handler.RestHandlerException: {text}{FRAME}");
    errors(status, &[text])
}

pub(super) fn not_found(path: &str) -> Answer {
    errors(404, &[format!("Not found: {path}")])
}

pub(super) fn no_job(id: &str) -> Answer {
    let text = format!("org.apache.flink.runtime.rest.NotFoundException: Job {id} not found{FRAME}");
    errors(404, &[text])
}

/// The one handler that answers 500 for a job that it does not know.
pub(super) fn no_job_status(id: &str) -> Answer {
    let text = format!(
        "<Exception on server side:\norg.apache.flink.runtime.messages.FlinkJobNotFoundException: \
         Could not find Flink job ({id}){FRAME}\nEnd of exception on server side>"
    );
    errors(500, &["Internal server error.".to_owned(), text])
}

pub(super) fn no_trigger(job: &str, trigger: &str) -> Answer {
    rest(
        404,
        &format!("There is no savepoint operation with triggerId={trigger} for job {job}."),
    )
}

pub(super) fn no_disposal(request: &str) -> Answer {
    rest(
        404,
        &format!("There is no savepoint disposal operation with triggerId={request}."),
    )
}

pub(super) fn no_jar(id: &str) -> Answer {
    rest(
        400,
        &format!("File {id} does not exist in the stand-in's upload folder."),
    )
}

pub(super) fn is_over(state: &str) -> Answer {
    let what = "Job cancellation failed because the job has already reached another terminal state";
    rest(409, &format!("{what} ({state})."))
}

/// What releases with strict bodies say of a field that they do not know.
pub(super) fn format_of(body: &str, field: &str) -> Answer {
    rest(
        400,
        &format!(
            "Request did not match expected format {body}.{FRAME}Caused by: \
             org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException: \
             Unrecognized field \"{field}\""
        ),
    )
}

/// Why a jar was not run: five wrappers, as the handler gives them.
pub(super) fn not_run(cause: &str) -> Answer {
    let wrapped = "org.apache.flink.util.FlinkRuntimeException: Could not execute application.";
    rest(
        400,
        &format!(
            "Could not execute application.{FRAME}Caused by: java.util.concurrent.CompletionException: \
             {wrapped}{FRAME}\t... 1 more\nCaused by: {wrapped}{FRAME}Caused by: {cause}"
        ),
    )
}

/// A failed operation, as `failure-cause` has it.
pub(super) fn cause(text: &str) -> Value {
    json!({
        "class": "java.util.concurrent.CompletionException",
        "stack-trace": format!("java.util.concurrent.CompletionException: {text}{FRAME}Caused by: {text}{FRAME}"),
    })
}
