//! HTTP: one client per endpoint, with time limits, repetition of safe reads, a limit on bodies,
//! credentials, and the classification of everything that can go wrong into a
//! [`Fault`](upshift_engine::driver::Fault).
//!
//! What an answer of the far side means is not known here, beyond its status. Environment variables
//! are not asked for a proxy: an upgrade must reach the machine that the file names and no other.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use thiserror::Error;
use upshift_engine::driver::Fault;
use upshift_model::endpoint::{Auth, Endpoint};
use upshift_model::ids::Code;
use upshift_model::record::Failure;

use super::basic::basic;
use super::codes;
use super::redact::{redact_text, redact_url};
use super::secret::{NoSecret, Secrets};
use super::tls::tls_config;

/// A machine that is there answers a connection attempt within one round trip; 3 s leaves room for
/// two lost packets and is still shorter than the patience of whoever watches.
pub(super) const CONNECT: Duration = Duration::from_secs(3);

/// Largest body that is read. The largest known answer, the details of a job with 1,000 vertices,
/// is below 2 MiB; 32 MiB stops an endless stream and leaves room for user probes and histories.
const LARGEST_BODY: usize = 32 << 20;

/// A safe read is tried so often in all: a connection that died while idle is hidden by the second
/// try, and anything that survives the third is not a passing fault of one request.
const READ_TRIES: u32 = 3;
const BETWEEN_READ_TRIES: Duration = Duration::from_millis(100);

/// Longest time that a far side is left alone inside one read when it asks for that; a longer one is
/// the business of whoever asks.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// Most characters of a foreign answer that are kept in a failure.
const LONGEST_QUOTE: usize = 600;

/// An HTTP endpoint.
#[derive(Debug, Clone)]
pub struct Http {
    base: String,
    shown: String,
    auth: Option<Auth>,
    secrets: Secrets,
    reads: Client,
    changes: Client,
}

/// Why a client could not be made.
#[derive(Debug, Error)]
pub enum HttpSetupError {
    /// The address is none.
    #[error("{url:?} is not an http or https address")]
    Address {
        /// The address as given, without its user part.
        url: String,
    },
    /// The certificate authority's file could not be used.
    #[error("certificate authority {} could not be used: {why}", .path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A secret is missing.
    #[error(transparent)]
    Secret(#[from] NoSecret),
    /// The TLS library refused its set-up.
    #[error("tls could not be set up: {why}")]
    Tls {
        /// What it said.
        why: String,
    },
}

/// Why a download did not come to its end.
#[derive(Debug, Error)]
pub enum DownloadError {
    /// The far side, or the way to it.
    #[error(transparent)]
    Wire(Fault),
    /// What came could not be put where it belongs.
    #[error("what was downloaded could not be kept")]
    Sink(#[source] std::io::Error),
}

impl HttpSetupError {
    /// The same as a fault of a call: refused before anything was sent.
    pub fn into_fault(self) -> Fault {
        Fault::Refused(Failure {
            code: codes::NO_TRUST,
            what: self.to_string(),
            far_side: None,
        })
    }
}

/// What kind of request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing: may be repeated, and no answer means just that.
    Read,
    /// May change something: sent once, and no answer means that it may or may not have.
    Change,
}

/// What is sent along.
#[derive(Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(serde_json::Value),
    /// One file as `multipart/form-data`, streamed from disk.
    File {
        /// Name of the form's field.
        field: &'static str,
        /// The file.
        path: PathBuf,
        /// The file name that the far side is told.
        name: String,
    },
}

/// A request whose headers sign it, and are made anew for every try.
pub struct Signed<'a> {
    /// What kind of request it is.
    pub kind: Kind,
    /// Its method.
    pub method: Method,
    /// Path and query as they go out.
    pub target: &'a str,
    /// Its body.
    pub body: Bytes,
    /// How long one try may take.
    pub limit: Duration,
    /// The headers of the next try.
    pub headers: &'a (dyn Fn() -> Result<HeaderMap, Fault> + Sync),
    /// Whether an answer to a read asks for the same question again, and after how long.
    pub later: &'a (dyn Fn(&Answer) -> Option<Duration> + Sync),
}

