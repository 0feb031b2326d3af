//! A cluster is upgraded server by server while a load that checks itself goes on: half-way and back, then the whole way
//! over ssh, with a release that is brought there, a `server.yaml` that is carried over, and the process killed in it. It begins with a follower that
//! never fetches from its leader again: that is a defect of 0.7, which every stop of a server may provoke, and is played
//! here by losing what the follower fetches. Whenever one is met, the roll halts, the follower is restarted as the halt says
//! by `upshift restart`, and the run goes on.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use upshift_lab::{Fabric, FlussOptions};

use super::story::{Story, begun, stuck};

const FROM: &str = "0.7.0";
const TO: &str = "0.9.1-incubating";
/// The tablet server whose follower is cut off, and that follower.
const LEADER: u32 = 0;
const CUT: u32 = 2;
/// A key that 0.9 reads still, and its new name.
const KEY: [&str; 2] = ["coordinator.io-pool.size", "server.io-pool.size"];
/// A jar that the release has not, below its home.
const PLUGIN: &str = "plugins/beside/beside.jar";

fn same(conf: &Path) -> PathBuf {
    conf.to_owned()
}

fn beside(conf: &Path) -> PathBuf {
    conf.with_file_name("conf-new")
}

#[test]
fn half_way_and_back_then_the_whole_way_over_ssh_with_the_process_killed_in_it() {
    let mut options = FlussOptions {
        detour_to: Some(LEADER),
        ..FlussOptions::default()
    };
    options.configuration.insert(KEY[0].to_owned(), "4".to_owned());
    let mut story = Story::set("real-fluss-roll", [FROM, TO], &options);
    let file = story.put("roll.toml", &story.system_file(same, ""));
    story.make_a_table();
    let plan = story.path("up.plan");
    let planned = story.upshift(&["plan", &file, "-o", &plan]).exits(0);
    println!("{planned}");
    for said in ["tablet server 0", "point of no return", "SIGTERM by its pid"] {
        assert!(planned.out.contains(said), "{said}: {planned}");
    }

    // ZooKeeper says green, and nothing is stopped: the canary tells that a follower fetches nothing.
    story.cluster.cut_a_follower_off(CUT);
    let halted = story.upshift(&["apply", &plan]);
    println!("{halted}");
    // Which of the two ways to say it depends on whether the leader has left it out before something was written.
    let server = stuck(&halted.says(&format!("its leader, tablet server {LEADER}"))).expect("a remedy");
    assert_eq!(server, format!("tablet-server/{CUT}"));
    let shown = story.upshift(&["restart", &server, "roll", "--dry-run"]);
    shown.exits(0).says("SIGTERM by its pid").says(FROM);
    let unknown = story.upshift(&["restart", "tablet-server/9", "roll"]);
    unknown.exits(2).says("UP-FLUSS-0207").says("tablet-server/2");
    let load = story.load();

    // One server there, and back.
    let follower = story.goes_on(&["restart", &server, "roll", "--why", "it fetches nothing"]);
    story.mark("the remedy is taken");
    story.until("the second server is being stopped", begun("3.1"));
    let back = story.on(story.upshift(&["rollback", "roll"]));
    println!("{}", back.exits(0).says("ROLLED BACK"));
    follower.end();
    story.mark("rolled back");
    assert_eq!(story.lines(&file), ["[0,7]"; 4]);

    story.until_green();
    let host = the_whole_way_over_ssh(&mut story);
    let account = load.stop().unwrap_or_else(|e| panic!("{e}"));
    println!("{account}");
    assert!(account.is_clean(), "{account}");
    drop(host);
}

