//! Servers that answer and hold no log of a replica that is theirs: a coordinator of 0.6 whose first call to a server that
//! came back was lost was seen never to tell it, and nobody else does.

use jiff::Timestamp;
use upshift_model::fluss::Facts;
use upshift_model::record::Failure;

use super::lag::Follower;
use super::lasting::Lasting;
use super::{codes, expectation};

/// Watches them from look to look.
#[derive(Debug, Default)]
pub(super) struct Untold(Lasting);

impl Untold {
    /// Of these followers, whose leaders hold the bucket, the one that is so for longest.
    pub(super) fn take(&self, now: Timestamp, facts: &Facts, followers: &[Follower]) -> Option<Failure> {
        let all = followers.iter().map(|of| (of.bucket, of.server));
        let ((bucket, server), time) = self.0.take(now, all)?;
        let what = format!(
            "{}: tablet server {server} is registered and answers, and holds no log of its replica for {time}: the coordinator has not told it; free it by: upshift restart tablet-server/{server}",
            facts.bucket_name(bucket)
        );
        Some(expectation::failure(codes::STUCK_REPLICA, what))
    }
}

#[cfg(test)]
mod tests {
    use upshift_model::fluss::BucketId;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("a time")
    }

    #[test]
    fn a_server_that_is_not_told_of_its_replica_for_half_a_minute_is_named() {
        let facts = crate::fluss::facts(&upshift_formats::fluss::Tree::default(), "played".to_owned());
        let of = |server| Follower {
            bucket: BucketId {
                table: 4,
                partition: None,
                bucket: 1,
            },
            leader: 1,
            server,
            in_sync: false,
        };
        let watch = Untold::default();
        assert_eq!(watch.take(at(0), &facts, &[of(0)]), None);
        // Told meanwhile, and lost anew: counted from there.
        assert_eq!(watch.take(at(20), &facts, &[]), None);
        assert_eq!(watch.take(at(40), &facts, &[of(0)]), None);
        assert_eq!(watch.take(at(69), &facts, &[of(0)]), None);
        let failure = watch.take(at(70), &facts, &[of(0)]).expect("stuck");
        assert_eq!(failure.code, codes::STUCK_REPLICA);
        let free = "holds no log of its replica for 30 s: the coordinator has not told it; free it by: upshift restart tablet-server/0";
        assert!(failure.what.contains(free), "{}", failure.what);
        assert_eq!(watch.take(at(80), &facts, &[of(2)]), None);
    }
}
