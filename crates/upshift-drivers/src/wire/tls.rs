//! Which certificates are trusted: those of the system, and those of an authority that is named.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::http::HttpSetupError;

/// The set-up of one client. A client that never speaks TLS does not ask for the system's certificates,
/// which a small machine may lack.
pub(super) fn tls_config(https: bool, ca: Option<&Path>) -> Result<rustls::ClientConfig, HttpSetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = |e: rustls::Error| HttpSetupError::Tls { why: e.to_string() };
    let builder = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(tls)?;
    if !https {
        return Ok(builder
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth());
    }
    let extra = match ca {
        Some(path) => authorities(path)?,
        None => Vec::new(),
    };
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider).map_err(tls)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// The set-up of a client of a server that has an authority of its own, as ZooKeeper has: where one is named, no other is
/// trusted. `identity`: its own certificate and key.
pub(crate) fn tls_config_with_identity(
    ca: Option<&Path>,
    identity: Option<(&Path, &Path)>,
) -> Result<rustls::ClientConfig, HttpSetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = |e: rustls::Error| HttpSetupError::Tls { why: e.to_string() };
    let builder = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(tls)?;
    let builder = match ca {
        Some(path) => {
            let mut trusted = rustls::RootCertStore::empty();
            for one in authorities(path)? {
                trusted.add(one).map_err(tls)?;
            }
            builder.with_root_certificates(trusted)
        }
        None => {
            let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(tls)?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    match identity {
        Some((certificate, key)) => {
            let chain = authorities(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| HttpSetupError::Tls {
                why: format!("the key in {}: {error}", key.display()),
            })?;
            builder.with_client_auth_cert(chain, key).map_err(tls)
        }
        None => Ok(builder.with_no_client_auth()),
    }
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, HttpSetupError> {
    let bad = |why: String| HttpSetupError::Authority {
        path: path.to_owned(),
        why,
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|e| bad(e.to_string()))?
        .collect::<Result<_, _>>()
        .map_err(|e| bad(e.to_string()))?;
    if found.is_empty() {
        return Err(bad("it holds no PEM certificate".to_owned()));
    }
    Ok(found)
}
