//! What becomes of requests and programs when the far side behaves badly: every case ends as refused,
//! not reached or no answer, within its limit.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of a test cannot do fails the test"
)]

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use upshift_drivers::flink::probe::{ProbeUnasked, ask};
use upshift_drivers::wire::{Answer, Body, Exec, ExecError, Http, HttpSetupError, NoSecret, Secrets};
use upshift_engine::driver::Fault;
use upshift_model::endpoint::{Auth, Endpoint, SecretRef};
use upshift_model::flink::{Probe, ProbeAsk, ProbeExpect};
use upshift_model::span::Millis;

const SOON: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

/// A server that does with the n-th connection, from 0, what `each` says; gives its address and the
/// requests as they came.
fn server(each: impl Fn(u32, TcpStream) + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let log = heads.clone();
    std::thread::spawn(move || {
        for (n, stream) in (0u32..).zip(listener.incoming()) {
            let mut stream = stream.unwrap();
            log.lock().unwrap().push(head(&mut stream));
            each(n, stream);
        }
    });
    (url, heads)
}

fn head(stream: &mut impl std::io::Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn says(mut stream: impl std::io::Write, text: &str) {
    // A client that has had enough may have gone.
    drop(stream.write_all(text.as_bytes()));
}

fn saying(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    server(move |_, stream| says(stream, answer))
}

fn http(url: &str) -> Http {
    Http::new(&Endpoint::plain(url), Secrets::none()).unwrap()
}

async fn change(http: &Http, limit: Duration) -> Result<Answer, Fault> {
    http.change(Method::POST, "/do", Body::Json(serde_json::json!({})), limit)
        .await
}

fn told<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
    match result {
        Ok(answer) => format!("answered {answer:?}"),
        Err(Fault::Refused(failure)) => format!("refused {}: {}", failure.code, failure.what),
        Err(Fault::Transient(why)) => format!("not reached: {why}"),
        Err(Fault::Ambiguous(why)) => format!("no answer: {why}"),
    }
}

