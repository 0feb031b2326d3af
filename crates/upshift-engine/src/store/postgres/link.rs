//! The connection to the server: made when it is needed, made again when it broke.
//!
//! A statement that only asks is sent a second time after a broken connection. One that writes is not:
//! whether it took effect is the store's business to find out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::sync::Mutex;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{Address, Tls};
use super::tables;
use crate::pace;
use crate::store::error::StoreError;

/// How long a server may be silent before the connection counts as broken.
const SILENCE: Duration = Duration::from_secs(10);

type Params<'a> = [(&'a (dyn ToSql + Sync), Type)];

/// See the module.
pub(super) struct Link {
    address: Address,
    config: Config,
    // So long a server that went away is waited for.
    patience: Duration,
    client: Mutex<Option<Arc<Client>>>,
}

/// Why a statement has no result.
pub(super) enum Broken {
    /// The server said no.
    Refused(tokio_postgres::Error),
    /// The connection is gone; what became of the statement is not known.
    Gone(StoreError),
}

impl Link {
    /// Connects, and makes the tables where there are none.
    pub(super) async fn new(
        address: Address,
        password: Option<&str>,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let mut config = address.config.clone();
        if let Some(password) = password {
            config.password(password);
        }
        config
            .application_name(format!("upshift {}", env!("CARGO_PKG_VERSION")))
            .connect_timeout(SILENCE)
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE);
        let link = Self {
            address,
            config,
            patience,
            client: Mutex::new(None),
        };
        let client = link.connect().await?;
        link.prepare(&client).await?;
        *link.client.lock().await = Some(Arc::new(client));
        Ok(link)
    }

    /// The address, for people.
    pub(super) fn name(&self) -> String {
        self.address.to_string()
    }

    /// Sends a statement that may be sent twice.
    pub(super) async fn ask(
        &self,
        doing: &'static str,
        statement: &str,
        params: &Params<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        match self.tell(doing, statement, params).await {
            Err(Broken::Gone(_)) => self.tell(doing, statement, params).await,
            settled => settled,
        }
        .map_err(|broken| self.error(doing, broken))
    }

    /// Sends a statement once.
    pub(super) async fn tell(
        &self,
        doing: &'static str,
        statement: &str,
        params: &Params<'_>,
    ) -> Result<Vec<Row>, Broken> {
        let client = self.client().await.map_err(Broken::Gone)?;
        client
            .query_typed(statement, params)
            .await
            .map_err(|e| match is_gone(&e, &client) {
                true => Broken::Gone(self.database(doing, e)),
                false => Broken::Refused(e),
            })
    }

    pub(super) fn error(&self, doing: &'static str, broken: Broken) -> StoreError {
        match broken {
            Broken::Gone(error) => error,
            Broken::Refused(e) => self.database(doing, e),
        }
    }

    pub(super) fn database(
        &self,
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Database {
            doing,
            path: self.name(),
            source: source.into(),
        }
    }

    /// The connection, made anew where it broke. A server that is being restarted is waited for.
    async fn client(&self) -> Result<Arc<Client>, StoreError> {
        let mut slot = self.client.lock().await;
        if let Some(client) = slot.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let begun = Instant::now();
        loop {
            match self.connect().await {
                Ok(client) => {
                    let client = Arc::new(client);
                    *slot = Some(Arc::clone(&client));
                    return Ok(client);
                }
                Err(error) if begun.elapsed() >= self.patience => return Err(error),
                Err(error) => {
                    tracing::warn!("no connection to {}: {}", self.name(), told(&error));
                    pace::nap(Duration::from_millis(250)).await;
                }
            }
        }
    }

    async fn connect(&self) -> Result<Client, StoreError> {
        let failed = |e: tokio_postgres::Error| self.database("connecting", e);
        let client = match &self.address.tls {
            Tls::Off => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
                tokio::spawn(watched(connection));
                client
            }
            Tls::On(root) => {
                let tls = MakeRustlsConnect::new(self.tls(root.as_deref())?);
                let (client, connection) = self.config.connect(tls).await.map_err(failed)?;
                tokio::spawn(watched(connection));
                client
            }
        };
        Ok(client)
    }

    fn tls(&self, root: Option<&std::path::Path>) -> Result<rustls::ClientConfig, StoreError> {
        let failed = |e: rustls::Error| self.database("setting up TLS", e);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        let Some(root) = root else {
            let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(failed)?;
            return Ok(builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth());
        };
        let unread = |e: rustls::pki_types::pem::Error| {
            self.database("reading sslrootcert", format!("{}: {e}", root.display()))
        };
        let mut store = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(root).map_err(unread)? {
            store.add(certificate.map_err(unread)?).map_err(failed)?;
        }
        Ok(builder.with_root_certificates(store).with_no_client_auth())
    }

    /// Tables that are there, of a format that this build knows, on a server that keeps what it confirms.
    async fn prepare(&self, client: &Client) -> Result<(), StoreError> {
        let failed = |doing| move |e: tokio_postgres::Error| self.database(doing, e);
        let present = client.query_typed_one(tables::PRESENT, &[]).await;
        if !present
            .map_err(failed("looking for the tables"))?
            .get::<_, bool>(0)
        {
            let made = client.batch_execute(tables::MAKE).await;
            made.map_err(failed("making the tables"))?;
        }
        let row = client.query_typed_one(tables::LOOK, &[]).await;
        let row = row.map_err(failed("reading the format"))?;
        let format: i32 = row.get(0);
        if format != tables::STORE_FORMAT {
            return Err(StoreError::Newer {
                path: self.name(),
                expected: tables::STORE_FORMAT.unsigned_abs(),
                found: format.unsigned_abs(),
            });
        }
        let (fsync, commit): (String, String) = (row.get(1), row.get(2));
        if fsync != "on" || matches!(commit.as_str(), "off" | "local") {
            let why = format!(
                "the server may lose what it has confirmed: fsync={fsync}, synchronous_commit={commit}"
            );
            return Err(self.database("trusting the server", why));
        }
        Ok(())
    }
}

/// Drives a connection until it ends.
async fn watched<E: std::fmt::Display>(connection: impl Future<Output = Result<(), E>>) {
    if let Err(e) = connection.await {
        tracing::warn!("the connection to the store ended: {e}");
    }
}

/// Whether nothing more can be asked over the connection: broken, or a server that is going down.
fn is_gone(error: &tokio_postgres::Error, client: &Client) -> bool {
    let down = |code: &tokio_postgres::error::SqlState| code.code().starts_with("57P");
    client.is_closed() || error.is_closed() || error.code().is_some_and(down) || error.as_db_error().is_none()
}

/// An error with its causes in one line.
fn told(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
