//! Whether one version may be replaced by another: the question as a person words it, and the
//! catalogue's answer.
//!
//! What is said of a pair is the planner's; here words become versions, and a WEKA line (`4.2`)
//! becomes the builds of it that are known.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use upshift_planner::knowledge::realtime_compute::{Classified, classify};
use upshift_planner::knowledge::{
    Answer, Facts, Known, Library, Named, NotARelease, Open, OptionChanges, Release, Verdict,
};

use crate::codes;
use crate::trouble::Trouble;

/// A question over two versions.
#[derive(Debug, Clone)]
pub struct Question {
    /// The system.
    pub system: Known,
    /// The version that is left.
    pub from: String,
    /// The version that is gone to.
    pub to: String,
    /// The clients' version.
    pub client: Option<String>,
    /// What is told of the system.
    pub facts: Facts,
}

/// The answer to it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What the catalogue says.
    pub answer: Answer,
    /// How words were read, where they could be read in more than one way.
    pub read_as: Vec<String>,
    /// What kind of change it is, for engines of Realtime Compute.
    pub classified: Option<Classified>,
    /// How the move is carried out, each with its source.
    pub guidance: Vec<(String, String)>,
    /// What is known of the two releases by name: dates, line, end of support.
    pub releases: Vec<Named>,
    /// What becomes of configuration options, where those of both releases were read.
    pub options: Option<OptionChanges>,
}

/// The system that a word names.
///
/// # Errors
/// When it names none.
pub fn system(word: &str) -> Result<Known, Trouble> {
    word.parse().map_err(|_| {
        let words = Known::ALL.map(Known::word);
        let near = words
            .iter()
            .min_by_key(|known| strsim::damerau_levenshtein(word, known));
        let near = near.filter(|known| strsim::damerau_levenshtein(word, known) <= 3);
        let hint = near.map_or_else(String::new, |known| format!("; did you mean {known}?"));
        Trouble::usage(
            codes::UNKNOWN_SYSTEM,
            format!("no system is called {word:?}{hint}"),
        )
        .expected(words.join(", "))
        .next("upshift explain UP-KNOW-0001")
    })
}

/// The facts that texts give.
///
/// # Errors
/// When one is none.
pub fn facts(texts: &[String]) -> Result<Facts, Trouble> {
    Facts::parse(texts).map_err(|error| {
        Trouble::usage(codes::NOT_A_FACT, error.to_string()).next("upshift explain UP-KNOW-0003 lists them")
    })
}

/// An answer that only says what could not be read.
pub fn unreadable(error: &NotARelease) -> Answer {
    Answer::unknown(
        error.to_string(),
        format!(
            "give {}; upshift explain {}",
            error.expected,
            codes::NOT_A_VERSION
        ),
    )
}

/// Asks the catalogue.
pub fn ask(library: &Library, question: &Question) -> Asked {
    let read = |text: &str| Release::parse(question.system, text);
    let client = question.client.as_deref().map(read).transpose();
    match (read(&question.from), read(&question.to), client) {
        (Ok(from), Ok(to), Ok(client)) => judged(library, question, &from, &to, client.as_ref()),
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => Asked {
            answer: unreadable(&error),
            read_as: Vec::new(),
            classified: (question.system == Known::RealtimeCompute).then_some(Classified::UNPARSEABLE),
            guidance: Vec::new(),
            releases: Vec::new(),
            options: None,
        },
    }
}

fn judged(
    library: &Library,
    question: &Question,
    from: &Release,
    to: &Release,
    client: Option<&Release>,
) -> Asked {
    let facts = &question.facts;
    let mut best: Vec<(Release, Release, Answer)> = Vec::new();
    for source in library.builds_of(from).into_iter().rev() {
        let targets = library.builds_of(to).into_iter().rev();
        let answers = targets.map(|target| (target.clone(), library.pair(&source, &target, facts)));
        let chosen = answers.min_by_key(|(_, answer)| answer.verdict);
        best.extend(chosen.map(|(target, answer)| (source.clone(), target, answer)));
    }
    let verdicts: BTreeSet<Verdict> = best.iter().map(|(.., answer)| answer.verdict).collect();
    let mut read_as = Vec::new();
    let pick = best.iter().min_by_key(|(.., answer)| answer.verdict).cloned();
    let (source, target, mut answer) =
        pick.unwrap_or_else(|| (from.clone(), to.clone(), library.pair(from, to, facts)));
    if verdicts.len() > 1 {
        answer.verdict = Verdict::Conditional;
        answer
            .open
            .extend(best.iter().map(|(source, target, answer)| Open {
                question: format!("{source} to {target}: {}", answer.verdict.word()),
                how: format!("upshift compat {} {source} {target}", question.system.word()),
            }));
    }
    for (word, build) in [(from, &source), (to, &target)] {
        if word.as_str() != build.as_str() {
            read_as.push(format!(
                "{word} is read as {build}, the build of the line that the answer is about"
            ));
        }
    }
    if let Some(client) = client {
        let build = library.builds_of(client).pop().unwrap_or_else(|| client.clone());
        if build.as_str() != client.as_str() {
            read_as.push(format!("clients of {client} are read as {build}"));
        }
        answer = answer.and(library.client(&target, &build, facts));
    }
    let guidance = library.guidance(&source, &target).into_iter();
    let book = library.book(question.system);
    let mut releases: Vec<Named> = [&source, &target]
        .into_iter()
        .filter_map(|release| book.release(release).cloned())
        .collect();
    releases.dedup_by(|a, b| a.release == b.release);
    Asked {
        answer,
        read_as,
        classified: (question.system == Known::RealtimeCompute).then(|| classify(&source, &target)),
        guidance: guidance
            .map(|rule| (rule.text.clone(), rule.origin.to_string()))
            .collect(),
        releases,
        options: library.option_changes(&source, &target),
    }
}

/// Whether rows of a day are old: several releases of every system come out in half a year.
pub fn is_old(date: Date, now: Timestamp) -> bool {
    let today = now.to_zoned(TimeZone::UTC).date();
    date.checked_add(6.months()).is_ok_and(|end| end < today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_grow_old_after_half_a_year() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let date: Date = "2026-11-20".parse().expect("a date");
        assert!(!is_old(date, at("2027-05-20T23:00:00Z")));
        assert!(is_old(date, at("2027-05-21T00:00:00Z")));
    }
}
