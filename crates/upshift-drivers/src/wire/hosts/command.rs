//! A program with its arguments, as data, and the script that starts it. Names of a cluster come in
//! here as words and leave as words.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use super::kept::Kept;
use super::quote::word;
use super::spoken::Ended;

/// Linux takes no single argument above 128 KiB, and the whole script is one for the login shell;
/// octal makes a byte five, so that this is room for what people write and refuses the rest early.
const LONGEST_SCRIPT: usize = 24 << 10;

/// Output kept of each stream unless the caller wants another amount.
const KEPT: usize = 256 << 10;

/// A program to run on a host.
#[derive(Debug, Clone)]
pub struct Command {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(String, OsString)>,
    dir: Option<PathBuf>,
    sudo: Option<Sudo>,
    pub(super) input: Input,
    pub(super) limit: Duration,
    pub(super) keep: usize,
}

/// Whose rights a program gets. Never asks for a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sudo {
    /// Those of root.
    Root,
    /// Those of another user.
    User(String),
}

/// What a program reads.
#[derive(Debug, Clone)]
pub(super) enum Input {
    Nothing,
    Bytes(Bytes),
    File(PathBuf),
}

/// A program that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub ended: Ended,
    /// Standard output.
    pub stdout: Kept,
    /// Standard error.
    pub stderr: Kept,
    /// It left a process behind that kept its output open; what that one wrote later is not here.
    pub left_open: bool,
}

impl Output {
    /// Whether it ended with code 0.
    pub fn success(&self) -> bool {
        self.ended == Ended::Code(0)
    }

    /// How it ended and the last lines that it wrote, for a message.
    pub fn complaint(&self) -> String {
        let texts = [self.stderr.text(), self.stdout.text()];
        match texts.iter().map(|text| text.trim()).find(|text| !text.is_empty()) {
            Some(text) => {
                let lines: Vec<&str> = text.lines().collect();
                let last = &lines[lines.len().saturating_sub(3)..];
                format!("{}: {}", self.ended, last.join(" / "))
            }
            None => format!("{} and said nothing", self.ended),
        }
    }
}

