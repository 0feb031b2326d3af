//! Apache Flink: what is checked, what an upgrade consists of, and the way back.

pub mod back;
pub mod checks;
pub mod codes;
pub mod config;
pub mod drift;
mod fit;
pub(super) use fit::limits;
pub mod left_over;
mod of_plan;
pub mod pair;
pub mod recipe;
pub mod rehearsal;
pub mod restore_points;
pub mod sight;
pub mod situation;
mod sql_names;
pub mod strategy;

use sql_names::is_named_by_sql;
