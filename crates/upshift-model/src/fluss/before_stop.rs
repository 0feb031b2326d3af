//! What is noted of a cluster right before a server is stopped, for whoever has to know later what became of it since.

/// What told the start of the server that was stopped from another one of it.
pub const REGISTERED: &str = "registered";

/// Digest of what coordinators write of who leads ([`Facts::leadership`](super::Facts::leadership)), noted before the
/// coordinator is stopped.
pub const LEADERSHIP: &str = "leadership";
