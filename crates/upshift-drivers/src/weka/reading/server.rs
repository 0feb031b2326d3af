//! A server: what its agent, its kernel and its tools say.

use std::collections::BTreeMap;

use upshift_model::observed::{Gap, Observed};
use upshift_model::weka::{LocalContainer, Machine, Os, Resources, Server, Surroundings};

use super::rooms::{observed, room};
use crate::weka::frames::Frames;
use crate::weka::record::Record;

pub(super) use super::rooms::observed as known;

/// This machine's clock before and after a server was asked, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(in crate::weka) struct Clocks {
    pub(in crate::weka) before: i64,
    pub(in crate::weka) after: i64,
}

/// Everything that a server said.
pub(in crate::weka) fn server(frames: &Frames, address: &str, clocks: Clocks) -> Server {
    let containers = frames.list("ps", "containers", |told| {
        let record = Record(told);
        LocalContainer {
            name: record.text("name"),
            kind: record.text("type"),
            running: record.flag("isRunning"),
            disabled: record.flag("isDisabled"),
            port: record.number("APIPort").and_then(|port| u16::try_from(port).ok()),
        }
    });
    Server {
        address: address.to_owned(),
        os: observed(os(frames)),
        init_script: there(frames, "init", "/etc/init.d/weka-agent"),
        agent: unit(frames, "agent", "weka-agent"),
        clock_ahead: observed(clock(frames, clocks)),
        containers,
        resources: observed(resources(frames)),
        packages: observed(packages(frames)),
        room: room(frames),
        machine: machine(frames),
        surroundings: surroundings(frames),
    }
}

fn gap(what: &str, reason: impl Into<String>) -> Gap {
    Gap {
        what: what.to_owned(),
        reason: reason.into(),
    }
}

fn os(frames: &Frames) -> Result<Os, Gap> {
    let what = "the operating system";
    let text = frames.text("os", what)?;
    let value = |key: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
    };
    match (value("ID"), value("VERSION_ID")) {
        (Some(id), Some(version)) => Ok(Os { id, version }),
        _ => Err(gap(what, "/etc/os-release names no ID and VERSION_ID")),
    }
}

/// `ls` ends with another code when something is not there.
fn there(frames: &Frames, name: &str, path: &str) -> Observed<bool> {
    match frames.get(name).and_then(|frame| frame.code) {
        Some(0) => Observed::Known(true),
        Some(1 | 2) => Observed::Known(false),
        _ => Observed::unknown(path, "it could not be looked for"),
    }
}

/// Whether a unit is active: `is-active` ends with 0 and 3, `status` with 4 where there is none.
fn unit(frames: &Frames, name: &str, called: &str) -> Observed<bool> {
    match frames.get(name).and_then(|frame| frame.code) {
        Some(0) => Observed::Known(true),
        Some(1 | 3 | 4) => Observed::Known(false),
        _ => Observed::unknown(
            format!("whether {called} runs"),
            "neither systemctl nor service told",
        ),
    }
}

/// Beyond both of our own readings it is wrong for certain; what lies between tells nothing.
fn clock(frames: &Frames, clocks: Clocks) -> Result<i64, Gap> {
    let what = "the clock";
    let read = |name| {
        let text = frames.text(name, what)?;
        text.parse::<i64>()
            .map_err(|_| gap(what, "date said something else than seconds"))
    };
    let (first, last) = (read("clock")?, read("clock-after")?);
    Ok(match (first < clocks.before, last > clocks.after) {
        (true, _) => first - clocks.before,
        (false, true) => last - clocks.after,
        (false, false) => 0,
    })
}

