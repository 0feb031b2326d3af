//! The search itself: the cheapest way through states that the rules allow.
//!
//! Cheapest is: fewest risks and conditions, then fewest hops of servers, then fewest moves, then fewest moves
//! out of the advised order and fewest majors crossed, then the latest releases between.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::knowledge::{Answer, Cited, Effect, Release, Truth, Verdict};

use super::ground::{Ground, State};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Where all servers are.
    pub from: Release,
    /// Where all are to be.
    pub to: Release,
    /// Where the clients are; they are left out where nobody said.
    pub clients: Option<Release>,
}

/// One move of a route.
#[derive(Debug, Clone)]
pub struct Step {
    /// Which groups move.
    pub roles: Vec<&'static str>,
    /// From which release.
    pub from: Release,
    /// To which.
    pub to: Release,
    /// The rows that allow it: over the pair, or over clients next to their servers.
    pub answer: Option<Rc<Answer>>,
    /// The state that it leads to.
    pub state: State,
}

/// What a search came to.
#[derive(Debug, Clone)]
pub struct Found {
    /// The moves; none where no way leads there.
    pub steps: Option<Vec<Step>>,
    /// Every release that servers can reach.
    pub reached: BTreeSet<Release>,
    /// Moves that led to a state that may not be: the servers' release, and why.
    pub walls: BTreeMap<Release, Cited>,
}

type Cost = (u32, u32, u32, u32, u64);

/// The cheapest way to each state, by the move that led there.
type Best = BTreeMap<State, (Cost, Option<(State, Step)>)>;

/// Searches the whole space.
pub fn find(ground: &Ground<'_>, wish: &Wish) -> Found {
    let nodes = ground.nodes(&wish.from, &wish.to);
    let width = ground.servers().len();
    let start = State {
        servers: vec![wish.from.clone(); width],
        clients: wish.clients.clone(),
    };
    let goal = State {
        servers: vec![wish.to.clone(); width],
        clients: wish.clients.as_ref().map(|_| wish.to.clone()),
    };
    let mut ways = Ways::over(&nodes);
    let mut best: Best = BTreeMap::new();
    let mut queue: BTreeSet<(Cost, State)> = BTreeSet::new();
    let mut found = Found {
        steps: None,
        reached: BTreeSet::from([wish.from.clone()]),
        walls: BTreeMap::new(),
    };
    best.insert(start.clone(), ((0, 0, 0, 0, 0), None));
    queue.insert(((0, 0, 0, 0, 0), start));
    while let Some((cost, state)) = queue.pop_first() {
        found.reached.extend(state.servers.iter().cloned());
        if state == goal {
            found.steps = Some(walk_back(&best, state));
            return found;
        }
        for (step, price) in moves(ground, &mut ways, wish, &state) {
            if let Some(wall) = ground.forbids(&step.state) {
                found.walls.insert(step.to.clone(), wall);
                continue;
            }
            let total = add(cost, price);
            let next = step.state.clone();
            if best.get(&next).is_none_or(|(known, _)| total < *known) {
                best.insert(next.clone(), (total, Some((state.clone(), step))));
                queue.insert((total, next));
            }
        }
    }
    found
}

fn add(a: Cost, b: Cost) -> Cost {
    (a.0 + b.0, a.1 + b.1, a.2 + b.2, a.3 + b.3, a.4 + b.4)
}

fn walk_back(best: &Best, end: State) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = end;
    while let Some((_, Some((before, step)))) = best.get(&at) {
        steps.push(step.clone());
        at = before.clone();
    }
    steps.reverse();
    steps
}

/// Where one may go from a release: asked once, however many states have servers there.
struct Ways<'a> {
    nodes: &'a [Release],
    from: BTreeMap<Release, Rc<Vec<Way>>>,
}

/// A release that may be gone to, and how many of the nodes are not below it.
struct Way {
    to: Release,
    from_top: usize,
    answer: Rc<Answer>,
}

impl<'a> Ways<'a> {
    const fn over(nodes: &'a [Release]) -> Self {
        Self {
            nodes,
            from: BTreeMap::new(),
        }
    }

    fn from(&mut self, ground: &Ground<'_>, wish: &Wish, at: &Release) -> Rc<Vec<Way>> {
        if let Some(known) = self.from.get(at) {
            return Rc::clone(known);
        }
        let ahead = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, to)| onward(wish, at, to));
        let ways = ahead.map(|(rank, to)| Way {
            to: to.clone(),
            from_top: self.nodes.len() - rank,
            answer: ground.pair(at, to),
        });
        let ways: Rc<Vec<Way>> = Rc::new(ways.filter(|way| ground.passes(&way.answer)).collect());
        self.from.insert(at.clone(), Rc::clone(&ways));
        ways
    }
}

