//! Writing entries in either form. YAML is written with flat dotted keys, which Flink reads as well
//! as nested ones and which its shell scripts need for `env.java.home`; what could be read as
//! anything but text is quoted.

use std::collections::BTreeSet;

use super::error::CarryOverError;
use super::model::{ConfFile, Entry, Form, Value};

/// The file's text in the given form. A key that comes twice is written once, with its last value.
///
/// # Errors
/// When a value has no form there.
pub fn render(file: &ConfFile, form: Form) -> Result<String, CarryOverError> {
    let mut text = String::new();
    let mut comments = file.comments.iter().peekable();
    for (at, entry) in file.entries.iter().enumerate() {
        while let Some((_, comment)) = comments.next_if(|(line, _)| entry.line > *line) {
            text.push_str(comment);
            text.push('\n');
        }
        if file.entries[at + 1..].iter().any(|later| later.key == entry.key) {
            continue;
        }
        text.push_str(&match form {
            Form::Flat => flat(entry)?,
            Form::Yaml => format!("{}: {}\n", key(&entry.key), value(&entry.value)),
        });
    }
    for (_, comment) in comments {
        text.push_str(comment);
        text.push('\n');
    }
    Ok(text)
}

fn flat(entry: &Entry) -> Result<String, CarryOverError> {
    let no = |why| CarryOverError::NotExpressible {
        key: entry.key.clone(),
        file: Form::Flat.file(),
        why,
    };
    let text = match &entry.value {
        Value::Text { text, .. } => text.clone(),
        // The older form of a list: items parted by semicolons.
        Value::List(items) => {
            let mut texts = Vec::new();
            for item in items {
                match item {
                    Value::Text { text, .. } if text.contains(';') => {
                        return Err(no("an item of the list holds a semicolon"));
                    }
                    Value::Text { text, .. } => texts.push(text.as_str()),
                    Value::List(_) | Value::Deep(_) => {
                        return Err(no("it is a list that holds more than texts"));
                    }
                }
            }
            texts.join(";")
        }
        Value::Deep(_) => return Err(no("it holds keys and values")),
    };
    match text.trim() {
        "" => Err(no("it is empty")),
        _ if text.contains('#') => Err(no("it holds a `#`, which starts a comment there")),
        _ if text.contains(['\n', '\r']) => Err(no("it has more than one line")),
        trimmed if trimmed != text => Err(no("it starts or ends with white space, which is cut off there")),
        _ if entry.key.contains(": ") || entry.key.contains('#') => {
            Err(no("its key cannot be written there"))
        }
        _ => Ok(format!("{}: {text}\n", entry.key)),
    }
}

fn key(key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && !is_word_of_yaml(key);
    if plain { key.to_owned() } else { quoted(key) }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text { text, plain: true } if !text.contains('\n') => text.clone(),
        Value::Text { text, .. } if reads_as_text(text) => text.clone(),
        Value::Text { text, .. } => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Deep(yaml) => yaml.clone(),
    }
}

/// A value inside brackets, where fewer characters may stand without quotes.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Text { text, plain: true } if !text.contains(['\n', ',', '[', ']', '{', '}']) => text.clone(),
        Value::Text { text, .. } => flow_text(text),
        Value::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Deep(yaml) => yaml.clone(),
    }
}

fn flow_text(text: &str) -> String {
    if reads_as_text(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Whether YAML's core schema gives back exactly this text, or a number or truth value that Java
/// prints as exactly this text, when it stands without quotes.
fn reads_as_text(text: &str) -> bool {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '-');
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
    if !starts_well || !text.chars().all(safe) || text.ends_with(':') || is_word_of_yaml(text) {
        return false;
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match (digits, text.get(digits..).and_then(|rest| rest.chars().next())) {
        (0, _) => true,
        (_, None) => digits == 1 || (digits <= 9 && !text.starts_with('0')),
        // `1e3` and `0x1f` are numbers; `1024m` and `10s` are not.
        (_, Some(next)) => next.is_ascii_alphabetic() && !matches!(next, 'e' | 'E' | 'x' | 'o'),
    }
}

fn is_word_of_yaml(text: &str) -> bool {
    let words = BTreeSet::from(["null", "Null", "NULL", "True", "TRUE", "False", "FALSE"]);
    words.contains(text)
}

fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        let escaped: String = text
            .chars()
            .map(|c| match c {
                '"' => "\\\"".to_owned(),
                '\\' => "\\\\".to_owned(),
                '\n' => "\\n".to_owned(),
                '\t' => "\\t".to_owned(),
                c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        return format!("\"{escaped}\"");
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(from: Form, text: &str, to: Form) -> String {
        let file = ConfFile::read(from, text).unwrap();
        render(&file, to).unwrap_or_else(|e| format!("refused: {e}"))
    }

    #[test]
    fn a_flat_file_becomes_yaml_that_says_the_same() {
        let text = "# hosts\nrest.port: 8081\nenv.java.home: /usr/lib/jvm/java-17\nenv.java.opts.all: --add-opens=a=b -Dx=\"y z\"\nfs.allowed-fallback-filesystems: s3;oss\npassword: it's\nhex: 0x10\nzip: 01234\nratio: 0.40\non: true\nWord: True\nrest.port: 8082\nmem: 1600m\n# end\n";
        assert_eq!(
            again(Form::Flat, text, Form::Yaml),
            "# hosts\nenv.java.home: /usr/lib/jvm/java-17\nenv.java.opts.all: '--add-opens=a=b -Dx=\"y z\"'\nfs.allowed-fallback-filesystems: 's3;oss'\npassword: 'it''s'\nhex: '0x10'\nzip: '01234'\nratio: '0.40'\non: true\nWord: 'True'\nrest.port: 8082\nmem: 1600m\n# end\n"
        );
    }

    #[test]
    fn yaml_read_again_after_writing_is_the_same() {
        let text = "a:\n  b: [x, 'y, z']\n  c: \"line\\nline\"\n  d: 0.40\n  e: '0.40'\n  f: [{k: v}]\n  g: --add-opens=a=b -c\n  h: ' blank'\n'odd: key': 1\n";
        let once = again(Form::Yaml, text, Form::Yaml);
        assert_eq!(once, again(Form::Yaml, &once, Form::Yaml));
        let values = |text: &str| {
            ConfFile::read(Form::Yaml, text)
                .unwrap()
                .entries
                .into_iter()
                .map(|e| (e.key, e.value.line()))
                .collect::<Vec<_>>()
        };
        assert_eq!(values(text), values(&once));
    }

    #[test]
    fn what_a_flat_file_cannot_say_is_refused_by_key() {
        assert_eq!(
            again(Form::Yaml, "a: [x, y]\nb: 1\n", Form::Flat),
            "a: x;y\nb: 1\n"
        );
        for (text, why) in [
            ("a: 'x # y'\n", "it holds a `#`, which starts a comment there"),
            ("a: \"x\\ny\"\n", "it has more than one line"),
            ("a: [{k: v}]\n", "it is a list that holds more than texts"),
            ("a:\n", "it is empty"),
        ] {
            assert_eq!(
                again(Form::Yaml, text, Form::Flat),
                format!("refused: the value of a cannot be written in flink-conf.yaml: {why}")
            );
        }
    }
}
