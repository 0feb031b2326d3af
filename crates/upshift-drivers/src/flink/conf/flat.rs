//! `flink-conf.yaml`, by the rules of Flink's own reader (`GlobalConfiguration`, read in the class
//! files of 1.16 to 1.20): a `#` starts a comment wherever it stands, key and value are parted at
//! the first `: `, both are trimmed, nothing is unquoted, and a line without both is passed over.

use super::model::{ConfFile, Entry, Value};

pub(super) fn read(text: &str) -> ConfFile {
    let mut file = ConfFile {
        entries: Vec::new(),
        comments: Vec::new(),
        passed_over: Vec::new(),
    };
    for (number, line) in (1u32..).zip(text.lines()) {
        let (conf, comment) = match line.find('#') {
            Some(at) => (line[..at].trim(), Some(&line[at..])),
            None => (line.trim(), None),
        };
        if conf.is_empty() {
            file.comments
                .extend(comment.map(|comment| (number, comment.trim_end().to_owned())));
            continue;
        }
        match conf
            .split_once(": ")
            .map(|(key, value)| (key.trim(), value.trim()))
        {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => {
                file.entries.push(Entry {
                    key: key.to_owned(),
                    value: Value::text(value),
                    line: number,
                });
            }
            _ => file.passed_over.push(number),
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_flink_reads_them() {
        let file = read(
            "# a comment\n\
             rest.port: 8081\n\
             env.java.opts: \"-Da=b: c\" # tail\n\
             no-space:1\n\
             empty: \n\
             state.backend : rocksdb\n\
             rest.port: 8082\n",
        );
        let entries: Vec<_> = file
            .entries
            .iter()
            .map(|e| (e.line, e.key.as_str(), e.value.line()))
            .collect();
        assert_eq!(
            entries,
            [
                (2, "rest.port", "8081".to_owned()),
                (3, "env.java.opts", "\"-Da=b: c\"".to_owned()),
                (6, "state.backend", "rocksdb".to_owned()),
                (7, "rest.port", "8082".to_owned()),
            ]
        );
        assert_eq!(file.get("rest.port").as_deref(), Some("8082"));
        assert_eq!(file.passed_over, [4, 5]);
        assert_eq!(file.comments, [(1, "# a comment".to_owned())]);
    }
}
