//! What an emulated namespace is made of.

/// See the module.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The workspace's id.
    pub workspace: String,
    /// The namespace's name.
    pub namespace: String,
    /// Who may ask.
    pub keys: Vec<Key>,
    /// The engines on offer; the first is the one that is taken by itself.
    pub engines: Vec<Engine>,
    /// The queues.
    pub queues: Vec<Queue>,
    /// Milliseconds that a start, a stop and a savepoint take beside their own time.
    pub delays: [i64; 3],
    /// Distinguishes ids of one emulator from those of another on the same clusters.
    pub origin: u32,
}

/// An access key. One that has a token is a temporary one.
#[derive(Clone)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Its token.
    pub token: Option<String>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// An engine version on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// `vvr-8.0.11-flink-1.17`.
    pub version: String,
    /// The service's word for it.
    pub status: String,
}

impl Engine {
    /// One that is offered as stable.
    pub fn stable(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            status: "STABLE".to_owned(),
        }
    }

    /// Whether it takes native savepoints, as engines from 6 on do.
    pub(super) fn is_native(&self) -> bool {
        let number = self
            .version
            .split('-')
            .nth(1)
            .and_then(|all| all.split('.').next());
        number.and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n >= 6)
    }
}

/// A queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Its cores.
    pub cpu: f64,
    /// Its memory, in gibibytes.
    pub memory: f64,
}
