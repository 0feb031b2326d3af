//! `upshift hosts HOST…`: can upshift reach them, and are they what it needs?

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::render::Paint;
use crate::app::hosts::{self, Looked, Wish};
use crate::codes;
use crate::config;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Try the way to hosts over ssh, and say what is missing there. Changes nothing.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Aliases of your ssh_config, names or addresses; USER@HOST for another user.
    #[arg(value_name = "HOST", required = true)]
    pub hosts: Vec<String>,
    /// The user to log in as, in place of your ssh_config's.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// The port, in place of your ssh_config's.
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Another file than ~/.ssh/config.
    #[arg(long, value_name = "FILE")]
    pub ssh_config: Option<PathBuf>,
    /// Time for each login.
    #[arg(long, value_name = "TIME", default_value = "10s")]
    pub login: String,
    /// Try `sudo -n`, too.
    #[arg(long)]
    pub sudo: bool,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    host: &'a str,
    reached: bool,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What<'a> {
    Seen {
        user: &'a str,
        system: &'a str,
        lacks: &'a [String],
    },
    Not {
        code: String,
        trouble: String,
        next: Vec<String>,
    },
}

/// Prints one answer for each host.
///
/// # Errors
/// When a name is no host's.
pub async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let login = config::length(&args.login).ok_or_else(|| {
        Trouble::usage(
            codes::USAGE,
            format!("--login {:?} is no length of time", args.login),
        )
        .expected("a length of time such as 10s")
        .next("upshift hosts --help")
    })?;
    let wish = Wish {
        user: args.user.clone(),
        port: args.port,
        config: args.ssh_config.clone(),
        login: Duration::from_millis(login.0),
        sudo: args.sudo,
    };
    let looked = hosts::look(hosts::named(&args.hosts, &wish)?, wish.sudo).await?;
    match args.json {
        true => super::say_json(&looked.iter().map(view).collect::<Vec<_>>())?,
        false => super::say(&text(&looked, paint))?,
    }
    let fine = |answer: &Looked| answer.1.as_ref().is_ok_and(|seen| !seen.sudo_refused);
    Ok(match looked.iter().all(fine) {
        true => Exit::Done,
        false => Exit::Unknown,
    })
}

fn view((host, answer): &Looked) -> View<'_> {
    View {
        host,
        reached: answer.is_ok(),
        what: match answer {
            Ok(seen) => What::Seen {
                user: &seen.user,
                system: &seen.system,
                lacks: &seen.lacks,
            },
            Err(error) => What::Not {
                code: error.code().to_string(),
                trouble: error.trouble.to_string(),
                next: error.remedy(),
            },
        },
    }
}

fn text(looked: &[Looked], paint: Paint) -> String {
    let width = looked
        .iter()
        .map(|(host, _)| host.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (host, answer) in looked {
        let lines: Vec<String> = match answer {
            Ok(seen) if seen.lacks.is_empty() => {
                vec![format!(
                    "{}  {} on {}",
                    paint.green("reached"),
                    seen.user,
                    seen.system
                )]
            }
            Ok(seen) => {
                let mut lines = vec![format!(
                    "{}  {} on {}",
                    paint.yellow("reached"),
                    seen.user,
                    seen.system
                )];
                lines.extend(seen.lacks.iter().map(|lack| format!("lacks {lack}")));
                lines
            }
            Err(error) => {
                let mut lines = vec![format!(
                    "{}  {}",
                    paint.blue(error.code().as_str()),
                    error.trouble
                )];
                lines.extend(error.remedy());
                lines
            }
        };
        for (n, line) in lines.iter().enumerate() {
            let name = if n == 0 { host.as_str() } else { "" };
            let indent = if n == 0 { "" } else { "  " };
            writeln!(text, "{name:<width$}  {indent}{line}").expect("writing to a string cannot fail");
        }
    }
    let reached = looked.iter().filter(|(_, answer)| answer.is_ok()).count();
    writeln!(text, "{reached} of {} reached", looked.len()).expect("writing to a string cannot fail");
    text
}
