//! A real ZooKeeper, out of Fluss's own server, that lets nobody in without a login, and has a second port that speaks TLS
//! and asks for certificates: who gets in, who does not, and what is said. A real coordinator has registered there, by a
//! login, too.

use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use upshift_drivers::fluss::{Door, Walk, ZooKeeperError, codes, facts, read_tree};
use upshift_drivers::wire::{NoSecret, Secrets};
use upshift_lab::{Cache, FlussCluster, FlussHome, FlussOptions, Java, Sandbox};
use upshift_model::endpoint::SecretRef;
use upshift_model::fluss::{Access, Facts, Identity, Login, Tls};

const PASSWORD: &str = "Tr0ub4dor, \"and\" three";
const PATIENCE: Duration = Duration::from_secs(120);

struct Scene {
    cluster: FlussCluster,
    secure: String,
    dir: PathBuf,
    // Ends every process, and so goes last.
    _sandbox: Sandbox,
}

fn put(path: &Path, text: &str) {
    let mut file = File::create_new(path).expect("a file");
    file.write_all(text.as_bytes()).expect("written");
}

/// An authority, and a certificate of it for this host.
fn certificates(dir: &Path, name: &str) {
    let key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = authority.self_signed(&key).expect("signed");
    put(&dir.join(format!("{name}-ca.pem")), &certificate.pem());
    let issuer = Issuer::new(authority, key);
    let own = KeyPair::generate().expect("a key");
    let host = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
    let certificate = host.signed_by(&own, &issuer).expect("signed").pem();
    put(&dir.join(format!("{name}.pem")), &certificate);
    put(&dir.join(format!("{name}-key.pem")), &own.serialize_pem());
    put(
        &dir.join(format!("{name}-both.pem")),
        &format!("{}{certificate}", own.serialize_pem()),
    );
}

impl Scene {
    fn set() -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::ready(&cache).expect("Java");
        let home = FlussHome::ready(&cache, "0.9.1-incubating").expect("Fluss");
        let sandbox = Sandbox::new(&cache, "real-zookeeper").expect("a sandbox");
        let dir = sandbox.path("keys");
        std::fs::create_dir_all(&dir).expect("a folder");
        certificates(&dir, "ours");
        certificates(&dir, "theirs");
        let package = "org.apache.fluss.shaded.zookeeper3.org.apache.zookeeper.server";
        let escaped = PASSWORD.replace('"', "\\\"");
        let module = format!("{package}.auth.DigestLoginModule required");
        put(
            &dir.join("jaas.conf"),
            &format!(
                "Server {{ {module} user_fluss=\"{escaped}\"; }};\n\
                 Client {{ {module} username=\"fluss\" password=\"{escaped}\"; }};\n"
            ),
        );
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let file = |name: &str| dir.join(name).display().to_string();
        let options = FlussOptions {
            tablet_servers: 0,
            java: vec![format!("-Djava.security.auth.login.config={}", file("jaas.conf"))],
            zookeeper: vec![
                format!("authProvider.sasl={package}.auth.SASLAuthenticationProvider"),
                "enforce.auth.enabled=true".to_owned(),
                "enforce.auth.schemes=sasl".to_owned(),
                format!("serverCnxnFactory={package}.NettyServerCnxnFactory"),
                format!("secureClientPort={port}"),
                "secureClientPortAddress=127.0.0.1".to_owned(),
                format!("ssl.keyStore.location={}", file("ours-both.pem")),
                "ssl.keyStore.type=PEM".to_owned(),
                format!("ssl.trustStore.location={}", file("ours-ca.pem")),
                "ssl.trustStore.type=PEM".to_owned(),
                "ssl.clientAuth=need".to_owned(),
            ],
            ..FlussOptions::default()
        };
        let cluster =
            FlussCluster::start(&home, &java, &sandbox.path("cluster"), &options).expect("a cluster");
        Self {
            cluster,
            secure: format!("127.0.0.1:{port}"),
            dir,
            _sandbox: sandbox,
        }
    }

    fn tls(&self, authority: &str, identity: Option<&str>) -> Tls {
        let file = |name: &str, what: &str| self.dir.join(format!("{name}{what}.pem"));
        Tls {
            ca: Some(file(authority, "-ca")),
            identity: identity.map(|name| Identity {
                certificate: file(name, ""),
                key: file(name, "-key"),
            }),
        }
    }
}

