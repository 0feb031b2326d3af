//! How a session with ZooKeeper begins: a connection, encrypted where it is asked for, and the proof of who asks.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use upshift_model::fluss::{Access, Identity, Login};

use super::zookeeper_session::SessionError;
use crate::wire::secret::Secrets;
use crate::wire::tls;

/// What a person says of the way in.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// What ZooKeeper asks.
    pub access: &'a Access,
    /// How the password is had.
    pub secrets: &'a Secrets,
}

/// A connection of either kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// What is needed to come in, read once for all servers.
pub(super) struct Keys<'a> {
    tls: Option<TlsConnector>,
    pub(super) login: Option<(&'a Login, String)>,
}

impl<'a> Keys<'a> {
    /// Reads the password and the certificates.
    pub(super) fn of(door: Option<Door<'a>>) -> Result<Self, SessionError> {
        let Some(Door { access, secrets }) = door else {
            return Ok(Self {
                tls: None,
                login: None,
            });
        };
        let login = access
            .login
            .as_ref()
            .map(|login| match secrets.get(&login.password) {
                Ok(password) => Ok((login, password)),
                Err(error) => Err(SessionError::NoKey(error.to_string())),
            });
        let tls = access.tls.as_ref().map(|wanted| {
            let identity = wanted.identity.as_ref().map(Identity::files);
            let config = tls::tls_config_with_identity(wanted.ca.as_deref(), identity);
            config
                .map(|config| TlsConnector::from(Arc::new(config)))
                .map_err(|error| SessionError::NoKey(error.to_string()))
        });
        Ok(Self {
            tls: tls.transpose()?,
            login: login.transpose()?,
        })
    }

    pub(super) async fn connect(&self, server: &str) -> Result<Box<dyn Stream>, SessionError> {
        let stream = TcpStream::connect(server).await.map_err(SessionError::wire)?;
        stream.set_nodelay(true).map_err(SessionError::wire)?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|error| SessionError::Tls(format!("{host}: {error}")))?;
        let stream = tls.connect(name, stream).await.map_err(SessionError::wire)?;
        Ok(Box::new(stream))
    }
}

/// Bytes that nobody can foresee, as text.
pub(super) fn nonce() -> Result<String, SessionError> {
    let mut bytes = [0; 16];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random
        .fill(&mut bytes)
        .map_err(|_| SessionError::NoKey("the system gives no random bytes".to_owned()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
