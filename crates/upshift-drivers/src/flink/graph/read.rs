//! Which way is taken for which job, and what is said where none is.

use std::collections::BTreeMap;

use upshift_model::flink::JobGraphs;
use upshift_model::observed::Observed;

use super::declared;
use crate::flink::look::LookGraph;

/// The graphs of all jobs, by name.
pub(in crate::flink) fn graphs(asked: &[LookGraph]) -> BTreeMap<String, JobGraphs> {
    asked.iter().map(|job| (job.job.clone(), of_job(job))).collect()
}

fn of_job(asked: &LookGraph) -> JobGraphs {
    JobGraphs {
        declared: declared::graph(&asked.uids),
        wanted: Observed::unknown(
            format!("operators of the jar of job {}", asked.job),
            "its main was not run: nobody asked for it",
        ),
        running: None,
    }
}
