//! The service's OpenAPI (`ververica`, 2022-07-18): every call signed, its answer opened, pages put
//! together. One method an action, in `super::calls`. Nothing is cached, decided or repeated here but
//! a read; see `super::mark` for what becomes of a lost answer to a change.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;
use upshift_engine::driver::Fault;
use upshift_model::ids::Code;
use upshift_model::realtime_compute::{Credentials, Service};
use upshift_model::record::Failure;

use super::codes;
use super::credentials::Keys;
use super::envelope::{self, Content};
use super::pace::Pace;
use super::sign::{self, Unsigned};
use crate::Clock;
use crate::wire::{Answer, Http, HttpSetupError, Kind, Secrets, Signed};

const VERSION: &str = "2022-07-18";
/// The vendor's own client gives up after 10 s.
const READ: Duration = Duration::from_secs(12);
/// A change is acknowledged before its work begins.
const CHANGE: Duration = Duration::from_secs(30);
/// The largest page that the service gives.
pub(super) const PAGE: u32 = 100;
/// Pages of one list; more than anybody has, and an end for a list that never ends.
const MOST_PAGES: u32 = 1_000;

/// A namespace of the service.
#[derive(Debug, Clone)]
pub struct RealtimeCompute {
    http: Http,
    host: String,
    workspace: String,
    pub(super) namespace: String,
    credentials: Credentials,
    secrets: Secrets,
    clock: Clock,
    pace: Option<Arc<Pace>>,
}

/// One call, as the actions describe themselves.
pub(super) struct Call<'a> {
    pub(super) action: &'static str,
    pub(super) method: Method,
    /// Segments of the path, not encoded.
    pub(super) path: Vec<&'a str>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
}

impl RealtimeCompute {
    /// A client. Nothing is sent, and no key is read yet.
    ///
    /// # Errors
    /// When the address cannot be spoken to.
    pub fn new(service: &Service, secrets: Secrets, clock: Clock) -> Result<Self, HttpSetupError> {
        let http = Http::new(&service.endpoint, secrets.clone())?;
        Ok(Self {
            http,
            host: service.endpoint.authority().to_owned(),
            workspace: service.workspace.clone(),
            namespace: service.namespace.clone(),
            credentials: service.credentials.clone(),
            secrets,
            clock,
            pace: None,
        })
    }

    /// The same with a budget of calls a second, which all clones of it share.
    #[must_use]
    pub fn paced(mut self, calls_per_second: u32) -> Self {
        self.pace = Some(Arc::new(Pace::of(calls_per_second)));
        self
    }

    /// Where secrets are found.
    pub(super) const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The address.
    pub fn address(&self) -> &str {
        self.http.address()
    }

    /// The content of an answer as the structure that it should be; none where the service does not know
    /// what was asked for.
    pub(super) async fn find<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<Option<T>, Fault> {
        let action = call.action;
        match self.send(call).await? {
            Some(content) => read(action, content.data).map(Some),
            None => Ok(None),
        }
    }

    /// The same where not to know is a refusal.
    pub(super) async fn get<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Fault> {
        let action = call.action;
        self.find(call).await?.ok_or_else(|| unknown(action))
    }