#[tokio::test]
async fn nobody_listens_is_certainly_not_sent() {
    let http = http("http://127.0.0.1:1");
    for result in [told(http.get("/x", LONG).await), told(change(&http, LONG).await)] {
        assert!(
            result.starts_with("not reached: ") && result.contains("Connection refused"),
            "{result}"
        );
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_within_the_limit() {
    let (url, heads) = server(|_, stream| std::mem::forget(stream));
    let (http, began) = (http(&url), Instant::now());
    let read = told(http.get("/x", SOON).await);
    assert_eq!(read, format!("not reached: GET {url}/x: no answer within 0.3 s"));
    let changed = told(change(&http, SOON).await);
    assert_eq!(
        changed,
        format!("no answer: POST {url}/do: no answer within 0.3 s")
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(
        heads.lock().unwrap().len(),
        2,
        "a read that used up its limit is not repeated"
    );
}

#[tokio::test]
async fn a_connection_that_dies_is_hidden_for_reads_and_told_for_changes() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    let flaky = move |n, stream| if n < 2 { drop(stream) } else { says(stream, answer) };
    let (url, heads) = server(flaky);
    assert_eq!(&http(&url).get("/x", LONG).await.unwrap().body[..], b"ok");
    assert_eq!(heads.lock().unwrap().len(), 3);
    let (url, heads) = server(flaky);
    assert!(told(change(&http(&url), LONG).await).starts_with("no answer: "));
    assert_eq!(heads.lock().unwrap().len(), 1, "a change is sent once");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let (url, heads) = saying("HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n{\"half\":");
    let http = http(&url);
    assert!(told(http.get("/x", LONG).await).contains("the answer broke off"));
    assert_eq!(heads.lock().unwrap().len(), 3);
    assert!(told(change(&http, LONG).await).starts_with("no answer: "));
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let (url, _) = server(|_, mut stream| {
        says(&mut stream, "HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 1 << 16]).is_ok() {}
    });
    let result = told(http(&url).get("/x", LONG).await);
    assert!(
        result.starts_with("refused UP-FLINK-0401: ") && result.contains("larger than"),
        "{result}"
    );
}

#[tokio::test]
async fn statuses_say_whether_anything_happened() {
    for (answer, read, changed) in [
        (
            "HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nbad",
            "refused UP-FLINK-0402",
            "refused UP-FLINK-0402",
        ),
        (
            "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
            "refused UP-FLINK-0403",
            "refused UP-FLINK-0403",
        ),
        (
            "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
            "refused UP-FLINK-0405",
            "refused UP-FLINK-0405",
        ),
        (
            "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
            "not reached",
            "not reached",
        ),
        (
            "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
            "not reached",
            "no answer",
        ),
        (
            "HTTP/1.1 504 No\r\nContent-Length: 0\r\n\r\n",
            "not reached",
            "no answer",
        ),
        (
            "HTTP/1.1 302 Go\r\nLocation: http://u:p@login/\r\nContent-Length: 0\r\n\r\n",
            "refused UP-FLINK-0401",
            "refused UP-FLINK-0401",
        ),
    ] {
        let (url, _) = saying(answer);
        let http = http(&url);
        let reading = told(http.get("/x", LONG).await.and_then(Answer::ok));
        assert!(reading.starts_with(read), "{answer}: {reading}");
        assert!(!reading.contains("u:p@"), "{reading}");
        let changing = told(change(&http, LONG).await.and_then(Answer::ok));
        assert!(changing.starts_with(changed), "{answer}: {changing}");
    }
}

#[tokio::test]
async fn credentials_are_sent_and_never_shown() {
    let (url, heads) = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let turn = AtomicU32::new(0);
    let secrets = Secrets::by(move |reference| match reference {
        SecretRef::Env(name) if name == "TOKEN" => {
            Ok(format!("t0ken-{}", turn.fetch_add(1, Ordering::Relaxed)))
        }
        other => Err(NoSecret {
            reference: other.clone(),
            why: "not set".to_owned(),
            absent: false,
        }),
    });
    let with = |auth| Endpoint {
        auth: Some(auth),
        ..Endpoint::plain(&url)
    };
    let http = Http::new(
        &with(Auth::Bearer {
            token: "env:TOKEN".parse().unwrap(),
        }),
        secrets.clone(),
    )
    .unwrap();
    http.get("/a", LONG).await.unwrap();
    http.get("/b", LONG).await.unwrap();
    let basic = Auth::Basic {
        user: "Aladdin".to_owned(),
        password: "env:TOKEN".parse().unwrap(),
    };
    Http::new(&with(basic), secrets.clone())
        .unwrap()
        .get("/c", LONG)
        .await
        .unwrap();
    let sent: Vec<String> = heads
        .lock()
        .unwrap()
        .iter()
        .map(|head| {
            let line = head
                .lines()
                .find(|line| line.to_ascii_lowercase().starts_with("authorization:"));
            line.unwrap().split_once(": ").unwrap().1.to_owned()
        })
        .collect();
    // The first look-up was the one that checks whether the secret is there.
    assert_eq!(
        sent,
        ["Bearer t0ken-1", "Bearer t0ken-2", "Basic QWxhZGRpbjp0MGtlbi00"]
    );
    assert!(!format!("{http:?}").contains("t0ken"));
    let missing = Http::new(
        &with(Auth::Bearer {
            token: "env:OTHER".parse().unwrap(),
        }),
        secrets,
    )
    .unwrap_err();
    assert_eq!(missing.to_string(), "secret env:OTHER could not be read: not set");
}

#[test]
fn addresses_and_authorities_that_cannot_be_used_are_refused_before_anything_is_sent() {
    let refused = |endpoint: Endpoint| Http::new(&endpoint, Secrets::none()).unwrap_err();
    for url in ["ftp://jm:8081", "jm:8081", "http://", ""] {
        assert!(
            matches!(refused(Endpoint::plain(url)), HttpSetupError::Address { .. }),
            "{url}"
        );
    }
    let error = refused(Endpoint {
        ca: Some(PathBuf::from("/no/ca.pem")),
        ..Endpoint::plain("https://jm:8081")
    });
    assert!(
        error
            .to_string()
            .starts_with("certificate authority /no/ca.pem could not be used: "),
        "{error}"
    );
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/tls")
        .join(name)
}

fn tls_server() -> String {
    let chain: Vec<_> = CertificateDer::pem_file_iter(fixture("server.pem"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let session = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut tls = rustls::StreamOwned::new(session, stream.unwrap());
            head(&mut tls);
            says(
                &mut tls,
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
            );
            tls.conn.send_close_notify();
            drop(tls.flush());
        }
    });
    url
}

#[tokio::test]
async fn only_a_named_authority_makes_its_servers_trusted() {
    let url = tls_server();
    let trusting = Endpoint {
        ca: Some(fixture("ca.pem")),
        ..Endpoint::plain(&url)
    };
    let http = Http::new(&trusting, Secrets::none()).unwrap();
    assert_eq!(&http.get("/x", LONG).await.unwrap().body[..], b"ok");
    // The system may have no certificates at all: then a client for https cannot be made at all.
    match Http::new(&Endpoint::plain(&url), Secrets::none()) {
        Ok(http) => {
            for result in [told(http.get("/x", LONG).await), told(change(&http, LONG).await)] {
                assert!(result.starts_with("refused UP-FLINK-0404: "), "{result}");
            }
        }
        Err(error) => assert!(matches!(error, HttpSetupError::Tls { .. })),
    }
}

fn sh(script: &str, limit: Duration) -> Exec {
    Exec::new("/bin/sh", ["-c", script], limit)
}

#[tokio::test]
async fn programs_run_without_a_shell_and_end_with_a_code() {
    let said = Exec::new("/bin/echo", ["$HOME", "a b"], LONG)
        .run()
        .await
        .unwrap();
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "$HOME a b\n"));
    let failed = sh("echo one; echo two >&2; exit 3", LONG).run().await.unwrap();
    assert_eq!(failed.complaint(), "ended with code 3: two");
    let env = sh("echo $A$B", LONG).with("A", "1").run().await.unwrap();
    assert_eq!(env.stdout, "1\n");
    let killed = sh("kill -9 $$", LONG).run().await.unwrap();
    assert_eq!(killed.complaint(), "was ended by a signal and said nothing");
    let absent = Exec::new("/no/such/program", [""; 0], LONG)
        .run()
        .await
        .unwrap_err();
    assert!(matches!(absent, ExecError::NotStarted { .. }), "{absent}");
}

