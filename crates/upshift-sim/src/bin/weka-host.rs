//! Plays the programs of a made-up WEKA cluster's servers: what it is called decides what it is.
//!
//! Where the cluster is described stands in `WEKA_WORLD`, which server this is in `UPSHIFT_HOST`. Called as
//! `weka-host prepare DIR` it writes the servers' trees; as `weka-host rest DIR` it serves REST; as `weka-forced` it runs what an sshd was asked to run.

#![expect(
    clippy::disallowed_methods,
    reason = "a program of a made-up server: its environment says which server it is, and it takes the time that a real one would"
)]

use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use upshift_sim::weka::{
    Answer, Fault, PROGRAMS, Place, Play, Spec, State, Stepped, Upgrade, World, files, play, rewritten,
};
use upshift_sim::wire::serve_weka_rest;

/// Where the programs of this machine are.
const REAL: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            writeln!(io::stderr(), "weka-host: {error}").ok();
            ExitCode::from(125)
        }
    }
}

fn run() -> io::Result<ExitCode> {
    let mut words = std::env::args();
    let called = words.next().unwrap_or_default();
    let called = Path::new(&called)
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let args: Vec<String> = words.collect();
    match (called.as_str(), args.as_slice()) {
        ("weka-host", [word, dir]) if word == "prepare" => prepare(Path::new(dir)),
        ("weka-host", [word]) if word == "faults" => {
            let mut out = io::stdout().lock();
            Fault::ALL.iter().try_for_each(|fault| writeln!(out, "{fault}"))?;
            Ok(ExitCode::SUCCESS)
        }
        ("weka-host", [word, dir]) if word == "rest" => serve_rest(Path::new(dir)),
        ("weka-forced", _) => forced(),
        (program, _) if PROGRAMS.contains(&program) => program_of_host(program, &args),
        _ => Err(io::Error::other(format!(
            "nothing is played under the name {called}"
        ))),
    }
}

/// This server, in its cluster.
struct Here {
    world: World,
    place: Place,
    root: PathBuf,
}

fn here() -> io::Result<Here> {
    let variable =
        |name: &str| std::env::var(name).map_err(|_| io::Error::other(format!("{name} is not set")));
    let file = PathBuf::from(variable("WEKA_WORLD")?);
    let host = variable("UPSHIFT_HOST")?;
    let world = read(&file)?;
    let place = world
        .place(&host)
        .ok_or_else(|| io::Error::other(format!("{host} is none of the cluster's servers")))?;
    let root = file.with_file_name("roots").join(&host);
    Ok(Here { world, place, root })
}

/// The cluster as it was described, as upgrades have made it, now.
fn read(file: &Path) -> io::Result<World> {
    let spec: Spec = serde_json::from_slice(&fs::read(file)?)?;
    let world = World::new(spec).map_err(io::Error::other)?;
    let state = match fs::read(file.with_file_name("state.json")) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
        Err(error) => return Err(error),
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(io::Error::other)?;
    Ok(world.after(state, u64::try_from(now.as_millis()).map_err(io::Error::other)?))
}

/// Changes what upgrades have made of the cluster; nobody else does meanwhile.
fn change<T>(change: impl FnOnce(&mut World) -> T) -> io::Result<T> {
    let file = PathBuf::from(std::env::var("WEKA_WORLD").map_err(io::Error::other)?);
    let lock = fs::File::create(file.with_file_name("state.lock"))?;
    lock.lock()?;
    let mut world = read(&file)?;
    let told = change(&mut world);
    let part = file.with_file_name("state.part");
    fs::File::create(&part)?.write_all(&serde_json::to_vec(&world.state)?)?;
    fs::rename(&part, file.with_file_name("state.json"))?;
    Ok(told)
}

/// Takes the steps of an upgrade one by one, and says what each came to.
fn carry_out(mut upgrade: Upgrade) -> io::Result<ExitCode> {
    let alive = |pid: u32| Path::new(&format!("/proc/{pid}")).exists();
    let say = |answer: &Answer| -> io::Result<ExitCode> {
        io::stderr().write_all(answer.stderr.as_bytes())?;
        io::stdout().write_all(answer.stdout.as_bytes())?;
        Ok(ExitCode::from(u8::try_from(answer.code).unwrap_or(1)))
    };
    if let Err(refused) = change(|world| upgrade.begin(world, std::process::id(), alive))? {
        return say(&refused);
    }
    loop {
        let (stepped, pause) = change(|world| (upgrade.step(world), world.step()))?;
        match stepped {
            Stepped::Said(line) => writeln!(io::stdout(), "{line}")?,
            Stepped::Stalls => return stall(),
            Stepped::Over(answer) => return say(&answer),
        }
        std::thread::sleep(pause);
    }
}

