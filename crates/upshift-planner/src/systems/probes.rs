//! Probes before an upgrade: one that fails now would be taken for the upgrade's failure.
//!
//! Ratios refer to the value before the switch, so all that can be asked of one now is a number.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{Probe, ProbeExpect};
use upshift_model::ids::Code;
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;

/// What was answered, by name.
pub(super) type Answers = BTreeMap<String, Observed<String>>;

/// Under which codes a system tells of them.
pub(super) struct Codes {
    /// There are none.
    pub(super) none: Code,
    /// One gives no answer.
    pub(super) blind: Code,
    /// Whether one holds now.
    pub(super) fails: Code,
}

/// All findings about probes.
pub(super) fn check(declared: &[(String, Probe)], answers: &Answers, codes: &Codes) -> Vec<Finding> {
    if declared.is_empty() {
        return vec![
            Topic::new(codes.none.clone(), "policy")
                .saw("RUNNING and checkpointing say nothing of whether the results are right")
                .fix("add: [[probe]] name = \"records per minute\", command = [\"./probe.sh\"], expect = { at_least_ratio_of_baseline = 0.9 }")
                .yellow("no probe says what \"it works\" means"),
        ];
    }
    let each = declared.iter();
    each.map(|(name, probe)| asked(answers, codes, name, probe))
        .collect()
}

fn asked(answers: &Answers, codes: &Codes, name: &str, probe: &Probe) -> Finding {
    let unasked = Gap {
        what: format!("probe {name}"),
        reason: "not asked".into(),
    };
    let answer = match answers.get(name) {
        None => Err(&unasked),
        Some(answer) => answer.as_result(),
    };
    let subject = format!("probe {name}");
    match answer {
        Err(gap) => Topic::new(codes.blind.clone(), subject)
            .fix("run it by hand as the user who runs upshift, and mend it or take it out of the file")
            .unknown(gap, Severity::Red, "the probe gives no answer"),
        Ok(answer) => judged(Topic::new(codes.fails.clone(), subject), answer, &probe.expect),
    }
}

fn judged(topic: Topic, answer: &str, expect: &ProbeExpect) -> Finding {
    let said = answer.trim();
    let (holds, wanted) = match expect {
        ProbeExpect::Success => (true, "success".to_owned()),
        ProbeExpect::Text(text) => (said == text.trim(), format!("{text:?}")),
        ProbeExpect::AtLeastMilli(least) => (
            milli(said).is_some_and(|found| found >= *least),
            format!("a number of at least {}", decimal(*least)),
        ),
        ProbeExpect::AtMostMilli(most) => (
            milli(said).is_some_and(|found| found <= *most),
            format!("a number of at most {}", decimal(*most)),
        ),
        ProbeExpect::AtLeastRatioOfBaselineMilli(ratio) => {
            let wanted = format!(
                "a number above zero, later at least {} of it",
                decimal(i64::from(*ratio))
            );
            (milli(said).is_some_and(|found| found > 0), wanted)
        }
    };
    let topic = topic
        .saw(format!("answered {:?}, expected {wanted}", shortened(said)))
        .fix("mend what it measures, or correct its `expect`: now it would fail whatever the upgrade does");
    if holds {
        topic.green("the probe holds now")
    } else {
        topic.red("the probe fails already, before the upgrade")
    }
}

/// A decimal number in thousandths, further digits cut off; none for anything else.
fn milli(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(part) {
        return None;
    }
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let amount = whole
        .parse::<i64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(part.parse().ok()?)?;
    Some(if negative { -amount } else { amount })
}

fn decimal(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let amount = milli.unsigned_abs();
    let text = format!("{sign}{}.{:03}", amount / 1000, amount % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().count() <= SHOWN {
        text.to_owned()
    } else {
        text.chars().take(SHOWN).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{decimal, milli};

    #[test]
    fn numbers_are_read_in_thousandths_and_nothing_else_is_a_number() {
        let good = [
            ("1212", 1_212_000),
            ("0.9", 900),
            ("-3.25", -3_250),
            ("1.2345", 1_234),
            ("7.", 7_000),
        ];
        for (text, expected) in good {
            assert_eq!(milli(text), Some(expected), "{text}");
        }
        for text in ["", "-", ".5", "1e3", "12 rows", "1,212", "99999999999999999999"] {
            assert_eq!(milli(text), None, "{text}");
        }
    }

    #[test]
    fn thousandths_read_as_people_write_them() {
        assert_eq!(decimal(900), "0.9");
        assert_eq!(decimal(1_212_000), "1212");
        assert_eq!(decimal(-3_250), "-3.25");
    }
}
