//! The pages of all codes, embedded when the binary is built: what `upshift explain` prints.
//!
//! The pages themselves are written by whoever adds a code, in `docs/findings/CODE.md`.

/// Code and text of every page, by code.
const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// `UP-FLINK-0112`.
    pub code: &'static str,
    /// The page in Markdown.
    pub text: &'static str,
}

impl Page {
    /// What stands behind the code in the page's first line.
    pub fn title(self) -> &'static str {
        let first = self.text.lines().next().unwrap_or(self.text);
        first.split_once(": ").map_or(first, |(_, title)| title)
    }

    /// Title and text of each `## ` section, in order.
    pub fn sections(self) -> Vec<(&'static str, &'static str)> {
        let mut parts = self.text.split("\n## ");
        parts.next();
        parts
            .map(|part| {
                part.split_once('\n')
                    .map_or((part, ""), |(title, body)| (title, body.trim()))
            })
            .collect()
    }
}

/// All pages, by code.
pub fn all() -> impl Iterator<Item = Page> {
    PAGES.iter().map(|(code, text)| Page { code, text })
}

/// The page of a code, written in any case.
pub fn find(code: &str) -> Option<Page> {
    all().find(|page| page.code.eq_ignore_ascii_case(code))
}

/// The code that is most like what was typed, where one is like it at all.
pub fn nearest(code: &str) -> Option<Page> {
    let typed = code.to_ascii_uppercase();
    all()
        .map(|page| (strsim::damerau_levenshtein(&typed, page.code), page))
        .filter(|(distance, _)| *distance <= 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, page)| page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_code_and_title_first_and_the_four_sections() {
        for page in all() {
            let first = page.text.lines().next().unwrap_or_default();
            assert!(
                first.starts_with(&format!("# {}: ", page.code)),
                "{}: first line is {first:?}",
                page.code
            );
            let titles: Vec<_> = page.sections().iter().map(|(title, _)| *title).collect();
            for wanted in [
                "What it means",
                "Why it matters",
                "What to do",
                "Where this comes from",
            ] {
                assert!(
                    titles.contains(&wanted),
                    "{} lacks `## {wanted}`: {titles:?}",
                    page.code
                );
            }
        }
    }

    #[test]
    fn a_code_is_found_in_any_case_and_a_misspelt_one_has_a_neighbour() {
        assert_eq!(find("up-conf-0003").map(|p| p.code), Some("UP-CONF-0003"));
        assert_eq!(find("UP-CONF-003"), None);
        assert_eq!(nearest("UP-CONF-003").map(|p| &p.code[..8]), Some("UP-CONF-"));
        assert_eq!(nearest("something else entirely"), None);
    }
}
