//! What Fluss keeps in ZooKeeper: real trees of 0.6.0 to 1.0, damaged nodes, dumps.

mod damage;
mod dump;
mod fixtures;
mod nodes;
