//! One HTTP/1.1 request a connection: read whole, answered, closed. Written out here and not taken from
//! a library because a story must be able to end a connection without an answer.

use std::io::{self, Read, Write};

use crate::flink::Answer;

/// A request as it came.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) authorization: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Reads one request; none when the other side closes before it is whole.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Request>> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
    let head = loop {
        match from.read(&mut chunk)? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&chunk[..read]),
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let header = |name: &str| {
        let value = |line: &str| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        text.lines().find_map(value)
    };
    let mut body = bytes.split_off(head + 4);
    let whole = |body: &[u8]| match header("content-length").and_then(|n| n.parse::<usize>().ok()) {
        Some(length) => body.len() >= length,
        // Chunked, as uploads come; the last chunk is empty.
        None if header("transfer-encoding").is_some() => body.ends_with(b"0\r\n\r\n"),
        None => true,
    };
    while !whole(&body) {
        match from.read(&mut chunk)? {
            0 => return Ok(None),
            read => body.extend_from_slice(&chunk[..read]),
        }
    }
    let authorization = header("authorization");
    let mut first = text.lines().next().unwrap_or_default().split(' ');
    let mut word = || first.next().unwrap_or_default().to_owned();
    Ok(Some(Request {
        method: word(),
        target: word(),
        authorization,
        body,
    }))
}

/// Writes the answer.
pub(super) fn write(to: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let body = answer.body.to_string();
    let (status, length) = (answer.status, body.len());
    let head = format!(
        "HTTP/1.1 {status} Stand-in\r\ncontent-type: application/json; charset=UTF-8\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    to.write_all(head.as_bytes())?;
    to.write_all(body.as_bytes())?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_read_whole_and_an_answer_written() {
        let mut sent: &[u8] = b"POST /a?b=c HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";
        let request = read(&mut sent).unwrap().unwrap();
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/a?b=c")
        );
        assert_eq!(request.body, b"body");
        let mut cut: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo";
        assert!(read(&mut cut).unwrap().is_none());
        let mut told = Vec::new();
        write(
            &mut told,
            &Answer {
                status: 404,
                body: json!({}),
            },
        )
        .unwrap();
        assert!(String::from_utf8(told).unwrap().starts_with("HTTP/1.1 404 "));
    }
}