impl Command {
    /// `program`, found on the path of the far side, which gets so long.
    pub fn new(program: impl Into<OsString>, limit: Duration) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            dir: None,
            sudo: None,
            input: Input::Nothing,
            limit,
            keep: KEPT,
        }
    }

    /// The program and its arguments, as far as they are text.
    pub fn words(&self) -> Vec<String> {
        let all = std::iter::once(&self.program).chain(&self.args);
        all.map(|word| word.to_string_lossy().into_owned()).collect()
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// More arguments.
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// One more variable.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Where it runs; an absolute path.
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Runs it with the rights of somebody else.
    pub fn sudo(mut self, sudo: Sudo) -> Self {
        self.sudo = Some(sudo);
        self
    }

    /// What it reads; otherwise nothing.
    pub fn input(mut self, bytes: impl Into<Bytes>) -> Self {
        self.input = Input::Bytes(bytes.into());
        self
    }

    /// Keeps so many bytes of each stream, half from the beginning and half from the end.
    pub fn keep(mut self, bytes: usize) -> Self {
        self.keep = bytes;
        self
    }

    pub(super) fn uses_sudo(&self) -> bool {
        self.sudo.is_some()
    }

    /// The script that says on both streams that it begins, and becomes the program.
    pub(super) fn script(&self, nonce: &str) -> Result<Vec<u8>, String> {
        let mut script = self.surroundings()?;
        let program = word(self.first_program().as_bytes());
        for part in [
            b"command -v ".as_slice(),
            &program,
            b" >/dev/null 2>&1 || { echo not found: ",
            &program,
            b" >&2; exit 127; }; ",
        ] {
            script.extend_from_slice(part);
        }
        script.extend_from_slice(format!("echo {nonce}; echo {nonce} $$ >&2; ").as_bytes());
        script.extend(self.becomes()?);
        if script.len() > LONGEST_SCRIPT {
            return Err(format!(
                "its arguments are {} bytes long; at most {LONGEST_SCRIPT}",
                script.len()
            ));
        }
        Ok(script)
    }

    /// The script without a word of its own, for a shell that is told where output goes.
    pub(super) fn silent_script(&self) -> Result<Vec<u8>, String> {
        let mut script = self.surroundings()?;
        script.extend(self.becomes()?);
        script.push(b'\n');
        Ok(script)
    }

    fn first_program(&self) -> &OsStr {
        match self.sudo {
            Some(_) => OsStr::new("sudo"),
            None => &self.program,
        }
    }

    /// Variables and directory. With `sudo` the variables are its business, see `becomes`.
    fn surroundings(&self) -> Result<Vec<u8>, String> {
        self.check()?;
        let mut script = Vec::new();
        if self.sudo.is_none() {
            for (name, value) in &self.env {
                script.extend_from_slice(format!("export {name}=").as_bytes());
                script.extend(word(value.as_bytes()));
                script.extend_from_slice(b"; ");
            }
        }
        if let Some(dir) = &self.dir {
            script.extend_from_slice(b"cd ");
            script.extend(word(dir.as_os_str().as_bytes()));
            script.extend_from_slice(b" || exit 126; ");
        }
        Ok(script)
    }

    fn becomes(&self) -> Result<Vec<u8>, String> {
        let mut words: Vec<Vec<u8>> = vec![b"exec".to_vec()];
        match &self.sudo {
            None => {}
            Some(sudo) => {
                // In English, so that its refusal is recognized; it clears most of the environment anyway.
                words = vec![b"LC_ALL=C exec sudo -n".to_vec()];
                if let Sudo::User(user) = sudo {
                    words.extend([b"-u".to_vec(), word(user.as_bytes())]);
                }
                words.push(b"--".to_vec());
                if !self.env.is_empty() {
                    words.push(b"env".to_vec());
                    for (name, value) in &self.env {
                        words.push(word(&[name.as_bytes(), b"=", value.as_bytes()].concat()));
                    }
                }
            }
        }
        words.push(word(self.program.as_bytes()));
        words.extend(self.args.iter().map(|arg| word(arg.as_bytes())));
        Ok(words.join(&b' '))
    }

    fn check(&self) -> Result<(), String> {
        let program = self.program.as_bytes();
        if program.is_empty() || program.starts_with(b"-") || program.contains(&b'=') {
            return Err(format!("{:?} is not a program's name", self.program));
        }
        let name = |name: &str| {
            let mut chars = name.chars();
            chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
                && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some((bad, _)) = self.env.iter().find(|(n, _)| !name(n)) {
            return Err(format!("{bad:?} is not a variable's name"));
        }
        if let Some(dir) = self.dir.as_ref().filter(|dir| !dir.is_absolute()) {
            return Err(format!("working directory {dir:?} is not an absolute path"));
        }
        if let Some(Sudo::User(user)) = &self.sudo
            && (user.is_empty() || user.starts_with('-'))
        {
            return Err(format!("{user:?} is not a user's name"));
        }
        let dir = self.dir.as_ref().map(|dir| dir.as_os_str());
        let words = std::iter::once(self.program.as_os_str())
            .chain(self.args.iter().map(OsString::as_os_str))
            .chain(self.env.iter().map(|(_, value)| value.as_os_str()))
            .chain(dir);
        match words.into_iter().find(|word| word.as_bytes().contains(&0)) {
            Some(word) => Err(format!(
                "{word:?} holds a zero byte, which no program can be given"
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn script(command: &Command) -> Result<String, String> {
        Ok(String::from_utf8(command.script("N0")?).unwrap())
    }

    fn of(program: &str) -> Command {
        Command::new(program, Duration::from_secs(1))
    }

    #[test]
    fn a_command_becomes_one_script() {
        let plain = of("weka").args(["status", "-J"]);
        expect!["command -v weka >/dev/null 2>&1 || { echo not found: weka >&2; exit 127; }; echo N0; echo N0 $$ >&2; exec weka status -J"]
            .assert_eq(&script(&plain).unwrap());
        let rich = of("/opt/my fluss/bin/run.sh")
            .arg("table; rm -rf /")
            .env("JAVA_HOME", "/usr/lib/jvm 17")
            .dir("/srv/it's");
        expect![[r#"export JAVA_HOME='/usr/lib/jvm 17'; cd '/srv/it'\''s' || exit 126; command -v '/opt/my fluss/bin/run.sh' >/dev/null 2>&1 || { echo not found: '/opt/my fluss/bin/run.sh' >&2; exit 127; }; echo N0; echo N0 $$ >&2; exec '/opt/my fluss/bin/run.sh' 'table; rm -rf /'"#]]
            .assert_eq(&script(&rich).unwrap());
        let sudo = of("id").env("A", "b c").sudo(Sudo::User("flink".to_owned()));
        expect!["command -v sudo >/dev/null 2>&1 || { echo not found: sudo >&2; exit 127; }; echo N0; echo N0 $$ >&2; LC_ALL=C exec sudo -n -u flink -- env 'A=b c' id"]
            .assert_eq(&script(&sudo).unwrap());
    }

    #[test]
    fn what_cannot_be_handed_over_is_refused_before_anything_is_sent() {
        for (bad, why) in [
            (of(""), "\"\" is not a program's name"),
            (of("-x"), "\"-x\" is not a program's name"),
            (of("A=b"), "\"A=b\" is not a program's name"),
            (of("x").arg("a\0b"), "\"a\\0b\" holds a zero byte"),
            (of("x").env("A B", ""), "\"A B\" is not a variable's name"),
            (of("x").env("A;id", ""), "\"A;id\" is not a variable's name"),
            (of("x").dir("rel"), "working directory \"rel\" is not an absolute"),
            (
                of("x").sudo(Sudo::User("-i".to_owned())),
                "\"-i\" is not a user's name",
            ),
            (of("x").arg("a".repeat(30_000)), "its arguments are 30"),
        ] {
            let said = script(&bad).unwrap_err();
            assert!(said.starts_with(why), "{said}");
        }
    }
}
