//! A loopback server for one connection after the other: for every frame that comes in, bytes that go out.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What is done with a frame, without its length.
pub(crate) enum Reply {
    /// These bytes, length included.
    Bytes(Vec<u8>),
    /// The connection is closed.
    Close,
}

/// Starts it; gives its address. It ends with the test's runtime.
pub(crate) async fn serve(mut answer: impl FnMut(&[u8]) -> Reply + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            while let Ok(length) = stream.read_u32().await {
                let mut frame = vec![0; usize::try_from(length).expect("a length")];
                stream.read_exact(&mut frame).await.expect("a frame");
                match answer(&frame) {
                    Reply::Bytes(bytes) => stream.write_all(&bytes).await.expect("sent"),
                    Reply::Close => break,
                }
            }
        }
    });
    address
}

/// Bytes with their length in front.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("small");
    [&length.to_be_bytes()[..], body].concat()
}
