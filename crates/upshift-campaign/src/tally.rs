//! What came of many simulated upgrades: how many of each outcome, how long their journals were, which
//! faults happened, and which seeds failed. Counts, and keeps nothing else of a run.

use std::collections::BTreeMap;

use upshift_sim::direct::Fault;

use crate::mortal::Death;
use crate::run::Told;

/// A seed with which something went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// The seed.
    pub seed: u64,
    /// What speaks against its run.
    pub flaws: Vec<String>,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How many runs there were.
    pub runs: u64,
    /// How many of them were whole upgrades, see [`Told::is_whole_upgrade`].
    pub whole: u64,
    /// How many of them were kept by a store on disk.
    pub on_disk: u64,
    /// How many processes of upshift they took together.
    pub processes: u64,
    /// By outcome, in a word.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Faults that happened, by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// Runs with something against them, by seed.
    pub failing: Vec<Failing>,
    // Of whole upgrades: how many had so many records, jobs or instances, and faults that happened.
    records: BTreeMap<usize, u64>,
    subjects: BTreeMap<usize, u64>,
    faults_a_run: BTreeMap<usize, u64>,
}

/// Least and middle of what was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spread {
    /// The least.
    pub least: usize,
    /// The median.
    pub median: usize,
    /// The most.
    pub most: usize,
}

impl Spread {
    fn of(counted: &BTreeMap<usize, u64>) -> Self {
        let half = counted.values().sum::<u64>().div_ceil(2);
        let mut seen = 0;
        let median = counted.iter().find(|(_, n)| {
            seen += **n;
            seen >= half
        });
        let key = |found: Option<(&usize, &u64)>| found.map_or(0, |(key, _)| *key);
        Self {
            least: key(counted.first_key_value()),
            median: key(median),
            most: key(counted.last_key_value()),
        }
    }
}

impl Tally {
    /// Counts a run.
    pub fn count(&mut self, told: &Told, on_disk: bool) {
        self.runs += 1;
        self.on_disk += u64::from(on_disk);
        self.processes += u64::from(told.processes);
        *self.outcomes.entry(told.ended()).or_default() += 1;
        let deaths = told.died.iter().map(|died| match died.how {
            Death::Before => Fault::KilledBeforeRecord,
            Death::After => Fault::KilledAfterRecord,
        });
        for fault in told.happened.iter().map(|h| h.what.fault).chain(deaths) {
            *self.faults.entry(fault.word()).or_default() += 1;
        }
        if told.is_whole_upgrade() {
            self.whole += 1;
            *self.records.entry(told.lines.len()).or_default() += 1;
            *self.subjects.entry(told.subjects).or_default() += 1;
            *self.faults_a_run.entry(told.faults()).or_default() += 1;
        }
        if !told.flaws.is_empty() {
            self.failing.push(Failing {
                seed: told.case.seed,
                flaws: told.flaws.clone(),
            });
        }
    }

    /// Takes in what another thread counted.
    pub fn absorb(&mut self, other: Self) {
        fn add<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
            for (key, n) in from {
                *to.entry(key).or_default() += n;
            }
        }
        self.runs += other.runs;
        self.whole += other.whole;
        self.on_disk += other.on_disk;
        self.processes += other.processes;
        add(&mut self.outcomes, other.outcomes);
        add(&mut self.faults, other.faults);
        add(&mut self.records, other.records);
        add(&mut self.subjects, other.subjects);
        add(&mut self.faults_a_run, other.faults_a_run);
        self.failing.extend(other.failing);
        self.failing.sort_by_key(|failing| failing.seed);
    }

    /// Records of the whole upgrades.
    pub fn records(&self) -> Spread {
        Spread::of(&self.records)
    }

    /// Faults that happened in the whole upgrades.
    pub fn faults_a_run(&self) -> Spread {
        Spread::of(&self.faults_a_run)
    }

    /// Jobs or instances of the whole upgrades.
    pub fn subjects(&self) -> Spread {
        Spread::of(&self.subjects)
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let spread = Spread::of(&[(40, 1), (50, 3), (90, 1)].into());
        assert_eq!((spread.least, spread.median, spread.most), (40, 50, 90));
        assert_eq!(Spread::of(&[].into()), Spread::default());
    }
}
