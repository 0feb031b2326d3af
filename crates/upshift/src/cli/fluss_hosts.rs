//! Hosts of a Fluss system with the servers that run there, as a person reads them.

use upshift_model::fluss::{DataFolder, HostFacts, RemoteFolder, Role, ServerProcess};
use upshift_model::observed::Observed;

use super::render::Paint;

/// What was seen of every host; servers below the host that they run on.
pub(super) fn lines(
    hosts: &[HostFacts],
    processes: &Observed<Vec<ServerProcess>>,
    paint: Paint,
) -> Vec<String> {
    let mut lines = Vec::new();
    for host in hosts {
        lines.push(paint.bold(&format!("on {}", host.name)));
        if let Observed::Unknown(gap) = &host.servers {
            lines.push(format!("  {} {gap}", paint.blue("unknown")));
            continue;
        }
        let here = processes.known().into_iter().flatten();
        let here: Vec<_> = here.filter(|process| process.host == host.name).collect();
        if here.is_empty() {
            lines.push("  no server of this cluster".to_owned());
        }
        for process in here {
            lines.extend(server(process, paint));
        }
        for client in host.clients.known().into_iter().flatten() {
            lines.push(format!("  pid {}  client, {}", client.pid, client.jar));
        }
        lines.push(format!(
            "  java of the wanted release: {}",
            seen(&host.java, paint, ToString::to_string)
        ));
        if let Some(home) = &host.target_home {
            let words = seen(home, paint, |home| {
                let jar = seen(&home.server_jar, paint, Clone::clone);
                format!("{jar}, {} jars, {} plugins", home.jars.len(), home.plugins.len())
            });
            lines.push(format!("  home of the wanted release: {words}"));
        }
    }
    lines
}

fn server(process: &ServerProcess, paint: Paint) -> Vec<String> {
    let role = match process.role {
        Role::Coordinator => "coordinator",
        Role::TabletServer => "tablet server",
    };
    let id = process
        .option("tablet-server.id")
        .map_or_else(String::new, |id| format!(" {id}"));
    let jar = seen(&process.jar, paint, Clone::clone);
    let java = seen(&process.java, paint, ToString::to_string);
    let first = format!(
        "  pid {}  {role}{id}, jar {jar}, java {java}, {}",
        process.pid,
        process.conf.display()
    );
    let data = process.data.iter().map(|folder| data(folder, paint));
    let remote = process.remote.iter().map(|folder| remote(folder, paint));
    std::iter::once(first).chain(data).chain(remote).collect()
}

fn data(folder: &DataFolder, paint: Paint) -> String {
    let state = seen(&folder.state, paint, |state| {
        let marker = match state.clean_marker {
            true => ", mark of an orderly stop",
            false => "",
        };
        format!(
            "{} tables, disk {} % of {} GiB in use{marker}",
            state.tables.len(),
            state.used_percent(),
            state.size_kib >> 20
        )
    });
    format!("    data {}: {state}", folder.path.display())
}

fn remote(folder: &RemoteFolder, paint: Paint) -> String {
    let state = seen(&folder.state, paint, |state| match state {
        None => "not there".to_owned(),
        Some(state) => format!(
            "{}, {} % of {} GiB in use",
            state.kind,
            state.used_percent(),
            state.size_kib >> 20
        ),
    });
    format!("    remote data {}: {state}", folder.place)
}

/// A fact in words, or why it is not known.
pub(super) fn seen<T>(fact: &Observed<T>, paint: Paint, word: impl Fn(&T) -> String) -> String {
    match fact {
        Observed::Known(fact) => word(fact),
        Observed::Unknown(gap) => format!("{} {gap}", paint.blue("unknown")),
    }
}
