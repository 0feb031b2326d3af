//! Runs Python: pip for downloads, and `lab/archive.py` for archives.
//!
//! Python is needed for pip anyway, so its standard library also does the unpacking; nothing is installed into it.

use std::path::Path;
use std::process::Command;

use crate::error::FetchError;

const ARCHIVE: &str = include_str!("../../../lab/archive.py");

const PYTHON: &str = "python3";

/// How much of a failed command's output is worth repeating.
const TAIL_LINES: usize = 12;

pub(crate) fn command() -> Result<Command, FetchError> {
    let mut probe = Command::new(PYTHON);
    probe.args(["-c", "import pip"]);
    run(&mut probe)?;
    Ok(Command::new(PYTHON))
}

/// Runs a command to its end and returns what it wrote to its standard output.
pub(crate) fn run(command: &mut Command) -> Result<String, FetchError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|source| FetchError::NoProgram {
        advice: advice(&program),
        program: program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let args: Vec<_> = command
        .get_args()
        .map(|a| a.to_string_lossy().chars().take(200).collect::<String>())
        .collect();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let mut said = tail(&said, TAIL_LINES);
    if said.contains("No module named pip") {
        said.push_str(
            "\nPython is there, but pip is not: install it (Debian: `apt-get install python3-pip`)",
        );
    }
    Err(FetchError::Command {
        command: format!("{program} {}", args.join(" ")),
        status: output.status.to_string(),
        said,
    })
}

fn advice(program: &str) -> String {
    match program {
        PYTHON => {
            "install Python 3.8 or newer with pip (Debian: `apt-get install python3 python3-pip`)".to_owned()
        }
        "mvn" => "install Maven and a JDK (Debian: `apt-get install maven`)".to_owned(),
        other => format!("is {other} installed and executable?"),
    }
}

pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Unpacks the members that match, under the name of the pattern's first group.
pub(crate) fn unpack(archive: &Path, dest: &Path, pattern: &str) -> Result<(), FetchError> {
    let mut python = Command::new(PYTHON);
    python
        .args(["-c", ARCHIVE, "unpack"])
        .arg(archive)
        .arg(dest)
        .arg(pattern);
    match run(&mut python)?.trim() {
        "0" => Err(FetchError::EmptyArchive {
            archive: archive.to_owned(),
            pattern: pattern.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Packs a directory as a gzipped tar and returns its SHA-512.
pub(crate) fn tgz(dir: &Path, top: &str, out: &Path) -> Result<String, FetchError> {
    let mut python = Command::new(PYTHON);
    python.args(["-c", ARCHIVE, "tgz"]).arg(dir).arg(top).arg(out);
    Ok(run(&mut python)?.trim().to_owned())
}

/// Packs a directory of classes as a jar.
pub(crate) fn jar(dir: &Path, out: &Path, main_class: &str) -> Result<(), FetchError> {
    let mut python = Command::new(PYTHON);
    python
        .args(["-c", ARCHIVE, "jar"])
        .arg(dir)
        .arg(out)
        .arg(main_class);
    run(&mut python).map(drop)
}