#[tokio::test]
async fn a_program_that_does_not_end_is_killed_with_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let pid_file = dir.path().join("pid");
    let script = format!("sleep 1000 & echo $! > {}; wait", pid_file.display());
    let began = Instant::now();
    let error = sh(&script, Duration::from_millis(500)).run().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "/bin/sh did not end within 0.5 s and was killed"
    );
    assert!(began.elapsed() < Duration::from_secs(10));
    let child: u32 = std::fs::read_to_string(&pid_file)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let gone = || {
        upshift_drivers::wire::processes::started_ticks(child)
            .unwrap()
            .is_none()
    };
    while !gone() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "process {child} outlived its group"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_flood_of_output_is_read_and_not_kept() {
    let flood = sh("head -c 5000000 /dev/zero | tr '\\0' x; echo done >&2", LONG)
        .run()
        .await
        .unwrap();
    assert_eq!(
        (flood.code, flood.stdout.len(), flood.stderr.as_str()),
        (Some(0), 256 << 10, "done\n")
    );
}

#[tokio::test]
async fn a_daemon_that_keeps_the_output_open_is_not_waited_for() {
    let began = Instant::now();
    let started = sh("sleep 60 & echo $!", LONG).run().await.unwrap();
    let daemon: u32 = started.stdout.trim().parse().unwrap();
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert!(
        upshift_drivers::wire::processes::started_ticks(daemon)
            .unwrap()
            .is_some()
    );
    assert!(sh(&format!("kill {daemon}"), LONG).run().await.unwrap().success());
}

fn probe(ask: ProbeAsk) -> Probe {
    Probe {
        ask,
        expect: ProbeExpect::Success,
        timeout: Millis(2_000),
    }
}

#[tokio::test]
async fn a_probe_is_asked_over_http_with_its_whole_address() {
    let (url, heads) = saying("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n1212\r\n");
    let asked = probe(ProbeAsk::Http(Endpoint::plain(format!("{url}/metric/?per=min"))));
    let answer = ask(&asked, &Secrets::none()).await.unwrap();
    assert_eq!((answer.value.as_str(), answer.success), ("1212", true));
    assert!(heads.lock().unwrap()[0].starts_with("GET /metric/?per=min HTTP/1.1\r\n"));
    let (url, _) = saying("HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let answer = ask(&probe(ProbeAsk::Http(Endpoint::plain(url))), &Secrets::none())
        .await
        .unwrap();
    assert_eq!((answer.ended.as_str(), answer.success), ("status 500", false));
}

#[tokio::test]
async fn a_probe_that_cannot_be_asked_is_a_failure_with_its_name() {
    let silent = probe(ProbeAsk::Http(Endpoint::plain("http://127.0.0.1:1/rate")));
    let unasked = ask(&silent, &Secrets::none()).await.unwrap_err();
    let failure = unasked.failure("rate");
    assert_eq!(failure.code.as_str(), "UP-FLINK-0411");
    assert!(
        failure
            .what
            .starts_with("\"rate\": probe did not answer: not reached: "),
        "{}",
        failure.what
    );
    let empty = ask(&probe(ProbeAsk::Command(Vec::new())), &Secrets::none())
        .await
        .unwrap_err();
    assert!(matches!(empty, ProbeUnasked::NoProgram));
}
