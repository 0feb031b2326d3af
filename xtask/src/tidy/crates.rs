//! The borders between the crates: who may depend on whom, and what each must never do.
//!
//! The matrix is the architecture's. Dependencies are read from cargo, prohibitions from the text.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::tree::split_tests;
use super::{Complaint, Tree};

struct Border {
    name: &'static str,
    /// Crates of the workspace that it may be built with.
    may_use: &'static [&'static str],
    /// Crates of the workspace that only its tests may use.
    tests_may_use: &'static [&'static str],
}

const BORDERS: [Border; 10] = [
    Border {
        name: "upshift-model",
        may_use: &[],
        tests_may_use: &[],
    },
    Border {
        name: "upshift-planner",
        may_use: &["upshift-model"],
        tests_may_use: &[],
    },
    Border {
        name: "upshift-formats",
        may_use: &[],
        tests_may_use: &[],
    },
    Border {
        name: "upshift-engine",
        may_use: &["upshift-model"],
        tests_may_use: &["upshift-sim", "upshift-campaign", "upshift-lab"],
    },
    Border {
        name: "upshift-drivers",
        may_use: &["upshift-model", "upshift-engine", "upshift-formats"],
        tests_may_use: &["upshift-sim", "upshift-lab"],
    },
    Border {
        name: "upshift-sim",
        may_use: &["upshift-model", "upshift-engine"],
        tests_may_use: &["upshift-drivers"],
    },
    Border {
        name: "upshift-campaign",
        may_use: &[
            "upshift-model",
            "upshift-planner",
            "upshift-engine",
            "upshift-sim",
        ],
        tests_may_use: &["upshift-drivers", "upshift-lab"],
    },
    Border {
        name: "upshift",
        may_use: &[
            "upshift-sim",
            "upshift-campaign",
            "upshift-model",
            "upshift-planner",
            "upshift-formats",
            "upshift-engine",
            "upshift-drivers",
        ],
        tests_may_use: &["upshift-sim", "upshift-lab"],
    },
    Border {
        name: "upshift-lab",
        may_use: &[],
        tests_may_use: &[],
    },
    Border {
        name: "xtask",
        may_use: &[
            "upshift-drivers",
            "upshift-engine",
            "upshift-lab",
            "upshift-model",
            "upshift-planner",
        ],
        tests_may_use: &[],
    },
];

struct Never {
    name: &'static str,
    words: &'static [&'static str],
    because: &'static str,
}

const PURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "tokio",
    "async fn",
    "SystemTime",
    "Instant",
    "println!",
    "eprintln!",
];

const NEVER: [Never; 6] = [
    Never {
        name: "upshift-model",
        words: PURE,
        because: "the vocabulary is pure: no I/O, no clock, no environment",
    },
    Never {
        name: "upshift-planner",
        words: PURE,
        because: "the planner is pure: no I/O, no clock, no printing",
    },
    Never {
        name: "upshift-formats",
        words: PURE,
        because: "readers take bytes; they know no files, no network and no clock",
    },
    Never {
        name: "upshift-engine",
        words: &["println!", "eprintln!", "upshift_planner"],
        because: "the engine neither plans nor prints",
    },
    Never {
        name: "upshift-drivers",
        words: &[
            "println!",
            "eprintln!",
            "upshift_engine::journal",
            "upshift_engine::store",
            "upshift_planner",
        ],
        because: "a driver knows the engine's `driver` module only, and prints nothing",
    },
    Never {
        name: "upshift-sim",
        words: &[
            "println!",
            "eprintln!",
            "upshift_engine::journal",
            "upshift_engine::store",
        ],
        because: "a world model knows the engine's `driver` module only",
    },
];

pub(super) fn borders(tree: &Tree) -> Result<Vec<Complaint>> {
    Ok(judge(&metadata(tree, true)?))
}

fn judge(metadata: &Value) -> Vec<Complaint> {
    let mut found = Vec::new();
    let packages = || metadata["packages"].as_array().into_iter().flatten();
    let ours: Vec<_> = packages().filter_map(|p| p["name"].as_str()).collect();
    for package in packages() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(border) = BORDERS.iter().find(|b| b.name == name) else {
            found.push(Complaint::new(
                name,
                "a new crate: what may it depend on? Add it to xtask/src/tidy/crates.rs",
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"] == "dev";
            let allowed = border.may_use.contains(&on) || (for_tests && border.tests_may_use.contains(&on));
            if ours.contains(&on) && !allowed {
                let how = if for_tests {
                    "its tests use"
                } else {
                    "it depends on"
                };
                found.push(Complaint::new(
                    name,
                    format!("{how} {on}, which the architecture does not allow"),
                ));
            }
        }
    }
    found
}

/// What cargo says of the workspace, without asking the network.
pub(super) fn metadata(tree: &Tree, ours_only: bool) -> Result<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--manifest-path",
        ])
        .arg(tree.root.join("Cargo.toml"));
    if ours_only {
        cargo.arg("--no-deps");
    } else {
        // Without it cargo wants the crates of all platforms, which a build has not fetched.
        cargo.args(["--filter-platform", &host()?]);
    }
    let output = cargo.output().context("running cargo metadata")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    serde_json::from_slice(&output.stdout).context("reading what cargo metadata says")
}

