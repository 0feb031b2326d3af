//! What `ssh` says when it gets nowhere, and what that means. Its words are matched here and nowhere
//! else; it is run with `LC_ALL=C`, because some of them are the system's own.

use std::time::Duration;

use super::error::{Key, Trouble};

/// Most lines of `ssh` that are shown.
const SHOWN: usize = 3;

/// Judges what a failed `ssh` wrote.
pub(super) fn judge(said: &str, waited: Duration) -> Trouble {
    let has = |any: &[&str]| any.iter().any(|part| said.contains(part));
    if let Some(key) = changed(said) {
        return key;
    }
    if let Some(key) = unknown(said) {
        return Trouble::KeyUnknown(key);
    }
    let shown = shorten(said);
    if has(&[
        "Permission denied (",
        "Too many authentication failures",
        "No more authentication methods",
    ]) {
        Trouble::NotLetIn { said: shown }
    } else if has(&["Host key verification failed"]) {
        // A jump host's, which asks instead of naming the key.
        Trouble::SshFailed { said: shown }
    } else if has(&["Connection refused"]) {
        Trouble::NobodyListens { said: shown }
    } else if has(&["timed out", "Timeout, server"]) {
        Trouble::Silent { after: waited }
    } else if has(&[
        "Could not resolve hostname",
        "No route to host",
        "Network is unreachable",
        "Host is down",
        "Connection closed by",
        "Connection reset by",
    ]) {
        Trouble::NoWay { said: shown }
    } else {
        Trouble::SshFailed { said: shown }
    }
}

/// `No ED25519 host key is known for [h]:22 and you have requested strict checking.`
fn unknown(said: &str) -> Option<Key> {
    let line = said
        .lines()
        .find(|line| line.contains(" host key is known for "))?;
    let (before, after) = line.split_once(" host key is known for ")?;
    Some(Key {
        kind: before.split_whitespace().last()?.to_owned(),
        of: after.split_whitespace().next()?.to_owned(),
        fingerprint: shown_key(said),
    })
}

/// `Host key for [h]:22 has changed and you have requested strict checking.`
fn changed(said: &str) -> Option<Trouble> {
    let of = between(said, "Host key for ", " has changed")?.to_owned();
    let kind = between(said, "The fingerprint for the ", " key sent by");
    let fingerprint = said
        .lines()
        .map(|line| line.trim().trim_end_matches('.'))
        .find(|line| line.starts_with("SHA256:"));
    let forget = said
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("ssh-keygen ") && line.contains(" -R "));
    Some(Trouble::KeyChanged {
        key: Key {
            of,
            kind: kind.unwrap_or("host").to_owned(),
            fingerprint: fingerprint.map(str::to_owned),
        },
        forget: forget.map(str::to_owned),
    })
}

/// The key that the host showed, from the talk of a second look:
/// `debug1: Server host key: ssh-ed25519 SHA256:…`.
pub(super) fn shown_key(said: &str) -> Option<String> {
    let line = said.lines().find(|line| line.contains("Server host key: "))?;
    let word = line.split_whitespace().find(|word| word.starts_with("SHA256:"))?;
    Some(word.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    let (inside, _) = rest.split_once(after)?;
    (!inside.contains('\n')).then_some(inside)
}

/// The last lines that say something.
fn shorten(said: &str) -> String {
    let talk = |line: &&str| {
        !line.is_empty() && !line.starts_with("debug") && !line.starts_with("Warning: Permanently added")
    };
    let lines: Vec<&str> = said.lines().map(str::trim).filter(talk).collect();
    match lines.as_slice() {
        [] => "it said nothing".to_owned(),
        lines => lines[lines.len().saturating_sub(SHOWN)..].join(" / "),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn said(text: &str) -> String {
        judge(text, Duration::from_secs(5)).to_string()
    }

    /// Words of OpenSSH 9.2, as it wrote them.
    #[test]
    fn what_ssh_says_is_understood() {
        expect!["its ED25519 key is not known for [127.0.0.7]:2907 (fingerprint SHA256:r77)"].assert_eq(
            &said(
                "debug1: Server host key: ssh-ed25519 SHA256:r77\r\n\
             No ED25519 host key is known for [127.0.0.7]:2907 and you have requested strict checking.\r\n\
             Host key verification failed.\r\n",
            ),
        );
        expect!["its key has changed: it shows an ED25519 key for [127.0.0.7]:2907 that is not the known one (fingerprint SHA256:r77L/IE)"]
            .assert_eq(&said(
                "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n\
                 The fingerprint for the ED25519 key sent by the remote host is\nSHA256:r77L/IE.\n\
                 Offending RSA key in /x/kh2:1\n  remove with:\n  ssh-keygen -f \"/x/kh2\" -R \"[127.0.0.7]:2907\"\n\
                 Host key for [127.0.0.7]:2907 has changed and you have requested strict checking.\n\
                 Host key verification failed.\n",
            ));
        expect!["does not let us in: root@127.0.0.7: Permission denied (publickey,keyboard-interactive)."]
            .assert_eq(&said(
                "root@127.0.0.7: Permission denied (publickey,keyboard-interactive).\r\n",
            ));
        expect!["nothing listens there: ssh: connect to host 127.0.0.9 port 2907: Connection refused"]
            .assert_eq(&said(
                "ssh: connect to host 127.0.0.9 port 2907: Connection refused\r\n",
            ));
        expect![
            "cannot be reached: ssh: Could not resolve hostname nosuch.invalid: Name or service not known"
        ]
        .assert_eq(&said(
            "ssh: Could not resolve hostname nosuch.invalid: Name or service not known\r\n",
        ));
        expect!["no answer within 5 s"].assert_eq(&said(
            "Connection timed out during banner exchange\r\nConnection to 10.255.255.1 port 2907 timed out\r\n",
        ));
        expect!["ssh failed: Can't open user config file /nonexist: No such file or directory"].assert_eq(
            &said("Can't open user config file /nonexist: No such file or directory\r\n"),
        );
        expect!["ssh failed: it said nothing"].assert_eq(&said(""));
    }
}
