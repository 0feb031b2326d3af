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
        let value = shown(key, value);
        options.insert(key.to_owned(), OptionLine { value, line });
    }
    options
}

/// The value of an option, left out where it may be a secret.
pub(super) fn shown(key: &str, value: &str) -> String {
    match (is_sensitive(key), class_of(value)) {
        (false, _) => value.to_owned(),
        (true, None) => REDACTED.to_owned(),
        (true, Some(class)) => format!("{class} {REDACTED}"),
    }
}

/// The login module that a JAAS setting begins with: a class of Fluss's own, whose package was renamed, is no secret.
fn class_of(value: &str) -> Option<&str> {
    const PACKAGES: [&str; 2] = ["com.alibaba.fluss.", "org.apache.fluss."];
    let (class, _) = value.split_once(char::is_whitespace)?;
    let named = class
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$'));
    (named && PACKAGES.iter().any(|package| class.starts_with(package))).then_some(class)
}

#[cfg(test)]
mod tests {
    use super::read_options;

    #[test]
    fn of_a_login_only_its_module_is_seen() {
        let read = read_options(
            "security.sasl.plain.jaas.config: com.alibaba.fluss.security.auth.sasl.plain.PlainLoginModule required user_a=\"hunter2\";\n\
             a.jaas.config: hunter2\nb.jaas.config: hunter2 required x=y;\nc.password: org.apache.fluss.hunter2\n",
        );
        let said: Vec<_> = read.values().map(|option| option.value.as_str()).collect();
        assert_eq!(
            said,
            [
                "«redacted»",
                "«redacted»",
                "«redacted»",
                "com.alibaba.fluss.security.auth.sasl.plain.PlainLoginModule «redacted»"
            ]
        );
    }

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
