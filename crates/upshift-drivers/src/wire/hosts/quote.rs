//! Words for a shell: the only place where text becomes part of a command line. Everything that is not
//! plainly harmless is quoted, and what login shells disagree about is not shown to them at all.

/// A word that any POSIX shell takes for exactly these bytes.
pub(super) fn word(bytes: &[u8]) -> Vec<u8> {
    let harmless = |b: &u8| b.is_ascii_alphanumeric() || b"_-./:,@%+".contains(b);
    if !bytes.is_empty() && bytes.iter().all(harmless) {
        return bytes.to_vec();
    }
    let mut quoted = vec![b'\''];
    for &b in bytes {
        match b {
            b'\'' => quoted.extend_from_slice(br"'\''"),
            _ => quoted.push(b),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// A command line that runs `script` in `/bin/sh`, whatever shell the user logs in with.
///
/// Inside single quotes csh still sees `!` and stumbles over a line break, and fish sees `\`; neither
/// knows `'\''` as sh does. A script that has none of these is passed in single quotes. Any other is
/// written in octal, which `printf %b` of `/bin/sh` turns back.
pub(super) fn login_line(script: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(script.len() + 64);
    let plain = |b: &u8| matches!(b, b' '..=b'~') && !b"'\\!".contains(b);
    if script.iter().all(plain) {
        line.extend_from_slice(b"exec /bin/sh -c '");
        line.extend_from_slice(script);
    } else {
        line.extend_from_slice(b"exec /bin/sh -c 'eval \"$(printf %b \"$0\")\"' '");
        for b in script {
            match plain(b) {
                true => line.push(*b),
                false => line.extend_from_slice(format!("\\0{b:03o}").as_bytes()),
            }
        }
    }
    line.push(b'\'');
    line
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::Command;

    use super::*;

    const NASTY: [&[u8]; 16] = [
        b"",
        b" ",
        b"a b",
        b"it's",
        b"''",
        b"\\",
        b"\\\\'\\0047",
        b"$(touch pwned)`touch pwned`$HOME",
        b"; touch pwned #",
        b"line\nbreak\n",
        b"*?[a]~",
        b"!!",
        b"-n",
        b"a=b",
        "\u{fc}\u{1f600}".as_bytes(),
        b"\xff\x01\t\r\x7f",
    ];

    #[test]
    fn a_shell_gives_back_every_byte() {
        for shell in ["sh", "bash"] {
            for text in NASTY {
                let mut script = b"printf %s ".to_vec();
                script.extend(word(text));
                let line = login_line(&script);
                let line = std::ffi::OsStr::from_bytes(&line);
                let out = Command::new(shell).arg("-c").arg(line).output().unwrap();
                assert_eq!(out.stdout, text, "{shell}: {line:?}");
            }
        }
    }

    #[test]
    fn all_nasty_words_at_once_stay_words() {
        let mut script = b"printf '<%s>'".to_vec();
        for text in NASTY {
            script.push(b' ');
            script.extend(word(text));
        }
        let line = login_line(&script);
        let out = Command::new("sh")
            .arg("-c")
            .arg(std::ffi::OsStr::from_bytes(&line))
            .output()
            .unwrap();
        let mut expected = Vec::new();
        for text in NASTY {
            expected.push(b'<');
            expected.extend_from_slice(text);
            expected.push(b'>');
        }
        assert_eq!(out.stdout, expected);
    }

    #[test]
    fn the_login_shell_sees_nothing_that_shells_disagree_about() {
        for text in NASTY {
            let line = login_line(&word(text));
            let body = &line[b"exec /bin/sh -c ".len()..];
            assert!(line.iter().all(|b| matches!(b, b' '..=b'~')), "{line:?}");
            assert!(!body.contains(&b'!'));
            assert_eq!(
                body.iter().filter(|b| **b == b'\'').count() % 2,
                0,
                "quotes only around words"
            );
        }
    }
}
