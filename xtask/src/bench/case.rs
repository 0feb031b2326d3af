//! What is measured: how the upgrade is done, and how much state moves.

use clap::ValueEnum;
use upshift_lab::rest::Format;
use upshift_lab::{Job, Options, Scene, Strategy};

/// How the upgrade is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Mode {
    /// The new cluster runs beside the old one.
    Shadow,
    /// The new cluster takes the old one's place.
    InPlace,
}

/// How much state moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum State {
    /// About 100 kB on the heap, 1.18.1 to 1.20.5, canonical.
    Small,
    /// About 105 MB in RocksDB, 1.20.5 to 2.3.0, native.
    Large,
}

/// One cell of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case {
    /// How.
    pub(super) mode: Mode,
    /// How much.
    pub(super) state: State,
}

impl Case {
    /// The releases, old and new.
    pub(super) fn releases(self) -> (&'static str, &'static str) {
        match self.state {
            State::Small => ("1.18.1", "1.20.5"),
            State::Large => ("1.20.5", "2.3.0"),
        }
    }

    /// The format of its savepoints.
    pub(super) fn format(self) -> Format {
        match self.state {
            State::Small => Format::Canonical,
            State::Large => Format::Native,
        }
    }

    /// The strategy.
    pub(super) fn strategy(self) -> Strategy {
        match self.mode {
            Mode::Shadow => Strategy::Shadow,
            Mode::InPlace => Strategy::InPlace,
        }
    }

    /// The virtual machines as they are by default, and a history that keeps the first checkpoint in sight.
    pub(super) fn cluster(self) -> Options {
        let history = [("web.checkpoints.history".to_owned(), "200".to_owned())];
        Options {
            java: Vec::new(),
            configuration: history.into(),
            ..Options::default()
        }
    }

    /// The arrangement.
    pub(super) fn scene(self) -> Scene {
        let (from, to) = self.releases();
        let mut scene = Scene::new("bench", from, to, self.strategy());
        scene.cluster = self.cluster();
        // The same form as the other contenders take.
        let form = match self.format() {
            Format::Canonical => "\"canonical\"",
            Format::Native => "\"native\"",
        };
        scene.state.push(("format".to_owned(), form.to_owned()));
        scene.tune = match self.state {
            State::Small => |_| {},
            State::Large => large,
        };
        scene
    }

    /// How many records until the state has its size.
    pub(super) fn warm_records(self) -> u64 {
        match self.state {
            State::Small => 10_000,
            State::Large => 120_000,
        }
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mode = match self.mode {
            Mode::Shadow => "shadow",
            Mode::InPlace => "in place",
        };
        let state = match self.state {
            State::Small => "small",
            State::Large => "105 MB",
        };
        write!(f, "{mode}, {state}")
    }
}

fn large(job: &mut Job) {
    job.keys = 100_000;
    job.payload = 1000;
    job.rate = 16_000;
    job.backend = Some("rocksdb".to_owned());
}
