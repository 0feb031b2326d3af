//! Applications: processes that have a client of Alluxio open, or name one.

use upshift_model::alluxio::ClientProcess;

/// A process with a client's jar open or on its command line, unless it is the shell of Alluxio itself.
pub(super) fn client(pid: u32, args: &[String], open: &[String]) -> Option<ClientProcess> {
    if args.iter().any(|arg| arg.starts_with("alluxio.cli.")) {
        return None;
    }
    let names = args.iter().flat_map(|arg| arg.split([':', ',', '=']));
    let named = names.filter_map(|path| path.rsplit('/').next());
    // What is open counts before what is named: a link may have been turned since.
    let jars = open.iter().map(String::as_str).chain(named);
    jars.into_iter().find_map(|jar| {
        let version = client_version(jar)?;
        Some(ClientProcess {
            pid,
            jar: jar.to_owned(),
            version,
            application: application(args),
        })
    })
}

/// What a Java process runs: its main class or its archive.
fn application(args: &[String]) -> Option<String> {
    const WITH_VALUE: [&str; 7] = [
        "-cp",
        "-classpath",
        "--class-path",
        "-p",
        "--module-path",
        "--add-opens",
        "--add-exports",
    ];
    let mut words = args.iter().skip(1).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        match word.as_str() {
            "-jar" | "-m" | "--module" => return words.next().map(|of| last(of).to_owned()),
            word if WITH_VALUE.contains(&word) => drop(words.next()),
            word if word.starts_with(['-', '@']) => {}
            class => return Some(class.to_owned()),
        }
    }
    None
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `2.9.6` of `alluxio-2.9.6-client.jar`, `alluxio-shaded-client-2.9.6.jar` and their like.
pub(in crate::alluxio) fn client_version(jar: &str) -> Option<String> {
    let name = jar.strip_suffix(".jar")?.strip_prefix("alluxio-")?;
    let version = name.strip_suffix("-client").or_else(|| {
        ["shaded-client-", "core-client-fs-", "core-client-hdfs-"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
    })?;
    version
        .starts_with(|first: char| first.is_ascii_digit())
        .then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_its_class_or_its_archive() {
        let of =
            |words: &[&str]| application(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            of(&["java", "-jar", "/srv/app.jar", "x"]).as_deref(),
            Some("app.jar")
        );
        assert_eq!(of(&["java", "-version"]), None);
    }

    #[test]
    fn the_version_of_a_client_is_in_the_name_of_its_jar() {
        let of = |jar: &str| client_version(jar);
        assert_eq!(of("alluxio-2.9.6-client.jar").as_deref(), Some("2.9.6"));
        assert_eq!(of("alluxio-shaded-client-2.7.3.jar").as_deref(), Some("2.7.3"));
        assert_eq!(of("alluxio-core-client-hdfs-1.8.1.jar").as_deref(), Some("1.8.1"));
        assert_eq!(of("alluxio-core-common-2.9.6.jar"), None);
        assert_eq!(of("alluxio-core-client-fs.jar"), None);
    }
}
