//! Values that may be written in more than one way: an address with or without what it takes to be
//! let in, one value for both releases or one for each, what a probe must answer.

use toml::de::DeValue;
use upshift_model::endpoint::{Auth, Endpoint, SecretRef};
use upshift_model::flink::{GraphWay, ProbeExpect, RunAs};

use super::file::{AuthTable, BasicTable, EndpointTable, ExpectTable, GraphTable, PairTable, RunAsTable};
use super::milli;
use super::problem::Problem;
use super::read::{At, Node, Reader, Value};
use super::value::Url;
use crate::codes;

impl Value for Endpoint {
    fn expected() -> String {
        "an address such as \"http://127.0.0.1:8081\", or { url, ca, auth }".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        match node.value {
            DeValue::String(_) => Some(Self::plain(Url::read(node, reader)?.0)),
            DeValue::Table(_) => {
                let EndpointTable { url, ca, auth } = EndpointTable::read(node, reader)?;
                Some(Self { url: url.0, ca, auth })
            }
            _ => reader.wrong_type::<Self, _>(node),
        }
    }
}

/// Where a cluster answers: an address that paths are put behind, and so without a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address(pub(super) Endpoint);

impl Value for Address {
    fn expected() -> String {
        Endpoint::expected()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let endpoint = Endpoint::read(node, reader)?;
        if endpoint.url.contains(['?', '#']) {
            let what = format!(
                "{} has a query behind its address (not shown)",
                node.place.words()
            );
            reader.problems.add(
                Problem::new(codes::WRONG_VALUE, node.span.clone(), what).expected(
                    "an address that paths can be put behind; a token goes into `auth`, as a reference",
                ),
            );
            return None;
        }
        Some(Self(endpoint))
    }
}

impl Value for Auth {
    fn expected() -> String {
        "{ bearer = \"env:NAME\" } or { basic = { user, password = \"file:/path\" } }".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let DeValue::Table(_) = node.value else {
            // Whatever stands here may be a secret: it is treated as one.
            SecretRef::read(node, reader)?;
            return reader.wrong_type::<Self, _>(node);
        };
        let AuthTable { bearer, basic } = AuthTable::read(node, reader)?;
        match (bearer, basic) {
            (Some(token), None) => Some(Self::Bearer { token }),
            (None, Some(BasicTable { user, password })) => Some(Self::Basic { user, password }),
            (bearer, _) => one_of(node, reader, bearer.is_some(), "bearer", "basic"),
        }
    }
}

/// Reports two keys of which exactly one must be there.
pub(super) fn one_of<T>(node: &Node<'_>, reader: &Reader<'_>, both: bool, a: &str, b: &str) -> Option<T> {
    let (code, what) = match both {
        true => (
            codes::CONTRADICTION,
            format!("{} has both {a:?} and {b:?}", node.place.words()),
        ),
        false => (
            codes::MISSING_KEY,
            format!("{} has neither {a:?} nor {b:?}", node.place.words()),
        ),
    };
    // A key that is there and could not be read has its own problem.
    if both || !(node.has(a) || node.has(b)) {
        reader
            .problems
            .add(Problem::new(code, node.span.clone(), what).expected(format!("one of: {a}, {b}")));
    }
    None
}

/// One value for the release that runs and the one that is wanted, or one for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pair<T> {
    /// The same for both.
    Same(T),
    /// One for each.
    Each { current: T, target: T },
}

impl<T: Clone> Pair<T> {
    /// The value for the release that runs.
    pub(super) fn current(&self) -> &T {
        match self {
            Self::Same(value) | Self::Each { current: value, .. } => value,
        }
    }

    /// The value for the release that is wanted.
    pub(super) fn target(&self) -> &T {
        match self {
            Self::Same(value) | Self::Each { target: value, .. } => value,
        }
    }
}

impl<T: Value + Clone + std::fmt::Debug> Value for Pair<T> {
    fn expected() -> String {
        format!(
            "{}; or {{ current, target }} with one for each release",
            T::expected()
        )
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        match node.value {
            DeValue::Table(_) => {
                let PairTable { current, target } = PairTable::<T>::read(node, reader)?;
                Some(Self::Each { current, target })
            }
            _ => T::read(node, reader).map(Self::Same),
        }
    }
}

