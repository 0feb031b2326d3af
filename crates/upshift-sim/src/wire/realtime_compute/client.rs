//! As much HTTP/1.1 as a Flink cluster needs: one request, one answer, one connection. Apart from the
//! driver's client on purpose.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

/// Sends a request and reads the whole answer: status and body.
pub(super) fn request(
    authority: &str,
    method: &str,
    path: &str,
    kind: &str,
    body: &[u8],
) -> io::Result<(u16, Vec<u8>)> {
    let address = authority.to_socket_addrs()?.next();
    let address = address.ok_or_else(|| io::Error::other(format!("{authority} is no address")))?;
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-type: {kind}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw)?;
    apart(&raw).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP/1.1"))
}

fn apart(raw: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&raw[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = &raw[end + 4..];
    if !head.contains("transfer-encoding: chunked") {
        return Some((status, body.to_vec()));
    }
    let (mut rest, mut whole) = (body, Vec::new());
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some((status, whole));
        }
        whole.extend_from_slice(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 4 + size..)?;
    }
}

/// One file as a form, as uploads want it.
pub(super) fn form(name: &str, file: &[u8]) -> (String, Vec<u8>) {
    const EDGE: &str = "emulator-7c1d4f20b9aa";
    let head = format!(
        "--{EDGE}\r\ncontent-disposition: form-data; name=\"jarfile\"; filename=\"{name}\"\r\n\
         content-type: application/x-java-archive\r\n\r\n"
    );
    let tail = format!("\r\n--{EDGE}--\r\n");
    let body = [head.as_bytes(), file, tail.as_bytes()].concat();
    (format!("multipart/form-data; boundary={EDGE}"), body)
}

/// The innermost cause in what Flink says: in a stack trace, or in a list of errors.
pub(super) fn cause(said: &str) -> String {
    let errors: Option<Value> = serde_json::from_str(said).ok();
    let errors = errors
        .and_then(|all| all.get("errors").cloned())
        .unwrap_or_default();
    let lines: Vec<_> = errors
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let text = if lines.is_empty() {
        said.to_owned()
    } else {
        lines.join("\n")
    };
    let inner = text
        .lines()
        .filter_map(|line| line.split_once("Caused by: "))
        .map(|(_, said)| said)
        .next_back();
    inner
        .or_else(|| text.lines().next())
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_plain_or_in_chunks() {
        let plain = apart(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}");
        assert_eq!(plain, Some((202, b"{}".to_vec())));
        let chunked =
            apart(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
        assert_eq!(chunked, Some((200, b"abcd".to_vec())));
        assert_eq!(
            apart(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab"),
            None
        );
    }

    #[test]
    fn the_cause_is_the_innermost_one() {
        let said =
            r#"{"errors":["Internal","<x>\njava.A: a\nCaused by: java.B: b\nCaused by: java.C: c\n at"]}"#;
        assert_eq!(cause(said), "java.C: c");
        assert_eq!(cause("java.A: a\n at"), "java.A: a");
    }
}
