//! Cargo, called by a program that cargo runs itself.

use std::process::Command;

/// Cargo as a person at a terminal calls it.
///
/// It tells a program of the program's own package by the environment. Build scripts of dependencies ask for the same
/// names; were they passed on, those scripts would run anew, and everything that needs them would be built again, now
/// and the next time without.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_MANIFEST_") || told.starts_with("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_tells_of_this_package_goes_no_further() {
        assert!(
            std::env::var_os("CARGO_MANIFEST_DIR").is_some(),
            "cargo runs this test"
        );
        let command = cargo();
        let dir = command.get_envs().find(|(name, _)| *name == "CARGO_MANIFEST_DIR");
        assert_eq!(dir.map(|(_, value)| value), Some(None));
    }
}
