//! `server.yaml` for the wanted release: the old one line by line, with keys under the names that it reads. Whether one
//! that a person prepared is that of the same server is told, too; nothing of it is changed.

use upshift_model::step::ConfigEdit;

/// Keys that must hold the same in both files: else another server, or an empty one, comes up.
const OF_THE_SERVER: [&str; 6] = [
    "zookeeper.address",
    "zookeeper.path.root",
    "tablet-server.id",
    // Replicas were placed by it.
    "tablet-server.rack",
    "data.dir",
    "remote.data.dir",
];

/// Keys that must not change in the same move where both files name them: releases before 0.7 have others in their place.
const OF_ITS_PLACE: [&str; 2] = ["bind.listeners", "advertised.listeners"];

/// The file for the wanted release.
pub(super) fn carried_over(old: &str, edits: &[ConfigEdit]) -> String {
    let mut text: String = old.lines().filter_map(|line| edited(line, edits)).collect();
    for edit in edits {
        if let ConfigEdit::Set { key, value, .. } = edit {
            text.push_str(&format!("{key}: {value}\n"));
        }
    }
    text
}

/// A line as it becomes, with its end; none where another comes in its place. A key that is dropped stays as a comment.
fn edited(line: &str, edits: &[ConfigEdit]) -> Option<String> {
    let key = key_of(line);
    for edit in edits {
        match edit {
            ConfigEdit::Rename { from, to, .. } if key == Some(from) => {
                return Some(format!("{}\n", line.replacen(from.as_str(), to, 1)));
            }
            ConfigEdit::Drop { key: gone, why } if key == Some(gone) => {
                return Some(format!("# {line}   # {why}\n"));
            }
            ConfigEdit::Set { key: gone, .. } if key == Some(gone) => return None,
            _ => {}
        }
    }
    Some(format!("{line}\n"))
}

/// As Fluss reads it.
fn key_of(line: &str) -> Option<&str> {
    let line = line.split('#').next().unwrap_or_default();
    let (key, value) = line.split_once(": ")?;
    (!value.trim().is_empty()).then(|| key.trim())
}

fn value_of<'t>(text: &'t str, wanted: &str) -> Option<&'t str> {
    let mut lines = text.lines().filter(|line| key_of(line) == Some(wanted));
    // Of a key that comes twice the last counts.
    let line = lines.next_back()?.split('#').next()?;
    line.split_once(": ").map(|(_, value)| value.trim())
}

/// What makes a prepared file that of another server; none where it is of the same one.
pub(super) fn of_another_server(old: &str, prepared: &str) -> Option<String> {
    OF_THE_SERVER.iter().chain(&OF_ITS_PLACE).find_map(|key| {
        let (had, has) = (value_of(old, key), value_of(prepared, key));
        if OF_ITS_PLACE.contains(key) && (had.is_none() || has.is_none()) {
            return None;
        }
        let said = |value: Option<&str>| value.map_or_else(|| "nothing".to_owned(), str::to_owned);
        (had != has).then(|| format!("{key} is {} there, and {} in the old one", said(has), said(had)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "# ours\nzookeeper.address: zk:2181\n coordinator.io-pool.size : 4 # four\ndata.dir: /a\ndata.dir: /b\n";

    fn rename() -> Vec<ConfigEdit> {
        vec![ConfigEdit::Rename {
            from: "coordinator.io-pool.size".to_owned(),
            to: "server.io-pool.size".to_owned(),
            why: String::new(),
        }]
    }

    #[test]
    fn a_key_gets_its_new_name_and_every_other_line_stays_as_it_is() {
        let new = carried_over(OLD, &rename());
        assert_eq!(new, OLD.replace("coordinator.io-pool", "server.io-pool"));
        assert_eq!(carried_over(OLD, &[]), OLD);
        assert_eq!(of_another_server(OLD, &new), None);
        let gone = ConfigEdit::Drop {
            key: "coordinator.io-pool.size".to_owned(),
            why: "1.0 does not read it".to_owned(),
        };
        let new = carried_over(OLD, &[gone]);
        assert!(
            new.contains("\n#  coordinator.io-pool.size : 4 # four   # 1.0 does not read it\n"),
            "{new}"
        );
    }

    #[test]
    fn a_prepared_file_with_another_folder_of_data_is_that_of_another_server() {
        let other = OLD.replace("data.dir: /b", "data.dir: /c");
        let said = of_another_server(OLD, &other);
        assert_eq!(
            said.as_deref(),
            Some("data.dir is /c there, and /b in the old one")
        );
        let none = OLD.replace("zookeeper.address", "# zookeeper.address");
        let placed = format!("{OLD}bind.listeners: FLUSS://h:9124\n");
        let moved = placed.replace(":9124", ":9125");
        assert!(of_another_server(&placed, &moved).is_some_and(|said| said.starts_with("bind.listeners")));
        assert_eq!(of_another_server(OLD, &placed), None);
        assert!(of_another_server(OLD, &none).is_some_and(|said| said.contains("nothing")));
    }
}
