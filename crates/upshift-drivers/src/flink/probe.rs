//! Probes: asking them, and holding their answers against what is expected. How often they are
//! asked, and what a miss means for a run, is the gate's business.

use std::time::Duration;

use thiserror::Error;
use upshift_engine::driver::Fault;
use upshift_model::flink::{Probe, ProbeAsk, ProbeExpect};
use upshift_model::record::Failure;

use super::codes;
use crate::wire::{Exec, ExecError, Http, HttpSetupError, Secrets, redact_text, shorten};

/// Most characters of an answer that are kept.
const LONGEST: usize = 400;

/// What a probe answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeAnswer {
    /// The body, or standard output, without surrounding white space; shortened.
    pub value: String,
    /// Whether it ended well: status 2xx, or exit code 0.
    pub success: bool,
    /// How it ended, in words: `status 500`, `ended with code 3: no such table`.
    pub ended: String,
}

/// Why a probe has no answer.
#[derive(Debug, Error)]
pub enum ProbeUnasked {
    /// Its address cannot be spoken to at all.
    #[error("probe cannot be asked")]
    Setup(#[source] HttpSetupError),
    /// Nothing came back.
    #[error("probe did not answer")]
    Wire(#[source] Fault),
    /// Its program did not run to its end.
    #[error("probe did not run")]
    Program(#[source] ExecError),
    /// Its command names no program.
    #[error("probe names no program")]
    NoProgram,
}

impl ProbeUnasked {
    /// One line with the reason.
    pub fn reason(&self) -> String {
        match self {
            Self::Setup(source) => format!("{self}: {source}"),
            Self::Wire(source) => format!("{self}: {source}"),
            Self::Program(source) => format!("{self}: {source}"),
            Self::NoProgram => self.to_string(),
        }
    }

    /// As a failure: a bad sample.
    pub fn failure(&self, name: &str) -> Failure {
        Failure {
            code: codes::PROBE_NOT_ASKED,
            what: format!("{name:?}: {}", self.reason()),
            far_side: None,
        }
    }
}

/// How an answer compares with what is expected, in words that hold both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeVerdict {
    /// As expected.
    Holds(String),
    /// Not as expected.
    Misses(String),
}

/// Asks the probe once.
///
/// # Errors
/// When there is no answer at all; an answer that says no is an answer.
pub async fn ask(probe: &Probe, secrets: &Secrets) -> Result<ProbeAnswer, ProbeUnasked> {
    match &probe.ask {
        ProbeAsk::Http(endpoint) => {
            let http = Http::new(endpoint, secrets.clone()).map_err(ProbeUnasked::Setup)?;
            let path = if endpoint.url.ends_with('/') { "/" } else { "" };
            let answer = http
                .get(path, probe.timeout.as_duration())
                .await
                .map_err(ProbeUnasked::Wire)?;
            Ok(ProbeAnswer {
                value: kept(&String::from_utf8_lossy(&answer.body)),
                success: (200..300).contains(&answer.status),
                ended: format!("status {}", answer.status),
            })
        }
        ProbeAsk::Command(words) => {
            let (program, args) = words.split_first().ok_or(ProbeUnasked::NoProgram)?;
            let exec = Exec::new(
                program,
                args,
                probe.timeout.as_duration().max(Duration::from_millis(1)),
            );
            let finished = exec.run().await.map_err(ProbeUnasked::Program)?;
            Ok(ProbeAnswer {
                value: kept(&finished.stdout),
                success: finished.success(),
                ended: finished.complaint(),
            })
        }
    }
}

/// Holds an answer against what is expected; `baseline` is the value from before the switch, as
/// text.
pub fn judge(expect: &ProbeExpect, answer: &ProbeAnswer, baseline: Option<&str>) -> ProbeVerdict {
    use ProbeVerdict::{Holds, Misses};
    if !answer.success {
        return Misses(answer.ended.clone());
    }
    let bound = match expect {
        ProbeExpect::Success => return Holds("answered".to_owned()),
        ProbeExpect::Text(text) if answer.value == text.trim() => {
            return Holds(format!("says {:?}", answer.value));
        }
        ProbeExpect::Text(text) => {
            return Misses(format!("says {:?}, expected {:?}", answer.value, text.trim()));
        }
        ProbeExpect::AtLeastMilli(bound) | ProbeExpect::AtMostMilli(bound) => i128::from(*bound),
        ProbeExpect::AtLeastRatioOfBaselineMilli(ratio) => match baseline.map(|text| (text, milli(text))) {
            Some((_, Some(before))) => before * i128::from(*ratio) / 1000,
            Some((text, None)) => return Misses(format!("the value before, {text:?}, is not a number")),
            None => return Misses("there is no value from before to compare with".to_owned()),
        },
    };
    let Some(value) = milli(&answer.value) else {
        return Misses(format!("says {:?}, expected a number", answer.value));
    };
    let (holds, word) = match expect {
        ProbeExpect::AtMostMilli(_) => (value <= bound, "at most"),
        _ => (value >= bound, "at least"),
    };
    let of = match (expect, baseline) {
        (ProbeExpect::AtLeastRatioOfBaselineMilli(ratio), Some(before)) => {
            format!(" ({} of {before} before)", decimal(i128::from(*ratio)))
        }
        _ => String::new(),
    };
    let words = format!("{}, expected {word} {}{of}", decimal(value), decimal(bound));
    if holds { Holds(words) } else { Misses(words) }
}

/// A number in thousandths; digits beyond the third after the point are dropped. Exponents are not
/// read: `1e3` is no number here.
pub fn milli(text: &str) -> Option<i128> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty())
        || !is_number(whole)
        || !is_number(fraction)
        || whole.len() > 30
    {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let thousandths = format!("{fraction:0<3}").get(..3)?.parse::<i128>().ok()?;
    Some(sign * (whole * 1000 + thousandths))
}

fn decimal(milli: i128) -> String {
    let (sign, size) = (if milli < 0 { "-" } else { "" }, milli.unsigned_abs());
    let fraction = format!("{:03}", size % 1000);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{}", size / 1000),
        fraction => format!("{sign}{}.{fraction}", size / 1000),
    }
}

