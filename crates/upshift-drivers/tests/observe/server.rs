//! A loopback server that answers as a recorded Flink did, and remembers what it was asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Answers by `METHOD path`: status and body, in the order in which they were given.
type Answers = BTreeMap<String, Vec<(u16, String)>>;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// As the Flink of that release answered.
    pub(crate) async fn recorded(release: &str) -> Self {
        Self::answering(transcript(release)).await
    }

    /// With the same answer to everything.
    pub(crate) async fn always(status: u16, content_type: &'static str, body: &str) -> Self {
        let body = body.to_owned();
        Self::serve(move |_| (status, content_type, body.clone())).await
    }

    pub(crate) async fn answering(mut answers: Answers) -> Self {
        Self::serve(move |line| match answers.get_mut(line) {
            Some(all) => {
                let (status, body) = if all.len() > 1 {
                    all.remove(0)
                } else {
                    all[0].clone()
                };
                (status, "application/json", body)
            }
            None => (
                404,
                "application/json",
                format!("{{\"errors\":[\"Not found: {line}\"]}}"),
            ),
        })
        .await
    }

    async fn serve(mut answer: impl FnMut(&str) -> (u16, &'static str, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                if let Some(request) = one_request(stream, &mut answer).await {
                    log.lock().unwrap().push(request);
                }
            }
        });
        Self {
            url: format!("http://127.0.0.1:{port}"),
            port,
            asked,
            task,
        }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Asked {
        self.asked().pop().expect("a request")
    }
}

async fn one_request(
    stream: TcpStream,
    answer: &mut impl FnMut(&str) -> (u16, &'static str, String),
) -> Option<Asked> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let line = line.trim().strip_suffix(" HTTP/1.1")?.to_owned();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && head != "\r\n" {
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|header| {
            header
                .to_ascii_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse::<usize>()
                .ok()
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let (status, content_type, text) = answer(&line);
    let answer = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()?;
    Some(Asked { line, body })
}

/// The answers of `fixtures/flink-rest/RELEASE.txt`.
pub(crate) fn transcript(release: &str) -> Answers {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../fixtures/flink-rest/{release}.txt"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut answers = Answers::new();
    let mut request = String::new();
    for line in text.lines() {
        match (line.strip_prefix("  < "), line.strip_prefix("  > ")) {
            (Some(said), _) => {
                let (status, body) = said.split_once(' ').unwrap();
                answers
                    .entry(request.clone())
                    .or_default()
                    .push((status.parse().unwrap(), body.to_owned()));
            }
            (None, Some(_)) => {}
            (None, None) => request = line.to_owned(),
        }
    }
    answers
}
