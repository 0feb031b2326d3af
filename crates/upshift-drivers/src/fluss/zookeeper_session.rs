//! A session with ZooKeeper that can read and nothing else: there is no code here for any request that writes.
//!
//! Requests are sent many at a time and answered in their order. No watches, no reconnecting: a look that lost
//! its session is made again as a whole.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Time to connect to one server, and for one answer.
const LIMIT: Duration = Duration::from_secs(10);
/// Asked of the server; reads keep the session alive while a look lasts.
const SESSION_MS: i32 = 30_000;
/// The server's own limit on a node is 1 MB by default; a list of children may be longer.
const LARGEST: i32 = 64 << 20;

const GET_DATA: i32 = 4;
const GET_CHILDREN: i32 = 8;
const CLOSE: i32 = -11;

const NO_NODE: i32 = -101;
const NO_AUTH: i32 = -102;
const AUTH_FAILED: i32 = -115;
const SESSION_CLOSED_REQUIRES_SASL: i32 = -124;

/// Why a session cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SessionError {
    #[error("{0}")]
    Wire(String),
    #[error("no answer within {} s", LIMIT.as_secs())]
    Silent,
    #[error("what answers is not ZooKeeper: {0}")]
    NotZooKeeper(&'static str),
    #[error("error {0} of ZooKeeper")]
    Server(i32),
    #[error("it wants to know who asks, and upshift does not speak SASL with ZooKeeper yet")]
    WantsSasl,
}

/// What is said of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said<T> {
    Is(T),
    Gone,
    Forbidden,
}

/// A node's bytes, when they were written, and whether it goes with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) bytes: Vec<u8>,
    pub(super) written_ms: i64,
    pub(super) ephemeral: bool,
}

pub(super) struct Session {
    stream: TcpStream,
    next: i32,
}

