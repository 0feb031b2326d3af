//! The backends' machines and kernels.

use std::collections::BTreeSet;

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Observed;
use upshift_model::topic::Topic;
use upshift_model::weka::Server;

use super::CHECKER;
use super::backends::on;
use crate::systems::weka::codes;
use crate::systems::weka::judge::{One, Words, red, servers, yellow};
use crate::systems::weka::situation::Situation;

/// MiB that each server must have left, and for each container.
const LEFT: u64 = 5 << 10;
const LEFT_EACH: u64 = 1 << 10;
/// MHz below which a core is slow.
const SLOW: u64 = 1500;
/// A core that nobody assigned.
const AUTO: u64 = u32::MAX as u64;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![avx2(s), memory(s), speed(s), certificates(s), tls(s)];
    found.extend(ipv6(s));
    found.extend(kernel_arguments(s));
    found.extend(asks_for_folio(s).then(|| {
        let words = red(
            "kernels that cannot be upgraded on",
            "every kernel can be upgraded on",
        );
        let words = (
            words,
            "go to a release that takes the kernel first, or to another kernel",
        );
        on(s, codes::KERNEL_SYMBOL, words, folio)
    }));
    found
}

fn avx2(s: &Situation<'_>) -> Finding {
    let words = red("a processor does not know AVX2", "every processor knows AVX2");
    on(s, codes::AVX2, (words, "replace the server"), |server| {
        One::seen(&server.machine.avx2, |knows| {
            (!knows).then(|| "it does not".to_owned())
        })
    })
}

fn memory(s: &Situation<'_>) -> Finding {
    let words = yellow("little memory is left", "enough memory is left");
    on(s, codes::MEMORY, (words, "free memory"), |server| {
        let count = server.containers.known().map(|all| all.len() as u64);
        match count {
            None => One::seen(&server.containers, |_| None),
            Some(count) => One::seen(&server.machine.memory, |left| {
                let needed = LEFT.max(count * LEFT_EACH);
                (*left < needed).then(|| format!("{left} MiB are left, of {needed}"))
            }),
        }
    })
}

fn speed(s: &Situation<'_>) -> Finding {
    let words = red("a core that WEKA uses is slow", "no core that WEKA uses is slow");
    let topic = Topic::new(codes::CPU_SPEED, "backends")
        .fix("turn power saving off")
        .source(CHECKER);
    servers(topic, words, &s.facts.backends, |name, server| {
        let own = s
            .cluster()
            .backend_containers()
            .filter(|container| container.host.as_deref() == Some(name));
        let cores: BTreeSet<u64> = own
            .filter_map(|container| container.cores.as_ref())
            .flatten()
            .copied()
            .filter(|core| *core != AUTO)
            .collect();
        One::seen(&server.machine.mhz, |mhz| {
            let slow = cores.iter().filter_map(|core| Some((core, mhz.get(core)?)));
            let slow: Vec<String> = slow
                .filter(|(_, mhz)| **mhz < SLOW)
                .map(|(core, mhz)| format!("core {core} at {mhz} MHz"))
                .collect();
            (!slow.is_empty()).then(|| slow.join(", "))
        })
    })
}

fn certificates(s: &Situation<'_>) -> Finding {
    let words = red(
        "the release names certificates of one's own",
        "the release names no certificates of one's own",
    );
    let words = (words, "ask the vendor how they are carried over");
    on(s, codes::OWN_CERTIFICATES, words, |server| {
        One::seen(&server.surroundings.own_certificates, |own| {
            own.then(|| "SSL_CERT_FILE is in it".to_owned())
        })
    })
}

fn tls(s: &Situation<'_>) -> Finding {
    let short = |bits: &Option<u64>| bits.filter(|bits| *bits < 2048);
    let servers = s.facts.backends.values().filter_map(Observed::known);
    let any = servers
        .filter_map(|server| server.surroundings.tls_bits.known())
        .any(|bits| short(bits).is_some());
    // Where nothing can read it, nothing is known to be wrong with it.
    let words = Words {
        at: if any { Severity::Red } else { Severity::Yellow },
        bad: "the key of the cluster's API is short",
        good: "the key of the cluster's API is long enough, or no RSA key",
    };
    on(s, codes::TLS_KEY, (words, "set a longer one"), |server| {
        One::seen(&server.surroundings.tls_bits, |bits| {
            short(bits).map(|bits| format!("{bits} bits"))
        })
    })
}

fn ipv6(s: &Situation<'_>) -> Option<Finding> {
    let words = red("IPv6 is off", "IPv6 is on");
    s.goes_to("4.3.2", "4.4.6").then(|| {
        on(s, codes::IPV6, (words, "turn it on"), |server| {
            One::seen(&server.machine.ipv6, |on| (!on).then(|| "it is off".to_owned()))
        })
    })
}

/// One argument is known to do harm, in some releases.
fn kernel_arguments(s: &Situation<'_>) -> Option<Finding> {
    let words = red(
        "an argument of the kernel does harm",
        "no argument of the kernel does harm",
    );
    let asked = s.goes_to("4.4.7", "4.4.9.99") || s.goes_to("5.0.1", "5.0.1.101");
    asked.then(|| {
        let words = (words, "take it out, or go to a release that has it mended");
        on(s, codes::KERNEL_ARGUMENTS, words, |server| {
            One::seen(&server.machine.arguments, |arguments| {
                let bad = arguments.iter().find(|argument| *argument == "iommu=pt");
                bad.cloned()
            })
        })
    })
}

/// Whether the release that runs stumbles over kernels.
pub(super) fn asks_for_folio(s: &Situation<'_>) -> bool {
    s.leaves("4.2.6", "4.2.10.1")
}

/// Only Rocky is asked.
pub(super) fn folio(server: &Server) -> One {
    match server.os.as_result() {
        Err(gap) => One::Unseen(gap.clone()),
        Ok(os) if os.id != "rocky" => One::Fine,
        Ok(_) => One::seen(&server.machine.launder_folio, |has| {
            has.then(|| "its headers name launder_folio".to_owned())
        }),
    }
}
