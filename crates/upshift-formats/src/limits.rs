//! How much of anything a reader accepts before it calls the input damaged.
//!
//! Every count is also held against the bytes that are left; these limits bound memory and time where a
//! well-formed but hostile or damaged input could still ask for much.

/// Upper bounds for one input. The defaults are far above anything Flink writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Master hooks in a snapshot. A job has a handful; 10,000.
    pub master_states: u32,
    /// Operators in a snapshot. Large generated SQL jobs have thousands; 1,000,000.
    pub operators: u32,
    /// Recorded subtasks of an operator. Flink's own bound on parallelism: 32,768.
    pub subtasks: u32,
    /// Key groups of an operator. Flink's own bound on max parallelism: 32,768.
    pub key_groups: u32,
    /// Entries of one handle: files of an incremental handle, named states of an operator handle, changes,
    /// channel handles of a subtask; 1,000,000. An entry costs about 100 bytes while its subtask is read.
    pub entries: u32,
    /// Partition offsets of one list state or channel; 100,000,000 (an 800 MB input holds as many).
    pub offsets: u32,
    /// Bytes of one inline state. Java's array bound: 2,147,483,647.
    pub inline_bytes: u32,
    /// Handles inside handles, and serializers inside serializers; 32. Each level costs stack.
    pub depth: u32,
    /// States in one header; Flink counts them in 15 bits: 32,767.
    pub states: u32,
    /// Serializer snapshots in one header, nested ones included; 100,000.
    pub serializers: u32,
    /// Objects in one Java serialization stream. Checkpoint properties have about a dozen; 10,000.
    pub java_objects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            master_states: 10_000,
            operators: 1_000_000,
            subtasks: 32_768,
            key_groups: 32_768,
            entries: 1_000_000,
            offsets: 100_000_000,
            inline_bytes: 0x7fff_ffff,
            depth: 32,
            states: 32_767,
            serializers: 100_000,
            java_objects: 10_000,
        }
    }
}