/// A complete answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    kind: Kind,
    asked: String,
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, if the server sent one.
    pub content_type: Option<String>,
    /// `Location`, if the server sent one.
    pub location: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Http {
    /// A client for the endpoint. Nothing is sent; secrets are looked up once to see that they are
    /// there.
    ///
    /// # Errors
    /// When address, certificate authority or secrets cannot be used.
    pub fn new(endpoint: &Endpoint, secrets: Secrets) -> Result<Self, HttpSetupError> {
        let base = endpoint.url.trim_end_matches('/').to_owned();
        let shown = redact_url(&base);
        let not_one = || HttpSetupError::Address { url: shown.clone() };
        let url = reqwest::Url::parse(&base).map_err(|_| not_one())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(not_one());
        }
        let tls = tls_config(url.scheme() == "https", endpoint.ca.as_deref())?;
        let client = |idle: usize| {
            Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT)
                .pool_max_idle_per_host(idle)
                .tls_backend_preconfigured(tls.clone())
                .build()
                .map_err(|e| HttpSetupError::Tls { why: chain(&e) })
        };
        // A change goes over a connection of its own: on a kept one that the server closes at that
        // very moment nobody could tell whether the request was read.
        let http = Self {
            reads: client(4)?,
            changes: client(0)?,
            base,
            shown,
            auth: endpoint.auth.clone(),
            secrets,
        };
        http.authorization()?;
        Ok(http)
    }

    /// The address without its user part.
    pub fn address(&self) -> &str {
        &self.shown
    }

    /// `GET`, repeated a few times when nothing came back.
    ///
    /// # Errors
    /// [`Fault::Transient`] when there was no complete answer; [`Fault::Refused`] when the
    /// certificate is not trusted or a secret is missing.
    pub async fn get(&self, path: &str, limit: Duration) -> Result<Answer, Fault> {
        let asked = format!("GET {}{path}", self.shown);
        let make = || Ok(self.reads.get(format!("{}{path}", self.base)));
        self.read(&asked, limit, &make, &|_| None).await
    }

    /// A signed request: a read is repeated as [`Self::get`] is, and when the far side asks for that; a
    /// change is sent once.
    ///
    /// # Errors
    /// As for [`Self::get`] and [`Self::change`].
    pub async fn signed(&self, request: Signed<'_>) -> Result<Answer, Fault> {
        let Signed {
            kind,
            method,
            target,
            body,
            limit,
            headers,
            later,
        } = request;
        let path = target.split('?').next().unwrap_or(target);
        let asked = format!("{method} {}{path}", self.shown);
        let client = match kind {
            Kind::Read => &self.reads,
            Kind::Change => &self.changes,
        };
        let make = || {
            let request = client.request(method.clone(), format!("{}{target}", self.base));
            Ok(request.headers(headers()?).body(body.clone()))
        };
        match kind {
            Kind::Read => self.read(&asked, limit, &make, later).await,
            Kind::Change => {
                let sent = self.send(kind, asked, make()?, limit).await;
                sent.map_err(|failed| failed.fault)
            }
        }
    }

    async fn read(
        &self,
        asked: &str,
        limit: Duration,
        make: &(dyn Fn() -> Result<RequestBuilder, Fault> + Sync),
        later: &(dyn Fn(&Answer) -> Option<Duration> + Sync),
    ) -> Result<Answer, Fault> {
        let mut tried = 0;
        loop {
            tried += 1;
            let wait = match self.send(Kind::Read, asked.to_owned(), make()?, limit).await {
                // A read that used up its limit is not repeated: the caller's patience is spent.
                Err(Failed {
                    fault: Fault::Transient(_),
                    timed_out: false,
                }) if tried < READ_TRIES => BETWEEN_READ_TRIES,
                Err(failed) => return Err(failed.fault),
                Ok(answer) => match later(&answer) {
                    Some(wait) if tried < READ_TRIES && wait <= LONGEST_REST => wait,
                    _ => return Ok(answer),
                },
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "the request-level retry, one of two in the product"
            )]
            tokio::time::sleep(wait).await;
        }
    }

    /// A request that may change something, sent once.
    ///
    /// # Errors
    /// [`Fault::Transient`] when it was certainly not sent, [`Fault::Ambiguous`] when it was and
    /// no complete answer came.
    pub async fn change(
        &self,
        method: Method,
        path: &str,
        body: Body,
        limit: Duration,
    ) -> Result<Answer, Fault> {
        let asked = format!("{method} {}{path}", self.shown);
        let request = self.changes.request(method, format!("{}{path}", self.base));
        let request = match body {
            Body::Empty => request,
            Body::Json(document) => request.json(&document),
            Body::File { field, path, name } => {
                let part = file_part(&path, name)
                    .await
                    .map_err(|e| Fault::Transient(format!("{asked}: {}: {e}", path.display())))?;
                request.multipart(reqwest::multipart::Form::new().part(field, part))
            }
        };
        self.send(Kind::Change, asked, request, limit)
            .await
            .map_err(|failed| failed.fault)
    }

    /// `GET`, with a body of any size handed on as it comes; not repeated. `stall` is the longest wait
    /// for the next piece.
    ///
    /// # Errors
    /// When the far side refuses, breaks off or stands still, or `sink` cannot take a piece.
    pub async fn download(
        &self,
        path: &str,
        stall: Duration,
        mut sink: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), DownloadError> {
        let asked = format!("GET {}{path}", self.shown);
        let stalled = || Fault::Transient(format!("{asked}: nothing came for {} s", stall.as_secs_f32()));
        let wire = |e: reqwest::Error| DownloadError::Wire(classify(Kind::Read, &asked, &e).fault);
        let mut request = self.reads.get(format!("{}{path}", self.base));
        if let Some(value) = self
            .authorization()
            .map_err(|missing| DownloadError::Wire(HttpSetupError::Secret(missing).into_fault()))?
        {
            request = request.header(AUTHORIZATION, value);
        }
        let response = tokio::time::timeout(stall, request.send()).await;
        let mut response = response
            .map_err(|_| DownloadError::Wire(stalled()))?
            .map_err(wire)?;
        if !response.status().is_success() {
            let read = tokio::time::timeout(stall, read_answer(Kind::Read, asked.clone(), response)).await;
            let answer = read.map_err(|_| DownloadError::Wire(stalled()))?;
            let fault = answer.map_err(|failed| failed.fault).and_then(Answer::ok).err();
            return Err(DownloadError::Wire(fault.unwrap_or_else(stalled)));
        }
        loop {
            let chunk = tokio::time::timeout(stall, response.chunk()).await;
            match chunk.map_err(|_| DownloadError::Wire(stalled()))?.map_err(wire)? {
                Some(chunk) => sink(&chunk).map_err(DownloadError::Sink)?,
                None => return Ok(()),
            }
        }
    }

    fn authorization(&self) -> Result<Option<HeaderValue>, NoSecret> {
        let (reference, text) = match &self.auth {
            None => return Ok(None),
            Some(Auth::Bearer { token }) => (token, format!("Bearer {}", self.secrets.get(token)?)),
            Some(Auth::Basic { user, password }) => (password, basic(user, &self.secrets.get(password)?)),
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| NoSecret {
            reference: reference.clone(),
            why: "it holds characters that no HTTP header may hold".to_owned(),
            absent: false,
        })?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn send(
        &self,
        kind: Kind,
        asked: String,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<Answer, Failed> {
        let request = match self.authorization() {
            Ok(Some(value)) => request.header(AUTHORIZATION, value),
            Ok(None) => request,
            Err(missing) => return Err(Failed::at_once(HttpSetupError::Secret(missing).into_fault())),
        };
        tracing::trace!(%asked, ?kind, "sending");
        let whole = async {
            let response = request.send().await.map_err(|e| classify(kind, &asked, &e))?;
            read_answer(kind, asked.clone(), response).await
        };
        match tokio::time::timeout(limit, whole).await {
            Ok(done) => done,
            Err(_) => Err(Failed {
                fault: unanswered(
                    kind,
                    format!("{asked}: no answer within {} s", limit.as_secs_f32()),
                ),
                timed_out: true,
            }),
        }
    }
}

impl Answer {
    /// The answer if its status is 2xx.
    ///
    /// # Errors
    /// Classified by status: 4xx is refused; 503 was not taken on; any other 5xx says nothing
    /// certain about a change.
    pub fn ok(self) -> Result<Self, Fault> {
        match self.status {
            200..=299 => Ok(self),
            401 | 403 => Err(self.refused(codes::CREDENTIALS_REFUSED, "refused the credentials")),
            404 => Err(self.refused(codes::NOT_KNOWN_THERE, "does not know it")),
            400..=499 => Err(self.refused(codes::REQUEST_REFUSED, "refused the request")),
            503 => Err(Fault::Transient(self.quoted("not available"))),
            500..=599 => Err(unanswered(self.kind, self.quoted("failed"))),
            _ => Err(self.refused(codes::NOT_THE_API, "gave an answer that is none")),
        }
    }

    /// The body as JSON of the expected form.
    ///
    /// # Errors
    /// [`Fault::Refused`] when something else answered.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body)
            .map_err(|e| self.refused(codes::NOT_THE_API, &format!("did not answer as expected ({e})")))
    }

    /// A failure about this answer.
    pub fn refused(&self, code: Code, what: &str) -> Fault {
        let mut what = format!("{}: the server {what} (status {})", self.asked, self.status);
        if let Some(location) = &self.location {
            what = format!("{what}, it points to {}", redact_text(location));
        }
        Fault::Refused(Failure {
            code,
            what,
            far_side: self.quote(),
        })
    }

    /// What was asked, for messages.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The body as text, shortened and without addresses' user parts; none when it is empty.
    pub fn quote(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let text = redact_text(text.trim());
        (!text.is_empty()).then(|| shorten(&text, LONGEST_QUOTE))
    }

    fn quoted(&self, what: &str) -> String {
        let said = self.quote().map_or(String::new(), |quote| format!(": {quote}"));
        format!("{}: {what} (status {}){said}", self.asked, self.status)
    }
}