/// Every server reads another folder with the wanted release, which the run fills. With the host that is handed back, what
/// runs on it ends.
fn the_whole_way_over_ssh(story: &mut Story) -> Fabric {
    let fabric = Fabric::start(1, |_| String::new()).expect("an ssh server");
    let host = format!("\n[[host]]\nname = \"h0\"\nssh_config = {:?}\n", fabric.config());
    let stages = the_release_is_to_be_brought(story);
    let file = story.put("over-ssh.toml", &story.system_file(beside, &(host + &stages)));
    let old = |id| std::fs::read_to_string(story.conf(id).join("server.yaml")).expect("it is there");
    let before: Vec<String> = story.servers().map(old).collect();
    let rights = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(story.conf(Some(1)).join("server.yaml"), rights).expect("set");

    let plan = story.path("over-ssh.plan");
    let planned = story.upshift(&["plan", &file, "-o", &plan]);
    println!(
        "{}",
        planned.exits(0).says("on h0").says(KEY[1]).says("unpacked as")
    );
    assert!(!story.homes[1].path().exists(), "a plan brings nothing");
    let follower = story.start(&["apply", &plan]);
    story.until("the second server is started", begun("3.2"));
    story.kill_worker();
    story.mark("the process was killed while a server was down");
    follower.end();
    let resumed = story.on(story.upshift(&["resume", "roll"]));
    println!("{}", resumed.exits(6).says(" finalize "));
    let late = story.upshift(&["restart", "coordinator", "roll"]);
    late.exits(2).says("UP-RUN-0008");
    story.mark("all servers are replaced");
    assert_eq!(story.lines(&file), ["[0,9]"; 4]);
    assert_eq!(before, story.servers().map(old).collect::<Vec<_>>());
    read_the_carried_files(story, &file, &before);
    assert!(story.homes[1].path().join(PLUGIN).is_file());
    story.upshift(&["finalize", "roll"]).exits(0).says("FINALIZED");
    fabric
}

/// The wanted release as an archive, which is to become a folder that is not there yet, and a jar of a plugin beside it.
fn the_release_is_to_be_brought(story: &mut Story) -> String {
    let whole = story.sandbox.path("dist/fluss-release");
    std::fs::create_dir_all(whole.join("plugins")).expect("a folder");
    std::os::unix::fs::symlink(story.homes[1].path().join("lib"), whole.join("lib")).expect("linked");
    let archive = story.sandbox.path("dist/fluss.tgz");
    let packed = Command::new("tar")
        .args(["-c", "-h", "--use-compress-program=gzip -1", "-f"])
        .arg(&archive)
        .arg("-C")
        .arg(story.sandbox.path("dist"))
        .arg("fluss-release")
        .status()
        .expect("tar runs");
    assert!(packed.success());
    let mut jars = std::fs::read_dir(whole.join("lib")).expect("jars");
    let small = |jar: &PathBuf| jar.metadata().is_ok_and(|of| of.len() < 1 << 20);
    let jar = jars.find_map(|jar| jar.ok().map(|jar| jar.path()).filter(small));
    let jar = jar.expect("a small jar");
    story.homes[1] = story.homes[1].moved_to(story.sandbox.path("brought"));
    format!(
        "\n[[stage]]\nfrom = {archive:?}\nsha256 = {:?}\n\n[[stage]]\nfrom = {jar:?}\nto = {PLUGIN:?}\nsha256 = {:?}\n",
        sha256(&archive),
        sha256(&jar)
    )
}

fn sha256(file: &Path) -> String {
    let told = Command::new("sha256sum")
        .arg(file)
        .output()
        .expect("sha256sum runs");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    told.split_whitespace().next().expect("a digest").to_owned()
}

/// Line by line as the old ones, of which 0.9 reads every key, and the servers run with them.
fn read_the_carried_files(story: &Story, file: &str, before: &[String]) {
    for (id, old) in story.servers().zip(before) {
        let carried = beside(&story.conf(id)).join("server.yaml");
        let text = std::fs::read_to_string(&carried).expect("it was carried over");
        assert_eq!(text, *old, "{}", carried.display());
    }
    let of_one = beside(&story.conf(Some(1))).join("server.yaml");
    let mode = std::fs::metadata(of_one)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let seen = story.upshift(&["observe", file, "--json"]).exits(0).json();
    let processes = seen["facts"]["fluss"]["processes"]["known"]
        .as_array()
        .expect("processes");
    let reads: Vec<&str> = processes.iter().filter_map(|one| one["conf"].as_str()).collect();
    assert_eq!(reads.len(), 4);
    assert!(reads.iter().all(|conf| conf.ends_with("/conf-new")), "{reads:?}");
}
