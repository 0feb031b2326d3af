//! Which program plays what.

use super::answer::Answer;
use super::changes::Change;
use super::fault::Fault;
use super::files::spec_file;
use super::forced::placed;
use super::upgrade::Upgrade;
use super::world::{Place, World};
use super::{tools, weka_cli};

/// Programs of a server that are played.
pub const PROGRAMS: &[&str] = &[
    "weka",
    "wekactl",
    "cat",
    "ls",
    "df",
    "du",
    "free",
    "systemctl",
    "service",
    "ss",
    "mount",
    "mountpoint",
    "lsmod",
    "curl",
    "uname",
    "date",
    "sudo",
    "fallocate",
    "openssl",
];

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Play {
    /// This is said.
    Say(Answer),
    /// This machine's own program does it.
    Run {
        /// Its name.
        program: String,
        /// Its arguments.
        args: Vec<String>,
    },
    /// Nothing ever comes.
    Stall,
    /// The cluster or this server is changed.
    Change(Change),
    /// A command of an upgrade, which takes its steps one by one.
    Upgrade(Box<Upgrade>),
    /// The connection breaks.
    Lose,
}

/// What a program does on a server whose tree lies at `root`, at `now` seconds since 1970.
pub fn play(world: &World, place: Place, program: &str, args: &[String], root: &str, now: u64) -> Play {
    if world.hits(Fault::Stalled, place) {
        return Play::Stall;
    }
    if let Some(change) = Change::parse(program, args)
        && !world.hits(Fault::LostConnection, place)
    {
        return Play::Change(change);
    }
    Play::Say(match program {
        // A release's own file comes with its package.
        "cat" if let Some(release) = spec_of(args) => match world.packages(place).contains(release) {
            true => Answer::text(spec_file(world)),
            false => Answer::failed(1, "cat: No such file or directory\n"),
        },
        "cat" if args.iter().any(|arg| arg.ends_with("/wc_activate")) => tools::write_combining(world, place),
        "weka" | "wekactl" if world.hits(Fault::LostConnection, place) => return Play::Lose,
        "weka" | "wekactl" if matches!(args, [local, run, ..] if local == "local" && run == "run") => {
            match Upgrade::parse(world, place, args) {
                Some(Ok(upgrade)) => return Play::Upgrade(Box::new(upgrade)),
                Some(Err(answer)) => answer,
                None => Answer::failed(1, "error: unrecognized command\n"),
            }
        }
        "weka" if matches!(args, [version, prepare, _] if version == "version" && prepare == "prepare") => {
            match world.packages(place).contains(&args[2]) {
                true => Answer::default(),
                false => Answer::failed(1, format!("error: version {} is not there\n", args[2])),
            }
        }
        "weka" | "wekactl" => weka_cli::answer(world, place, args),
        "cat" | "ls" => {
            return Play::Run {
                program: program.to_owned(),
                args: args.iter().map(|arg| placed(arg, root)).collect(),
            };
        }
        "sudo" => match args.iter().position(|arg| !arg.starts_with('-')) {
            Some(at) => {
                return Play::Run {
                    program: args[at].clone(),
                    args: args[at + 1..].to_vec(),
                };
            }
            None => Answer::default(),
        },
        "df" => tools::df(world, place, args),
        "du" => tools::du(args),
        "free" => tools::free(world, place, args),
        "systemctl" | "service" => tools::unit(world, place, args),
        "ss" => tools::sockets(world),
        "mount" => tools::mounts(world, place),
        "mountpoint" => tools::mountpoint(world, place),
        "lsmod" => tools::modules(world, place),
        "curl" => tools::curl(world, place, args),
        "uname" => tools::uname(args),
        "date" if args.iter().any(|arg| arg == "+%s") => tools::clock(world, place, now),
        "date" => {
            return Play::Run {
                program: program.to_owned(),
                args: args.to_vec(),
            };
        }
        "fallocate" => tools::fallocate(world, place),
        "openssl" => tools::openssl(world),
        _ => Answer::failed(127, format!("{program}: not played\n")),
    })
}

/// The release whose own file is asked for.
fn spec_of(args: &[String]) -> Option<&str> {
    let (_, name) = args.last()?.rsplit_once("/opt/weka/dist/release/")?;
    name.strip_suffix(".spec")
}
