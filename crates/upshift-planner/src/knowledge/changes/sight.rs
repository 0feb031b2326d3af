//! What is known of one system, in the terms that changes ask in: its options, the classes that its
//! jar refers to, its connectors, schemes, Java, and facts of the closed set.
//!
//! Each of it is seen, told by a person, looked for in vain, or never asked. A person's word counts
//! over what was seen: it is how somebody asks "what if". Nothing is looked at here.

use std::collections::{BTreeMap, BTreeSet};

use crate::knowledge::fact::{Fact, Facts, NotAFact};

/// What is known of those that were not named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Rest {
    /// Nobody was asked.
    #[default]
    NotTold,
    /// Somebody looked and could not see all of them, for this reason.
    Unseen(String),
    /// There are no others, as this shows.
    Absent(String),
}

/// One name of an open set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Member {
    /// It is there, with a value where such a thing has one.
    In(String),
    /// It is not there.
    Out,
    /// Somebody looked and could not tell.
    Unseen,
}

/// An open set of names: options that are set, classes that are referred to, and so on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    named: BTreeMap<String, Member>,
    /// What is known of all others.
    pub rest: Rest,
}

impl Members {
    /// These are there, with their values, and no others, as `by` shows.
    pub fn all(those: impl IntoIterator<Item = (String, String)>, by: impl Into<String>) -> Self {
        Self {
            named: those
                .into_iter()
                .map(|(name, value)| (name, Member::In(value)))
                .collect(),
            rest: Rest::Absent(by.into()),
        }
    }

    /// Nothing of them could be seen.
    pub fn unseen(reason: impl Into<String>) -> Self {
        Self {
            named: BTreeMap::new(),
            rest: Rest::Unseen(reason.into()),
        }
    }

    /// One more that is there.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.named.insert(name.into(), Member::In(value.into()));
    }

    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.named.iter().map(|(name, member)| (name.as_str(), member))
    }

    fn tell(&mut self, name: &str, member: Member) {
        match (name, member) {
            ("*", Member::Out) => self.rest = Rest::Absent("told so".to_owned()),
            ("*", Member::Unseen | Member::In(_)) => self.rest = Rest::Unseen("told so".to_owned()),
            (name, member) => {
                self.named.insert(name.to_owned(), member);
            }
        }
    }
}

/// What is known of one number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Number {
    /// Nobody was asked.
    #[default]
    NotTold,
    /// Somebody looked and could not tell, for this reason.
    Unseen(String),
    /// This, as that shows.
    Is(u32, String),
}

/// What is known of one system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// Options that are set, and their values.
    pub options: Members,
    /// Classes that the job's jar refers to.
    pub classes: Members,
    /// Members of classes that it refers to, as `Class#member`.
    pub members: Members,
    /// Connectors that the job uses, and their versions; an empty text where that is not known.
    pub connectors: Members,
    /// Schemes of the paths that are used.
    pub schemes: Members,
    /// The feature number of the Java that the target would run on.
    pub java: Number,
    facts: Facts,
    because: BTreeMap<Fact, String>,
}

/// Words before the colon that name an open set, and what may stand behind the sign.
const SETS: [(&str, &str); 5] = [
    ("option", "a value, nothing where it is not set, or unknown"),
    ("class", "true, false or unknown"),
    ("member", "true, false or unknown"),
    ("connector", "a version, true, false or unknown"),
    ("scheme", "true, false or unknown"),
];

impl Sight {
    /// Takes a person's word, as `K=V` texts, over what is known already.
    ///
    /// # Errors
    /// When a text names nothing that a change asks for.
    pub fn tell<T: AsRef<str>>(&mut self, texts: &[T]) -> Result<(), NotAFact> {
        let mut told = BTreeSet::new();
        for text in texts {
            let text = text.as_ref();
            let (key, value) = text.split_once('=').ok_or_else(|| NotAFact::Form {
                found: text.to_owned(),
            })?;
            if !told.insert(key) {
                return Err(NotAFact::Twice { fact: key.to_owned() });
            }
            self.tell_one(key, value)?;
        }
        Ok(())
    }

    fn tell_one(&mut self, key: &str, value: &str) -> Result<(), NotAFact> {
        if let Some((set, name)) = key.split_once(':') {
            let known = SETS.iter().find(|(word, _)| *word == set);
            let (set, expected) = known.ok_or_else(|| NotAFact::Unknown {
                found: key.to_owned(),
            })?;
            let wrong = || NotAFact::Value {
                fact: set,
                found: value.to_owned(),
                expected: (*expected).to_owned(),
            };
            let member = member(set, value).ok_or_else(wrong)?;
            self.set(set).tell(name, member);
            return Ok(());
        }
        if key == "java" {
            self.java = match (value, value.parse()) {
                ("unknown", _) => Number::Unseen("told so".to_owned()),
                (_, Ok(feature)) => Number::Is(feature, "told so".to_owned()),
                (_, Err(_)) => {
                    return Err(NotAFact::Value {
                        fact: "java",
                        found: value.to_owned(),
                        expected: "a feature number such as 17, or unknown".to_owned(),
                    });
                }
            };
            return Ok(());
        }
        let fact: Fact = key.parse()?;
        let value = match value {
            "unknown" => None,
            value => Some(fact.value(value)?),
        };
        self.say(fact, value, "told so");
        Ok(())
    }

    fn set(&mut self, word: &str) -> &mut Members {
        match word {
            "option" => &mut self.options,
            "class" => &mut self.classes,
            "member" => &mut self.members,
            "connector" => &mut self.connectors,
            _ => &mut self.schemes,
        }
    }

    /// Says a fact of the closed set, with what shows it; none says that somebody looked and could
    /// not tell, and why.
    pub fn say(&mut self, fact: Fact, value: Option<&'static str>, because: impl Into<String>) {
        self.facts.say(fact, value);
        self.because.insert(fact, because.into());
    }

    /// What is known of a fact of the closed set, and what shows it.
    pub(super) fn fact(&self, fact: Fact) -> (Option<Option<&'static str>>, &str) {
        let because = self.because.get(&fact).map_or("", String::as_str);
        (self.facts.of(fact), because)
    }
}

fn member(set: &str, value: &str) -> Option<Member> {
    Some(match (set, value) {
        (_, "unknown") => Member::Unseen,
        ("option", "") | ("class" | "member" | "connector" | "scheme", "false") => Member::Out,
        ("option", value) => Member::In(value.to_owned()),
        (_, "true") => Member::In(String::new()),
        ("connector", version) if version.starts_with(|c: char| c.is_ascii_digit()) => {
            Member::In(version.to_owned())
        }
        _ => return None,
    })
}
