//! One question over bare HTTP to a server on the loopback interface, whatever it answers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Asks `http://ADDRESS` for a path; gives the head and the body.
///
/// # Errors
/// When nobody listens there, or nothing comes back within some seconds.
pub fn get(address: &str, path: &str) -> std::io::Result<(String, String)> {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes())?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
    Ok((head.to_owned(), body.to_owned()))
}
