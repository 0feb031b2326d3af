//! Backups and journals of Alluxio: real ones of 1.8 to 2.9, made ones, damaged ones.

mod changes;
mod damage;
mod fixtures;
mod journal;
mod made;
mod rewrite;
mod unsound;