impl Session {
    /// Opens a session with the first of the servers that answers.
    pub(super) async fn open(servers: &str) -> Result<Self, SessionError> {
        let mut last = SessionError::Wire("no server is named".to_owned());
        for server in servers
            .split(',')
            .map(str::trim)
            .filter(|server| !server.is_empty())
        {
            match within(Self::shake(server)).await {
                Ok(session) => return Ok(session),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn shake(server: &str) -> Result<Self, SessionError> {
        let mut stream = TcpStream::connect(server).await.map_err(wire)?;
        stream.set_nodelay(true).map_err(wire)?;
        let hello = [
            &0_i32.to_be_bytes()[..],
            &0_i64.to_be_bytes(),
            &SESSION_MS.to_be_bytes(),
            &0_i64.to_be_bytes(),
            &16_i32.to_be_bytes(),
            &[0; 16],
            &[0],
        ]
        .concat();
        stream.write_all(&framed(&hello)).await.map_err(wire)?;
        let answer = receive(&mut stream).await?;
        let mut answer = Bytes(&answer);
        let _version = answer.int()?;
        match answer.int()? {
            granted if granted > 0 => Ok(Self { stream, next: 1 }),
            _ => Err(SessionError::NotZooKeeper("it grants no session")),
        }
    }

    /// The nodes at these paths, and the names of what lies right below each.
    pub(super) async fn look(
        &mut self,
        paths: &[String],
    ) -> Result<Vec<Said<(Node, Vec<String>)>>, SessionError> {
        let first = self.next;
        let mut out = Vec::new();
        for path in paths {
            for kind in [GET_DATA, GET_CHILDREN] {
                out.extend(framed(&request(self.next, kind, path)));
                self.next = self.next.checked_add(1).unwrap_or(1);
            }
        }
        within(async { self.stream.write_all(&out).await.map_err(wire) }).await?;
        let mut all = Vec::new();
        for pair in 0..paths.len() {
            let at =
                first + i32::try_from(pair * 2).map_err(|_| SessionError::NotZooKeeper("too many nodes"))?;
            let node = self.answer(at, node).await?;
            let children = self.answer(at + 1, children).await?;
            all.push(match (node, children) {
                (Said::Is(node), Said::Is(children)) => Said::Is((node, children)),
                (Said::Forbidden, _) | (_, Said::Forbidden) => Said::Forbidden,
                (Said::Gone, _) | (_, Said::Gone) => Said::Gone,
            });
        }
        Ok(all)
    }

    /// Says goodbye, so that the server need not wait for the session to time out.
    pub(super) async fn close(mut self) {
        let goodbye = framed(&[self.next.to_be_bytes(), CLOSE.to_be_bytes()].concat());
        if let Err(error) = within(async { self.stream.write_all(&goodbye).await.map_err(wire) }).await {
            tracing::debug!(%error, "a session with ZooKeeper ends by its time-out");
        }
    }

    async fn answer<T>(
        &mut self,
        expected: i32,
        read: fn(&mut Bytes<'_>) -> Result<T, SessionError>,
    ) -> Result<Said<T>, SessionError> {
        let frame = within(receive(&mut self.stream)).await?;
        let mut bytes = Bytes(&frame);
        let (xid, _zxid, error) = (bytes.int()?, bytes.long()?, bytes.int()?);
        if xid != expected {
            return Err(SessionError::NotZooKeeper("an answer out of order"));
        }
        match error {
            0 => Ok(Said::Is(read(&mut bytes)?)),
            NO_NODE => Ok(Said::Gone),
            NO_AUTH => Ok(Said::Forbidden),
            AUTH_FAILED | SESSION_CLOSED_REQUIRES_SASL => Err(SessionError::WantsSasl),
            other => Err(SessionError::Server(other)),
        }
    }
}

fn node(bytes: &mut Bytes<'_>) -> Result<Node, SessionError> {
    let data = bytes.buffer()?.to_vec();
    // Two transactions, when it was made, when it was written, three versions, the session that it goes with.
    bytes.take(24)?;
    let written_ms = bytes.long()?;
    bytes.take(12)?;
    let ephemeral = bytes.long()? != 0;
    Ok(Node {
        bytes: data,
        written_ms,
        ephemeral,
    })
}

fn children(bytes: &mut Bytes<'_>) -> Result<Vec<String>, SessionError> {
    let count = bytes.int()?;
    (0..count.max(0))
        .map(|_| {
            let name = bytes.buffer()?;
            let name = std::str::from_utf8(name)
                .map_err(|_| SessionError::NotZooKeeper("a name that is no text"))?;
            Ok(name.to_owned())
        })
        .collect()
}

fn request(xid: i32, kind: i32, path: &str) -> Vec<u8> {
    let length = i32::try_from(path.len()).expect("a path is short");
    let no_watch = [0];
    [
        &xid.to_be_bytes()[..],
        &kind.to_be_bytes(),
        &length.to_be_bytes(),
        path.as_bytes(),
        &no_watch,
    ]
    .concat()
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len()).expect("requests are small");
    [&length.to_be_bytes()[..], body].concat()
}

async fn receive(stream: &mut TcpStream) -> Result<Vec<u8>, SessionError> {
    let length = stream.read_i32().await.map_err(wire)?;
    if !(0..=LARGEST).contains(&length) {
        return Err(SessionError::NotZooKeeper("an answer of a length that cannot be"));
    }
    let mut frame = vec![0; usize::try_from(length).unwrap_or(0)];
    stream.read_exact(&mut frame).await.map_err(wire)?;
    Ok(frame)
}

async fn within<T>(work: impl Future<Output = Result<T, SessionError>>) -> Result<T, SessionError> {
    match tokio::time::timeout(LIMIT, work).await {
        Ok(done) => done,
        Err(_) => Err(SessionError::Silent),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn wire(error: std::io::Error) -> SessionError {
    SessionError::Wire(error.to_string())
}

/// What is left of an answer.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SessionError> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(SessionError::NotZooKeeper("an answer that is too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn int(&mut self) -> Result<i32, SessionError> {
        let taken = self.take(4)?.first_chunk::<4>().expect("four bytes");
        Ok(i32::from_be_bytes(*taken))
    }

    fn long(&mut self) -> Result<i64, SessionError> {
        let taken = self.take(8)?.first_chunk::<8>().expect("eight bytes");
        Ok(i64::from_be_bytes(*taken))
    }

    /// A length and as many bytes; a negative length is none.
    fn buffer(&mut self) -> Result<&'a [u8], SessionError> {
        let length = self.int()?;
        self.take(usize::try_from(length).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, children, node, request};

    #[test]
    fn a_request_names_its_path_and_sets_no_watch() {
        assert_eq!(
            request(7, 4, "/a"),
            [0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 2, b'/', b'a', 0]
        );
    }

    #[test]
    fn a_node_is_read_to_its_owner_and_no_prefix_of_one_is_a_node() {
        let before = [&[0; 24][..], &8_i64.to_be_bytes(), &[0; 12]].concat();
        let mut answer = [&2_i32.to_be_bytes()[..], b"hi", &before, &9_i64.to_be_bytes()].concat();
        answer.extend([0; 16]);
        let read = node(&mut Bytes(&answer)).unwrap();
        assert_eq!(
            (read.bytes.as_slice(), read.written_ms, read.ephemeral),
            (&b"hi"[..], 8, true)
        );
        assert!((0..58).all(|end| node(&mut Bytes(&answer[..end])).is_err()));
        let empty = [&(-1_i32).to_be_bytes()[..], &[0; 60]].concat();
        let read = node(&mut Bytes(&empty)).unwrap();
        assert_eq!((read.bytes.len(), read.ephemeral), (0, false));
    }

    #[test]
    fn names_are_read_and_a_count_that_lies_is_no_list() {
        let answer = [&1_i32.to_be_bytes()[..], &3_i32.to_be_bytes(), b"ids"].concat();
        assert_eq!(children(&mut Bytes(&answer)).unwrap(), ["ids"]);
        let lies = [&i32::MAX.to_be_bytes()[..], &3_i32.to_be_bytes(), b"ids"].concat();
        assert!(children(&mut Bytes(&lies)).is_err());
    }
}
