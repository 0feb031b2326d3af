//! The lab on real Fluss, without upshift: a cluster starts, a server is swapped for one of another release, and
//! nothing is left behind.

use upshift_lab::{Cache, FlussCluster, FlussHome, FlussOptions, Java, Sandbox};

#[test]
fn a_server_is_swapped_for_one_of_another_release() -> Result<(), Box<dyn std::error::Error>> {
    let cache = Cache::open()?;
    let java = Java::ready(&cache)?;
    let (old, new) = (
        FlussHome::ready(&cache, "0.7.0")?,
        FlussHome::ready(&cache, "0.9.1-incubating")?,
    );
    let sandbox = Sandbox::new(&cache, "lab-real-fluss")?;
    let options = FlussOptions {
        tablet_servers: 2,
        ..FlussOptions::default()
    };
    let mut cluster = FlussCluster::start(&old, &java, &sandbox.path("cluster"), &options)?;
    assert_eq!(sandbox.processes()?.len(), 4);
    let (first, version) = cluster.tablet_server_process(1).ok_or("it runs")?;
    assert_eq!(version, "0.7.0");
    cluster.stop_tablet_server(1)?;
    assert!(
        cluster
            .tablet_server_dir(1)
            .join("data/.fluss_cleanshutdown")
            .exists()
    );
    cluster.start_tablet_server(1, &new)?;
    let (second, version) = cluster.tablet_server_process(1).ok_or("it runs")?;
    assert_eq!(version, "0.9.1-incubating");
    assert_ne!(first, second);
    drop(cluster);
    assert_eq!(sandbox.processes()?, [0_u32; 0]);
    Ok(())
}