fn delay(file: &Path) -> io::Result<Duration> {
    let spec: Spec = serde_json::from_slice(&fs::read(file)?)?;
    Ok(Duration::from_millis(spec.delay_ms))
}

/// Writes the tree of every server below `dir/roots`.
fn prepare(dir: &Path) -> io::Result<ExitCode> {
    let file = dir.join("world.json");
    let spec: Spec = serde_json::from_slice(&fs::read(&file)?)?;
    let world = read(&file)?;
    for node in spec.backends.iter().chain(&spec.clients) {
        let place = world.place(&node.name).expect("a server of the cluster");
        let root = dir.join("roots").join(&node.name);
        match fs::remove_dir_all(&root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for (path, text) in files(&world, place) {
            let path_there = root.join(&path);
            if path.ends_with('/') {
                fs::create_dir_all(&path_there)?;
                continue;
            }
            fs::create_dir_all(path_there.parent().expect("below the root"))?;
            fs::File::create(&path_there)?.write_all(text.as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves REST at a free port of the loopback interface, which is printed.
fn serve_rest(dir: &Path) -> io::Result<ExitCode> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
    let file = dir.join("world.json");
    serve_weka_rest(&listener, || read(&file))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs what the sshd was asked to run, on this server's own tree.
fn forced() -> io::Result<ExitCode> {
    let here = here()?;
    if here.world.hits(Fault::Stalled, here.place) {
        return stall();
    }
    let mut shell = Command::new("/bin/bash");
    if let Ok(asked) = std::env::var("SSH_ORIGINAL_COMMAND") {
        shell
            .arg("-c")
            .arg(rewritten(&asked, &here.root.display().to_string()));
    }
    Err(shell.exec())
}

fn program_of_host(program: &str, args: &[String]) -> io::Result<ExitCode> {
    let here = here()?;
    if program.starts_with("weka") {
        let file = std::env::var("WEKA_WORLD").map_err(io::Error::other)?;
        std::thread::sleep(delay(Path::new(&file))?);
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(io::Error::other)?
        .as_secs();
    match play(
        &here.world,
        here.place,
        program,
        args,
        &here.root.display().to_string(),
        now,
    ) {
        Play::Stall => stall(),
        Play::Lose => lose(),
        Play::Change(made) => {
            let place = here.place;
            let answer = change(|world| made.make(world, place))?;
            io::stderr().write_all(answer.stderr.as_bytes())?;
            io::stdout().write_all(answer.stdout.as_bytes())?;
            Ok(ExitCode::from(u8::try_from(answer.code).unwrap_or(1)))
        }
        Play::Upgrade(upgrade) => carry_out(*upgrade),
        Play::Say(answer) => {
            io::stderr().write_all(answer.stderr.as_bytes())?;
            // Whoever reads only the first line closes the pipe.
            match io::stdout().write_all(answer.stdout.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
                _ => {}
            }
            Ok(ExitCode::from(u8::try_from(answer.code).unwrap_or(1)))
        }
        Play::Run { program, args } => {
            let mut real = Command::new(&program);
            real.args(&args);
            // `sudo` starts what is played; anything else is this machine's own.
            if !called_by_sudo() {
                real.env("PATH", REAL);
            }
            Err(real.exec())
        }
    }
}

fn called_by_sudo() -> bool {
    std::env::args()
        .next()
        .is_some_and(|called| called.ends_with("sudo"))
}

fn stall() -> io::Result<ExitCode> {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

/// Ends the connection that this was called over, as a pulled cable would.
fn lose() -> io::Result<ExitCode> {
    let mut pid = std::os::unix::process::parent_id();
    for _ in 0..12 {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let is_sshd = text.contains("(sshd");
        let after = text.rsplit_once(") ").map_or("", |(_, after)| after);
        let parent = after.split(' ').nth(1).and_then(|parent| parent.parse().ok());
        if is_sshd {
            let ended = Command::new("/bin/kill")
                .arg("-KILL")
                .arg(pid.to_string())
                .status()?;
            return Ok(ExitCode::from(u8::from(!ended.success())));
        }
        pid = parent.ok_or_else(|| io::Error::other("no sshd above"))?;
    }
    Err(io::Error::other("no sshd above"))
}
