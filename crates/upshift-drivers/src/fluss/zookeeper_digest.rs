//! DIGEST-MD5 (RFC 2831) as ZooKeeper speaks it: the answer to a challenge, and whether the far side knows the password,
//! too. It protects the password and nothing else; what follows is in the clear without TLS. Pure.

use md5::{Digest as _, Md5};

/// What ZooKeeper's own client names as the service, whatever the server is called.
const SERVICE: &str = "zookeeper/zk-sasl-md5";
/// The challenge of a session is answered once.
const FIRST: &str = "00000001";

/// Who logs in.
#[derive(Clone, Copy)]
pub(super) struct User<'a> {
    pub(super) name: &'a str,
    pub(super) password: &'a str,
}

/// What is sent, and what the far side must say to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) answer: String,
    pub(super) proof: String,
}

/// What a challenge asks.
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    nonce: String,
}

/// The answer to a challenge; `None` when it is none of DIGEST-MD5 that can be answered.
pub(super) fn exchange(challenge: &[u8], user: User<'_>, cnonce: &str) -> Option<Exchange> {
    let Challenge { realm, nonce } = read(challenge)?;
    let secret = [
        &Md5::digest(
            [
                &latin(user.name)[..],
                b":",
                &latin(&realm),
                b":",
                &latin(user.password),
            ]
            .concat(),
        )[..],
        format!(":{nonce}:{cnonce}").as_bytes(),
    ]
    .concat();
    let secret = hex(&secret);
    let of = |what: &str| {
        let what = hex(format!("{what}:{SERVICE}").as_bytes());
        hex(format!("{secret}:{nonce}:{FIRST}:{cnonce}:auth:{what}").as_bytes())
    };
    let answer = format!(
        "charset=utf-8,username={},realm={},nonce={},nc={FIRST},cnonce={},digest-uri={},maxbuf=65536,\
         response={},qop=auth",
        quoted(user.name),
        quoted(&realm),
        quoted(&nonce),
        quoted(cnonce),
        quoted(SERVICE),
        of("AUTHENTICATE"),
    );
    Some(Exchange {
        answer,
        proof: format!("rspauth={}", of("")),
    })
}

fn read(challenge: &[u8]) -> Option<Challenge> {
    let directives = directives(std::str::from_utf8(challenge).ok()?)?;
    let get = |name: &str| {
        let mut of = directives
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        of.next().map(|(_, value)| value.as_str())
    };
    let offers_auth = get("qop").is_none_or(|all| all.split(',').any(|one| one.trim() == "auth"));
    if get("algorithm") != Some("md5-sess") || !offers_auth {
        return None;
    }
    Some(Challenge {
        realm: get("realm").unwrap_or_default().to_owned(),
        nonce: get("nonce")?.to_owned(),
    })
}

/// `name=value` and `name="value"` with commas between them.
fn directives(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = text.trim_matches([' ', ',']);
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, left) = match after.strip_prefix('"') {
            Some(after) => unquoted(after)?,
            None => {
                let end = after.find(',').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        found.push((name.trim().to_owned(), value));
        rest = left.trim_start_matches([' ', ',']);
    }
    Some(found)
}

/// Up to the closing quotation mark, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Names are hashed in ISO 8859-1 where they fit into it, and as UTF-8 where they do not.
fn latin(text: &str) -> Vec<u8> {
    let bytes: Result<Vec<u8>, _> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)))
        .collect();
    bytes.unwrap_or_else(|_| text.as_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    Md5::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: User<'_> = User {
        name: "fluss",
        password: "secret",
    };

    #[test]
    fn a_challenge_is_answered_and_the_far_side_is_held_to_its_proof() {
        let challenge = br#"realm="zk-sasl-md5",nonce="OA6MG9tEQGm2hh",charset=utf-8,algorithm=md5-sess,qop="auth,auth-int""#;
        let told = exchange(challenge, USER, "OA6MHXh6VqTrRk").expect("an answer");
        assert!(
            told.answer.contains(r#"username="fluss",realm="zk-sasl-md5""#),
            "{}",
            told.answer
        );
        assert!(!told.answer.contains("secret"), "{}", told.answer);
        let other = User {
            password: "Secret",
            ..USER
        };
        let theirs = exchange(challenge, other, "OA6MHXh6VqTrRk").expect("an answer");
        assert_ne!((&told.answer, &told.proof), (&theirs.answer, &theirs.proof));
        assert_ne!(
            told.answer.split("response=").last(),
            told.proof.split('=').next_back()
        );
    }

    #[test]
    fn what_is_no_challenge_of_this_kind_is_not_answered() {
        for other in [
            &b""[..],
            b"realm=\"r\",nonce=\"n\"",
            b"realm=\"r\",algorithm=md5-sess",
            b"realm=\"r\",nonce=\"n",
            b"realm=\"r\",nonce=\"n\",algorithm=md5-sess,qop=\"auth-conf\"",
            b"\x60\x82\xff",
        ] {
            assert_eq!(exchange(other, USER, "c"), None, "{other:?}");
        }
    }

    #[test]
    fn marks_in_a_value_are_kept_apart_from_its_end() {
        let read = directives(r#"a="x\"y,\\z", b=c ,, d="""#).expect("directives");
        let read: Vec<(&str, &str)> = read.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(read, [("a", r#"x"y,\z"#), ("b", "c"), ("d", "")]);
        assert_eq!(quoted(r#"x"y\z"#), r#""x\"y\\z""#);
        assert_eq!((latin("é"), latin("→")), (vec![0xe9], vec![0xe2, 0x86, 0x92]));
    }
}
