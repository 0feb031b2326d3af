//! A loopback server that answers as it is told, and remembers what it was asked.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use upshift_drivers::Clock;
use upshift_drivers::realtime_compute::RealtimeCompute;
use upshift_drivers::wire::{NoSecret, Secrets};
use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::realtime_compute::{Credentials, Service};

use crate::captured::{Captured, folder};

/// What becomes of a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// It is answered.
    With(u16, Vec<(String, String)>, String),
    /// The connection ends.
    Lost,
}

impl Reply {
    pub(crate) fn data(data: Value) -> Self {
        let body = json!({
            "requestId": "R", "success": true, "httpCode": 200, "errorCode": "", "errorMessage": "",
            "data": data,
        });
        Self::With(200, Vec::new(), body.to_string())
    }

    /// One of the answers made by hand.
    pub(crate) fn made(name: &str) -> Self {
        let file = folder().join("responses").join(format!("{name}.json"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let all: Value = serde_json::from_str(&text).expect("JSON");
        let headers = all["headers"].as_object().expect("headers");
        Self::With(
            u16::try_from(all["status"].as_u64().expect("a status")).expect("a status"),
            headers
                .iter()
                .map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned()))
                .collect(),
            all["body"].to_string(),
        )
    }
}

pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Captured>>>,
}

impl Server {
    pub(crate) fn start(mut answer: impl FnMut(&Captured) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        // Lives as long as the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(request) = request(&stream) {
                    log.lock().expect("nobody panicked").push(request.clone());
                    reply(stream, answer(&request));
                }
            }
        });
        Self { url, asked }
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Captured> {
        self.asked.lock().expect("nobody panicked").clone()
    }

    pub(crate) fn client(&self) -> RealtimeCompute {
        self.client_with(references(None))
    }

    pub(crate) fn client_with(&self, credentials: Credentials) -> RealtimeCompute {
        let service = Service {
            endpoint: Endpoint::plain(self.url.clone()),
            workspace: "ws0000000000001".to_owned(),
            namespace: "ns-default".to_owned(),
            credentials,
        };
        RealtimeCompute::new(&service, secrets(), clock()).expect("a client")
    }
}

pub(crate) fn references(token: Option<&str>) -> Credentials {
    let variable = |name: &str| SecretRef::Env(name.to_owned());
    Credentials::References {
        access_key_id: variable("AK"),
        access_key_secret: variable("SK"),
        security_token: token.map(variable),
    }
}

/// What the variables of these tests hold.
pub(crate) fn secrets() -> Secrets {
    Secrets::by(|reference| {
        let found = match reference {
            SecretRef::Env(name) => match name.as_str() {
                "AK" | "ALIBABA_CLOUD_ACCESS_KEY_ID" => Some("testAK"),
                "SK" | "ALIBABA_CLOUD_ACCESS_KEY_SECRET" => Some("testSK"),
                "TOKEN" => Some("testSTSToken"),
                _ => None,
            },
            SecretRef::File(_) => None,
        };
        found.map(str::to_owned).ok_or_else(|| NoSecret {
            reference: reference.clone(),
            why: "not set".to_owned(),
            absent: matches!(reference, SecretRef::Env(name) if name == "ALIBABA_CLOUD_SECURITY_TOKEN"),
        })
    })
}

pub(crate) fn clock() -> Clock {
    Clock::by(|| "2026-11-20T11:52:00Z".parse().expect("a time"))
}

fn request(mut stream: &TcpStream) -> Option<Captured> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16 << 10]);
    loop {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
        let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |n| n.trim().parse().expect("a length"));
        if bytes.len() >= head + 4 + length {
            return Some(Captured::of(&bytes));
        }
    }
}

fn reply(mut stream: TcpStream, reply: Reply) {
    let Reply::With(status, headers, body) = reply else {
        return;
    };
    let headers: String = headers.iter().map(|(k, v)| format!("{k}: {v}\r\n")).collect();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()))
        .ok();
}
