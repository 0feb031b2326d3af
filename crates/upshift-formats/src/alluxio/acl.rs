//! Access control lists. From 2.0 on owner, group and mode of an inode stand in its list and nowhere else.

use super::wire::{Fields, numbers};

const OWNING_USER: u32 = 1;
const OWNING_GROUP: u32 = 2;
const USERS: u32 = 3;
const GROUPS: u32 = 4;
const MASK: u32 = 5;
const OTHERS: u32 = 6;
const IS_EMPTY: u32 = 8;

/// Whether a list says more than owner, group and mode do. Damaged lists say nothing.
pub(super) fn is_extended(list: &[u8]) -> bool {
    let mut fields = Fields::new(list);
    let (mut extended, mut empty) = (0, false);
    while let Ok(Some((number, value))) = fields.next() {
        match number {
            USERS | GROUPS => extended += 1,
            IS_EMPTY => empty = value.flag(),
            _ => {}
        }
    }
    !empty && extended > 2
}

/// What a list says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessList {
    /// Its owner.
    pub owner: String,
    /// Its group.
    pub group: String,
    /// Owner, group and others, three bits each.
    pub mode: u32,
    /// `user:bob:rwx`, `group:ops:r-x`, `mask::rwx`.
    pub entries: Vec<String>,
}

/// Reads a list. What is damaged is left out.
pub(super) fn read(list: &[u8]) -> AccessList {
    let mut read = AccessList::default();
    let mut fields = Fields::new(list);
    let mut empty = false;
    while let Ok(Some((number, value))) = fields.next() {
        match number {
            OWNING_USER => read.owner = text(value.bytes()),
            OWNING_GROUP => read.group = text(value.bytes()),
            USERS | GROUPS => {
                let (name, actions) = named(value.bytes());
                let (word, shift) = if number == USERS {
                    ("user", 6)
                } else {
                    ("group", 3)
                };
                match name.is_empty() {
                    true => read.mode |= actions << shift,
                    false => read.entries.push(format!("{word}:{name}:{}", letters(actions))),
                }
            }
            MASK => read
                .entries
                .push(format!("mask::{}", letters(actions(value.bytes())))),
            OTHERS => read.mode |= actions(value.bytes()),
            IS_EMPTY => empty = value.flag(),
            _ => {}
        }
    }
    if empty {
        read.entries.clear();
    }
    // Without named entries the mask says nothing.
    if read.entries.iter().all(|entry| entry.starts_with("mask")) {
        read.entries.clear();
    }
    read.entries.sort();
    read
}

fn named(message: &[u8]) -> (String, u32) {
    let mut fields = Fields::new(message);
    let (mut name, mut bits) = (String::new(), 0);
    while let Ok(Some((number, value))) = fields.next() {
        match number {
            1 => name = text(value.bytes()),
            2 => bits = actions(value.bytes()),
            _ => {}
        }
    }
    (name, bits)
}

/// Read, write and execute have the numbers 0, 1 and 2.
fn actions(message: &[u8]) -> u32 {
    let mut fields = Fields::new(message);
    let mut bits = 0;
    while let Ok(Some((number, value))) = fields.next() {
        if number == 1 {
            bits |= numbers(value)
                .filter(|action| *action < 3)
                .fold(0, |bits, action| bits | 4 >> action);
        }
    }
    bits
}

fn letters(bits: u32) -> String {
    let letter = |bit: u32, letter: char| if bits & bit != 0 { letter } else { '-' };
    [letter(4, 'r'), letter(2, 'w'), letter(1, 'x')].iter().collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