/// At most `most` characters of `text`, with a mark where it was cut.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

struct Failed {
    fault: Fault,
    timed_out: bool,
}

impl Failed {
    fn at_once(fault: Fault) -> Self {
        Self {
            fault,
            timed_out: false,
        }
    }
}

fn unanswered(kind: Kind, what: String) -> Fault {
    match kind {
        Kind::Read => Fault::Transient(what),
        Kind::Change => Fault::Ambiguous(what),
    }
}

fn classify(kind: Kind, asked: &str, error: &reqwest::Error) -> Failed {
    let what = format!("{asked}: {}", chain(error));
    if distrusts(error) {
        return Failed::at_once(Fault::Refused(Failure {
            code: codes::NO_TRUST,
            what,
            far_side: None,
        }));
    }
    let not_sent = error.is_connect() || error.is_builder();
    let fault = if not_sent {
        Fault::Transient(what)
    } else {
        unanswered(kind, what)
    };
    Failed {
        fault,
        timed_out: error.is_timeout(),
    }
}

async fn read_answer(kind: Kind, asked: String, mut response: Response) -> Result<Answer, Failed> {
    let text = |name| {
        response
            .headers()
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned)
    };
    let (status, content_type, location) = (response.status().as_u16(), text(CONTENT_TYPE), text(LOCATION));
    let headers = response.headers().clone();
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(more)) if body.len() + more.len() > LARGEST_BODY => {
                let what = format!("{asked}: the answer is larger than {LARGEST_BODY} bytes");
                let fault = match kind {
                    Kind::Read => Fault::Refused(Failure {
                        code: codes::NOT_THE_API,
                        what,
                        far_side: None,
                    }),
                    Kind::Change => Fault::Ambiguous(what),
                };
                return Err(Failed::at_once(fault));
            }
            Ok(Some(more)) => body.extend_from_slice(&more),
            Ok(None) => break,
            Err(e) => {
                let fault = unanswered(kind, format!("{asked}: the answer broke off: {}", chain(&e)));
                return Err(Failed {
                    fault,
                    timed_out: e.is_timeout(),
                });
            }
        }
    }
    Ok(Answer {
        kind,
        asked,
        status,
        content_type,
        location,
        headers,
        body: body.freeze(),
    })
}

async fn file_part(path: &Path, name: String) -> std::io::Result<reqwest::multipart::Part> {
    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    Ok(reqwest::multipart::Part::stream_with_length(reqwest::Body::from(file), length).file_name(name))
}

/// The error with all that it stems from, without addresses: they are in the text already.
pub(super) fn chain(error: &dyn StdError) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at: Option<&dyn StdError> = Some(error);
    while let Some(error) = at {
        let text = redact_text(&error.to_string());
        // reqwest's outermost text only repeats that a request failed, and where to.
        if !text.starts_with("error sending request")
            && parts.last().is_none_or(|last| !last.ends_with(&text))
        {
            parts.push(text);
        }
        at = error.source();
    }
    parts.join(": ")
}

/// Looked for inside of I/O errors, too: what one wraps is not among its sources.
fn distrusts(error: &(dyn StdError + 'static)) -> bool {
    use rustls::Error::{InvalidCertificate, NoCertificatesPresented};
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return matches!(found, InvalidCertificate(_) | NoCertificatesPresented);
    }
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|inner| distrusts(inner)) || error.source().is_some_and(distrusts)
}
