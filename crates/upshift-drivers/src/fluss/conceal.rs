//! Values of options and properties that are shown to nobody, taken out of a tree before it is written
//! down.

use serde_json::Value;
use upshift_formats::fluss::Tree;

use crate::wire::REDACTED;

/// Parts of keys whose values Fluss itself hides (`SENSITIVE_KEY_PARTS` of `ConfigurationUtils` on its main
/// branch), and `credential`, which file systems use in names of keys.
const SENSITIVE: [&str; 18] = [
    "password",
    "secret",
    "fs.azure.account.key",
    "apikey",
    "api-key",
    "auth-params",
    "service-key",
    "token",
    "basic-auth",
    "jaas.config",
    "http-headers",
    "private.key",
    "private-key",
    "access.key",
    "access-key",
    "access_key",
    "accesskey",
    "credential",
];

/// Whether the value of this key is hidden.
pub(super) fn is_sensitive(key: &str) -> bool {
    let key = key.to_lowercase();
    SENSITIVE.iter().any(|part| key.contains(part))
}

/// The tree without the values of sensitive keys.
pub fn conceal(tree: &Tree) -> Tree {
    let mut concealed = Tree::default();
    for (path, data) in tree.nodes() {
        let mut data = data.clone();
        if let Ok(mut value @ Value::Object(_)) = serde_json::from_slice(&data.bytes)
            && hide(&mut value)
        {
            data.bytes = value.to_string().into_bytes();
        }
        concealed.put(path, data);
    }
    for unread in tree.unread() {
        concealed.could_not_read(unread.path, unread.why);
    }
    concealed
}

/// Hides what has to be hidden; whether that was anything.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |hidden, (key, value)| {
            let secret = value.is_string() && is_sensitive(key);
            if secret {
                *value = Value::String(REDACTED.to_owned());
            }
            secret | hide(value) | hidden
        }),
        Value::Array(all) => all.iter_mut().fold(false, |hidden, value| hide(value) | hidden),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use upshift_formats::fluss::{Data, Tree};

    use super::conceal;

    #[test]
    fn secrets_are_not_written_down_and_nothing_else_changes() {
        let mut tree = Tree::default();
        let put = |tree: &mut Tree, path: &str, text: &str| {
            let bytes = text.as_bytes().to_vec();
            tree.put(
                path,
                Data {
                    bytes,
                    ..Data::default()
                },
            );
        };
        put(
            &mut tree,
            "/config/server/global",
            r#"{"configs":{"datalake.paimon.s3.secret-key":"hunter2","datalake.format":"paimon"},"version":1}"#,
        );
        put(&mut tree, "/coordinators/epoch", "0");
        tree.could_not_read("/fluss-acls", "NoAuth");
        let concealed = conceal(&tree);
        let config = concealed.get("/config/server/global").unwrap().unwrap();
        let text = String::from_utf8(config.bytes.clone()).unwrap();
        assert!(
            !text.contains("hunter2") && text.contains("«redacted»") && text.contains("paimon"),
            "{text}"
        );
        assert_eq!(
            concealed.get("/coordinators/epoch"),
            tree.get("/coordinators/epoch")
        );
        assert_eq!(concealed.unread().count(), 1);
    }
}
