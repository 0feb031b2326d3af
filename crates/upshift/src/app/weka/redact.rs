//! Takes secrets out of what another program wrote, before it is kept or shown.

use std::collections::BTreeSet;

const HIDDEN: &str = "«redacted»";
/// Words after which a secret stands.
const NAMES: [&str; 4] = ["secret", "token", "password", "passwd"];
/// What is shorter is no secret and too often part of other words.
const SHORTEST: usize = 4;

/// The text without secrets: what stands behind a word for one is hidden there and wherever else it stands, and so is
/// all of such a line that cannot be told apart. Colours are taken out, too.
pub(super) fn redacted(text: &str) -> String {
    let plain = uncoloured(text);
    let mut secrets: BTreeSet<&str> = BTreeSet::new();
    for line in plain.lines().filter(|line| names_one(line)) {
        let value = line.rsplit_once(':').map_or("", |(_, value)| value);
        let words = value.split(|c: char| c.is_whitespace() || "\"'[]{},".contains(c));
        // Sentences about secrets hold no secret: it is one word, alone.
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        if let [word] = words.as_slice()
            && word.len() >= SHORTEST
        {
            secrets.insert(word);
        }
    }
    let mut out = String::with_capacity(plain.len());
    for line in plain.lines() {
        let hidden = secrets
            .iter()
            .fold(line.to_owned(), |line, secret| line.replace(secret, HIDDEN));
        let shown = match hidden.to_ascii_lowercase().find("join_secret") {
            Some(at) => format!("{}{HIDDEN}", &hidden[..at]),
            None => hidden,
        };
        out.push_str(&shown);
        out.push('\n');
    }
    out
}

fn names_one(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    NAMES.iter().any(|name| lower.contains(name))
}

/// Without the sequences that terminals take for colours, and with every overwritten line on its own.
fn uncoloured(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => {
                for c in rest.by_ref() {
                    if c.is_ascii_alphabetic() {
                        break;
                    }
                }
            }
            '\r' => out.push('\n'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn a_secret_is_hidden_wherever_it_stands_and_sentences_about_it_stay() {
        let log = "\u{1b}[94mGlobal key secret: hunter2-of-all\u{1b}[0m\nAll containers on all hosts have matching \
                   secrets\n2026 root:INFO:  hunter2-of-all\n{\"join_secret\": [\"x\"]}\n";
        assert_eq!(
            redacted(log),
            "Global key secret: «redacted»\nAll containers on all hosts have matching secrets\n2026 root:INFO:  \
             «redacted»\n{\"«redacted»\n"
        );
    }
}
