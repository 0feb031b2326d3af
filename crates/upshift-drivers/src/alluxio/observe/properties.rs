//! `alluxio-site.properties` as `java.util.Properties` reads it. Values of sensitive keys are left out.

use std::collections::BTreeMap;

use upshift_model::alluxio::OptionLine;

use crate::wire::REDACTED;

/// Parts of names of keys whose values are shown to nobody: credentials of under-stores and of masters.
const SENSITIVE: [&str; 11] = [
    "password",
    "secret",
    "credential",
    "accesskey",
    "access.key",
    "token",
    "account.key",
    "privatekey",
    "private.key",
    "passphrase",
    "apikey",
];

/// Whether the value of a key is shown to nobody.
pub(in crate::alluxio) fn is_sensitive(key: &str) -> bool {
    let key = key.to_lowercase();
    SENSITIVE.iter().any(|part| key.contains(part))
}

/// Every key with its value and line. The last of two equal keys counts, as there.
pub(in crate::alluxio) fn read_properties(text: &str) -> BTreeMap<String, OptionLine> {
    let mut all = read(text);
    let hidden = all.iter_mut().filter(|(key, _)| is_sensitive(key));
    hidden.for_each(|(_, line)| line.value = REDACTED.to_owned());
    all
}

/// The values that are shown to nobody, to be held against others and forgotten.
pub(in crate::alluxio) fn read_secrets(text: &str) -> BTreeMap<String, String> {
    let all = read(text).into_iter().filter(|(key, _)| is_sensitive(key));
    all.map(|(key, line)| (key, line.value)).collect()
}

fn read(text: &str) -> BTreeMap<String, OptionLine> {
    let mut options = BTreeMap::new();
    let mut lines = (1_u32..).zip(text.lines());
    while let Some((line, first)) = lines.next() {
        let mut whole = first.trim_start().to_owned();
        if whole.is_empty() || whole.starts_with(['#', '!']) {
            continue;
        }
        // A line that ends in an odd number of backslashes goes on in the next.
        while (whole.len() - whole.trim_end_matches('\\').len()) % 2 == 1 {
            whole.pop();
            match lines.next() {
                Some((_, more)) => whole.push_str(more.trim_start()),
                None => break,
            }
        }
        let (key, value) = parted(&whole);
        if key.is_empty() {
            continue;
        }
        options.insert(key, OptionLine { value, line });
    }
    options
}

/// Parted at the first `=`, `:` or blank that no backslash is before.
fn parted(line: &str) -> (String, String) {
    let mut escaped = false;
    let end = line.char_indices().find(|(_, letter)| {
        let is_end = !escaped && (matches!(letter, '=' | ':') || letter.is_whitespace());
        escaped = !escaped && *letter == '\\';
        is_end
    });
    let Some((end, _)) = end else {
        return (plain(line), String::new());
    };
    let rest = line[end..].trim_start();
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (plain(&line[..end]), plain(rest.trim_start()))
}

fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::read_properties;

    #[test]
    fn keys_are_read_as_java_reads_them_and_secrets_are_not_kept() {
        let read = read_properties(
            "# a comment\n! another\nalluxio.a=1\n alluxio.b : two words \nalluxio.c three\nalluxio.d=one,\\\n  two\n\
             alluxio.path=C\\:\\\\x\naws.secretKey=hunter2\nalluxio.a=2\nalluxio.empty=\n",
        );
        let of = |key: &str| read.get(key).map(|line| line.value.as_str());
        assert_eq!(of("alluxio.a"), Some("2"));
        assert_eq!(of("alluxio.b"), Some("two words "));
        assert_eq!(of("alluxio.c"), Some("three"));
        assert_eq!(of("alluxio.d"), Some("one,two"));
        assert_eq!(of("alluxio.path"), Some("C:\\x"));
        assert_eq!(of("alluxio.empty"), Some(""));
        assert!(!format!("{read:?}").contains("hunter2"));
        assert_eq!(read["alluxio.a"].line, 10);
    }
}
