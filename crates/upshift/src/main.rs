//! The `upshift` program: a shim around the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    upshift_cli::cli::main(std::env::args_os()).into()
}
