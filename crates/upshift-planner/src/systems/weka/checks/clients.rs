//! Clients, where the file asks for them.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::ids::Code;
use upshift_model::observed::Observed;
use upshift_model::topic::Topic;
use upshift_model::weka::Server;

use super::CHECKER;
use super::backends::{self, agent_words, clock_words, containers_words};
use super::machines::{asks_for_folio, folio};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{One, Words, red, servers, yellow};
use crate::systems::weka::situation::Situation;

type Servers = BTreeMap<String, Observed<Server>>;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let Some(clients) = s.facts.clients.as_ref().filter(|clients| !clients.is_empty()) else {
        return Vec::new();
    };
    let mut found = vec![
        backends::reached(codes::CLIENTS_REACHED, "clients", clients, Severity::Yellow),
        backends::system(s, codes::CLIENT_SYSTEM, "clients", "client", clients),
        on(clients, codes::CLIENT_CLOCK, clock_words(), backends::clock),
        on(clients, codes::CLIENT_AGENT, agent_words(), backends::agent),
        on(
            clients,
            codes::CLIENT_CONTAINERS,
            containers_words(),
            backends::containers,
        ),
        on(clients, codes::CLIENT_WEB, web_words(), |client| {
            One::seen(&client.surroundings.web, |reached| {
                (!reached).then(|| "it is not reached".to_owned())
            })
        }),
        on(clients, codes::CLIENT_MOUNTED, mounted_words(), |client| {
            One::seen(&client.surroundings.weka_mounted, |is| {
                is.then(|| "something is mounted there".to_owned())
            })
        }),
        on(clients, codes::CLIENT_IOMMU, iommu_words(), |client| {
            One::seen(&client.machine.iommu, |on| on.then(|| "it is on".to_owned()))
        }),
    ];
    found.extend(asks_for_folio(s).then(|| {
        let words = red(
            "kernels that cannot be upgraded on",
            "every kernel can be upgraded on",
        );
        on(
            clients,
            codes::CLIENT_KERNEL,
            (words, "go to another kernel first"),
            folio,
        )
    }));
    found
}

fn on(
    clients: &Servers,
    code: Code,
    (words, fix): (Words, &str),
    judged: impl Fn(&Server) -> One,
) -> Finding {
    let topic = Topic::new(code, "clients").fix(fix).source(CHECKER);
    servers(topic, words, clients, |_, client| judged(client))
}

fn web_words() -> (Words, &'static str) {
    (
        yellow(
            "the vendor's download site is not reached",
            "the vendor's download site is reached",
        ),
        "let clients get the release from the backends: weka version get RELEASE --from BACKEND",
    )
}

fn mounted_words() -> (Words, &'static str) {
    (
        red("something is mounted on /weka", "nothing is mounted on /weka"),
        "unmount it before",
    )
}

fn iommu_words() -> (Words, &'static str) {
    (
        yellow("the IOMMU is on", "the IOMMU is off"),
        "turn it off, or iommu=pt where the release takes it",
    )
}
