//! Output as far as it is kept: the beginning and the end. What lies between is counted and dropped,
//! so that a program that never stops talking costs no memory and is not blocked.

use std::collections::VecDeque;

/// A stream's beginning and end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
    limit: usize,
}

impl Kept {
    /// Keeps `limit` bytes, one half from the beginning and one from the end.
    pub(super) fn up_to(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = (self.limit - self.limit / 2).saturating_sub(self.head.len());
        let (head, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(head);
        let most = self.limit / 2;
        let rest = &rest[rest.len().saturating_sub(most)..];
        let over = (self.tail.len() + rest.len()).saturating_sub(most);
        self.tail.drain(..over.min(self.tail.len()));
        self.tail.extend(rest);
    }

    /// Bytes left out between beginning and end.
    pub fn left_out(&self) -> u64 {
        self.total - self.head.len() as u64 - self.tail.len() as u64
    }

    /// All of it, if all of it was kept.
    pub fn whole(&self) -> Option<Vec<u8>> {
        (self.left_out() == 0).then(|| self.head.iter().chain(&self.tail).copied().collect())
    }

    /// As text; where bytes were left out, it says how many.
    pub fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        match self.left_out() {
            0 => String::from_utf8_lossy(&[self.head.as_slice(), &tail].concat()).into_owned(),
            n => format!(
                "{}\n… {n} bytes left out …\n{}",
                String::from_utf8_lossy(&self.head),
                String::from_utf8_lossy(&tail)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_and_end_are_kept_however_the_bytes_arrive() {
        let all: Vec<u8> = (0..100u8).collect();
        for chunk in [1, 3, 7, 50, 100] {
            let mut kept = Kept::up_to(20);
            all.chunks(chunk).for_each(|bytes| kept.push(bytes));
            assert_eq!(kept.head, all[..10], "in chunks of {chunk}");
            assert_eq!(kept.tail, &all[90..], "in chunks of {chunk}");
            assert_eq!(kept.left_out(), 80);
            assert_eq!(kept.whole(), None);
        }
        let mut kept = Kept::up_to(20);
        kept.push(b"12345678901234567890");
        assert_eq!(kept.whole().unwrap(), b"12345678901234567890");
        assert_eq!(kept.text(), "12345678901234567890");
        kept.push(b"x");
        assert_eq!(kept.text(), "1234567890\n… 1 bytes left out …\n234567890x");
    }
}
