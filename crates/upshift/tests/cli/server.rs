//! A loopback server that answers every `GET` with what a real Flink server answered when it was
//! recorded (`fixtures/flink-rest`). It keeps no state, and knows nothing but what was recorded.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

/// Answers by path: status and body.
pub(crate) type Answers = BTreeMap<String, (u16, String)>;

/// The recorded answers of a release.
pub(crate) fn recorded(release: &str) -> Answers {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/flink-rest")
        .join(format!("{release}.txt"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut answers = Answers::new();
    let mut asked = None;
    for line in text.lines() {
        match (line.strip_prefix("GET "), line.strip_prefix("  < "), &asked) {
            (Some(path), _, _) => asked = Some(path.to_owned()),
            (None, Some(answer), Some(path)) => {
                let (status, body) = answer.split_once(' ').unwrap_or((answer, ""));
                let status = status
                    .parse()
                    .unwrap_or_else(|_| panic!("{}: {line}", file.display()));
                // The look comes first in the file; later answers to the same question are of the walk.
                answers
                    .entry(path.clone())
                    .or_insert_with(|| (status, body.to_owned()));
                asked = None;
            }
            _ if !line.starts_with("  ") => asked = None,
            _ => {}
        }
    }
    answers
}

/// The recorded answers with the jobs of the same name but one left out, and that one renamed.
pub(crate) fn with_one_job(release: &str, name: &str) -> Answers {
    let mut answers = recorded(release);
    let (_, overview) = answers.get_mut("/jobs/overview").expect("recorded");
    let mut jobs: serde_json::Value = serde_json::from_str(overview).expect("JSON");
    let list = jobs["jobs"].as_array_mut().expect("a list");
    list.retain(|job| job["state"] == "RUNNING");
    list.truncate(1);
    list[0]["name"] = name.into();
    *overview = jobs.to_string();
    answers
}

/// Starts the server and gives its address. It ends with the test's process.
pub(crate) fn serve(answers: Answers) -> String {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let answers = Arc::new(answers);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || converse(stream, &answers));
        }
    });
    format!("http://{address}")
}

fn converse(stream: TcpStream, answers: &Answers) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).is_ok_and(|read| read > 0) {
            let mut header = String::from("x");
            while header.trim() != "" {
                header.clear();
                if reader.read_line(&mut header).unwrap_or(0) == 0 {
                    return;
                }
            }
            let path = request.split(' ').nth(1).unwrap_or_default();
            let missing = (
                404,
                String::from("{\"errors\":[\"Not found: no such path was recorded\"]}"),
            );
            let (status, body) = answers.get(path).unwrap_or(&missing);
            let kind = if body.starts_with(['{', '[']) {
                "application/json"
            } else {
                "text/html"
            };
            let answer = format!(
                "HTTP/1.1 {status} Recorded\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            if writer.write_all(answer.as_bytes()).is_err() {
                return;
            }
        } else {
            return;
        }
    }
}
