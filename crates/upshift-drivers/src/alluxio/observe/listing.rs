//! Files that are in workers only, out of what `fs ls -R /` of the release writes.

use upshift_model::alluxio::UnpersistedFile;

/// The files that lines of a listing tell of; a line of another form is passed over.
pub(super) fn unpersisted(said: &str) -> Vec<UnpersistedFile> {
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

#[cfg(test)]
mod tests {
    use super::unpersisted;

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
