//! In which order servers can be replaced: from the rows that say which releases stand beside each other, never from
//! the releases themselves.

use upshift_model::policy::Strategy;

use crate::systems::fluss::checks::obstacles;
use crate::systems::fluss::situation::Situation;

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As documented.
    TabletServersFirst,
    /// Where an old coordinator cannot do with new tablet servers.
    CoordinatorFirst,
    /// Where neither can do with the other.
    FullStop,
}

impl Order {
    /// The same as every system calls it.
    pub const fn strategy(self) -> Strategy {
        match self {
            Self::TabletServersFirst | Self::CoordinatorFirst => Strategy::Rolling,
            Self::FullStop => Strategy::FullStop,
        }
    }
}

/// An order, and why so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// The order.
    pub order: Order,
    /// One reason a line.
    pub why: Vec<String>,
}

/// The order for a hop.
pub fn order(s: &Situation<'_>) -> Ordered {
    // On the way the coordinator is the old one beside new tablet servers, or the other way round.
    let servers_first = obstacles(s, &s.from, &s.to);
    let coordinator_first = obstacles(s, &s.to, &s.from);
    let texts =
        |rows: &[crate::knowledge::Cited]| rows.iter().map(|row| row.text.clone()).collect::<Vec<_>>();
    match (servers_first.is_empty(), coordinator_first.is_empty()) {
        (true, _) => Ordered {
            order: Order::TabletServersFirst,
            why: vec!["tablet servers one by one, then the coordinator: the documented order".to_owned()],
        },
        (false, true) => {
            let mut why =
                vec!["the coordinator first: in the documented order this hop does not work".to_owned()];
            why.extend(texts(&servers_first));
            Ordered {
                order: Order::CoordinatorFirst,
                why,
            }
        }
        (false, false) => {
            let mut why =
                vec!["all servers are stopped: these releases cannot stand beside each other".to_owned()];
            why.extend(texts(&servers_first));
            why.extend(texts(&coordinator_first));
            Ordered {
                order: Order::FullStop,
                why,
            }
        }
    }
}
