//! Files that are in workers only, out of what `fs ls -R /` of the release writes.

use std::path::Path;
use std::time::Duration;

use upshift_model::alluxio::{Member, UnpersistedFile};

use super::host::ran;
use crate::wire::hosts::{Command, Link};

const IN_WORKERS: &str = include_str!("sh/in_workers.sh");
/// The shell lists some ten thousand files a second. A look has other things to say than this.
pub(super) const LOOK: Duration = Duration::from_secs(300);
/// Where nothing goes on before it is known.
pub(in crate::alluxio) const PROOF: Duration = Duration::from_secs(7_200);
/// Of the lines that are wanted.
const LONGEST: usize = 64 << 20;

/// Files that are in workers only, out of the listing of a shell of this release. Nothing is loaded from an under-store for
/// it, and nothing compared with one, whatever the cluster's defaults are: that would change the tree.
pub(in crate::alluxio) async fn in_workers(
    link: &Link,
    home: &Path,
    release: &str,
    limit: Duration,
) -> Result<Vec<UnpersistedFile>, String> {
    // Names of an enumeration, which 1.x wrote in small letters.
    let never = if release.starts_with("1.") {
        "Never"
    } else {
        "NEVER"
    };
    let command = Command::new("sh", limit)
        .args(["-c", IN_WORKERS, "upshift"])
        .arg(home.join("bin/alluxio"))
        .args(["fs", "ls", "-R"])
        .arg(format!("-Dalluxio.user.file.metadata.load.type={never}"))
        .args(["-Dalluxio.user.file.metadata.sync.interval=-1", "/"])
        .keep(LONGEST);
    ran(link, &command).await.map(|said| unpersisted(&said))
}

/// The files that lines of a listing tell of; a line of another form is passed over.
fn unpersisted(said: &str) -> Vec<UnpersistedFile> {
    said.lines().filter_map(file).collect()
}

/// `-rw-r--r--  root  root  5  NOT_PERSISTED 11-20-2026 23:35:16:839  100% /a/file`; without access control owner and
/// group are not there.
fn file(line: &str) -> Option<UnpersistedFile> {
    let (head, path) = line.split_once(" /")?;
    if !head.starts_with('-') {
        return None;
    }
    let words: Vec<&str> = head.split_whitespace().collect();
    let at = words
        .iter()
        .position(|word| matches!(*word, "NOT_PERSISTED" | "TO_BE_PERSISTED"))?;
    let bytes = words.get(at.checked_sub(1)?)?.parse().ok()?;
    Some(UnpersistedFile {
        path: format!("/{path}"),
        bytes,
    })
}

/// Every line of `STATE | PRIORITY | SERVER ADDRESS`, as `fsadmin journal quorum info` writes them; of releases without
/// priorities `STATE | SERVER ADDRESS`. None where it says nothing of a quorum.
pub(in crate::alluxio) fn members(said: &str) -> Option<Vec<Member>> {
    let (_, table) = said.split_once("SERVER ADDRESS")?;
    let lines = table.lines().map(str::trim).filter(|line| line.contains('|'));
    let all: Vec<Member> = lines
        .filter_map(|line| {
            let mut words = line.split('|').map(str::trim);
            let state = words.next()?.to_owned();
            let address = words.next_back()?.to_owned();
            Some(Member { address, state })
        })
        .collect();
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::{members, unpersisted};

    #[test]
    fn members_of_a_quorum_are_told_with_and_without_priorities() {
        let of = |text: &str| -> Option<Vec<(String, String)>> {
            let all = members(text)?.into_iter();
            Some(all.map(|member| (member.state, member.address)).collect())
        };
        let new = "Journal domain\t: MASTER\nQuorum size\t: 2\nQuorum leader\t: m1:19200\n\n\
                   STATE       | PRIORITY | SERVER ADDRESS\nAVAILABLE   | 0        | m1:19200\n\
                   UNAVAILABLE | 0        | m2:19200\n";
        let expected = [("AVAILABLE", "m1:19200"), ("UNAVAILABLE", "m2:19200")];
        let expected = expected.map(|(state, at)| (state.to_owned(), at.to_owned()));
        assert_eq!(of(new).expect("members"), expected);
        let old = "STATE       | SERVER ADDRESS\nAVAILABLE   | m1:19200\nUNAVAILABLE | m2:19200\n";
        assert_eq!(of(old).expect("members"), expected);
        assert_eq!(of("Quorum size\t: 0\n"), None);
        assert_eq!(of("STATE | SERVER ADDRESS\n"), None);
    }

    #[test]
    fn files_in_workers_alone_are_named_with_their_bytes() {
        let said = "drwxr-xr-x  root  root  1  PERSISTED 11-20-2026 23:35:17:165  DIR /a\n\
                    -rw-r--r--  root  root  5  PERSISTED 11-20-2026 23:35:16:839  100% /a/small\n\
                    -rw-r--r--  root  root  700  NOT_PERSISTED 11-20-2026 23:35:16:839  100% /cache only é\n\
                    -rw-r--r--  root  root  9  TO_BE_PERSISTED 11-20-2026 23:35:16:839  100% /b/c\n";
        let found: Vec<(String, u64)> = unpersisted(said)
            .into_iter()
            .map(|file| (file.path, file.bytes))
            .collect();
        assert_eq!(found, [("/cache only é".to_owned(), 700), ("/b/c".to_owned(), 9)]);
    }
}
