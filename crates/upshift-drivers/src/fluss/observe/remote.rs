//! `remote.data.dir` on each host: a folder that servers share is looked at there; what lies in a store of objects or another
//! file system of its own is not, and stays unknown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use upshift_model::fluss::{OptionLine, RemoteFolder, RemoteState};
use upshift_model::observed::Observed;

use super::host::{Answers, Part};
use super::processes::Told;

/// Of 1.0, whose first entry is what older releases call `remote.data.dir`.
const SEVERAL: &str = "remote.data.dirs";
const ONE: &str = "remote.data.dir";

/// The places that the options name.
pub(super) fn places(options: Option<&BTreeMap<String, OptionLine>>) -> Vec<String> {
    let Some(options) = options else { return Vec::new() };
    let mut all: Vec<String> = Vec::new();
    for key in [ONE, SEVERAL] {
        let value = options.get(key).map_or("", |option| option.value.as_str());
        let named = value.trim_matches(['[', ']']).split([',', ';']).map(str::trim);
        for place in named.filter(|place| !place.is_empty()) {
            if !all.iter().any(|known| known == place) {
                all.push(place.to_owned());
            }
        }
    }
    all
}

/// Those that are folders.
pub(super) fn folders(places: &[String]) -> impl Iterator<Item = PathBuf> + '_ {
    places.iter().filter_map(|place| folder(place))
}

fn folder(place: &str) -> Option<PathBuf> {
    let path = place
        .strip_prefix("file://")
        .or_else(|| place.strip_prefix("file:"));
    let path = path.unwrap_or(place);
    path.starts_with('/').then(|| PathBuf::from(path))
}

/// What was seen of each.
pub(super) fn read(places: Vec<String>, said: &Answers, server: &Told) -> Vec<RemoteFolder> {
    let of = |place: String| {
        let what = format!("remote data in {place}");
        let state = match folder(&place) {
            None => Observed::unknown(what, "it is no folder of this host: upshift does not look there"),
            Some(at) => said.read("remote", &at, &what, |part| state(&place, part, server)),
        };
        RemoteFolder { place, state }
    };
    places.into_iter().map(of).collect()
}

fn state(place: &str, part: &Part<'_>, server: &Told) -> Result<Option<RemoteState>, &'static str> {
    let line = |word: &str| part.iter().find(|line| line.word() == word);
    if line("absent").is_some() {
        return Ok(None);
    }
    if line("seen").is_none() {
        return Err("it is no folder, or may not be looked at");
    }
    let disk = line("disk").ok_or("df says nothing of it")?;
    let number = |at| disk.at(at).parse::<u64>().map_err(|_| "df says nothing of it");
    let mode = line("mode").and_then(|mode| {
        let uid = mode.at(1).parse().ok()?;
        let gid = mode.at(2).parse().ok()?;
        Some((uid, gid, u32::from_str_radix(mode.at(3), 8).ok()?))
    });
    let what = format!("whether the server's user may write in {place}");
    let may = match (server.is_login(), mode) {
        (Some(true), _) => Some(line("writable").is_some()),
        (Some(false), Some(mode)) => server.may_write(mode),
        _ => None,
    };
    Ok(Some(RemoteState {
        size_kib: number(1)?,
        used_kib: number(2)?,
        kind: disk.at(3).to_owned(),
        writable: match may {
            Some(may) => Observed::Known(may),
            None => Observed::unknown(what, "the user of its process was not seen"),
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::{folder, places};
    use upshift_model::fluss::OptionLine;

    #[test]
    fn folders_are_told_from_stores_of_objects() {
        let path = |place: &str| folder(place).map(|path| path.display().to_string());
        assert_eq!(path("/srv/remote").as_deref(), Some("/srv/remote"));
        assert_eq!(path("file:///srv/remote").as_deref(), Some("/srv/remote"));
        assert_eq!(path("file:/srv/remote").as_deref(), Some("/srv/remote"));
        for store in ["s3://bucket/fluss", "hdfs://nn:8020/fluss", "oss://b/f", "remote"] {
            assert_eq!(path(store), None, "{store}");
        }
    }

    #[test]
    fn each_place_is_named_once() {
        let line = |value: &str| OptionLine {
            value: value.to_owned(),
            line: 1,
        };
        let options = [
            ("remote.data.dir".to_owned(), line("/a")),
            ("remote.data.dirs".to_owned(), line("[/a, s3://b/c]")),
        ];
        assert_eq!(places(Some(&options.into())), ["/a", "s3://b/c"]);
        assert!(places(None).is_empty());
    }
}
