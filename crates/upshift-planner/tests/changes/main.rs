//! Changes between releases: loading, what is told to whom, and every row from both sides.

mod boundary;
mod loading;