    /// All pages of a list. `page` makes the call for one of them.
    pub(super) async fn list<'a, T: DeserializeOwned>(
        &self,
        mut page: impl FnMut(u32) -> Call<'a>,
    ) -> Result<Vec<T>, Fault> {
        let mut all = Vec::new();
        for index in 1..=MOST_PAGES {
            let call = page(index);
            let action = call.action;
            let content = self.send(call).await?.ok_or_else(|| unknown(action))?;
            let items: Vec<T> = match content.data {
                Value::Null => Vec::new(),
                data => read(action, data)?,
            };
            let (is_empty, is_short) = (items.is_empty(), items.len() < PAGE as usize);
            all.extend(items);
            // A page may be cut shorter than asked for; only the total says that it was the last.
            let is_whole = content.total.map_or(is_short, |total| all.len() as u64 >= total);
            if is_whole || is_empty {
                return Ok(all);
            }
        }
        Err(refused(
            codes::NOT_THE_SERVICE,
            format!("a list of the service does not end after {MOST_PAGES} pages"),
        ))
    }

    async fn send(&self, call: Call<'_>) -> Result<Option<Content>, Fault> {
        let keys = Keys::find(&self.credentials, &self.secrets).await?;
        let kind = match call.method {
            Method::GET => Kind::Read,
            _ => Kind::Change,
        };
        let path: String = call
            .path
            .iter()
            .map(|s| format!("/{}", sign::encode(s)))
            .collect();
        let target = match call.query.as_slice() {
            [] => path.clone(),
            pairs => format!("{path}?{}", sign::query(pairs)),
        };
        let body = call.body.as_ref().map(Value::to_string);
        let signed = Signed {
            kind,
            method: call.method.clone(),
            target: &target,
            body: Bytes::from(body.clone().unwrap_or_default()),
            limit: if kind == Kind::Read { READ } else { CHANGE },
            headers: &|| self.headers(&call, &path, body.as_deref(), &keys),
            later: &|answer| self.later(answer, &keys),
        };
        if let Some(pace) = &self.pace {
            pace.turn().await;
        }
        let answer = self.http.signed(signed).await?;
        if kind == Kind::Change {
            self.later(&answer, &keys);
        }
        envelope::open(kind, &answer, &keys)
    }

    /// How long the service wants to be left alone; all lanes leave it alone then.
    fn later(&self, answer: &Answer, keys: &Keys) -> Option<Duration> {
        let wait = envelope::later(answer, keys);
        if let (Some(pace), Some(wait)) = (&self.pace, wait) {
            pace.rest(wait);
        }
        wait
    }

    /// The headers of one try, with a date and a nonce of its own.
    fn headers(
        &self,
        call: &Call<'_>,
        path: &str,
        body: Option<&str>,
        keys: &Keys,
    ) -> Result<HeaderMap, Fault> {
        let payload = sign::hash(body.unwrap_or_default().as_bytes());
        let date = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut headers = vec![
            ("host", self.host.clone()),
            ("accept", "application/json".to_owned()),
            (
                "user-agent",
                concat!("upshift/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            ("x-acs-action", call.action.to_owned()),
            ("x-acs-version", VERSION.to_owned()),
            ("x-acs-date", date),
            ("x-acs-signature-nonce", uuid::Uuid::now_v7().simple().to_string()),
            ("x-acs-content-sha256", payload.clone()),
            ("workspace", self.workspace.clone()),
        ];
        if body.is_some() {
            headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
        }
        if let Some(token) = &keys.token {
            headers.push(("x-acs-accesskey-id", keys.id.clone()));
            headers.push(("x-acs-security-token", token.clone()));
        }
        let headers: Vec<_> = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let unsigned = Unsigned {
            method: call.method.as_str(),
            path,
            query: &call.query,
            headers: &headers,
            payload: &payload,
        };
        let authorization = unsigned.authorization(&keys.id, &keys.secret);
        let mut map = HeaderMap::new();
        for (name, value) in headers
            .into_iter()
            .chain([("authorization".to_owned(), authorization)])
        {
            let unfit = || {
                let what = format!("header {name} would hold characters that no HTTP header may hold");
                refused(codes::NO_KEYS, what)
            };
            let mut value = HeaderValue::from_str(&value).map_err(|_| unfit())?;
            value.set_sensitive(matches!(
                name.as_str(),
                "authorization" | "x-acs-security-token" | "x-acs-accesskey-id"
            ));
            map.insert(
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?,
                value,
            );
        }
        Ok(map)
    }
}

fn read<T: DeserializeOwned>(action: &str, data: Value) -> Result<T, Fault> {
    serde_json::from_value(data).map_err(|e| {
        refused(
            codes::NOT_THE_SERVICE,
            format!("{action}: the answer is not what the service documents: {e}"),
        )
    })
}

fn unknown(action: &str) -> Fault {
    refused(
        codes::NOT_KNOWN,
        format!("{action}: the service does not know what was asked for"),
    )
}

pub(super) fn refused(code: Code, what: String) -> Fault {
    Fault::Refused(Failure {
        code,
        what,
        far_side: None,
    })
}
