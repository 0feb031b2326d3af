//! The operators of a job, as the jar and the system file tell of them.

use upshift_model::flink::{
    ChainPlace, GraphExtent, GraphOperator, GraphOrigin, IdFrom, JobGraph, JobGraphs,
};
use upshift_model::observed::Observed;

use super::Tree;

pub(super) fn of_job(tree: &mut Tree, job: &str, graphs: &JobGraphs, verbose: bool) {
    tree.line(&format!("operators of job {job}"));
    tree.below(|tree| {
        if let Some(declared) = &graphs.declared {
            graph(tree, "declared", declared, verbose);
        }
        observed(tree, "jar as wanted", &graphs.wanted, verbose);
        if let Some(running) = &graphs.running {
            observed(tree, "jar that runs", running, verbose);
        }
    });
}

fn observed(tree: &mut Tree, name: &str, seen: &Observed<JobGraph>, verbose: bool) {
    match seen {
        Observed::Known(known) => graph(tree, name, known, verbose),
        Observed::Unknown(_) => tree.seen(name, seen, |_| String::new()),
    }
}

fn graph(tree: &mut Tree, name: &str, graph: &JobGraph, verbose: bool) {
    let count = graph.operators.len();
    let what = match graph.extent {
        GraphExtent::Named => format!("{count} by uid"),
        GraphExtent::Heads => format!("{count} heads of chains"),
        GraphExtent::All => format!("all {count}"),
    };
    tree.fact(name, &format!("{what}, {}", origin(&graph.origin)));
    if verbose {
        tree.below(|tree| graph.operators.iter().for_each(|one| tree.line(&operator(one))));
    }
}

fn origin(origin: &GraphOrigin) -> String {
    match origin {
        GraphOrigin::DeclaredUids => "as the system file names them".to_owned(),
        GraphOrigin::ClusterPlan { rest, version } => format!("as {rest} builds the graph ({version})"),
        GraphOrigin::Probe {
            version,
            java,
            offline,
            ..
        } => {
            let network = match offline {
                true => "without network",
                false => "with network",
            };
            format!("as {version} builds the graph on Java {java}, {network}")
        }
    }
}

fn operator(of: &GraphOperator) -> String {
    let mut parts = vec![of.id.clone()];
    parts.extend(of.also.as_ref().map(|also| format!("(and {also})")));
    parts.extend(of.uid.as_ref().map(|uid| format!("uid {uid}")));
    parts.extend(
        of.name
            .as_ref()
            .filter(|name| of.uid.as_ref() != Some(*name))
            .cloned(),
    );
    if of.id_from == IdFrom::Place {
        parts.push("no uid".to_owned());
    }
    parts.extend(of.parallelism.map(|parallelism| format!("{parallelism} ×")));
    if let Some(ChainPlace::Member { head }) = &of.place {
        parts.push(format!("chained behind {head}"));
    }
    parts.join("  ")
}
