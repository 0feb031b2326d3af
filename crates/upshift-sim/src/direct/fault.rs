//! What can go wrong, and where: a vocabulary that all simulated systems share. What a fault of the far side
//! means is each world's own business.

use std::fmt;
use std::str::FromStr;

use upshift_model::ids::StepId;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name by which it is drawn on the command line.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

faults! {
    /// The answer takes some seconds.
    Slow = "slow",
    /// No answer within the driver's limit; nothing happened.
    Hung = "hung",
    /// No answer within the driver's limit; the effect comes later, when nobody waits for it any more.
    HungThenDone = "hung-then-done",
    /// The far side says no.
    Refused = "refused",
    /// The request does not leave this machine.
    NotReached = "not-reached",
    /// The effect happens, and the connection breaks before the answer.
    AnswerLost = "answer-lost",
    /// Only a part of the effect happens, and then the answer is lost.
    CutShort = "cut-short",
    /// The far side restarts and goes on from what it keeps.
    FarSideRestarts = "far-side-restarts",
    /// The far side restarts and has kept nothing.
    FarSideForgets = "far-side-forgets",
    /// What the far side remembers of requests, statistics and uploads is gone.
    CacheLost = "cache-lost",
    /// The disk takes nothing for some seconds.
    DiskFull = "disk-full",
    /// A process of the far side is killed, and nobody starts it again.
    ProcessKilled = "process-killed",
    /// A process dies right after its start, the first time.
    Stillborn = "stillborn",
    /// A process lives after its start and never registers, the first time.
    NeverRegisters = "never-registers",
    /// What was started fails again and again after it ran for a while.
    Loops = "loops",
    /// Another state than the one that was named is taken, and nobody says so.
    WrongState = "wrong-state",
    /// A savepoint is told as complete, and the state of an operator is not in it.
    StateLacking = "state-lacking",
    /// A restore point is written over after it was taken.
    WrittenOver = "written-over",
    /// A job that the plan does not name appears.
    Stranger = "stranger",
    /// A follower does not notice that the connection to its leader is dead, and fetches nothing.
    StuckReplica = "stuck-replica",
    /// The store of the metadata does not answer for a minute.
    MetadataAway = "metadata-away",
    /// upshift's process is killed before a request leaves it.
    KilledBefore = "killed-before",
    /// upshift's process is killed after the effect, before it hears the answer.
    KilledAfter = "killed-after",
    /// upshift's process is killed while it waits.
    KilledWaiting = "killed-waiting",
    /// upshift's process is killed before a record is durable.
    KilledBeforeRecord = "killed-before-record",
    /// upshift's process is killed after a record is durable, before it knows.
    KilledAfterRecord = "killed-after-record",
}

impl Fault {
    /// Whether it takes upshift's own process.
    pub const fn kills_upshift(self) -> bool {
        matches!(
            self,
            Self::KilledBefore
                | Self::KilledAfter
                | Self::KilledWaiting
                | Self::KilledBeforeRecord
                | Self::KilledAfterRecord
        )
    }

    /// Whether the world itself has to be struck.
    pub const fn strikes_the_world(self) -> bool {
        matches!(
            self,
            Self::FarSideRestarts
                | Self::FarSideForgets
                | Self::CacheLost
                | Self::DiskFull
                | Self::ProcessKilled
                | Self::Stillborn
                | Self::NeverRegisters
                | Self::Loops
                | Self::WrongState
                | Self::StateLacking
                | Self::WrittenOver
                | Self::Stranger
                | Self::StuckReplica
                | Self::MetadataAway
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|fault| fault.word() == text);
        found.copied().ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|fault| fault.word()).collect();
            format!("no fault {text:?}; there are {}", all.join(", "))
        })
    }
}

/// Where in a run a fault happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// At which step.
    pub step: StepId,
    /// At which contact of that step.
    pub when: When,
}

/// A contact of a step, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So many looks at where the world stands.
    Look(u32),
    /// So many tries to change it.
    Act(u32),
}

/// A fault with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What.
    pub fault: Fault,
    /// Where.
    pub place: Place,
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { step, when } = &self.place;
        match when {
            When::Look(n) => write!(f, "{} at look {n} of step {step}", self.fault),
            When::Act(n) => write!(f, "{} at try {n} of step {step}", self.fault),
        }
    }
}