fn host() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("running rustc")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|l| l.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

/// Files of the program that may speak of simulated worlds: the commands that simulate. A real run lives
/// nowhere near them.
const SIMULATING: [&str; 7] = [
    "crates/upshift/src/app/emulate.rs",
    "crates/upshift/src/app/sim.rs",
    "crates/upshift/src/app/rehearse",
    "crates/upshift/src/cli/emulate.rs",
    "crates/upshift/src/cli/sim.rs",
    "crates/upshift/src/cli/told.rs",
    "crates/upshift/src/cli/rehearse",
];

/// No real run reaches a simulated world, though one program holds both.
pub(super) fn simulating(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    let program = |path: &str| {
        path.starts_with("crates/upshift/src/") && !SIMULATING.iter().any(|may| path.starts_with(may))
    };
    for (path, text) in tree.sources().filter(|(path, _)| program(path)) {
        for (number, line) in split_tests(text).0.lines().enumerate() {
            for word in ["upshift_sim", "upshift_campaign"]
                .iter()
                .filter(|w| has_word(line, w))
            {
                let text = format!(
                    "line {}: `{word}`: only commands that simulate speak of simulated worlds",
                    number + 1
                );
                found.push(Complaint::new(path, text));
            }
        }
    }
    Ok(found)
}

pub(super) fn purity(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for never in &NEVER {
        let prefix = format!("crates/{}/src/", never.name);
        for (path, text) in tree.sources().filter(|(path, _)| path.starts_with(&prefix)) {
            for (number, line) in split_tests(text).0.lines().enumerate() {
                for word in never.words.iter().filter(|w| has_word(line, w)) {
                    let text = format!("line {}: `{word}`: {}", number + 1, never.because);
                    found.push(Complaint::new(path, text));
                }
            }
        }
    }
    Ok(found)
}

/// `Instant` is a word of `Instant::now` and not of `Instantiate`.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(part)
            && !line[at + word.len()..].chars().next().is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Tree, judge, purity, simulating};

    #[test]
    fn a_forbidden_dependency_and_an_unknown_crate_are_found() {
        let on = |name: &str, kind: Option<&str>| json!({ "name": name, "kind": kind });
        let found = judge(&json!({ "packages": [
            { "name": "upshift-model", "dependencies": [on("serde", None)] },
            { "name": "upshift-sim", "dependencies": [on("upshift-model", None)] },
            { "name": "upshift-engine", "dependencies": [on("upshift-sim", Some("dev")), on("upshift-planner", None)] },
            { "name": "upshift-planner", "dependencies": [on("upshift-model", None)] },
            { "name": "upshift-extra", "dependencies": [] },
        ] }));
        let found: Vec<_> = found.into_iter().map(|c| c.subject).collect();
        assert_eq!(found, ["upshift-engine", "upshift-extra"]);
    }

    #[test]
    fn a_clock_in_the_planner_is_found_and_one_in_its_tests_is_not() {
        let tests = "fn f() {}\n#[cfg(test)]\nmod tests {\n use std::time::Instant;\n}\n";
        let tree = Tree::from(&[
            (
                "crates/upshift-planner/src/a.rs",
                "use std::time::Instant;\n// Instant\nstruct Instantiated;\n",
            ),
            ("crates/upshift-planner/src/b.rs", tests),
        ]);
        assert_eq!(purity(&tree).unwrap().len(), 1);
    }

    #[test]
    fn a_simulated_world_in_a_real_run_is_found_and_one_in_its_own_command_is_not() {
        let tree = Tree::from(&[
            ("crates/upshift/src/app/worker.rs", "use upshift_sim::direct;\n"),
            ("crates/upshift/src/app/sim.rs", "use upshift_campaign::Told;\n"),
        ]);
        let found = simulating(&tree).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].subject, "crates/upshift/src/app/worker.rs");
    }
}
