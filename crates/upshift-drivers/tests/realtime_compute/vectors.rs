//! Every signature that is known is ours, too.

use serde::Deserialize;
use upshift_drivers::realtime_compute::sign::{Unsigned, encode, hash};

use crate::captured::{Captured, decoded, folder};

#[derive(Deserialize)]
struct Vector {
    name: String,
    access_key_secret: String,
    canonical_path_source: String,
    canonical_request: String,
    hashed_canonical_request: String,
    signature: String,
}

fn vectors() -> Vec<Vector> {
    let text = std::fs::read_to_string(folder().join("sign-vectors.json")).expect("the vectors");
    serde_json::from_str(&text).expect("the vectors")
}

fn owned(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The vendor's published example, of another product.
fn published() -> Captured {
    let image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd";
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let names = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
    Captured {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: vec![owned("RegionId", "cn-shanghai"), owned("ImageId", image)],
        headers: [
            owned("host", "ecs.cn-shanghai.aliyuncs.com"),
            owned("x-acs-action", "RunInstances"),
            owned("x-acs-content-sha256", empty),
            owned("x-acs-date", "2023-10-26T10:22:32Z"),
            owned("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            owned("x-acs-version", "2014-05-26"),
            owned(
                "authorization",
                &format!("ACS3-HMAC-SHA256 SignedHeaders={names}"),
            ),
        ]
        .into(),
        body: Vec::new(),
    }
}

#[test]
fn all_signatures_are_reproduced() {
    let all = vectors();
    assert_eq!(all.len(), 55);
    for vector in all {
        let request = match vector.name.strip_suffix(".http") {
            Some(_) => Captured::read(&vector.name),
            None => published(),
        };
        let path = match vector.canonical_path_source.as_str() {
            "raw" => request.path.clone(),
            _ => request
                .path
                .split('/')
                .map(|segment| encode(&decoded(segment)))
                .collect::<Vec<_>>()
                .join("/"),
        };
        let headers: Vec<_> = request
            .authorization("SignedHeaders")
            .split(';')
            .map(|name| owned(name, &request.headers[name]))
            .collect();
        let unsigned = Unsigned {
            method: &request.method,
            path: &path,
            query: &request.query,
            headers: &headers,
            payload: &hash(&request.body),
        };
        let name = &vector.name;
        let canonical = unsigned.canonical();
        assert_eq!(canonical, vector.canonical_request, "{name}");
        assert_eq!(
            hash(canonical.as_bytes()),
            vector.hashed_canonical_request,
            "{name}"
        );
        assert_eq!(
            unsigned.signature(&vector.access_key_secret),
            vector.signature,
            "{name}"
        );
        if request.headers.len() > 7 {
            assert_eq!(request.authorization("Signature"), vector.signature, "{name}");
        }
    }
}
