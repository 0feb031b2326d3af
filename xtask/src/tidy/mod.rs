//! tidy
use anyhow::Result;
/// Runs.
pub fn run() -> Result<()> {
    Ok(())
}
