//! The files of a server that probes read.

use super::fault::Fault;
use super::world::{CONTAINERS, Place, World};

/// Files by path, and folders, which end with `/`.
pub type Files = Vec<(String, String)>;

/// What a server's tree holds.
pub fn files(world: &World, place: Place) -> Files {
    let hit = |fault| world.hits(fault, place);
    let mut all: Files = vec![
        ("etc/os-release".to_owned(), system(world, place)),
        ("proc/cpuinfo".to_owned(), processors(world, place)),
        ("proc/cmdline".to_owned(), arguments(world, place)),
        ("proc/meminfo".to_owned(), memory(world, place)),
        ("proc/mounts".to_owned(), mounts(world, place)),
        ("opt/weka/logs/".to_owned(), String::new()),
        ("opt/weka/traces/".to_owned(), String::new()),
        (
            format!("opt/weka/dist/release/{}.spec", world.spec.version),
            spec_file(world),
        ),
        ("sys/class/iommu/".to_owned(), String::new()),
        ("sys/kernel/iommu_groups/".to_owned(), String::new()),
    ];
    if hit(Fault::Iommu) {
        all.push(("sys/class/iommu/dmar0/".to_owned(), String::new()));
    }
    if !hit(Fault::NoIpv6) {
        all.push((
            "proc/net/if_inet6".to_owned(),
            "00000000000000000000000000000001 01 80 10 80 lo\n".to_owned(),
        ));
    }
    if !hit(Fault::AgentUnit) {
        all.push(("etc/init.d/weka-agent".to_owned(), "#!/bin/sh\n".to_owned()));
    }
    if hit(Fault::KernelSymbol) {
        all.push((
            "usr/src/kernels/5.15.0-116-generic/include/linux/fs.h".to_owned(),
            "launder_folio\n".to_owned(),
        ));
    }
    if let Place::Backend(_) = place {
        for (name, ..) in CONTAINERS {
            all.push((format!("opt/weka/data/{name}/"), String::new()));
        }
    }
    all
}

pub(super) fn spec_file(world: &World) -> String {
    match world.has(Fault::OwnCertificates) {
        true => "SSL_CERT_FILE=/etc/own.pem\n".to_owned(),
        false => "release\n".to_owned(),
    }
}

fn system(world: &World, place: Place) -> String {
    let hit = |fault| world.hits(fault, place);
    let (id, version) = match (
        hit(Fault::SystemUnsupported),
        hit(Fault::SystemNewer),
        hit(Fault::AgentUnit) || hit(Fault::KernelSymbol),
    ) {
        (true, ..) => ("arch", "2026.01"),
        (_, true, _) => ("ubuntu", "28.04"),
        (_, _, true) => ("rocky", "9.4"),
        _ => ("ubuntu", "22.04"),
    };
    format!("NAME=\"{id}\"\nID=\"{id}\"\nVERSION_ID=\"{version}\"\nVERSION=\"{version}\"\n")
}

fn processors(world: &World, place: Place) -> String {
    let flags = if world.hits(Fault::NoAvx2, place) {
        "fpu sse4_2 avx"
    } else {
        "fpu sse4_2 avx avx2"
    };
    let speed = if world.hits(Fault::SlowCpu, place) {
        "1200.000"
    } else {
        "2900.000"
    };
    (0..8)
        .map(|number| format!("processor\t: {number}\ncpu MHz\t\t: {speed}\nflags\t\t: {flags}\n\n"))
        .collect()
}

fn arguments(world: &World, place: Place) -> String {
    let more = if world.hits(Fault::KernelArgument, place) {
        " iommu=pt"
    } else {
        ""
    };
    format!("BOOT_IMAGE=/vmlinuz ro quiet{more}\n")
}

fn memory(world: &World, place: Place) -> String {
    let left = if world.hits(Fault::LittleMemory, place) {
        2_097_152
    } else {
        167_772_160
    };
    format!("MemTotal:       263192576 kB\nMemFree:        1000000 kB\nMemAvailable:   {left} kB\n")
}

fn mounts(world: &World, place: Place) -> String {
    let kind = if world.hits(Fault::NoFallocate, place) {
        "ext3"
    } else {
        "ext4"
    };
    let mut text = format!("/dev/sda1 / {kind} rw,relatime 0 0\nproc /proc proc rw 0 0\n");
    if world.hits(Fault::LocalMount, place) {
        text.push_str("default /mnt/weka wekafs rw,relatime 0 0\n");
    }
    if world.hits(Fault::WekaMounted, place) {
        text.push_str("default /weka wekafs rw,relatime 0 0\n");
    }
    text
}
