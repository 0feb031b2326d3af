//! The load on a real cluster, without upshift: through a plain restart of one server nothing fails and nothing is lost.

use upshift_lab::fluss::ledger::Kind;
use upshift_lab::{Cache, FlussCluster, FlussHome, FlussLoad, FlussOptions, Java, LoadOptions, Sandbox};

#[test]
fn a_restart_of_one_server_loses_nothing() -> Result<(), Box<dyn std::error::Error>> {
    let cache = Cache::open()?;
    let java = Java::ready(&cache)?;
    let home = FlussHome::ready(&cache, "0.9.1-incubating")?;
    let sandbox = Sandbox::new(&cache, "lab-real-fluss-load")?;
    let options = FlussOptions::default();
    let mut cluster = FlussCluster::start(&home, &java, &sandbox.path("cluster"), &options)?;
    let load = FlussLoad::start(
        &cache,
        &java,
        &cluster,
        &sandbox.path("load"),
        LoadOptions::default(),
    )?;
    let begun = FlussLoad::now();
    cluster.stop_tablet_server(1)?;
    cluster.start_tablet_server(1, &home)?;
    let ended = FlussLoad::now();
    let account = load.stop()?;
    assert!(account.is_clean(), "{account}");
    for kind in Kind::ALL {
        let meanwhile = account.during(kind, begun..ended);
        assert!(meanwhile.succeeded > 0, "no {} meanwhile: {account}", kind.name());
    }
    drop(cluster);
    assert_eq!(sandbox.processes()?, [0_u32; 0]);
    Ok(())
}
