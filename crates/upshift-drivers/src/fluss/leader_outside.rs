//! Leaders that are not among their own replicas in sync, as 0.6 was seen to leave them under load: one never counts itself
//! in again, and nobody else does.

use jiff::Timestamp;
use upshift_model::fluss::Facts;
use upshift_model::record::Failure;

use super::lasting::Lasting;
use super::{codes, expectation};

/// Watches them from look to look.
#[derive(Debug, Default)]
pub(super) struct Outside(Lasting);

impl Outside {
    /// A leader that was registered all the while and not among its own replicas in sync: it never counts itself in again.
    /// The one that is so for longest.
    pub(super) fn take(&self, now: Timestamp, facts: &Facts) -> Option<Failure> {
        let outside = facts.buckets.iter().filter_map(|bucket| {
            let of = bucket.leadership.known().and_then(Option::as_ref)?;
            let leader = of.leader.filter(|leader| !of.isr.contains(leader))?;
            facts.listeners_of(leader).map(|_| (bucket.id, leader))
        });
        let ((bucket, leader), time) = self.0.take(now, outside)?;
        let what = format!(
            "{}: its leader, tablet server {leader}, has not been among its own replicas in sync for {time}, though it is registered; free it by: upshift restart tablet-server/{leader}",
            facts.bucket_name(bucket)
        );
        Some(expectation::failure(codes::STUCK_REPLICA, what))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use upshift_model::observed::Observed;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("a time")
    }

    /// Three servers of 0.9.1; tablet server 1 is alone in sync where it leads.
    fn recorded() -> Facts {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fluss/zk-0.9.1-healthy.json");
        let bytes = std::fs::read(file).expect("a fixture");
        let tree = upshift_formats::fluss::read_dump(&bytes).expect("a dump");
        let mut facts = crate::fluss::facts(&tree, "recorded".to_owned());
        for bucket in &mut facts.buckets {
            if let Observed::Known(Some(of)) = &mut bucket.leadership
                && of.leader == Some(1)
            {
                of.isr = vec![1];
            }
        }
        facts
    }

    #[test]
    fn a_leader_outside_its_own_set_is_stuck_after_half_a_minute() {
        let set = |facts: &mut Facts, leader: i32| {
            for bucket in &mut facts.buckets {
                if let Observed::Known(Some(of)) = &mut bucket.leadership
                    && of.isr == [1]
                {
                    of.leader = Some(leader);
                }
            }
        };
        let mut facts = recorded();
        let watch = Outside::default();
        assert_eq!(watch.take(at(0), &facts), None);
        set(&mut facts, 2);
        assert_eq!(watch.take(at(40), &facts), None);
        assert_eq!(watch.take(at(69), &facts), None);
        let failure = watch.take(at(70), &facts).expect("stuck");
        assert_eq!(failure.code, codes::STUCK_REPLICA);
        let what = failure.what;
        assert!(
            what.contains("for 30 s") && what.ends_with("upshift restart tablet-server/2"),
            "{what}"
        );
        // Another leader is another beginning.
        set(&mut facts, 1);
        assert_eq!(watch.take(at(80), &facts), None);
        set(&mut facts, 2);
        assert_eq!(watch.take(at(90), &facts), None);
    }
}
