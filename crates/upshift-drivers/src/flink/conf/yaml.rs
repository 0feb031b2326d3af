//! `config.yaml`: YAML, nested keys joined with dots. Read as a stream of events, so that lines are
//! known and a key that comes twice is seen; Flink itself refuses to start on one.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::error::ConfError;
use super::model::{ConfFile, Entry, Value};
use super::write;

pub(super) fn read(text: &str) -> Result<ConfFile, ConfError> {
    let mut reader = Reader {
        events: Vec::new(),
        at: 0,
        entries: Vec::new(),
        lines_of_values: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let event = event.map_err(|e| ConfError::NotYaml {
            line: line(e.marker().line()),
            what: e.info().to_owned(),
        })?;
        reader.events.push(event);
    }
    reader.document()?;
    let comments = (1u32..)
        .zip(text.lines())
        .filter(|(number, line)| {
            line.trim_start().starts_with('#')
                && !reader
                    .lines_of_values
                    .iter()
                    .any(|(from, to)| from < number && number <= to)
        })
        .map(|(number, line)| (number, line.trim().to_owned()))
        .collect();
    Ok(ConfFile {
        entries: reader.entries,
        comments,
        passed_over: Vec::new(),
    })
}

struct Reader<'a> {
    events: Vec<(Event<'a>, Span)>,
    at: usize,
    entries: Vec<Entry>,
    /// First and last line of every value that has more than one.
    lines_of_values: Vec<(u32, u32)>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), ConfError> {
        let next = self.events.get(self.at).cloned();
        self.at += 1;
        next.ok_or(ConfError::Unexpected {
            line: 0,
            expected: "more",
            found: "the end of the file",
        })
    }

    fn document(&mut self) -> Result<(), ConfError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::MappingStart(..) => {
                    self.mapping("")?;
                    break;
                }
                Event::StreamEnd => return Ok(()),
                // An empty document: no configuration, and no error either.
                Event::Scalar(text, ScalarStyle::Plain, ..) if matches!(&*text, "" | "~" | "null") => break,
                other => return Err(unexpected("keys and values", &other, &span)),
            }
        }
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentEnd | Event::Nothing => {}
                Event::StreamEnd => return Ok(()),
                other => return Err(unexpected("the end of the file", &other, &span)),
            }
        }
    }

    fn mapping(&mut self, prefix: &str) -> Result<(), ConfError> {
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(()),
                Event::Scalar(key, ..) => format!("{prefix}{key}"),
                other => return Err(unexpected("a key", &other, &span)),
            };
            let at = line(span.start.line());
            let (event, span) = self.next()?;
            let value = match event {
                Event::MappingStart(..) => {
                    self.mapping(&format!("{key}."))?;
                    continue;
                }
                Event::Scalar(text, style, ..) => scalar(&text, style),
                Event::SequenceStart(..) => self.sequence()?,
                other => return Err(unexpected("a value", &other, &span)),
            };
            let end = self
                .events
                .get(self.at - 1)
                .map_or(at, |(_, span)| line(span.end.line()));
            self.lines_of_values.push((line(span.start.line()).min(at), end));
            self.entries.push(Entry { key, value, line: at });
        }
    }

    fn sequence(&mut self) -> Result<Value, ConfError> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::SequenceEnd => break,
                other => items.push(self.node(other, &span)?),
            }
        }
        Ok(Value::List(items))
    }

    fn node(&mut self, event: Event<'a>, span: &Span) -> Result<Value, ConfError> {
        match event {
            Event::Scalar(text, style, ..) => Ok(scalar(&text, style)),
            Event::SequenceStart(..) => self.sequence(),
            Event::MappingStart(..) => {
                let mut pairs = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    let key = match event {
                        Event::MappingEnd => break,
                        other => self.node(other, &span)?,
                    };
                    let (event, span) = self.next()?;
                    let value = self.node(event, &span)?;
                    pairs.push(format!("{}: {}", write::flow(&key), write::flow(&value)));
                }
                Ok(Value::Deep(format!("{{{}}}", pairs.join(", "))))
            }
            other => Err(unexpected("a value", &other, span)),
        }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let plain = style == ScalarStyle::Plain;
    let text = if plain && matches!(text, "~" | "null" | "Null" | "NULL") {
        ""
    } else {
        text
    };
    Value::Text {
        text: text.to_owned(),
        plain,
    }
}

fn unexpected(expected: &'static str, found: &Event<'_>, span: &Span) -> ConfError {
    let found = match found {
        Event::Alias(_) => "an alias of an anchor",
        Event::Scalar(..) => "a single value",
        Event::SequenceStart(..) | Event::SequenceEnd => "a list",
        Event::MappingStart(..) | Event::MappingEnd => "keys and values",
        Event::DocumentStart(_) => "a second document",
        Event::DocumentEnd | Event::StreamEnd | Event::StreamStart | Event::Nothing => "the end of the file",
    };
    ConfError::Unexpected {
        line: line(span.start.line()),
        expected,
        found,
    }
}

fn line(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_keys_are_joined_and_keep_their_lines() {
        let file = read(
            "# top\n\
             env:\n\
             \x20 java:\n\
             \x20   # why\n\
             \x20   opts:\n\
             \x20     all: --add-opens=a=b\n\
             rest.port: '08081'\n\
             pipeline:\n\
             \x20 jars: [a.jar, 'b c.jar', \"d,e\"]\n\
             \x20 kinds:\n\
             \x20   - x: {type: pojo}\n\
             rest:\n\
             \x20 port: 8082\n\
             text: |\n\
             \x20 # not a comment\n\
             \x20 two\n",
        )
        .unwrap();
        let entries: Vec<_> = file
            .entries
            .iter()
            .map(|e| (e.line, e.key.as_str(), e.value.line()))
            .collect();
        assert_eq!(
            entries,
            [
                (6, "env.java.opts.all", "--add-opens=a=b".to_owned()),
                (7, "rest.port", "08081".to_owned()),
                (9, "pipeline.jars", "[a.jar, b c.jar, 'd,e']".to_owned()),
                (10, "pipeline.kinds", "[{x: {type: pojo}}]".to_owned()),
                (13, "rest.port", "8082".to_owned()),
                (14, "text", "# not a comment\ntwo\n".to_owned()),
            ]
        );
        assert_eq!(file.comments, [(1, "# top".to_owned()), (4, "# why".to_owned())]);
    }

    #[test]
    fn what_is_no_configuration_is_refused_with_its_line() {
        let said = |text: &str| read(text).err().map(|e| e.to_string());
        assert_eq!(said(""), None);
        assert_eq!(said("# only a comment\n"), None);
        assert_eq!(
            said("- a\n"),
            Some("line 1: expected keys and values, found a list".to_owned())
        );
        assert_eq!(
            said("a: &x 1\nb: *x\n"),
            Some("line 2: expected a value, found an alias of an anchor".to_owned())
        );
        assert_eq!(
            said("a: 1\n---\nb: 2\n"),
            Some("line 2: expected the end of the file, found a second document".to_owned())
        );
        assert!(said("a: 'open\n").is_some_and(|text| text.contains("not YAML")));
    }
}
