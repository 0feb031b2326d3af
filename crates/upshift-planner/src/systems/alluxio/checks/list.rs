//! All checks, in the order in which a person asks.

use upshift_model::finding::Finding;

use super::{
    backups, clients, configuration, files, files_of_conf, hop, journal, kept, processes, releases, stores,
};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;
use crate::systems::waivers;

/// Every finding, green ones included, waivers applied.
pub fn findings(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![
        hop::allowed(s),
        hop::way(s),
        releases::running(s),
        releases::binaries(s),
        releases::target_home(s),
        releases::java(s),
        processes::masters(s),
        processes::workers(s),
        processes::others(s),
        journal::on_disk(s),
        stores::root(s),
        stores::under_stores(s),
        files::unpersisted(s),
        files::cache(s),
        backups::folder(s),
        backups::readable(s),
        clients::clients(s),
    ];
    found.extend(journal::movable(s));
    found.extend(kept::kept(s));
    found.push(files_of_conf::other_files(s));
    found.extend(stores::mounted(s));
    found.extend(backups::backed_up(s));
    found.extend(backups::rewritten(s));
    found.extend(backups::root_sync(s));
    found.extend(files::expiry(s));
    found.extend(files::default_access(s));
    found.extend(configuration::journal_type(s));
    found.extend(configuration::keys(s));
    found.extend(configuration::defaults(s));
    found.push(hop::changes(s));
    waivers::apply(found, &s.declaration.waivers, s.today, &codes::IDLE_WAIVER)
}
