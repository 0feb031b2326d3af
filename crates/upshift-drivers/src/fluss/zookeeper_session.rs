//! A session with ZooKeeper that can read and nothing else: there is no code here for any request that writes.
//!
//! Requests are sent many at a time and answered in their order. No watches, no reconnecting: a look that lost
//! its session is made again as a whole.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::zookeeper_digest::{self as digest, User};
use super::zookeeper_door::{Door, Keys, Stream, nonce};

/// Time to connect to one server, and for one answer.
const LIMIT: Duration = Duration::from_secs(10);
/// Asked of the server; reads keep the session alive while a look lasts.
const SESSION_MS: i32 = 30_000;
/// The server's own limit on a node is 1 MB by default; a list of children may be longer.
const LARGEST: i32 = 64 << 20;

const GET_DATA: i32 = 4;
const GET_CHILDREN: i32 = 8;
const CLOSE: i32 = -11;
const SASL: i32 = 102;

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
    #[error("it wants to know who asks (SASL), and no login is named")]
    WantsLogin,
    #[error("it does not take the login of {0}")]
    LoginRefused(String),
    #[error("its SASL is not DIGEST-MD5, and upshift speaks no other with ZooKeeper")]
    NotDigest,
    #[error("it does not know the password of {0} itself, so it is not the ZooKeeper that it should be")]
    Impostor(String),
    #[error("{0}")]
    NoKey(String),
    #[error("TLS: {0}")]
    Tls(String),
}

impl SessionError {
    #[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
    pub(super) fn wire(error: std::io::Error) -> Self {
        let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        match is_tls {
            true => Self::Tls(error.to_string()),
            false => Self::Wire(error.to_string()),
        }
    }

    /// Whether it is about the way in: nobody who asks again fares better.
    pub(super) const fn is_about_the_door(&self) -> bool {
        matches!(
            self,
            Self::WantsLogin
                | Self::LoginRefused(_)
                | Self::NotDigest
                | Self::Impostor(_)
                | Self::NoKey(_)
                | Self::Tls(_)
        )
    }
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
    stream: Box<dyn Stream>,
    next: i32,
}

impl Session {
    /// Opens a session with the first of the servers that answers.
    pub(super) async fn open(servers: &str, door: Option<Door<'_>>) -> Result<Self, SessionError> {
        let keys = Keys::of(door)?;
        let mut last = SessionError::Wire("no server is named".to_owned());
        for server in servers
            .split(',')
            .map(str::trim)
            .filter(|server| !server.is_empty())
        {
            match within(Self::shake(server, &keys)).await {
                Ok(session) => return Ok(session),
                // The next server asks the same.
                Err(error @ (SessionError::LoginRefused(_) | SessionError::NotDigest)) => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn shake(server: &str, keys: &Keys<'_>) -> Result<Self, SessionError> {
        let mut stream = keys.connect(server).await?;
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
        if answer.int()? <= 0 {
            return Err(SessionError::NotZooKeeper("it grants no session"));
        }
        let mut session = Self { stream, next: 1 };
        if let Some((login, password)) = &keys.login {
            let user = User {
                name: &login.user,
                password,
            };
            session.log_in(user).await?;
        }
        Ok(session)
    }

    /// Two words each way: an empty one for a challenge, and the answer to it for the proof.
    async fn log_in(&mut self, user: User<'_>) -> Result<(), SessionError> {
        let refused = || SessionError::LoginRefused(user.name.to_owned());
        let challenge = self.sasl(&[]).await?.ok_or_else(refused)?;
        let exchange = digest::exchange(&challenge, user, &nonce()?).ok_or(SessionError::NotDigest)?;
        let proof = self.sasl(exchange.answer.as_bytes()).await?.ok_or_else(refused)?;
        match proof == exchange.proof.as_bytes() {
            true => Ok(()),
            false => Err(SessionError::Impostor(user.name.to_owned())),
        }
    }

    /// One word of a login and what is said to it; `None`: a no. A server that says no may also just hang up.
    async fn sasl(&mut self, token: &[u8]) -> Result<Option<Vec<u8>>, SessionError> {
        let xid = self.next;
        self.next += 1;
        let length = i32::try_from(token.len()).expect("a login is short");
        let request = [
            &xid.to_be_bytes()[..],
            &SASL.to_be_bytes(),
            &length.to_be_bytes(),
            token,
        ];
        self.stream
            .write_all(&framed(&request.concat()))
            .await
            .map_err(wire)?;
        let frame = match receive(&mut self.stream).await {
            Err(SessionError::Wire(_)) if !token.is_empty() => return Ok(None),
            received => received?,
        };
        let mut bytes = Bytes(&frame);
        let (said, _zxid, error) = (bytes.int()?, bytes.long()?, bytes.int()?);
        match (said == xid, error) {
            (false, _) => Err(SessionError::NotZooKeeper("an answer out of order")),
            (true, 0) => Ok(Some(bytes.buffer()?.to_vec())),
            (true, AUTH_FAILED | SESSION_CLOSED_REQUIRES_SASL) => Ok(None),
            (true, other) => Err(SessionError::Server(other)),
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
            AUTH_FAILED | SESSION_CLOSED_REQUIRES_SASL => Err(SessionError::WantsLogin),
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

async fn receive(stream: &mut (impl Stream + ?Sized)) -> Result<Vec<u8>, SessionError> {
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

fn wire(error: std::io::Error) -> SessionError {
    SessionError::wire(error)
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