fn resources(frames: &Frames) -> Result<BTreeMap<String, Resources>, Gap> {
    let what = "resources of containers";
    let text = frames.text("resources", what)?;
    let one = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next()?.to_owned();
        let secret = match words.next()? {
            "failed" => return Some(Err(gap(what, format!("weka did not tell those of {name}")))),
            "none" => Observed::Known(None),
            "unseen" => Observed::unknown("the join secret", "the server has no sha256sum"),
            digest => Observed::Known(Some(digest.chars().take(16).collect())),
        };
        let ips = words.next()?;
        let ips = ips
            .split(',')
            .filter(|ip| *ip != "-" && !ip.is_empty())
            .map(str::to_owned);
        let ips = ips.collect();
        Some(Ok((name, Resources { ips, secret })))
    };
    let all: Option<Result<_, Gap>> = text.lines().map(one).collect();
    all.unwrap_or_else(|| Err(gap(what, "the answer is of another kind than expected")))
}

fn packages(frames: &Frames) -> Result<Vec<String>, Gap> {
    frames.text("packages", "installed releases").map(releases)
}

/// Releases that `weka version` lists, one a line, the default one marked.
pub(in crate::weka) fn releases(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

/// Device, place and kind of everything that is mounted.
pub(super) fn mounted(frames: &Frames) -> Result<Vec<(String, String, String)>, Gap> {
    let text = frames.text("mounts", "what is mounted")?;
    let one = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        Some((words.next()?, words.next()?, words.next()?))
    };
    Ok(text.lines().filter_map(one).collect())
}

fn machine(frames: &Frames) -> Machine {
    Machine {
        avx2: observed(frames.text("cpu", "the processor").and_then(|text| {
            let mut flags = text.lines().filter(|line| line.starts_with("flags"));
            match flags.next() {
                Some(line) => Ok(line.split_whitespace().any(|flag| flag == "avx2")),
                None => Err(gap("the processor", "/proc/cpuinfo names no flags")),
            }
        })),
        mhz: observed(frames.text("cpu", "the processor").and_then(mhz)),
        memory: observed(frames.text("memory", "memory").and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kib.map(|kib| kib / 1024)
                .ok_or_else(|| gap("memory", "/proc/meminfo does not say what is left"))
        })),
        arguments: observed(
            frames
                .text("arguments", "arguments of the kernel")
                .map(|text| text.split_whitespace().map(str::to_owned).collect()),
        ),
        ipv6: there(frames, "ipv6", "/proc/net/if_inet6"),
        launder_folio: match frames.get("folio").map(|frame| frame.out.trim()) {
            Some("0") => Observed::Known(false),
            Some(count) if count.parse::<u64>().is_ok() => Observed::Known(true),
            _ => Observed::unknown("headers of the kernel", "they could not be read"),
        },
        iommu: observed(frames.text("iommu", "the IOMMU").map(|text| {
            let entries = text.lines().map(str::trim);
            entries
                .filter(|line| !line.is_empty() && !line.ends_with(':'))
                .count()
                > 0
        })),
    }
}

fn mhz(text: &str) -> Result<BTreeMap<u64, u64>, Gap> {
    let mut found = BTreeMap::new();
    let mut core = None;
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        match key.trim() {
            "processor" => core = value.trim().parse::<u64>().ok(),
            "cpu MHz" => {
                let whole = value.trim().split('.').next().and_then(|mhz| mhz.parse().ok());
                found.extend(core.zip(whole));
            }
            _ => {}
        }
    }
    match found.is_empty() {
        true => Err(gap(
            "speed of the processor",
            "/proc/cpuinfo does not say it here",
        )),
        false => Ok(found),
    }
}

