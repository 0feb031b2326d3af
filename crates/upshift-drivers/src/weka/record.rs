//! One answer's fields, read with patience: what is not known is passed over, what is missing or of another kind is
//! none, and an identifier is the same in both of its forms.

use serde_json::Value;

/// A field whose value is never shown.
const SECRET: [&str; 4] = ["secret", "token", "password", "key="];

/// A part of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a>(pub(super) &'a Value);

impl<'a> Record<'a> {
    /// A part of it, by names with dots between them.
    pub(super) fn at(self, path: &str) -> Option<Self> {
        let mut value = self.0;
        for name in path.split('.') {
            value = value.get(name)?;
        }
        Some(Record(value))
    }

    pub(super) fn text(self, path: &str) -> Option<String> {
        self.at(path)?.0.as_str().map(str::to_owned)
    }

    pub(super) fn flag(self, path: &str) -> Option<bool> {
        self.at(path)?.0.as_bool()
    }

    /// Whole numbers, which may come as text.
    pub(super) fn number(self, path: &str) -> Option<u64> {
        let value = self.at(path)?.0;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    }

    pub(super) fn signed(self, path: &str) -> Option<i64> {
        self.at(path)?.0.as_i64()
    }

    /// A number that may have a fraction, rounded up.
    pub(super) fn at_least(self, path: &str) -> Option<u64> {
        let value = self.at(path)?.0;
        let whole = value.as_u64();
        whole.or_else(|| {
            let text = value.as_f64()?.ceil().max(0.0).to_string();
            text.parse().ok()
        })
    }

    /// `7`, `"7"` and `"HostId<7>"` are the same.
    pub(super) fn id(self, path: &str) -> Option<u64> {
        id(self.at(path)?.0)
    }

    pub(super) fn entries(self, path: &str) -> Option<&'a Vec<Value>> {
        self.at(path)?.0.as_array()
    }

    pub(super) fn texts(self, path: &str) -> Option<Vec<String>> {
        let entries = self.entries(path)?.iter();
        entries.map(|entry| entry.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn ids(self, path: &str) -> Option<Vec<u64>> {
        self.entries(path)?.iter().map(id).collect()
    }
}

/// An identifier in any of its forms.
pub(super) fn id(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => id_of(text),
        _ => None,
    }
}

/// The same of text: a key of a map, for one.
pub(super) fn id_of(text: &str) -> Option<u64> {
    let number = match text.strip_suffix('>') {
        Some(inner) => inner.split_once('<')?.1,
        None => text,
    };
    number.parse().ok()
}

/// A line of a complaint, unless it may tell a secret.
pub(super) fn redacted(line: &str) -> &str {
    let lower = line.to_ascii_lowercase();
    match SECRET.iter().any(|word| lower.contains(word)) {
        true => crate::wire::REDACTED,
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Record, redacted};

    #[test]
    fn both_forms_of_an_identifier_are_one_and_no_number_goes_through_a_float() {
        let told = json!({"a": "HostId<7>", "b": 7, "c": "7", "d": 18_446_744_073_709_551_615_u64, "e": "19327352832",
            "f": 41.2, "g": null, "m": {"n": [1, "NodeId<2>"]}});
        let record = Record(&told);
        assert_eq!([record.id("a"), record.id("b"), record.id("c")], [Some(7); 3]);
        assert_eq!(record.number("d"), Some(u64::MAX));
        assert_eq!(record.number("e"), Some(19_327_352_832));
        assert_eq!(record.at_least("f"), Some(42));
        assert_eq!(record.id("g"), None);
        assert_eq!(record.ids("m.n"), Some(vec![1, 2]));
        assert_eq!(record.text("m.x"), None);
    }

    #[test]
    fn a_complaint_that_may_tell_a_secret_is_not_shown() {
        assert_eq!(redacted("error: bad join_secret s3cr3t"), crate::wire::REDACTED);
        assert_eq!(redacted("error: no such host"), "error: no such host");
    }
}
