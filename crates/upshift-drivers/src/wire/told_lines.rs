//! What the looking scripts answer: lines of words, names in hexadecimal, so that no name of a file or a process can be
//! taken for anything else.

/// One line, parted into its words.
#[derive(Clone)]
pub(crate) struct Line<'a>(Vec<&'a str>);

impl<'a> Line<'a> {
    /// Its first word.
    pub(crate) fn word(&self) -> &'a str {
        self.0.first().copied().unwrap_or_default()
    }

    /// The word at a place.
    pub(crate) fn at(&self, place: usize) -> &'a str {
        self.0.get(place).copied().unwrap_or_default()
    }

    /// The word at a place, in bytes; none where it is not hexadecimal.
    pub(crate) fn bytes(&self, place: usize) -> Option<Vec<u8>> {
        let word = self.at(place);
        let pairs = word.as_bytes().chunks(2);
        pairs
            .map(|pair| {
                let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2)?;
                u8::from_str_radix(text, 16).ok()
            })
            .collect()
    }

    /// The word at a place, as text.
    pub(crate) fn text(&self, place: usize) -> Option<String> {
        let bytes = self.bytes(place)?;
        Some(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned())
    }
}

/// All lines of an answer.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().map(|line| Line(line.split(' ').collect()))
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn names_come_through_whole_and_what_is_no_name_is_none() {
        let text = "jar 666c0a27c3a9\ncwd \njar 66f\njar zz\n";
        let read: Vec<_> = lines(text).map(|line| line.text(1)).collect();
        assert_eq!(read, [Some("fl\n'é".to_owned()), Some(String::new()), None, None]);
    }
}
