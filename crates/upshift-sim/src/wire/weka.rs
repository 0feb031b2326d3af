//! The REST interface of a made-up WEKA cluster, over plain HTTP on the loopback interface.

use std::io;
use std::net::TcpListener;

use super::http;
use crate::flink::Answer;
use crate::weka::{RestRequest, World, rest};

/// Answers until the process ends; what the cluster is like is looked up anew for each request.
///
/// # Errors
/// When nothing can be listened to any more.
pub fn serve_weka_rest(listener: &TcpListener, world: impl Fn() -> io::Result<World>) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept()?;
        let Some(request) = http::read(&mut stream)? else {
            continue;
        };
        let asked = RestRequest {
            method: &request.method,
            target: &request.target,
            authorization: request.authorization.as_deref(),
            body: &request.body,
        };
        let (status, body) = rest(&world()?, asked);
        // Whoever asked may have gone.
        http::write(&mut stream, &Answer { status, body }).ok();
    }
}