fn surroundings(frames: &Frames) -> Surroundings {
    let statd = [("statd", "rpc-statd"), ("statd-notify", "rpc-statd-notify")]
        .map(|(name, called)| unit(frames, name, called).map(|is| is.then(|| called.to_owned())));
    let [first, second] = statd;
    let statd = match (first, second) {
        (Observed::Known(a), Observed::Known(b)) => Observed::Known(a.into_iter().chain(b).collect()),
        (Observed::Unknown(gap), _) | (_, Observed::Unknown(gap)) => Observed::Unknown(gap),
    };
    let statd_enabled = [
        ("statd-enabled", "rpc-statd"),
        ("statd-notify-enabled", "rpc-statd-notify"),
    ]
    .map(|(name, called)| enabled(frames, name, called));
    let [first, second] = statd_enabled;
    let statd_enabled = observed(first.and_then(|first| Ok(first.into_iter().chain(second?).collect())));
    let all = mounted(frames);
    let wekafs = |all: Vec<(String, String, String)>| {
        let of_weka = all.into_iter().filter(|(_, _, kind)| kind == "wekafs");
        of_weka
            .map(|(device, at, _)| format!("{device} on {at}"))
            .collect()
    };
    Surroundings {
        weka_mounted: observed(
            all.clone()
                .map(|all| all.iter().any(|(_, at, _)| at.trim_end_matches('/') == "/weka")),
        ),
        mounts: observed(all.map(wekafs)),
        sensor: sensor(frames),
        statd,
        statd_enabled,
        nfs_connections: observed(
            frames
                .text("nfs", "connections of NFS")
                .map(|text| text.lines().count() as u64),
        ),
        ports: observed(ports(frames)),
        smb_build: match frames.get("smb") {
            None => Observed::Known(None),
            Some(_) => observed(frames.text("smb", "the build of SMB's server").map(|text| {
                text.lines()
                    .next()
                    .and_then(|line| line.split_whitespace().next_back().map(str::to_owned))
            })),
        },
        own_certificates: observed(
            frames
                .text("release", "the release's own file")
                .map(|text| text.contains("SSL_CERT_FILE")),
        ),
        tls_bits: observed(
            frames
                .text("tls", "the key of the cluster's API")
                .and_then(rsa_bits),
        ),
        web: match frames.get("web").map(|frame| (frame.code, frame.out.trim())) {
            Some((Some(0), code)) => Observed::Known(code.starts_with(['2', '3'])),
            // 127: there is no curl; its own codes say why nothing was reached.
            Some((Some(1..=126), _)) => Observed::Known(false),
            _ => Observed::unknown("the vendor's download site", "it could not be tried"),
        },
    }
}

/// The unit's name where it starts with its server. How the program ends is of no use: it says no to a unit that is not
/// there, too.
fn enabled(frames: &Frames, name: &str, called: &str) -> Result<Option<String>, Gap> {
    let what = format!("whether {called} starts with the server");
    let frame = frames
        .get(name)
        .filter(|frame| frame.code.is_some_and(|code| code < 126));
    let frame = frame.ok_or_else(|| gap(&what, "it could not be asked"))?;
    Ok(frame.out.trim().starts_with("enabled").then(|| called.to_owned()))
}

fn sensor(frames: &Frames) -> Observed<bool> {
    let what = "sensors in the kernel";
    match frames.text("sensor", what) {
        Err(gap) => Observed::Unknown(gap),
        Ok(text) => {
            Observed::Known(text.lines().any(|line| line.trim() == "active") || text.contains("falcon_lsm"))
        }
    }
}

fn ports(frames: &Frames) -> Result<BTreeMap<u16, bool>, Gap> {
    let what = "ports of the cluster's API";
    let text = frames.text("ports", what)?;
    let one = |line: &str| {
        let (port, code) = line.split_once(' ')?;
        Some((port.parse().ok()?, code.trim().parse::<i32>().ok()?))
    };
    let all: Option<Vec<(u16, i32)>> = text.lines().map(one).collect();
    let all = all.ok_or_else(|| gap(what, "the answer is of another kind than expected"))?;
    match all.iter().any(|(_, code)| *code == 127) {
        true => Err(gap(what, "the server has no curl")),
        false => Ok(all.into_iter().map(|(port, code)| (port, code == 0)).collect()),
    }
}

/// Keys of other kinds are short and strong.
fn rsa_bits(text: &str) -> Result<Option<u64>, Gap> {
    if !text.contains("Public Key Algorithm: rsaEncryption") {
        return Ok(None);
    }
    let after = text.split_once("Public-Key: (").map(|(_, after)| after);
    let bits = after.and_then(|after| after.split_whitespace().next()?.parse().ok());
    bits.map(Some)
        .ok_or_else(|| gap("the key of the cluster's API", "openssl does not tell its length"))
}
