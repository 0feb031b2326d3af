//! The databases of upshift's own tables: they hold nothing that anybody misses.

/// Of the canary.
pub const CANARY: &str = "upshift_canary";
/// Of the canary that a new coordinator makes.
pub const CANARY_MADE_AFTER: &str = "upshift_canary_made_after";

/// Whether a database is upshift's own.
pub fn is_own_database(name: &str) -> bool {
    [CANARY, CANARY_MADE_AFTER].contains(&name)
}