fn kept(text: &str) -> String {
    shorten(&redact_text(text.trim()), LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: &str) -> ProbeAnswer {
        ProbeAnswer {
            value: value.to_owned(),
            success: true,
            ended: "status 200".to_owned(),
        }
    }

    fn check(expect: &ProbeExpect, value: &str, baseline: Option<&str>, verdict: &str) {
        let words = match judge(expect, &said(value), baseline) {
            ProbeVerdict::Holds(words) => format!("holds: {words}"),
            ProbeVerdict::Misses(words) => format!("misses: {words}"),
        };
        assert_eq!(words, verdict);
    }

    #[test]
    fn answers_are_held_against_what_is_expected() {
        check(
            &ProbeExpect::AtLeastMilli(1_500),
            "1.5",
            None,
            "holds: 1.5, expected at least 1.5",
        );
        check(
            &ProbeExpect::AtLeastMilli(1_500),
            "1.499",
            None,
            "misses: 1.499, expected at least 1.5",
        );
        check(
            &ProbeExpect::AtMostMilli(0),
            "-3",
            None,
            "holds: -3, expected at most 0",
        );
        check(
            &ProbeExpect::Text(" ok\n".to_owned()),
            "ok",
            None,
            "holds: says \"ok\"",
        );
        check(
            &ProbeExpect::AtLeastMilli(0),
            "many",
            None,
            "misses: says \"many\", expected a number",
        );
    }

    #[test]
    fn a_ratio_needs_a_value_from_before() {
        let ratio = ProbeExpect::AtLeastRatioOfBaselineMilli(900);
        check(
            &ratio,
            "1212",
            Some("1198"),
            "holds: 1212, expected at least 1078.2 (0.9 of 1198 before)",
        );
        check(
            &ratio,
            "1000",
            Some("1198"),
            "misses: 1000, expected at least 1078.2 (0.9 of 1198 before)",
        );
        check(
            &ratio,
            "1000",
            None,
            "misses: there is no value from before to compare with",
        );
        check(
            &ratio,
            "1000",
            Some("n/a"),
            "misses: the value before, \"n/a\", is not a number",
        );
    }

    #[test]
    fn an_answer_that_says_no_holds_nothing() {
        let no = ProbeAnswer {
            value: "5".to_owned(),
            success: false,
            ended: "status 503".to_owned(),
        };
        assert_eq!(
            judge(&ProbeExpect::AtLeastMilli(1), &no, None),
            ProbeVerdict::Misses("status 503".to_owned())
        );
    }

    #[test]
    fn numbers_are_read_as_thousandths() {
        for (text, value) in [
            ("1", Some(1000)),
            (" 0.0005 ", Some(0)),
            ("-2.5", Some(-2500)),
            (".5", Some(500)),
            ("1e3", None),
            ("", None),
            (".", None),
        ] {
            assert_eq!(milli(text), value, "{text:?}");
        }
    }
}
