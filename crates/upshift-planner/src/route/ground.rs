//! What a search stands on: the roles of a system, the moves of each, and the states that may not be.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::knowledge::{About, Answer, Cited, Effect, Facts, Known, Library, Release, Truth, Verdict};

/// Versions per role group: servers in the order of [`Ground::servers`], then clients where there are
/// any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    pub(super) servers: Vec<Release>,
    pub(super) clients: Option<Release>,
}

/// Answers by the two releases that they are about.
type Answers = Rc<RefCell<BTreeMap<(Release, Release), Rc<Answer>>>>;

/// The rules of one system, asked often and answered once.
#[derive(Clone)]
pub struct Ground<'a> {
    library: &'a Library,
    system: Known,
    facts: &'a Facts,
    strict: bool,
    pairs: Answers,
    skews: Answers,
}

impl<'a> Ground<'a> {
    /// The rules of a system under what was told of it; strict ones let nothing pass that bears a
    /// condition.
    pub fn new(library: &'a Library, system: Known, facts: &'a Facts, strict: bool) -> Self {
        Self {
            library,
            system,
            facts,
            strict,
            pairs: Answers::default(),
            skews: Answers::default(),
        }
    }

    /// The same rules, strict or not: what was answered once is kept.
    #[must_use]
    pub(super) fn being(&self, strict: bool) -> Self {
        Self {
            strict,
            ..self.clone()
        }
    }

    /// The groups of servers that move one after the other, in the order that upstream advises.
    pub fn servers(&self) -> &'static [&'static str] {
        match self.system {
            Known::Flink => &["cluster and jobs"],
            Known::RealtimeCompute => &["deployment"],
            Known::Fluss => &["tablet servers", "coordinator"],
            Known::Alluxio | Known::Weka => &["cluster"],
        }
    }

    /// Whether all groups may be stopped and started at once.
    pub(super) fn may_move_together(&self) -> bool {
        match self.system {
            Known::Alluxio => true,
            Known::Fluss => {
                let full = |(fact, value)| fact == crate::knowledge::Fact::Stop && value == Some("full");
                self.facts.told().any(full)
            }
            Known::Flink | Known::RealtimeCompute | Known::Weka => false,
        }
    }

    /// Versions by way of which a route may go: a build that the vendor withdrew is none.
    pub(super) fn nodes(&self, from: &Release, to: &Release) -> Vec<Release> {
        let (low, high) = (from.min(to), from.max(to));
        let book = self.library.book(self.system);
        let offered = |release: &Release| book.release(release).is_none_or(|row| row.offered);
        let all = self.library.releases(self.system).into_iter();
        let mut nodes: Vec<Release> = all
            .filter(|node| low < node && node < high && offered(node))
            .filter(|node| !self.stands_for(node, from) && !self.stands_for(node, to))
            .collect();
        nodes.extend([from.clone(), to.clone()]);
        nodes.sort();
        nodes.dedup();
        nodes
    }

    /// Whether a node is the line of a release: of Flink lines are known, not what lies in them.
    fn stands_for(&self, node: &Release, release: &Release) -> bool {
        self.system == Known::Flink && node.line() == release.line()
    }

    /// Whether one release may be replaced by another.
    pub fn pair(&self, from: &Release, to: &Release) -> Rc<Answer> {
        let key = (from.clone(), to.clone());
        let mut pairs = self.pairs.borrow_mut();
        pairs
            .entry(key)
            .or_insert_with(|| Rc::new(self.library.pair(from, to, self.facts)))
            .clone()
    }

    /// Whether servers of one release may have clients of another.
    pub(super) fn skew(&self, server: &Release, client: &Release) -> Rc<Answer> {
        let key = (server.clone(), client.clone());
        let mut skews = self.skews.borrow_mut();
        skews
            .entry(key)
            .or_insert_with(|| Rc::new(self.library.client(server, client, self.facts)))
            .clone()
    }

    /// Whether an answer lets a route pass.
    pub fn passes(&self, answer: &Answer) -> bool {
        match answer.verdict {
            Verdict::Supported => true,
            Verdict::Conditional => !self.strict,
            Verdict::Unknown | Verdict::Unsupported => false,
        }
    }

    /// Why a state may not be; none where it may.
    pub fn forbids(&self, state: &State) -> Option<Cited> {
        for server in &state.servers {
            if let Some(client) = &state.clients {
                let answer = self.skew(server, client);
                if !self.passes(&answer) {
                    return Some(refusal(&answer, server, client));
                }
            }
        }
        let [other, leading] = state.servers.as_slice() else {
            return None;
        };
        let rules = self.library.book(self.system).rules.iter();
        rules
            .filter(|rule| rule.about == About::Beside && rule.speaks_of_beside(leading, other))
            .map(|rule| Cited::of(rule, self.facts))
            .find(|row| row.effect == Effect::Refuses && row.truth == Truth::Holds)
    }

    /// How many rules of a state hold only under a condition.
    pub(super) fn conditions(&self, state: &State) -> u32 {
        let Some(client) = &state.clients else { return 0 };
        let conditional = |server: &&Release| self.skew(server, client).verdict != Verdict::Supported;
        u32::from(state.servers.iter().any(|server| conditional(&server)))
    }
}

fn refusal(answer: &Answer, server: &Release, client: &Release) -> Cited {
    let row = answer.because().or_else(|| answer.rows.first());
    let said = row.cloned().unwrap_or_else(|| Cited {
        id: "no-row".to_owned(),
        effect: Effect::Note,
        when: Vec::new(),
        truth: Truth::Holds,
        text: "no source that upshift knows speaks of them".to_owned(),
        advice: String::new(),
        code: None,
        origin: crate::knowledge::Origin {
            source: "the catalogue has no row".to_owned(),
            confidence: crate::knowledge::Confidence::Inferred,
        },
    });
    let text = format!("servers of {server} with clients of {client}: {}", said.text);
    said.saying(text)
}
