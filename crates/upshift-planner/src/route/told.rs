//! A found route, or none, told with its reasons: the rule behind each move, why nothing shorter
//! works, or what blocks every route and what would open one.

use std::collections::BTreeSet;

use crate::knowledge::{Answer, Cited, Effect, Facts, Known, Library, Release, Truth, Verdict};

use super::ground::{Ground, State};
use super::search::{Found, Step, Wish, find};

/// A route with its reasons.
#[derive(Debug, Clone)]
pub struct Route {
    /// What it comes to: the worst of its moves.
    pub verdict: Verdict,
    /// The releases of the servers, the first and the last among them.
    pub hops: Vec<Release>,
    /// The moves in order.
    pub steps: Vec<Step>,
    /// Why no shorter one works, and why the moves stand in this order.
    pub reasons: Vec<String>,
}

/// No route, with what stands in the way.
#[derive(Debug, Clone)]
pub struct Blocked {
    /// Unknown where nobody says no, unsupported where somebody does.
    pub verdict: Verdict,
    /// The rows that block.
    pub because: Vec<Cited>,
    /// How far servers come.
    pub reached: Vec<Release>,
    /// What would open a route.
    pub opens: Vec<String>,
}

/// What a search came to, told.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// There is one.
    Found(Route),
    /// There is none.
    Blocked(Blocked),
}

/// Searches and tells.
pub fn route(library: &Library, wish: &Wish, facts: &Facts, strict: bool) -> Outcome {
    let system = wish.from.system();
    let ground = Ground::new(library, system, facts, strict);
    let found = find(&ground, wish);
    let now = ground.forbids(&start(&ground, wish));
    match &found.steps {
        Some(steps) if !strict || now.is_none() => Outcome::Found(told(&ground, wish, steps.clone(), now)),
        _ => Outcome::Blocked(blocked(library, &ground, wish, strict, &found)),
    }
}

/// Where all stand before the first move.
fn start(ground: &Ground<'_>, wish: &Wish) -> State {
    State {
        servers: vec![wish.from.clone(); ground.servers().len()],
        clients: wish.clients.clone(),
    }
}

/// A state that may not be is left by the first moves: the way is told, and never called supported.
fn told(ground: &Ground<'_>, wish: &Wish, steps: Vec<Step>, now: Option<Cited>) -> Route {
    let mut hops = vec![wish.from.clone()];
    for step in steps.iter().filter(|step| step.roles != ["clients"]) {
        if hops.last() != Some(&step.to) {
            hops.push(step.to.clone());
        }
    }
    let verdicts = steps
        .iter()
        .filter_map(|step| step.answer.as_ref())
        .map(|answer| answer.verdict);
    let worst = match now {
        None => Verdict::Supported,
        Some(_) => Verdict::Conditional,
    };
    let verdict = verdicts.max().unwrap_or(Verdict::Supported).max(worst);
    let mut reasons = reasons(ground, wish, &steps, &hops);
    reasons.extend(now.map(|wall| format!("as it stands now it may not be: {}", wall.text)));
    Route {
        verdict,
        hops,
        steps,
        reasons,
    }
}

fn reasons(ground: &Ground<'_>, wish: &Wish, steps: &[Step], hops: &[Release]) -> Vec<String> {
    let mut reasons = Vec::new();
    if hops.len() > 2 {
        let direct = ground.pair(&wish.from, &wish.to);
        let why = why_not(&direct);
        reasons.push(format!("not in one hop: {} to {}: {why}", wish.from, wish.to));
    }
    if hops.len() > 3 {
        reasons.push(format!(
            "not in fewer than {} hops: every release between was tried",
            hops.len() - 1
        ));
    }
    let mut before = start(ground, wish);
    for (at, step) in steps.iter().enumerate() {
        let next_hop = steps[at..].iter().find(|later| later.roles != ["clients"]);
        if let (true, Some(next)) = (step.roles == ["clients"], next_hop) {
            let without = State {
                servers: next.state.servers.clone(),
                clients: before.clients.clone(),
            };
            reasons.extend(ground.forbids(&without).map(|wall| {
                format!(
                    "clients go to {} before {} goes to {}: {}",
                    step.to,
                    next.roles.join(" and "),
                    next.to,
                    wall.text
                )
            }));
        }
        before = step.state.clone();
    }
    reasons
}

