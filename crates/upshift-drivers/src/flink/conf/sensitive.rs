//! Which configuration values are shown to nobody.

pub use crate::wire::REDACTED;

/// Parts of keys whose values Flink itself hides: the union of `GlobalConfiguration.SENSITIVE_KEYS` in
/// the class files of 1.16.3 (first four), 1.17.2 to 1.20.5, and 2.3.0 (`api-key`, `http-headers`); and
/// `credential`, which file-system plugins use in names of keys (`fs.s3a.aws.credentials.…`).
const SENSITIVE: &[&str] = &[
    "password",
    "secret",
    "fs.azure.account.key",
    "apikey",
    "api-key",
    "auth-params",
    "service-key",
    "token",
    "basic-auth",
    "jaas.config",
    "http-headers",
    "credential",
];

/// Whether the value of this key is hidden.
pub fn is_sensitive(key: &str) -> bool {
    let key = key.to_lowercase();
    SENSITIVE.iter().any(|part| key.contains(part))
}

/// The value as it may be shown: hidden for a sensitive key; otherwise without the user part of
/// addresses and without the values of sensitive system properties (`-Djavax…Password=…`).
pub fn shown(key: &str, value: &str) -> String {
    if is_sensitive(key) {
        return REDACTED.to_owned();
    }
    let words: Vec<String> = value.split(' ').map(word).collect();
    crate::wire::redact_text(&words.join(" "))
}

fn word(word: &str) -> String {
    match word.split_once('=') {
        Some((name, _)) if name.starts_with("-D") && is_sensitive(name) => format!("{name}={REDACTED}"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        for key in [
            "security.ssl.rest.key-password",
            "s3.SECRET-key",
            "metrics.reporter.dd.apikey",
            "fs.s3a.aws.credentials.provider",
        ] {
            assert_eq!(shown(key, "x"), REDACTED, "{key}");
        }
        assert_eq!(shown("rest.port", "8081"), "8081");
        assert_eq!(
            shown(
                "env.java.opts",
                "-Xmx1g -Djavax.net.ssl.keyStorePassword=hunter2 -Da=b"
            ),
            "-Xmx1g -Djavax.net.ssl.keyStorePassword=«redacted» -Da=b"
        );
        assert_eq!(shown("x.url", "jdbc:pg://u:p@h/db"), "jdbc:pg://«redacted»@h/db");
    }
}
