//! Programs of a server other than WEKA's, as far as probes use them.

use super::answer::Answer;
use super::changes::place_number;
use super::fault::Fault;
use super::world::{Place, World};

/// `df` in KiB or MiB: file system, size, used, free.
pub(super) fn df(world: &World, place: Place, args: &[String]) -> Answer {
    let hit = |fault| world.hits(fault, place);
    let path = args.last().map_or("", String::as_str);
    let ends = |part: &str| path.trim_end_matches('/').ends_with(part) || path.contains(part);
    // In MiB.
    let (size, free): (u64, u64) = match () {
        () if ends("/opt/weka/logs") && hit(Fault::LogsFull) => (50_000, 2_000),
        () if ends("/opt/weka/traces") && hit(Fault::TracesFull) => (1_000, 100),
        () if ends("/opt/weka/data") && hit(Fault::DataFull) => (50_000, 9_000),
        () if hit(Fault::OptFull) => (50_000, 3_000),
        () => (50_000, 40_000),
    };
    let (unit, suffix) = match args.iter().map(String::as_str).find(|arg| arg.starts_with('-')) {
        Some("-m") => (1, ""),
        Some("-BK") => (1024, "K"),
        _ => (1024, ""),
    };
    let [size, used, free] = [size, size - free, free].map(|number| format!("{}{suffix}", number * unit));
    Answer::text(format!(
        "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 {size} {used} {free} 20% /opt/weka\n"
    ))
}

/// `du` of one container's data, always the same.
pub(super) fn du(args: &[String]) -> Answer {
    let path = args.last().map_or("", String::as_str);
    let in_kib = args
        .iter()
        .any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains('k'));
    let size = if in_kib { 8_192_000 } else { 8_000 };
    Answer::text(format!("{size}\t{path}\n"))
}

pub(super) fn free(world: &World, place: Place, args: &[String]) -> Answer {
    let little = world.hits(Fault::LittleMemory, place);
    let human = args.iter().any(|arg| arg == "-h");
    let (total, available) = match (human, little) {
        (true, false) => ("251Gi", "160Gi"),
        (true, true) => ("16Gi", "2.0Gi"),
        (false, false) => ("263192576", "167772160"),
        (false, true) => ("16777216", "2097152"),
    };
    Answer::text(format!(
        "              total        used        free      shared  buff/cache   available\n\
         Mem:          {total}       80Gi      100Gi       1Gi        70Gi       {available}\n"
    ))
}

/// Units: `systemctl VERB UNIT` and `service UNIT status`.
pub(super) fn unit(world: &World, place: Place, args: &[String]) -> Answer {
    let words: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let hit = |fault| world.hits(fault, place);
    let active = |name: &str| match name.trim_end_matches(".service") {
        "weka-agent" => !hit(Fault::AgentDown),
        "falcon-sensor" => hit(Fault::Sensor),
        "rpc-statd" | "rpc-statd-notify" => {
            hit(Fault::RpcStatd) && !world.state.quiet.contains(&place_number(world, place))
        }
        _ => false,
    };
    let name = match words.as_slice() {
        ["is-active" | "status" | "is-enabled", name] | [name, "status"] => *name,
        _ => return Answer::ended(1),
    };
    let asks_enabled = words.first() == Some(&"is-enabled");
    let quiet = args.iter().any(|arg| arg == "--quiet");
    match active(name) {
        is if quiet => Answer::ended(if is { 0 } else { 3 }),
        true if asks_enabled => Answer::text("enabled\n"),
        false if asks_enabled => Answer {
            stdout: "disabled\n".to_owned(),
            code: 1,
            ..Answer::default()
        },
        true => Answer::text("active\n"),
        false => Answer {
            stdout: "inactive\n".to_owned(),
            code: 3,
            ..Answer::default()
        },
    }
}

/// `wc_activate` of the driver of AWS's network cards.
pub(super) fn write_combining(world: &World, place: Place) -> Answer {
    let off = world.hits(Fault::NoWriteCombining, place);
    let restarted = world.state.combining.contains(&place_number(world, place));
    match !off || restarted {
        true => Answer::text("1\n"),
        false => Answer::text("0\n"),
    }
}

pub(super) fn sockets(world: &World) -> Answer {
    let count = if world.has(Fault::NfsConnections) {
        1500
    } else {
        12
    };
    Answer::text("ESTAB 0 0 10.0.0.1:2049 10.0.0.9:700\n".repeat(count))
}

pub(super) fn mounts(world: &World, place: Place) -> Answer {
    match world.hits(Fault::LocalMount, place) {
        true => Answer::text("default /mnt/weka wekafs rw,relatime 0 0\n"),
        false => Answer::default(),
    }
}

pub(super) fn modules(world: &World, place: Place) -> Answer {
    let more = if world.hits(Fault::Sensor, place) {
        "falcon_lsm_serviceable 1 0\n"
    } else {
        ""
    };
    Answer::text(format!("Module Size Used by\nwekafsio 1 1\n{more}"))
}

pub(super) fn curl(world: &World, place: Place, args: &[String]) -> Answer {
    let asked = args
        .iter()
        .find(|arg| arg.contains("://"))
        .map_or("", String::as_str);
    if asked.contains("get.weka.io") {
        let no = world.hits(Fault::NoWeb, place);
        return Answer {
            stdout: if no { "000" } else { "200" }.to_owned(),
            code: if no { 6 } else { 0 },
            ..Answer::default()
        };
    }
    match world.hits(Fault::PortClosed, place) && asked.contains(":14300") {
        true => Answer::ended(7),
        false => Answer::default(),
    }
}

pub(super) fn uname(args: &[String]) -> Answer {
    Answer::text(match args.first().map(String::as_str) {
        Some("-r") => "5.15.0-116-generic\n",
        Some("-m") => "x86_64\n",
        _ => "Linux\n",
    })
}

/// Seconds by the server's own clock.
pub(super) fn clock(world: &World, place: Place, now: u64) -> Answer {
    let skew = if world.hits(Fault::ClockSkew, place) {
        90
    } else {
        0
    };
    Answer::text(format!("{}\n", now + skew))
}

pub(super) fn mountpoint(world: &World, place: Place) -> Answer {
    match world.hits(Fault::WekaMounted, place) {
        true => Answer::text("/weka\n"),
        false => Answer::ended(32),
    }
}

pub(super) fn fallocate(world: &World, place: Place) -> Answer {
    match world.hits(Fault::NoFallocate, place) {
        true => Answer::failed(1, "fallocate: fallocate failed: Operation not supported\n"),
        false => Answer::default(),
    }
}

/// The TLS key of the cluster's API.
pub(super) fn openssl(world: &World) -> Answer {
    let bits = if world.has(Fault::WeakKey) { 1024 } else { 2048 };
    Answer::text(format!(
        "    Public Key Algorithm: rsaEncryption\n        Public-Key: ({bits} bit)\n"
    ))
}
