//! A server: its process, and what ZooKeeper knows of it. The two come and go at different times.

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// The release that it runs.
    pub release: String,
    /// When it registers, and answers.
    pub registers_at: i64,
    /// When it ends, once it was told to.
    pub ends_at: Option<i64>,
}

/// What ZooKeeper knows of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// When it was made.
    pub at: i64,
    /// By which release.
    pub release: String,
    /// When its session ends, once its process is gone without a word.
    pub until: Option<i64>,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Its process, while one runs.
    pub process: Option<Process>,
    /// Its registration.
    pub registration: Option<Registration>,
    /// Whether the mark of an orderly stop lies in its data.
    pub clean_mark: bool,
    /// The release that it ran last.
    pub release: String,
    /// When a supervisor starts it again.
    pub supervised: Option<i64>,
    /// The next start dies.
    pub stillborn: bool,
    /// It waits for ever for the answer of a coordinator that was replaced, and takes no replica back: 0.6, until it starts
    /// anew.
    pub deaf: bool,
    /// It has registered while no coordinator led: nobody has told it yet which buckets it leads and follows.
    pub untold: bool,
    /// The next start lives and never registers.
    pub mute: bool,
    /// The next start comes up with the release that it had.
    pub stays_old: bool,
}

impl Server {
    /// Whether it serves: its process is up and registered.
    pub fn serves(&self) -> bool {
        let process = self.process.as_ref();
        let registered = self.registration.as_ref();
        process.is_some_and(|process| registered.is_some_and(|of| of.at == process.registers_at))
    }

    /// Whether ZooKeeper has it.
    pub const fn is_registered(&self) -> bool {
        self.registration.is_some()
    }

    /// When something happens to it by itself next.
    pub(super) fn next(&self) -> Option<i64> {
        let registers = self.process.as_ref().filter(|_| !self.serves());
        let all = [
            registers.map(|process| process.registers_at),
            self.process.as_ref().and_then(|process| process.ends_at),
            self.registration.as_ref().and_then(|of| of.until),
            self.supervised,
        ];
        all.into_iter().flatten().min()
    }
}
