//! The catalogue: what is known of every system's releases, with the source of each row.
