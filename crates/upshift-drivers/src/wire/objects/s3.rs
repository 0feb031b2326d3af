//! One bucket of S3.
//!
//! Signing, credentials and repetition are the library's. The HTTP client is ours, so that the same
//! certificates are trusted as everywhere else and no proxy of the environment gets in between.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use futures::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path;
use object_store::{ClientOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, RetryConfig};
use upshift_model::endpoint::SecretRef;
use upshift_model::objects::ObjectAccess;

use super::error::{ObjectError, Why};
use super::store::{Extent, Presence};
use crate::wire::http::{CONNECT, chain};
use crate::wire::redact::redact_text;
use crate::wire::secret::Secrets;
use crate::wire::tls::tls_config;

/// Longest silence of a store in the middle of an answer.
const SILENCE: Duration = Duration::from_secs(30);
/// Repetitions of one request, and their time in all: enough for a store that sheds load, and short
/// enough that an absent one is told from a slow one by whoever waits.
const RETRIES: usize = 3;
const RETRYING: Duration = Duration::from_secs(30);

/// A bucket. Shows its name alone: the library would show the key.
pub(super) struct Bucket {
    store: AmazonS3,
    name: String,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.name)
    }
}

#[derive(Debug)]
struct OurClient(reqwest::Client);

impl HttpConnector for OurClient {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

impl Bucket {
    /// A bucket that `access` leads to. Nothing is sent.
    pub(super) fn new(name: &str, access: &ObjectAccess, secrets: &Secrets) -> Result<Self, ObjectError> {
        let shown = format!("s3://{name}");
        let setup = |said: String| ObjectError::new(&shown, Why::Setup, Some(redact_text(&said)));
        let tls = tls_config(true, access.ca.as_deref()).map_err(|e| setup(e.to_string()))?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|e| setup(chain(&e)))?;
        let retry = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: RETRYING,
            ..RetryConfig::default()
        };
        let secret = |reference: &SecretRef| secrets.get(reference).map_err(|e| setup(e.to_string()));
        let mut builder = match (&access.access_key, &access.secret_key) {
            (Some(key), Some(word)) => addressed_by_environment()
                .with_access_key_id(secret(key)?)
                .with_secret_access_key(secret(word)?),
            _ => AmazonS3Builder::from_env(),
        };
        builder = builder
            .with_bucket_name(name)
            .with_allow_http(true)
            .with_retry(retry)
            .with_http_connector(OurClient(client))
            .with_virtual_hosted_style_request(access.bucket_in_host);
        if let Some(token) = &access.session_token {
            builder = builder.with_token(secret(token)?);
        }
        if let Some(endpoint) = &access.endpoint {
            builder = builder.with_endpoint(match access.bucket_in_host {
                true => with_host(endpoint, name),
                false => endpoint.clone(),
            });
        }
        if let Some(region) = &access.region {
            builder = builder.with_region(region);
        }
        let store = builder.build().map_err(|e| setup(chain(&e)))?;
        Ok(Self {
            store,
            name: name.to_owned(),
        })
    }

    fn path(&self, key: &str) -> Result<Path, ObjectError> {
        Path::parse(key).map_err(|error| {
            let why = Why::NotAPlace("a key that no Flink writes");
            ObjectError::new(self.shown(key), why, Some(error.to_string()))
        })
    }

    fn shown(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    fn failed(&self, key: &str, error: &object_store::Error) -> ObjectError {
        use object_store::Error;
        let why = match error {
            Error::NotFound { .. } => Why::Absent,
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => Why::Denied,
            _ => Why::Failed,
        };
        ObjectError::new(
            self.shown(key),
            why,
            Some(crate::wire::shorten(&chain(error), 400)),
        )
    }

    /// What is at a key: an object, or the common start of others.
    pub(super) async fn presence(&self, key: &str) -> Result<Presence, ObjectError> {
        let path = self.path(key)?;
        if !key.is_empty() {
            match self.store.head(&path).await {
                Ok(found) => return Ok(Presence::File(found.size)),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(self.failed(key, &error)),
            }
        }
        let first = self.store.list(Some(&path)).try_next().await;
        match first.map_err(|error| self.failed(key, &error))? {
            Some(_) => Ok(Presence::Directory),
            None => Ok(Presence::Nothing),
        }
    }

    /// The names directly below a key: of objects, and the first parts of longer ones.
    pub(super) async fn children(&self, key: &str) -> Result<BTreeSet<String>, ObjectError> {
        let path = self.path(key)?;
        let listed = self.store.list_with_delimiter(Some(&path)).await;
        let listed = listed.map_err(|error| self.failed(key, &error))?;
        let objects = listed.objects.iter().map(|object| &object.location);
        let below = listed.common_prefixes.iter().chain(objects);
        Ok(below
            .filter_map(|path| path.filename().map(str::to_owned))
            .collect())
    }

    /// How many objects have keys below this one, and their bytes.
    pub(super) async fn extent(&self, key: &str) -> Result<Extent, ObjectError> {
        let path = self.path(key)?;
        let below = self.store.list(Some(&path));
        let added = below.try_fold(Extent::default(), |mut extent, object| async move {
            extent.add(object.size);
            Ok(extent)
        });
        added.await.map_err(|error| self.failed(key, &error))
    }

    /// The bytes of a range; fewer where the object ends before.
    pub(super) async fn range(
        &self,
        key: &str,
        range: std::ops::Range<u64>,
    ) -> Result<bytes::Bytes, ObjectError> {
        let path = self.path(key)?;
        let options = object_store::GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..object_store::GetOptions::default()
        };
        let read = async { self.store.get_opts(&path, options).await?.bytes().await };
        read.await.map_err(|error| self.failed(key, &error))
    }
}

/// Address and region as the environment says, and nothing of its credentials: a session token there belongs
/// to other keys.
fn addressed_by_environment() -> AmazonS3Builder {
    use object_store::aws::AmazonS3ConfigKey::{DefaultRegion, Endpoint, Region, S3Endpoint};
    let environment = AmazonS3Builder::from_env();
    let keys = [Endpoint, S3Endpoint, DefaultRegion, Region];
    keys.into_iter().fold(AmazonS3Builder::new(), |builder, key| {
        match environment.get_config_value(&key) {
            Some(value) => builder.with_config(key, value),
            None => builder,
        }
    })
}

/// The address with the bucket in its host.
fn with_host(endpoint: &str, bucket: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{bucket}.{rest}"),
        None => endpoint.to_owned(),
    }
}
