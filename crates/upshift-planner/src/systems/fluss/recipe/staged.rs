//! The wanted release's archive and jars, on every host before the first server is stopped.

use std::collections::BTreeSet;

use upshift_model::expect::Expectation;
use upshift_model::fluss::{Act, Condition, ServerId, Staged, THIS_MACHINE};
use upshift_model::step::{Effect, Step};

use super::steps::Hands;
use super::timing;
use super::waves::Way;
use crate::build::Draft;

impl Hands<'_> {
    /// One step a host of servers that are replaced.
    pub(super) fn stage(&self, way: &Way<'_>) -> Vec<Step> {
        if self.site.staged.is_empty() {
            return Vec::new();
        }
        let tablet_servers = way.tablet_servers.iter().map(|id| ServerId::TabletServer(*id));
        let all = way
            .coordinator
            .then_some(ServerId::Coordinator)
            .into_iter()
            .chain(tablet_servers);
        let hosts: BTreeSet<String> = all.map(|id| self.host(id)).collect();
        hosts
            .into_iter()
            .map(|host| self.stage_on(host, &way.plugins))
            .collect()
    }

    fn stage_on(&self, host: String, plugins: &BTreeSet<String>) -> Step {
        let staged = self.site.staged.iter();
        let what = |one: &Staged| {
            let verb = if one.archive { "unpacked as" } else { "as" };
            format!("{} {verb} {}", one.from.display(), one.to.display())
        };
        let by_hand = |one: &Staged| {
            let sum = format!("echo '{}  {}' | sha256sum -c", one.sha256, one.from.display());
            let copy = match (one.archive, host == THIS_MACHINE) {
                (true, true) => format!(
                    "mkdir {0} && tar -xzf {1} --strip-components 1 -C {0}",
                    one.to.display(),
                    one.from.display()
                ),
                (true, false) => format!(
                    "ssh {host} 'mkdir {0} && tar -xz --strip-components 1 -C {0}' < {1}",
                    one.to.display(),
                    one.from.display()
                ),
                (false, true) => format!("cp -n {} {}", one.from.display(), one.to.display()),
                (false, false) => format!("scp {} {host}:{}", one.from.display(), one.to.display()),
            };
            [sum, copy]
        };
        let commands = self.site.staged.iter().flat_map(by_hand).collect();
        let why = staged.map(what).collect::<Vec<_>>();
        let effect = Effect::Fluss {
            what: Act::Stage {
                host: host.clone(),
                plugins: plugins.clone(),
            },
        };
        let looked_into = self.site.staged.iter().any(|one| one.archive);
        let looked_into = looked_into.then_some(
            "what was unpacked is looked into: the wanted release's server jar, no empty folder of a plugin, every plugin that is in use",
        );
        Draft::new(effect, timing::STAGE_GIVE_UP)
            .why_all(why)
            .why_all(looked_into.map(str::to_owned))
            .why("each by its digest; what lies there already must be the same, and nothing is replaced; it stays on a way back")
            .by_hand(commands)
            .step()
    }

    /// Where something was brought to the host, it must still lie there.
    pub(super) fn still_staged(&self, id: ServerId) -> Option<Expectation> {
        let host = self.host(id);
        (!self.site.staged.is_empty()).then_some(Expectation::Fluss(Condition::Staged { host }))
    }

    fn host(&self, id: ServerId) -> String {
        let server = self.site.servers.get(&id.component());
        let host = server.and_then(|server| server.host.clone());
        host.unwrap_or_else(|| THIS_MACHINE.to_owned())
    }
}
