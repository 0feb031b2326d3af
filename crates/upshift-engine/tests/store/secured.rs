//! A server that wants a password and speaks TLS and nothing else: who gets in, who does not, and what is said.

use std::error::Error as _;
use std::fs::File;
use std::io::Write as _;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use upshift_engine::store::postgres::PostgresStore;
use upshift_engine::store::{Store as _, StoreError};
use upshift_lab::Postgres;
use upshift_lab::postgres::{Identity, Settings};

use crate::bed::LEASE;

const PASSWORD: &str = "Tr0ub4dor-and-three";

/// A certificate for a host, signed by nobody else.
struct Certified {
    certificate: String,
    key: String,
}

fn certified(host: &str) -> Certified {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    Certified {
        certificate: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    }
}

/// A server that shows a certificate, and a folder that holds it as `own.pem`.
struct Secured {
    dir: TempDir,
    address: String,
    _server: Postgres,
}

impl Secured {
    fn shown_as(host: &str) -> Self {
        let own = certified(host);
        let server = Postgres::start(&Settings {
            password: Some(PASSWORD),
            tls: Some(Identity {
                certificate: &own.certificate,
                key: &own.key,
            }),
            ..Settings::default()
        })
        .unwrap();
        let secured = Self {
            dir: TempDir::new().unwrap(),
            address: server.database().unwrap(),
            _server: server,
        };
        secured.put("own.pem", &own.certificate);
        secured
    }

    fn put(&self, name: &str, text: &str) {
        let mut file = File::create_new(self.dir.path().join(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Opens the store, trusting what is in a file of the folder.
    async fn trusting(&self, root: &str, password: &str) -> Result<PostgresStore, StoreError> {
        let root = self.dir.path().join(root);
        let query = format!("sslmode=require&sslrootcert={}", root.display());
        self.asked(&query, password).await
    }

    async fn asked(&self, query: &str, password: &str) -> Result<PostgresStore, StoreError> {
        let address = format!("{}?{query}", self.address).parse().unwrap();
        PostgresStore::open(address, Some(password), self.dir.path(), LEASE).await
    }
}

/// Everything that a refusal says, down to its first cause.
fn said(opened: Result<PostgresStore, StoreError>) -> String {
    let error = opened.err().expect("nobody gets in like this");
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text += &format!(": {next}");
        cause = next.source();
    }
    text
}

#[tokio::test]
async fn a_password_over_tls_opens_the_store_and_nothing_less_does() {
    let server = Secured::shown_as("127.0.0.1");
    let store = server.trusting("own.pem", PASSWORD).await.unwrap();
    assert!(store.list().await.unwrap().is_empty());

    let wrong = said(server.trusting("own.pem", "Tr0ub4dor-and-four").await);
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    assert!(!wrong.contains("Tr0ub4dor"), "{wrong}");

    server.put("other.pem", &certified("127.0.0.1").certificate);
    let stranger = said(server.trusting("other.pem", PASSWORD).await);
    assert!(stranger.contains("certificate"), "{stranger}");

    // Without a named authority those of the machine are asked, which do not know it.
    let unknown = said(server.asked("sslmode=require", PASSWORD).await);
    assert!(unknown.contains("certificate"), "{unknown}");

    let in_the_open = said(server.asked("sslmode=disable", PASSWORD).await);
    assert!(in_the_open.contains("no encryption"), "{in_the_open}");

    let absent = said(server.trusting("absent.pem", PASSWORD).await);
    assert!(absent.contains("absent.pem"), "{absent}");
}

#[tokio::test]
async fn a_server_that_shows_another_name_is_not_the_one_that_was_asked_for() {
    let server = Secured::shown_as("db.example");
    let other = said(server.trusting("own.pem", PASSWORD).await);
    assert!(other.contains("certificate"), "{other}");
}
