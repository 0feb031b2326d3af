//! `server.yaml` by the rules of Fluss's own reader. Values of sensitive keys are left out.

use std::collections::BTreeMap;

use upshift_model::fluss::OptionLine;

use crate::fluss::conceal::is_sensitive;
use crate::wire::REDACTED;

/// As `GlobalConfiguration` of 0.9.1 reads it: a `#` starts a comment wherever it stands, key and value are parted at
/// the first `: `, a line without both is passed over, and of a key that comes twice the last counts.
pub(in crate::fluss) fn read_options(text: &str) -> BTreeMap<String, OptionLine> {
    let mut options = BTreeMap::new();
    for (line, text) in (1_u32..).zip(text.lines()) {
        let text = text.split('#').next().unwrap_or_default();
        let Some((key, value)) = text
            .split_once(": ")
            .map(|(key, value)| (key.trim(), value.trim()))
        else {
            continue;
        };
        if key.is_empty() || value.is_empty() {
            continue;
        }
        let value = if is_sensitive(key) { REDACTED } else { value };
        let value = value.to_owned();
        options.insert(key.to_owned(), OptionLine { value, line });
    }
    options
}

#[cfg(test)]
mod tests {
    use super::read_options;

    #[test]
    fn options_are_read_as_fluss_reads_them() {
        let read = read_options(
            "a: 1\n# b: 2\n c.d : x: y # tail\nno-space:1\nempty: \na: 3\ns3.secret-key: hunter2\n",
        );
        let said: Vec<_> = read
            .iter()
            .map(|(key, option)| (key.as_str(), option.value.as_str(), option.line))
            .collect();
        assert_eq!(
            said,
            [
                ("a", "3", 6),
                ("c.d", "x: y", 3),
                ("s3.secret-key", "«redacted»", 7)
            ]
        );
    }
}