/// A plain decimal number in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Milli(pub(super) i64);

impl Value for Milli {
    fn expected() -> String {
        "a number with at most three decimal places".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let text = match node.value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => return reader.wrong_type::<Self, _>(node),
        };
        milli::parse(text)
            .map(Self)
            .or_else(|| reader.wrong_value::<Self, _>(node, text))
    }
}

/// A share of the value before the switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio(pub(super) u32);

impl Value for Ratio {
    fn expected() -> String {
        "a ratio from 0.001 to 1000, such as 0.9".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let Milli(milli) = Milli::read(node, reader)?;
        match u32::try_from(milli) {
            Ok(ratio @ 1..=1_000_000) => Some(Self(ratio)),
            _ => reader.wrong_value::<Self, _>(node, &format!("{milli} thousandths")),
        }
    }
}

impl Value for ProbeExpect {
    fn expected() -> String {
        "\"success\", or one of { text }, { at_least }, { at_most }, { at_least_ratio_of_baseline }"
            .to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        match node.value {
            DeValue::String(word) if word.as_ref() == "success" => Some(Self::Success),
            DeValue::String(word) => reader.wrong_value::<Self, _>(node, &format!("{word:?}")),
            DeValue::Table(_) => expectation(ExpectTable::read(node, reader)?, node, reader),
            _ => reader.wrong_type::<Self, _>(node),
        }
    }
}

fn expectation(table: ExpectTable, node: &Node<'_>, reader: &Reader<'_>) -> Option<ProbeExpect> {
    let mut wishes: Vec<ProbeExpect> = Vec::new();
    wishes.extend(table.text.map(ProbeExpect::Text));
    wishes.extend(
        table
            .at_least
            .map(|Milli(milli)| ProbeExpect::AtLeastMilli(milli)),
    );
    wishes.extend(table.at_most.map(|Milli(milli)| ProbeExpect::AtMostMilli(milli)));
    wishes.extend(
        table
            .at_least_ratio_of_baseline
            .map(|Ratio(milli)| ProbeExpect::AtLeastRatioOfBaselineMilli(milli)),
    );
    let unread = ExpectTable::SECTION.keys.iter().any(|key| node.has(key.name));
    match (wishes.len(), unread) {
        (1, _) => wishes.pop(),
        // A key that is there and could not be read has its own problem.
        (0, true) => None,
        (count, _) => {
            let what = format!("{} has {count} expectations", node.place.words());
            reader.problems.add(
                Problem::new(codes::CONTRADICTION, node.span.clone(), what)
                    .expected("exactly one; another one belongs to a [[probe]] of its own"),
            );
            None
        }
    }
}

impl Value for GraphWay {
    fn expected() -> String {
        "\"declared\", \"probe\", \"probe-online\", \"target\", \"production\", or { scratch = address of a cluster }"
            .to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        match node.value {
            DeValue::String(word) => match word.as_ref() {
                "declared" => Some(Self::Declared),
                "probe" => Some(Self::Probe { online: false }),
                "probe-online" => Some(Self::Probe { online: true }),
                "target" => Some(Self::Target),
                "production" => Some(Self::Production),
                other => reader.wrong_value::<Self, _>(node, &format!("{other:?}")),
            },
            DeValue::Table(_) => GraphTable::read(node, reader).map(|table| Self::Scratch(table.scratch.0)),
            _ => reader.wrong_type::<Self, _>(node),
        }
    }
}

impl Value for RunAs {
    fn expected() -> String {
        "{ local = {} }: the release's own scripts, on this machine, as the user who runs upshift".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let RunAsTable { local, ssh } = RunAsTable::read(node, reader)?;
        if let Some(At { span, .. }) = ssh {
            reader.problems.add(
                Problem::new(
                    codes::NOT_YET,
                    span,
                    "run_as = { ssh = … } is not carried out yet",
                )
                .expected(Self::expected())
                .next("run upshift on the machine where the cluster's processes run"),
            );
            return None;
        }
        match local {
            Some(_) => Some(Self::Local),
            None => reader.wrong_value::<Self, _>(node, "an empty table"),
        }
    }
}
