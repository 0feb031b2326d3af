//! Every registered server, asked which release it is; all at the same time.

use futures::future::join_all;
use upshift_model::fluss::{Facts, Listener, Role, ServerAnswer, ServerId};
use upshift_model::observed::Observed;

use crate::fluss::rpc::{Answered, fingerprint};

pub(super) async fn answers(facts: &Facts) -> Vec<ServerAnswer> {
    let coordinator = facts.active.known().and_then(Option::as_ref);
    let coordinator = coordinator.map(|one| (ServerId::Coordinator, Role::Coordinator, &one.listeners));
    let servers = facts.tablet_servers.known().into_iter().flatten();
    let servers = servers.filter_map(|(id, server)| {
        let listeners = &server.known()?.listeners;
        Some((ServerId::TabletServer(*id), Role::TabletServer, listeners))
    });
    join_all(
        coordinator
            .into_iter()
            .chain(servers)
            .map(|(server, role, listeners)| ask(server, role, listeners)),
    )
    .await
}

/// Servers may have a listener for themselves and others for clients; the first that answers tells enough.
async fn ask(server: ServerId, role: Role, listeners: &[Listener]) -> ServerAnswer {
    let what = format!("the release of {server}");
    let mut last = Observed::unknown(what.as_str(), "it is registered without a listener");
    let mut address = String::new();
    for listener in listeners {
        address = match listener.host.contains(':') {
            true => format!("[{}]:{}", listener.host, listener.port),
            false => format!("{}:{}", listener.host, listener.port),
        };
        last = line(&what, fingerprint(&address, role).await);
        if last.known().is_some() {
            break;
        }
    }
    ServerAnswer {
        server,
        address,
        line: last,
    }
}

fn line(what: &str, answered: Answered) -> Observed<upshift_model::fluss::Line> {
    match answered {
        Ok(found) => match found.line {
            Some(line) => Observed::Known(line),
            None => Observed::unknown(
                what,
                format!("it knows {} calls, as no release that is known does", found.apis),
            ),
        },
        Err(error) => Observed::unknown(what, error.to_string()),
    }
}
