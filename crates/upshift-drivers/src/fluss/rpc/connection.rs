//! One connection to one server: frames out, frames in, one request at a time. It opens with ApiVersions, since a
//! server never answers a request that it does not know.

use std::collections::BTreeMap;
use std::time::Duration;

use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::messages::{ApiVersions, ErrorAnswer, Request};

/// Time to connect, and for one answer.
const LIMIT: Duration = Duration::from_secs(10);
/// No answer that is asked for here is anywhere near this.
const LARGEST: u32 = 32 << 20;

const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RpcError {
    /// Nobody answers there.
    #[error("{address}: {why}")]
    Unreachable {
        /// The address.
        address: String,
        /// Why.
        why: String,
    },
    /// What came back is not the protocol.
    #[error("{address}: {why}")]
    NotFluss {
        /// The address.
        address: String,
        /// What is wrong.
        why: String,
    },
    /// The server does not know the call.
    #[error("{address} does not know {call}")]
    NotKnown {
        /// The address.
        address: String,
        /// The call.
        call: &'static str,
    },
    /// The server refused.
    #[error("{call}: error {code}: {message}")]
    Refused {
        /// The call.
        call: &'static str,
        /// The server's number for it.
        code: i32,
        /// What it said.
        message: String,
    },
}

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    address: String,
    next: i32,
    apis: BTreeMap<i16, (i16, i16)>,
    server_type: Option<i32>,
}

impl Connection {
    /// Connects and asks what the server knows.
    ///
    /// # Errors
    /// When nobody answers, or not in this protocol.
    pub async fn open(address: &str) -> Result<Self, RpcError> {
        let unreachable = |why: String| RpcError::Unreachable {
            address: address.to_owned(),
            why,
        };
        let stream = match tokio::time::timeout(LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(unreachable(error.to_string())),
            Err(_) => return Err(unreachable(format!("no connection within {} s", LIMIT.as_secs()))),
        };
        stream
            .set_nodelay(true)
            .map_err(|error| unreachable(error.to_string()))?;
        let mut open = Self {
            stream,
            address: address.to_owned(),
            next: 0,
            apis: BTreeMap::from([(ApiVersions::KEY, (0, 0))]),
            server_type: None,
        };
        let hello = ApiVersions {
            name: "upshift".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let answer = open.call(&hello).await?;
        let number =
            |number: i32| i16::try_from(number).map_err(|_| open.not_fluss("an API number beyond 16 bits"));
        let mut apis = BTreeMap::new();
        for one in &answer.versions {
            apis.insert(number(one.key)?, (number(one.min)?, number(one.max)?));
        }
        open.apis = apis;
        open.server_type = answer.server_type;
        Ok(open)
    }

    /// What the server knows: versions by number.
    pub fn apis(&self) -> &BTreeMap<i16, (i16, i16)> {
        &self.apis
    }

    /// 1 for a coordinator, 2 for a tablet server; none up to 0.8.
    pub fn server_type(&self) -> Option<i32> {
        self.server_type
    }

    /// Where it goes.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks once, in the oldest version of the call, which every server that knows it takes.
    pub(super) async fn call<R: Request>(&mut self, request: &R) -> Result<R::Answer, RpcError> {
        let Some((oldest, _)) = self.apis.get(&R::KEY) else {
            return Err(RpcError::NotKnown {
                address: self.address.clone(),
                call: R::NAME,
            });
        };
        let id = self.next;
        self.next += 1;
        let frame = frame(R::KEY, *oldest, id, &request.encode_to_vec());
        let answer = match tokio::time::timeout(LIMIT, self.exchange(&frame)).await {
            Ok(answer) => answer?,
            Err(_) => {
                return Err(self.unreachable(format!(
                    "no answer to {} within {} s",
                    R::NAME,
                    LIMIT.as_secs()
                )));
            }
        };
        self.answer::<R>(id, &answer)
    }

    async fn exchange(&mut self, frame: &[u8]) -> Result<Vec<u8>, RpcError> {
        let sent = self.stream.write_all(frame).await;
        sent.map_err(|error| self.unreachable(error.to_string()))?;
        let length = self.stream.read_u32().await;
        let length = length.map_err(|error| self.unreachable(error.to_string()))?;
        if length > LARGEST {
            return Err(self.not_fluss(&format!("an answer of {length} bytes")));
        }
        let mut answer = vec![0; usize::try_from(length).expect("32 MB fit")];
        let read = self.stream.read_exact(&mut answer).await;
        read.map_err(|error| self.unreachable(error.to_string()))?;
        Ok(answer)
    }

    fn answer<R: Request>(&self, id: i32, bytes: &[u8]) -> Result<R::Answer, RpcError> {
        let short = || self.not_fluss("an answer that is too short");
        let (kind, rest) = bytes.split_first().ok_or_else(short)?;
        if *kind != SUCCESS && *kind != FAILURE {
            // The server could not even read the request.
            return Err(self.refused::<R>(rest));
        }
        let (told, body) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        if i32::from_be_bytes(*told) != id {
            return Err(self.not_fluss("an answer to another request"));
        }
        match *kind {
            SUCCESS => R::Answer::decode(body).map_err(|error| self.not_fluss(&error.to_string())),
            _ => Err(self.refused::<R>(body)),
        }
    }

    fn refused<R: Request>(&self, body: &[u8]) -> RpcError {
        match ErrorAnswer::decode(body) {
            Ok(error) => RpcError::Refused {
                call: R::NAME,
                code: error.code,
                message: first_line(error.message.as_deref()),
            },
            Err(error) => self.not_fluss(&error.to_string()),
        }
    }

    fn unreachable(&self, why: String) -> RpcError {
        RpcError::Unreachable {
            address: self.address.clone(),
            why,
        }
    }

    fn not_fluss(&self, why: &str) -> RpcError {
        RpcError::NotFluss {
            address: self.address.clone(),
            why: format!("not an answer of a Fluss server: {why}"),
        }
    }
}

/// What a server said, without its stack trace.
pub(super) fn first_line(said: Option<&str>) -> String {
    let line = said.and_then(|said| said.lines().next());
    line.unwrap_or("the server does not say why").to_owned()
}

fn frame(key: i16, version: i16, id: i32, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(8 + body.len()).expect("requests here are small");
    [
        &length.to_be_bytes()[..],
        &key.to_be_bytes(),
        &version.to_be_bytes(),
        &id.to_be_bytes(),
        body,
    ]
    .concat()
}
