//! A loopback server that answers as it is told and remembers what it was asked. It knows nothing of
//! Flink: every answer comes from the test.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a request is met with.
#[derive(Clone)]
pub(crate) enum Reply {
    Json(u16, String),
    Bytes(Vec<u8>),
    /// The request was read, and the connection ends without an answer.
    Silence,
}

pub(crate) fn ok(body: impl Into<String>) -> Reply {
    Reply::Json(200, body.into())
}

pub(crate) fn unknown(what: &str) -> Reply {
    let text = format!("org.apache.flink.runtime.rest.NotFoundException: {what}\\n\\tat a.b.C(C.java:1)\\n");
    Reply::Json(404, format!(r#"{{"errors":["{text}"]}}"#))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn answering(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (asked.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seen.clone(), answer.clone()));
            }
        });
        Self { url, asked, task }
    }

    pub(crate) fn changes(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|a| a.method != "GET")
            .cloned()
            .collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Asked>>>,
    answer: Arc<dyn Fn(&Asked) -> Reply + Send + Sync>,
) {
    let Some(asked) = read(&mut stream).await else {
        return;
    };
    seen.lock().unwrap().push(asked.clone());
    let (status, kind, body) = match answer(&asked) {
        Reply::Json(status, body) => (status, "application/json", body.into_bytes()),
        Reply::Bytes(body) => (200, "application/octet-stream", body),
        Reply::Silence => return,
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    // A client that went away is its own business.
    if stream.write_all(head.as_bytes()).await.is_ok() && stream.write_all(&body).await.is_ok() {
        stream.shutdown().await.ok();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
    let head = loop {
        match stream.read(&mut chunk).await.ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&chunk[..read]),
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length: usize = text
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    while bytes.len() < head + 4 + length {
        match stream.read(&mut chunk).await.ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    }
    let mut first = text.lines().next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    Some(Asked {
        method,
        path,
        body: String::from_utf8_lossy(&bytes[head + 4..]).into_owned(),
    })
}
