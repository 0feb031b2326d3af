//! The way from one version to another: the question as a person words it, and what the search came to.

use upshift_planner::knowledge::{Answer, Facts, Known, Library, NotARelease, Release, Verdict};
use upshift_planner::route::{Outcome, Wish, route};

use super::compat::unreadable;

/// A question over a way.
#[derive(Debug, Clone)]
pub struct Question {
    /// The system.
    pub system: Known,
    /// Where servers are.
    pub from: String,
    /// Where they are to be.
    pub to: String,
    /// Where clients are.
    pub clients: Option<String>,
    /// Whether a condition blocks.
    pub strict: bool,
    /// What is told of the system.
    pub facts: Facts,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Asked {
    /// The search ended.
    Searched(Box<Searched>),
    /// A version could not be read.
    Unreadable(Answer),
}

/// A search that ended.
#[derive(Debug, Clone)]
pub struct Searched {
    /// What it was asked, as versions.
    pub wish: Wish,
    /// How words were read.
    pub read_as: Vec<String>,
    /// What it came to.
    pub outcome: Outcome,
}

/// Searches; of a WEKA line the latest build that has a way is taken.
pub fn ask(library: &Library, question: &Question) -> Asked {
    let read = |text: &str| Release::parse(question.system, text);
    let parsed = || -> Result<_, NotARelease> {
        let clients = question.clients.as_deref().map(read).transpose()?;
        Ok((read(&question.from)?, read(&question.to)?, clients))
    };
    match parsed() {
        Ok((from, to, clients)) => searched(library, question, &from, &to, clients.as_ref()),
        Err(error) => Asked::Unreadable(unreadable(&error)),
    }
}

fn searched(
    library: &Library,
    question: &Question,
    from: &Release,
    to: &Release,
    clients: Option<&Release>,
) -> Asked {
    let newest = |release: &Release| {
        library
            .builds_of(release)
            .pop()
            .unwrap_or_else(|| release.clone())
    };
    let target = newest(to);
    let mut first = None;
    for source in library.builds_of(from).into_iter().rev() {
        let wish = Wish {
            from: source.clone(),
            to: target.clone(),
            clients: clients.map(|clients| match clients.as_str() == from.as_str() {
                true => source.clone(),
                false => newest(clients),
            }),
        };
        let outcome = route(library, &wish, &question.facts, question.strict);
        let found = matches!(outcome, Outcome::Found(_));
        if found || first.is_none() {
            first = Some((wish, outcome));
        }
        if found {
            break;
        }
    }
    let (wish, outcome) = first.expect("a release stands for one build at least: itself");
    let mut read_as = Vec::new();
    let mut words = vec![(from, &wish.from), (to, &wish.to)];
    words.extend(clients.zip(wish.clients.as_ref()));
    for (word, build) in words {
        let text = format!("{word} is read as {build}, the latest build of the line that has a way");
        if word.as_str() != build.as_str() && !read_as.contains(&text) {
            read_as.push(text);
        }
    }
    Asked::Searched(Box::new(Searched {
        wish,
        read_as,
        outcome,
    }))
}

impl Asked {
    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Searched(searched) => match &searched.outcome {
                Outcome::Found(route) => route.verdict,
                Outcome::Blocked(blocked) => blocked.verdict,
            },
            Self::Unreadable(answer) => answer.verdict,
        }
    }
}
