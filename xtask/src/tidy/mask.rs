//! Rust source with comments and the contents of strings blanked out, line by line and column by column, so that a rule
//! may search it as plain text.
//!
//! It is a scanner, not a parser: it knows strings, characters, lifetimes and comments, and nothing else.

/// The masked text; as long as the source and with the same lines.
pub(super) fn mask(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => line_end(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => block_end(bytes, at),
            b'"' => string_end(bytes, at + 1),
            b'r' if !continues_word(bytes, at) => raw_end(bytes, at).unwrap_or(at),
            b'\'' => char_end(bytes, at).unwrap_or(at),
            _ => at,
        };
        if end == at {
            out.push(bytes[at]);
            at += 1;
        } else {
            // A string keeps its quotes, so that what remains still reads as an expression.
            let string = bytes[at] == b'"';
            out.extend(
                bytes[at..end]
                    .iter()
                    .map(|b| if *b == b'\n' { b'\n' } else { b' ' }),
            );
            if string && end - at >= 2 {
                let length = out.len();
                out[length - (end - at)] = b'"';
                out[length - 1] = b'"';
            }
            at = end;
        }
    }
    // Only whole multi-byte characters inside comments and strings were blanked; outside of them the source is kept.
    String::from_utf8_lossy(&out).into_owned()
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |n| from + n)
}

fn block_end(bytes: &[u8], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `r"…"`, `r#"…"#`, and the same after `b` or `c`; `None` for a word that begins with r.
fn raw_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    let open = at + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let length = bytes[open + 1..].windows(close.len()).position(|w| w == close)?;
    Some(open + 1 + length + close.len())
}

/// A character literal; `None` for a lifetime.
fn char_end(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at + 1) == Some(&b'\\') {
        let close = bytes.get(at + 3..)?.iter().position(|b| *b == b'\'')?;
        return Some(at + 3 + close + 1);
    }
    let text = std::str::from_utf8(bytes.get(at + 1..(at + 6).min(bytes.len()))?);
    let valid = text
        .or_else(|e| std::str::from_utf8(&bytes[at + 1..at + 1 + e.valid_up_to()]))
        .ok()?;
    let end = at + 1 + valid.chars().next()?.len_utf8();
    (bytes.get(end) == Some(&b'\'')).then_some(end + 1)
}

fn continues_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|b| bytes[b]);
    // `br"…"` is a raw string, too; `bar"` cannot be.
    before.is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric()) && before != Some(b'b')
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[track_caller]
    fn check(source: &str, masked: &str) {
        assert_eq!(mask(source), masked);
        assert_eq!(mask(source).len(), source.len());
    }

    #[test]
    fn comments_and_strings_are_blank_and_code_is_not() {
        check("a // b\nc", "a     \nc");
        check("a /*b /*c*/\n*/ d", "a          \n   d");
        check(r#"f("x\"{")"#, r#"f("    ")"#);
        check("[b'}', '{', '\\'', 'a T]", "[b   ,    ,     , 'a T]");
        check("r#\"a\"b\"# + for x", "         + for x");
    }
}
