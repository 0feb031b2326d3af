//! Text that several commands print: colour, and what a person is told when a command cannot go on.

use std::fmt::Write as _;

use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Whether colour is used. It never carries meaning of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint(pub bool);

impl Paint {
    /// `text` in bold.
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// `text` in the colour of what stops.
    pub fn red(self, text: &str) -> String {
        self.with("31;1", text)
    }

    /// `text` in the colour of what is to be read.
    pub fn yellow(self, text: &str) -> String {
        self.with("33;1", text)
    }

    /// `text` in the colour of what is good.
    pub fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    /// `text` in the colour of what is not known.
    pub fn blue(self, text: &str) -> String {
        self.with("36;1", text)
    }

    /// `text` set back.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Why a command cannot go on, as a person reads it: the only place where such text is made.
pub fn stop(stop: &Stop, paint: Paint) -> String {
    match stop {
        Stop::Troubles(all) => troubles(all, paint),
        Stop::Unexpected(error) => {
            let mut trouble = Trouble::new(
                crate::codes::UNEXPECTED,
                Exit::Unexpected,
                format!("something that should not happen: {error:#}"),
            );
            trouble
                .next
                .push("repeat it with --log debug and report what it says".to_owned());
            troubles(&[trouble], paint)
        }
    }
}

fn troubles(all: &[Trouble], paint: Paint) -> String {
    let mut text = String::new();
    for trouble in all {
        let place = trouble
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!("{place} "));
        line(
            &mut text,
            &format!("{}  {place}{}", paint.red(trouble.code.as_str()), trouble.what),
        );
        for (word, said) in [("expected", &trouble.expected), ("it said", &trouble.far_side)] {
            if let Some(said) = said {
                line(&mut text, &format!("    {word:<8}  {}", indented(said)));
            }
        }
        for next in &trouble.next {
            line(&mut text, &format!("    {:<8}  {}", "next", indented(next)));
        }
    }
    let exit = all
        .iter()
        .map(|trouble| trouble.exit)
        .max()
        .unwrap_or(Exit::Unexpected);
    let mut codes: Vec<_> = all.iter().map(|trouble| trouble.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    line(&mut text, &format!("exit {}: {}", exit.number(), exit.meaning()));
    line(
        &mut text,
        &format!("explained by: upshift explain {}", codes.join(" ")),
    );
    text
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n              ")
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::codes;

    #[test]
    fn a_trouble_is_told_with_code_place_expectation_and_what_to_do() {
        let mut first = Trouble::new(codes::NO_ANSWER, Exit::Unknown, "nothing was learned")
            .at("http://127.0.0.1:8081")
            .expected("a job manager")
            .next("curl it");
        first.far_side = Some("502\nBad Gateway".to_owned());
        let second = Trouble::usage(codes::USAGE, "a command is needed");
        expect![[r#"
            UP-CONF-0015  http://127.0.0.1:8081 nothing was learned
                expected  a job manager
                it said   502
                          Bad Gateway
                next      curl it
            UP-CONF-0012  a command is needed
            exit 4: something that had to be seen was not seen
            explained by: upshift explain UP-CONF-0012 UP-CONF-0015
        "#]]
        .assert_eq(&stop(&vec![first, second].into(), Paint(false)));
    }

    #[test]
    fn what_should_not_happen_has_a_code_and_an_exit_code_of_its_own() {
        let odd: Stop = anyhow::anyhow!("the moon is full")
            .context("while counting")
            .into();
        assert_eq!(
            (odd.exit(), codes::UNEXPECTED.as_str()),
            (Exit::Unexpected, "UP-CONF-0099")
        );
        expect![[r#"
            UP-CONF-0099  something that should not happen: while counting: the moon is full
                next      repeat it with --log debug and report what it says
            exit 1: something that should not happen
            explained by: upshift explain UP-CONF-0099
        "#]]
        .assert_eq(&stop(&odd, Paint(false)));
    }
}
