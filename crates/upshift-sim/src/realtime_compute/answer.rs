//! Answers in the service's envelopes.

use serde_json::{Value, json};

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// Headers beside those of every answer.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Value,
}

const REQUEST_ID: &str = "0A0B0C0D-EMUL-4A70-8000-000000000001";

impl Answer {
    /// It is done, and this is what came of it.
    pub(super) fn data(data: Value) -> Self {
        let body = json!({
            "requestId": REQUEST_ID, "success": true, "httpCode": 200,
            "errorCode": "", "errorMessage": "", "data": data,
        });
        Self {
            status: 200,
            headers: Vec::new(),
            body,
        }
    }

    /// One page of a list, by the page that was asked for: the first is 1, and 10 are a page unless more
    /// are asked for, 100 at most.
    pub(super) fn page(all: &[Value], index: Option<String>, size: Option<String>) -> Self {
        let number = |text: Option<String>| text.and_then(|text| text.parse::<usize>().ok());
        let (index, size) = (
            number(index).unwrap_or(1).max(1),
            number(size).unwrap_or(10).clamp(1, 100),
        );
        let shown: Vec<_> = all.iter().skip((index - 1) * size).take(size).cloned().collect();
        let mut answer = Self::data(Value::Array(shown));
        answer.body["pageIndex"] = json!(index);
        answer.body["pageSize"] = json!(size);
        answer.body["totalSize"] = json!(all.len());
        answer
    }

    /// The service itself says no. It is a 200, or a 400 in the gateway's words.
    pub(super) fn no(code: &str, message: &str) -> Self {
        let body = json!({
            "requestId": REQUEST_ID, "success": false, "httpCode": 200,
            "errorCode": code, "errorMessage": message, "data": {},
        });
        Self {
            status: 200,
            headers: Vec::new(),
            body,
        }
    }

    /// The one code of the service that is known from outside.
    pub(super) fn not_found() -> Self {
        Self::no("990301", "resource not found")
    }

    /// The gateway says no.
    pub(super) fn gateway(status: u16, code: &str, message: &str) -> Self {
        let body = json!({
            "RequestId": REQUEST_ID, "HostId": "ververica.emulated", "Code": code,
            "Message": message, "Recommend": "",
        });
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// Whether the service itself said no.
    pub(super) fn is_no(&self) -> bool {
        self.body["success"] == false
    }

    /// A no of the service in the gateway's shape.
    pub(super) fn into_status(self) -> Self {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default().to_owned();
        let (code, message) = (text("errorCode"), text("errorMessage"));
        Self::gateway(if code == "990301" { 404 } else { 400 }, &code, &message)
    }
}
