//! The graph that declared uids make: their operator ids, and nothing else. No jar is looked at.

use upshift_formats::flink::opid::operator_id_of_uid;
use upshift_model::flink::{GraphExtent, GraphOperator, GraphOrigin, IdFrom, JobGraph};

/// None where no uid is declared: that says nothing about the job.
pub(super) fn graph(uids: &[String]) -> Option<JobGraph> {
    let operators: Vec<_> = uids.iter().map(|uid| operator(uid)).collect();
    (!operators.is_empty()).then_some(JobGraph {
        origin: GraphOrigin::DeclaredUids,
        extent: GraphExtent::Named,
        operators,
    })
}

fn operator(uid: &str) -> GraphOperator {
    GraphOperator {
        id: operator_id_of_uid(uid).to_string(),
        also: None,
        id_from: IdFrom::Uid,
        uid: Some(uid.to_owned()),
        name: None,
        parallelism: None,
        max_parallelism: None,
        place: None,
        key_serializer: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_gives_the_id_that_flink_gives_it() {
        let graph = graph(&["source".to_owned(), "counter".to_owned()]).unwrap();
        let ids: Vec<_> = graph.operators.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "e5a72f353fc1e6bbf3bd96a41384998c",
                "0da08f51eaa85fc298e176a139b3649a"
            ]
        );
        assert_eq!(super::graph(&[]), None);
    }
}
