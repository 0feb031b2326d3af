//! How vertices of SQL jobs are known by their names.
//!
//! Names are all that the server tells; nothing here is certain for a job that names its operators so
//! by itself.

/// The planner of the Table API names its operators by its own classes, with a number in brackets.
const MARKS: [&str; 5] = [
    "Calc[",
    "TableSourceScan",
    "GroupAggregate[",
    "Join[",
    "ConstraintEnforcer[",
];

/// Whether a vertex is named as SQL names them.
pub(super) fn is_named_by_sql(vertex: &str) -> bool {
    MARKS.iter().any(|mark| vertex.contains(mark))
}
