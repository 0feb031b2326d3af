//! What is taken out of texts before they reach a log, a journal or a screen: the user part of
//! addresses. Which configuration keys are sensitive is a system's own knowledge and not here.

/// What stands in place of a value that is not shown.
pub const REDACTED: &str = "«redacted»";

/// `http://user:password@host/path` becomes `http://«redacted»@host/path`.
pub fn redact_url(url: &str) -> String {
    redact_text(url)
}

/// The same for every address in a longer text.
pub fn redact_text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let end = after
            .find(|c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | ',' | ')') || c.is_whitespace())
            .unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                clean.push_str(REDACTED);
                clean.push('@');
                clean.push_str(host);
            }
            None => clean.push_str(authority),
        }
        rest = tail;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_part_of_an_address_is_not_shown() {
        assert_eq!(
            redact_url("http://me:s3cret@jm:8081/x"),
            "http://«redacted»@jm:8081/x"
        );
        assert_eq!(redact_url("http://jm:8081/x@y"), "http://jm:8081/x@y");
        assert_eq!(
            redact_text("could not reach https://u:p@a, nor file:///tmp/x, nor http://t@b"),
            "could not reach https://«redacted»@a, nor file:///tmp/x, nor http://«redacted»@b"
        );
    }
}
