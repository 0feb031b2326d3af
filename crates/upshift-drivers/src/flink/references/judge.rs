//! Which classes of the jar are looked through, and how what is missing is told: whose code refers to it,
//! in the words of source text.

use std::collections::{BTreeMap, BTreeSet};

use upshift_formats::java::{Class, MemberKind};
use upshift_model::flink::MissingReference;

use super::ReferencesError;
use super::classes::{FLINK, Jars};
use super::resolve::{Gaps, Wanted};

/// Missing references that are told one by one; a jar made for another world has thousands.
const TOLD: usize = 200;
/// Classes that are named for each.
const NAMED: usize = 5;
/// Class files that could not be read, named.
const UNREADABLE: usize = 5;

/// What the classes of the jar refer to, and which of them do.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) looked_through: u64,
    pub(super) unreadable: Vec<String>,
    pub(super) bundled: u64,
    pub(super) classes: BTreeMap<String, BTreeSet<String>>,
    pub(super) members: BTreeMap<(String, Wanted), BTreeSet<String>>,
}

/// Looks through the jar. Flink's own classes that the release has, too, are loaded from there and not
/// from the jar: what they refer to does not matter.
pub(super) fn look_through(job: &mut Jars, release: &Jars) -> Result<Seen, ReferencesError> {
    let mut seen = Seen::default();
    for name in job.names() {
        if name.starts_with(FLINK) && release.has(&name) {
            seen.bundled += 1;
            continue;
        }
        match job.read(&name, |class| seen.add(&name, class))? {
            Some(Ok(())) => seen.looked_through += 1,
            Some(Err(why)) if seen.unreadable.len() < UNREADABLE => {
                seen.unreadable.push(format!("{}: {why}", dotted(&name)));
            }
            Some(Err(_)) | None => {}
        }
    }
    Ok(seen)
}

impl Seen {
    fn add(&mut self, by: &str, class: &Class<'_>) {
        for name in &class.classes {
            self.classes
                .entry((*name).to_owned())
                .or_default()
                .insert(by.to_owned());
        }
        for member in &class.members {
            let wanted = Wanted {
                name: member.name.to_owned(),
                descriptor: member.descriptor.to_owned(),
                field: member.kind == MemberKind::Field,
            };
            let key = (member.class.to_owned(), wanted);
            self.members.entry(key).or_default().insert(by.to_owned());
        }
    }
}

/// Flink's classes that the jar refers to or brings along, wherever they are found.
pub(super) fn of_flink(seen: &Seen, job: &Jars) -> BTreeSet<String> {
    let brought = job.names();
    let all = seen.classes.keys().chain(&brought);
    all.filter(|name| name.starts_with(FLINK))
        .map(|name| dotted(name))
        .collect()
}

/// Members of Flink's classes that the jar refers to.
pub(super) fn members_of_flink(seen: &Seen) -> BTreeSet<String> {
    let all = seen.members.keys();
    all.filter(|(class, _)| class.starts_with(FLINK))
        .map(|(class, member)| format!("{}#{}", dotted(class), member.name))
        .collect()
}

/// The first so many of what is missing, the job's own first, and how many more there are.
pub(super) fn told(
    gaps: Gaps,
    entry_class: Option<&str>,
    opt: Option<&Jars>,
) -> (Vec<MissingReference>, u64) {
    let own = entry_class.map(own_package);
    let is_own = |class: &String| own.as_ref().is_some_and(|own| belongs(class, own));
    let mut all: Vec<_> = gaps
        .into_iter()
        .map(|(gap, by)| {
            let mut named: Vec<&String> = by.iter().collect();
            named.sort_by_key(|class| (!is_own(class), (*class).clone()));
            MissingReference {
                by_job: by.iter().any(&is_own),
                in_opt: opt.and_then(|opt| opt.holder(&gap.class)),
                class: dotted(&gap.class),
                member: gap.member.as_ref().map(spelt),
                by: named.into_iter().take(NAMED).map(|class| dotted(class)).collect(),
                by_all: by.len() as u64,
            }
        })
        .collect();
    all.sort_by(|a, b| b.by_job.cmp(&a.by_job).then_with(|| a.cmp(b)));
    let more = all.len().saturating_sub(TOLD);
    all.truncate(TOLD);
    (all, more as u64)
}

/// The package whose classes are the job's own: of `com.example.orders.Main` it is `com/example`, and below
/// a name that many share (`org.apache`, `com.github`) one part more.
fn own_package(entry_class: &str) -> String {
    const SHARED: [&str; 6] = [
        "org/apache",
        "com/github",
        "io/github",
        "com/google",
        "com/amazonaws",
        "com/alibaba",
    ];
    let path = entry_class.replace('.', "/");
    let parts: Vec<&str> = path.split('/').collect();
    let package = &parts[..parts.len() - 1];
    let two = package.iter().take(2).copied().collect::<Vec<_>>().join("/");
    match SHARED.contains(&two.as_str()) {
        true => package.iter().take(3).copied().collect::<Vec<_>>().join("/"),
        false => two,
    }
}

fn belongs(class: &str, package: &str) -> bool {
    match package {
        "" => !class.contains('/'),
        _ => class
            .strip_prefix(package)
            .is_some_and(|rest| rest.starts_with('/')),
    }
}

fn dotted(class: &str) -> String {
    class.replace('/', ".")
}

/// `execute(java.lang.String)` of a method, the name of a field.
fn spelt(wanted: &Wanted) -> String {
    if wanted.field {
        return wanted.name.clone();
    }
    format!("{}({})", wanted.name, parameters(&wanted.descriptor))
}

fn parameters(descriptor: &str) -> String {
    let inner = descriptor
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .map_or("", |(inner, _)| inner);
    let (mut rest, mut words, mut arrays) = (inner, Vec::new(), 0);
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        let word = match first {
            '[' => {
                arrays += 1;
                continue;
            }
            'L' => {
                let (name, after) = rest.split_once(';').unwrap_or((rest, ""));
                rest = after;
                dotted(name)
            }
            'B' => "byte".to_owned(),
            'C' => "char".to_owned(),
            'D' => "double".to_owned(),
            'F' => "float".to_owned(),
            'I' => "int".to_owned(),
            'J' => "long".to_owned(),
            'S' => "short".to_owned(),
            'Z' => "boolean".to_owned(),
            other => other.to_string(),
        };
        words.push(word + &"[]".repeat(arrays));
        arrays = 0;
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jobs_own_code_is_told_from_libraries() {
        assert_eq!(own_package("com.example.orders.Main"), "com/example");
        assert_eq!(own_package("org.apache.beam.Main"), "org/apache/beam");
        assert_eq!(own_package("Main"), "");
        assert!(belongs("com/example/x/A", "com/example") && !belongs("com/examples/A", "com/example"));
        assert!(belongs("Other", "") && !belongs("a/Other", ""));
    }

    #[test]
    fn methods_are_spelt_as_in_source_text() {
        assert_eq!(
            parameters("(I[[Ljava/lang/String;Z)V"),
            "int, java.lang.String[][], boolean"
        );
        assert_eq!(parameters("()V"), "");
    }
}