/// Why a pair does not pass: what refuses it, or what nobody knows of it.
fn why_not(answer: &Answer) -> String {
    let nobody = "nobody says that it may be done";
    let unsaid = answer.open.iter().find(|open| !open.how.starts_with("--fact"));
    match (answer.verdict, unsaid) {
        (Verdict::Unknown, Some(open)) => format!("it is not known {}: {}", open.question, open.how),
        _ => answer
            .because()
            .map_or_else(|| nobody.to_owned(), |row| row.text.clone()),
    }
}

fn blocked(library: &Library, ground: &Ground<'_>, wish: &Wish, strict: bool, found: &Found) -> Blocked {
    let mut because: Vec<Cited> = Vec::new();
    let last = found.reached.iter().filter_map(|at| {
        let answer = ground.pair(at, &wish.to);
        let why = answer.because().or_else(|| answer.rows.first());
        why.filter(|_| !ground.passes(&answer)).cloned()
    });
    let now = ground.forbids(&start(ground, wish)).filter(|_| strict);
    for row in last.chain(found.walls.values().cloned()).chain(now) {
        if !because.iter().any(|known| known.text == row.text) {
            because.push(row);
        }
    }
    let refused = because
        .iter()
        .any(|row| row.effect == Effect::Refuses && row.truth == Truth::Holds);
    let opens = opens(library, ground, wish, strict, found, &because);
    Blocked {
        verdict: match refused {
            true => Verdict::Unsupported,
            false => Verdict::Unknown,
        },
        because,
        reached: found.reached.iter().cloned().collect(),
        opens,
    }
}

/// Each thing that stands in the way is taken away in turn, and the search repeated.
fn opens(
    library: &Library,
    ground: &Ground<'_>,
    wish: &Wish,
    strict: bool,
    found: &Found,
    because: &[Cited],
) -> Vec<String> {
    let system = wish.from.system();
    let leads = |wish: &Wish, strict: bool| find(&ground.being(strict), wish).steps.is_some();
    let mut opens = Vec::new();
    if strict && leads(wish, false) {
        opens.push("without --strict there is one: its conditions have to be judged first".to_owned());
    }
    let alone = Wish {
        clients: None,
        ..wish.clone()
    };
    if let (Some(clients), true) = (&wish.clients, leads(&alone, strict)) {
        opens.push(format!(
            "clients of another release than {clients}: without them there is one"
        ));
    }
    let near = library
        .releases(system)
        .into_iter()
        .rev()
        .filter(|other| other.line() == wish.to.line() && *other != wish.to && onward(wish, other));
    let other = near
        .map(|to| Wish { to, ..alone.clone() })
        .find(|other| leads(other, strict));
    opens.extend(other.map(|other| format!("to {} instead there is one", other.to)));
    let last = found.reached.iter().map(|at| ground.pair(at, &wish.to));
    let unsettled = last.filter(|answer| answer.verdict != Verdict::Unsupported);
    let questions: BTreeSet<String> = unsettled
        .flat_map(|answer| answer.open.clone())
        .map(|open| format!("{} {}", open.question, open.how))
        .collect();
    opens.extend(questions);
    if system == Known::Weka {
        opens.push(format!(
            "a row of the vendor for {} that takes {}, or a build between the two",
            wish.to, wish.from
        ));
    }
    if opens.is_empty() {
        let advice = because.iter().filter(|row| !row.advice.is_empty());
        opens.extend(advice.map(|row| row.advice.clone()));
    }
    if opens.is_empty() {
        opens.push(
            "nothing that could be told: a row of your own would have to allow it, and say why".to_owned(),
        );
    }
    opens
}

fn onward(wish: &Wish, to: &Release) -> bool {
    (wish.from <= wish.to) == (wish.from <= *to)
}
