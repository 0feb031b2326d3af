//! What changes on the way: the question as a person words it, what is known of the system at hand,
//! and what is new in the catalogue.
//!
//! What a change means for a system is the planner's.

use std::path::Path;

use jiff::civil::Date;
use upshift_planner::knowledge::changes::{Change, Sight};
use upshift_planner::knowledge::{Known, Library, Release};
use upshift_planner::systems::flink;

use super::check::{Case, Overrides};
use crate::codes;
use crate::trouble::{Stop, Trouble};

/// The two ends of a way.
#[derive(Debug, Clone)]
pub struct Ends {
    /// The release that is left.
    pub from: Release,
    /// The release that is gone to.
    pub to: Release,
}

/// Reads the versions.
///
/// # Errors
/// When one is none of the system.
pub fn ends(system: Known, from: &str, to: &str) -> Result<Ends, Trouble> {
    let read = |text: &str| {
        Release::parse(system, text).map_err(|error| {
            Trouble::usage(codes::NOT_A_VERSION, error.to_string())
                .expected(error.expected)
                .next("upshift explain UP-KNOW-0002")
        })
    };
    Ok(Ends {
        from: read(from)?,
        to: read(to)?,
    })
}

/// What is known of the system: seen, where a file names it, and told over that.
///
/// # Errors
/// When the file cannot be used, the system cannot be seen at all, or a text is no fact.
pub async fn sight(system: Known, file: Option<&Path>, told: &[String]) -> Result<Sight, Stop> {
    let mut sight = match file {
        None => Sight::default(),
        Some(file) => seen(system, file).await?,
    };
    sight.tell(told).map_err(|error| {
        Trouble::usage(codes::NOT_A_FACT, error.to_string())
            .expected("a fact such as option:KEY=VALUE, class:NAME=true, connector:kafka=3.2.0, scheme:s3=true, java=17 or stateful=true")
            .next("upshift explain UP-KNOW-0003")
    })?;
    Ok(sight)
}

async fn seen(system: Known, file: &Path) -> Result<Sight, Stop> {
    let case = Case::open(file, Overrides::default()).await?;
    if system != Known::from(case.kind()) {
        let what = format!(
            "the file describes a {} system, and the question is about {system}",
            case.kind()
        );
        return Err(Trouble::usage(codes::CONTRADICTION, what)
            .at(file.display().to_string())
            .next("leave --system out and tell what is known by --fact")
            .into());
    }
    let situation = case.flink()?;
    Ok(flink::sight::sight(situation.declaration, situation.facts))
}

/// Rows that came into the catalogue on a day or later, newest first.
pub fn since(library: &Library, system: Option<Known>, day: Date) -> Vec<(Known, &Change)> {
    let systems = Known::ALL
        .into_iter()
        .filter(|known| system.is_none_or(|wanted| wanted == *known));
    let mut rows: Vec<(Known, &Change)> = systems
        .flat_map(|known| library.changes(known).rows().iter().map(move |row| (known, row)))
        .filter(|(_, row)| row.added >= day)
        .collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.added));
    rows
}
