//! `upshift inspect fluss`: the health of a cluster, why it is not green, and the ways back.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs};
use serde::Serialize;
use upshift_model::fluss::{Access, Identity, Login, Tls};
use upshift_planner::knowledge::{Library, Verdict};

use super::fluss_tree;
use crate::app::fluss::{self, Account, Source};
use crate::cli::known::RowView;
use crate::cli::render::Paint;
use crate::config;
use crate::exit::Exit;
use crate::trouble::Stop;

/// So many nodes are read between two lines of progress.
const STEP: usize = 5_000;

/// Show the health of a Fluss cluster, why it is not green, and which ways back are open. Exit code 0 is
/// green.
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("source").required(true)))]
pub(super) struct Args {
    /// Where ZooKeeper answers: HOST:PORT, several with commas between them. It is only read.
    #[arg(long, value_name = "HOST:PORT", group = "source", value_parser = servers)]
    zookeeper: Option<String>,
    /// A file that --write-dump made, in place of ZooKeeper.
    #[arg(long, value_name = "FILE", group = "source")]
    dump: Option<PathBuf>,
    #[command(flatten)]
    door: DoorArgs,
    /// The cluster's root in ZooKeeper (zookeeper.path.root).
    #[arg(long, value_name = "PATH", default_value = "/fluss", conflicts_with = "dump")]
    root: String,
    /// Write all nodes into a file too, without the values of secret options.
    #[arg(long, value_name = "FILE")]
    write_dump: Option<PathBuf>,
    /// The same facts as JSON.
    #[arg(long)]
    json: bool,
}

fn servers(text: &str) -> Result<String, String> {
    match config::are_zookeeper_servers(text) {
        true => Ok(text.to_owned()),
        false => {
            Err("HOST:PORT was expected, several with commas between them; the root is for --root".to_owned())
        }
    }
}

/// How ZooKeeper lets upshift in.
#[derive(Debug, ClapArgs)]
struct DoorArgs {
    /// The user who logs in to ZooKeeper (SASL, DIGEST-MD5).
    #[arg(
        long,
        value_name = "NAME",
        requires = "zookeeper_password",
        requires = "zookeeper"
    )]
    zookeeper_user: Option<String>,
    /// Reference to the password: env:NAME or file:/path.
    #[arg(long, value_name = "REFERENCE", requires = "zookeeper_user")]
    zookeeper_password: Option<String>,
    /// ZooKeeper speaks TLS.
    #[arg(long, requires = "zookeeper")]
    zookeeper_tls: bool,
    /// PEM file of the authority that ZooKeeper's certificates are of.
    #[arg(long, value_name = "FILE", requires = "zookeeper_tls")]
    zookeeper_ca: Option<PathBuf>,
    /// PEM file of the certificate that upshift shows.
    #[arg(
        long,
        value_name = "FILE",
        requires = "zookeeper_tls",
        requires = "zookeeper_key"
    )]
    zookeeper_certificate: Option<PathBuf>,
    /// PEM file of its private key.
    #[arg(long, value_name = "FILE", requires = "zookeeper_certificate")]
    zookeeper_key: Option<PathBuf>,
}

impl DoorArgs {
    fn access(&self) -> Result<Access, Stop> {
        let login = match (&self.zookeeper_user, &self.zookeeper_password) {
            (Some(user), Some(password)) => Some(Login {
                user: user.clone(),
                password: config::secret_option("--zookeeper-password", password)?,
            }),
            _ => None,
        };
        let identity = match (&self.zookeeper_certificate, &self.zookeeper_key) {
            (Some(certificate), Some(key)) => Some(Identity {
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            _ => None,
        };
        let tls = self.zookeeper_tls.then(|| Tls {
            ca: self.zookeeper_ca.clone(),
            identity,
        });
        Ok(Access { login, tls })
    }
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    account: &'a Account,
    ways_back: Vec<WayBackView>,
}

#[derive(Serialize)]
struct WayBackView {
    from: String,
    to: String,
    verdict: Verdict,
    rows: Vec<RowView>,
    not_now: Vec<RowView>,
}

pub(super) async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let access = args.door.access()?;
    let source = match (&args.zookeeper, &args.dump) {
        (Some(servers), _) => Source::ZooKeeper {
            servers,
            root: &args.root,
            access: &access,
        },
        (None, Some(file)) => Source::Dump(file),
        (None, None) => unreachable!("the command line asks for one of the two"),
    };
    let mut told = 0;
    let progress = |read: usize| {
        if read / STEP > told {
            told = read / STEP;
            // A line of progress that cannot be shown stops nothing.
            crate::cli::tell(&format!("{read} nodes read")).ok();
        }
    };
    let opened = fluss::open(source, progress).await?;
    if let Some(file) = &args.write_dump {
        fluss::write(&opened.tree, file)?;
        crate::cli::tell(&format!(
            "{} nodes written to {}",
            opened.tree.len(),
            file.display()
        ))?;
    }
    let account = fluss::account(
        &opened.facts,
        opened.both_sides.as_ref(),
        &Library::builtin(),
        &[],
    );
    match args.json {
        true => crate::cli::say_json(&view(&account))?,
        false => crate::cli::say(&fluss_tree::text(&account, paint))?,
    }
    Ok(fluss::exit_of(&account))
}

fn view(account: &Account) -> View<'_> {
    let ways = account.ways_back.iter().map(|way| WayBackView {
        from: way.from.to_string(),
        to: way.to.to_string(),
        verdict: way.answer.verdict,
        rows: way.answer.rows.iter().map(RowView::from).collect(),
        not_now: way.not_now.iter().map(RowView::from).collect(),
    });
    View {
        account,
        ways_back: ways.collect(),
    }
}
