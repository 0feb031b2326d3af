//! `upshift init flink --rest URL`: a first system file from a running cluster.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use upshift_model::endpoint::{Auth, Endpoint, SecretRef};

use crate::app::init;
use crate::app::output::{self, Present};
use crate::config;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Write a first system file from a running cluster.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// What kind of system it is.
    #[command(subcommand)]
    pub kind: Kind,
}

/// Kinds of system.
#[derive(Debug, Subcommand)]
pub enum Kind {
    /// Apache Flink.
    Flink(Flink),
}

/// Where a Flink cluster answers.
#[derive(Debug, ClapArgs)]
pub struct Flink {
    /// The cluster's REST address.
    #[arg(long, value_name = "URL")]
    pub rest: String,
    /// The system's name in the file.
    #[arg(long, default_value = "flink")]
    pub name: String,
    /// PEM file of a certificate authority to trust beside the system's own.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Reference to a bearer token: env:NAME or file:/path, never the token itself.
    #[arg(long, value_name = "REFERENCE")]
    pub bearer: Option<String>,
    /// Write the file here; it must not be there yet. Without it the file is shown.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Looks at the cluster, and writes or shows the file.
///
/// # Errors
/// When the cluster cannot be seen, or the file is there already.
pub async fn run(args: &Args) -> Result<Exit, Stop> {
    let Kind::Flink(flink) = &args.kind;
    let rest = endpoint(flink)?;
    let name = config::name(&flink.name)?;
    let text = init::init(&name, &rest).await?;
    match &flink.output {
        None => super::say(&text)?,
        Some(path) => {
            output::write(path, &text, Present::Keep)?;
            super::tell(&format!(
                "written to {0}; fill in what it leaves open, then: upshift check {0}",
                path.display()
            ))?;
        }
    }
    Ok(Exit::Done)
}

fn endpoint(flink: &Flink) -> Result<Endpoint, Stop> {
    let url = config::url(&flink.rest)?;
    let token: Option<SecretRef> = flink
        .bearer
        .as_deref()
        .map(|reference| config::secret_option("--bearer", reference))
        .transpose()?;
    let ca = flink.ca.as_ref().map(std::path::absolute).transpose()?;
    Ok(Endpoint {
        url,
        ca,
        auth: token.map(|token| Auth::Bearer { token }),
    })
}