/// The password of the name is the name's own, or the right one.
fn secrets() -> Secrets {
    Secrets::by(|reference| match reference {
        SecretRef::Env(name) if name == "RIGHT" => Ok(PASSWORD.to_owned()),
        SecretRef::Env(name) if name == "WRONG" => Ok("wrong".to_owned()),
        other => Err(NoSecret {
            reference: other.clone(),
            why: "nobody has set it".to_owned(),
            absent: true,
        }),
    })
}

fn login(user: &str, password: &str) -> Option<Login> {
    Some(Login {
        user: user.to_owned(),
        password: SecretRef::Env(password.to_owned()),
    })
}

async fn look(servers: &str, access: &Access) -> Result<Facts, ZooKeeperError> {
    let secrets = secrets();
    let walk = Walk {
        servers,
        root: "/fluss",
        door: Some(Door {
            access,
            secrets: &secrets,
        }),
    };
    read_tree(walk, |_| ())
        .await
        .map(|tree| facts(&tree, servers.to_owned()))
}

async fn refused(servers: &str, access: Access, why: &str) {
    let error = look(servers, &access).await.expect_err("nobody is let in");
    assert_eq!(error.code(), codes::NOT_LET_IN, "{error}");
    assert!(error.to_string().contains(why), "{why}: {error}");
    assert!(!error.to_string().contains("Tr0ub4dor"), "{error}");
}

#[tokio::test]
async fn a_login_and_certificates_let_upshift_in_and_nothing_less() {
    let scene = Scene::set();
    let plain = scene.cluster.zookeeper();
    let right = login("fluss", "RIGHT");

    let by = |login: Option<Login>, tls: Option<Tls>| Access { login, tls };
    refused(&plain, by(None, None), "wants to know who asks").await;
    refused(&plain, by(login("fluss", "WRONG"), None), "the login of fluss").await;
    refused(&plain, by(login("fluss", "UNSET"), None), "env:UNSET").await;

    let began = Instant::now();
    // A coordinator listens before it is registered.
    let seen = loop {
        let seen = look(&plain, &by(right.clone(), None)).await;
        match seen {
            Ok(facts) if facts.active.known().is_some_and(Option::is_some) => break facts,
            Err(error) if error.code() != codes::NO_CLUSTER => panic!("{error}"),
            other => assert!(began.elapsed() < PATIENCE, "{other:?}"),
        }
    };
    assert_eq!(seen.gaps, [], "a part may not be read");

    let ours = scene.tls("ours", Some("ours"));
    let secured = look(&scene.secure, &by(right.clone(), Some(ours.clone())))
        .await
        .expect("both are let in");
    assert_eq!(secured.active, seen.active);
    refused(&scene.secure, by(None, Some(ours)), "wants to know who asks").await;
    let foreign = scene.tls("theirs", Some("ours"));
    refused(&scene.secure, by(right.clone(), Some(foreign)), "TLS").await;
    let nameless = scene.tls("ours", None);
    refused(&scene.secure, by(right.clone(), Some(nameless)), "TLS").await;
    let unknown = scene.tls("ours", Some("theirs"));
    refused(&scene.secure, by(right.clone(), Some(unknown)), "TLS").await;
    // Each port hears only what it speaks.
    assert!(look(&scene.secure, &by(right.clone(), None)).await.is_err());
    assert!(
        look(&plain, &by(right, Some(scene.tls("ours", None))))
            .await
            .is_err()
    );
}
