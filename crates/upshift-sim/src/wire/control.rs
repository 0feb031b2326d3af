//! The words between a world server and what the stand-in installations start: one line of tab-separated
//! fields each way. A connection that ends is a process that ended.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use crate::flink::Role;

/// What is said to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A script is about to start a process, or has started it.
    Script {
        role: Role,
        release: String,
        started: bool,
    },
    /// A process is there, and will be until the connection ends.
    Process {
        role: Role,
        release: String,
        conf: String,
        pid: u32,
        config: BTreeMap<String, String>,
    },
}

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::JobManager => "jobmanager",
        Role::TaskManager => "taskmanager",
    }
}

fn role_of(word: &str) -> Option<Role> {
    [Role::JobManager, Role::TaskManager]
        .into_iter()
        .find(|role| role_word(*role) == word)
}

impl Word {
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.trim_end_matches('\n').split('\t');
        let kind = fields.next()?;
        let role = role_of(fields.next()?)?;
        let release = fields.next()?.to_owned();
        match kind {
            "script" => Some(Self::Script {
                role,
                release,
                started: fields.next()? == "started",
            }),
            "process" => {
                let conf = fields.next()?.to_owned();
                let pid = fields.next()?.parse().ok()?;
                let pair = |field: &str| field.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()));
                Some(Self::Process {
                    role,
                    release,
                    conf,
                    pid,
                    config: fields.filter_map(pair).collect(),
                })
            }
            _ => None,
        }
    }

    pub(super) fn line(&self) -> String {
        match self {
            Self::Script {
                role,
                release,
                started,
            } => {
                let moment = if *started { "started" } else { "starts" };
                format!("script\t{}\t{release}\t{moment}\n", role_word(*role))
            }
            Self::Process {
                role,
                release,
                conf,
                pid,
                config,
            } => {
                let config: String = config.iter().map(|(k, v)| format!("\t{k}={v}")).collect();
                format!(
                    "process\t{}\t{release}\t{conf}\t{pid}{config}\n",
                    role_word(*role)
                )
            }
        }
    }
}

/// Says the word and waits for the answer. The stream is kept by whoever wants to stay.
pub(super) fn say(server: u16, word: &Word) -> io::Result<(BufReader<TcpStream>, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", server))?;
    stream.write_all(word.line().as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut answer = String::new();
    reader.read_line(&mut answer)?;
    Ok((reader, answer.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_were_said() {
        let config = BTreeMap::from([("rest.port".to_owned(), "8081".to_owned())]);
        let all = [
            Word::Script {
                role: Role::TaskManager,
                release: "1.20.5".to_owned(),
                started: true,
            },
            Word::Process {
                role: Role::JobManager,
                release: "1.18.1".to_owned(),
                conf: "/srv/a b".to_owned(),
                pid: 7,
                config,
            },
        ];
        for word in all {
            assert_eq!(Word::parse(&word.line()).as_ref(), Some(&word));
        }
        assert_eq!(Word::parse("process\tjanitor\t1\n"), None);
    }
}