fn moves(ground: &Ground<'_>, ways: &mut Ways<'_>, wish: &Wish, state: &State) -> Vec<(Step, Cost)> {
    let mut all = Vec::new();
    let roles = ground.servers();
    for (role, at) in state.servers.iter().enumerate() {
        for Way { to, from_top, answer } in ways.from(ground, wish, at).iter() {
            // A hop ends with all servers on one release before the next begins.
            let begins_hop = state.servers.iter().all(|other| other == at);
            if !begins_hop && !state.servers.contains(to) {
                continue;
            }
            let mut next = state.clone();
            next.servers[role] = to.clone();
            let out_of_order = u32::from(role > 0 && begins_hop);
            let price = price(
                ground,
                answer,
                &next,
                *from_top,
                at,
                to,
                (begins_hop, out_of_order),
            );
            let step = Step {
                roles: vec![roles[role]],
                from: at.clone(),
                to: to.clone(),
                answer: Some(Rc::clone(answer)),
                state: next,
            };
            all.push((step, price));
        }
    }
    all.extend(client_moves(ground, wish, state));
    all.extend(moves_together(ground, ways, wish, state));
    all
}

fn onward(wish: &Wish, at: &Release, to: &Release) -> bool {
    match wish.from <= wish.to {
        true => at < to && *to <= wish.to,
        false => to < at && wish.to <= *to,
    }
}

fn price(
    ground: &Ground<'_>,
    answer: &Answer,
    next: &State,
    from_top: usize,
    at: &Release,
    to: &Release,
    (begins_hop, odd): (bool, u32),
) -> Cost {
    let risks = answer
        .rows
        .iter()
        .filter(|row| row.effect == Effect::Risk && row.truth == Truth::Holds);
    let risks = u32::try_from(risks.count()).unwrap_or(u32::MAX);
    let open = u32::from(answer.verdict != Verdict::Supported);
    let conditional = match begins_hop {
        true => risks.saturating_add(open),
        false => 0,
    };
    let crossing = u32::from(at.line() != to.line() && begins_hop);
    let deficit = u64::try_from(from_top).unwrap_or(u64::MAX);
    (
        conditional + ground.conditions(next),
        u32::from(begins_hop),
        1,
        odd + crossing,
        deficit,
    )
}

/// Clients go to where servers are, or where all will be in the end.
fn client_moves(ground: &Ground<'_>, wish: &Wish, state: &State) -> Vec<(Step, Cost)> {
    let Some(at) = &state.clients else {
        return Vec::new();
    };
    let places: BTreeSet<&Release> = state.servers.iter().chain([&wish.to]).collect();
    let places = places.into_iter().filter(|to| *to != at && onward(wish, at, to));
    places
        .map(|to| {
            let next = State {
                clients: Some(to.clone()),
                ..state.clone()
            };
            let price = (ground.conditions(&next), 0, 1, 0, 0);
            let step = Step {
                roles: vec!["clients"],
                from: at.clone(),
                to: to.clone(),
                answer: state.servers.first().map(|server| ground.skew(server, to)),
                state: next,
            };
            (step, price)
        })
        .collect()
}

fn moves_together(ground: &Ground<'_>, ways: &mut Ways<'_>, wish: &Wish, state: &State) -> Vec<(Step, Cost)> {
    let Some(at) = state.servers.first() else {
        return Vec::new();
    };
    let level = state.servers.iter().all(|other| other == at);
    if !ground.may_move_together() || !level {
        return Vec::new();
    }
    let mut all = Vec::new();
    for Way { to, from_top, answer } in ways.from(ground, wish, at).iter() {
        let next = State {
            servers: vec![to.clone(); state.servers.len()],
            clients: state.clients.as_ref().map(|_| to.clone()),
        };
        let mut roles = ground.servers().to_vec();
        roles.extend(state.clients.as_ref().map(|_| "clients"));
        let mut price = price(ground, answer, &next, *from_top, at, to, (true, 0));
        price.2 = u32::try_from(roles.len()).unwrap_or(u32::MAX);
        price.3 += 1;
        let step = Step {
            roles,
            from: at.clone(),
            to: to.clone(),
            answer: Some(Rc::clone(answer)),
            state: next,
        };
        all.push((step, price));
    }
    all
}
