//! Keys on their way from where they are kept to a signature. Read anew for every call, so that a
//! temporary key that is replaced during a long soak goes on working. Nothing here shows one.

use std::fmt;

use upshift_engine::driver::Fault;
use upshift_model::endpoint::SecretRef;
use upshift_model::realtime_compute::Credentials;
use upshift_model::record::Failure;

use super::codes;
use crate::wire::{REDACTED, Secrets};

/// The variables that the vendor's own tools read.
const KEY_ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// A key that can sign.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// The keys that `source` leads to.
    pub(super) async fn find(source: &Credentials, secrets: &Secrets) -> Result<Self, Fault> {
        let get = |reference: &SecretRef| secrets.get(reference).map_err(|e| missing(e.to_string()));
        match source {
            Credentials::Environment => {
                let variable = |name: &str| SecretRef::Env(name.to_owned());
                let token = match secrets.get(&variable(TOKEN)) {
                    Ok(token) => Some(token),
                    Err(none) if none.absent => None,
                    Err(other) => return Err(missing(other.to_string())),
                };
                Ok(Self {
                    id: get(&variable(KEY_ID))?,
                    secret: get(&variable(KEY_SECRET))?,
                    token,
                })
            }
            Credentials::References {
                access_key_id,
                access_key_secret,
                security_token,
            } => Ok(Self {
                id: get(access_key_id)?,
                secret: get(access_key_secret)?,
                token: security_token.as_ref().map(get).transpose()?,
            }),
            Credentials::File { path, profile } => {
                let place = format!("profile {profile:?} of {}", path.display());
                let text = tokio::fs::read_to_string(path)
                    .await
                    .map_err(|e| missing(format!("{place}: {e}")))?;
                profiled(&text, profile).map_err(|why| missing(format!("{place}: {why}")))
            }
        }
    }

    /// A text of the far side without these keys: an answer to a wrong signature quotes what was signed.
    pub(super) fn hide(&self, text: &str) -> String {
        let token = self.token.as_deref().unwrap_or_default();
        let hidden = [self.secret.as_str(), token, self.id.as_str()];
        hidden
            .into_iter()
            .filter(|word| !word.is_empty())
            .fold(text.to_owned(), |text, word| text.replace(word, REDACTED))
    }
}

fn missing(what: String) -> Fault {
    Fault::Refused(Failure {
        code: codes::NO_KEYS,
        what: format!("the access key of Realtime Compute cannot be had: {what}"),
        far_side: None,
    })
}

/// Reads one section of an INI file. Other sections are passed over unread.
fn profiled(text: &str, profile: &str) -> Result<Keys, String> {
    let mut inside = false;
    let mut found = false;
    let mut values = std::collections::BTreeMap::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name.trim() == profile;
            found |= inside;
        } else if inside
            && !line.starts_with(['#', ';'])
            && let Some((name, value)) = line.split_once('=')
        {
            values.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    if !found {
        return Err("there is no such section".to_owned());
    }
    let mut get = |name: &str| match values.remove(name) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(format!("{name} is not there")),
    };
    let token = match get("type")?.as_str() {
        "access_key" => None,
        "sts" => Some(get("security_token")?),
        other => {
            return Err(format!(
                "type {other:?} is not supported; expected access_key, or sts with security_token"
            ));
        }
    };
    Ok(Keys {
        id: get("access_key_id")?,
        secret: get("access_key_secret")?,
        token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_and_what_it_lacks_is_named() {
        let text = "# keys\n[default]\ntype = access_key\naccess_key_id=AK\naccess_key_secret = SK\n\n\
                    [temporary]\ntype = sts\naccess_key_id = TAK\naccess_key_secret = TSK\nsecurity_token = T\n\
                    [role]\ntype = ram_role_arn\n[half]\ntype = sts\naccess_key_id = X\n";
        let keys = |id: &str, secret: &str, token: Option<&str>| Keys {
            id: id.to_owned(),
            secret: secret.to_owned(),
            token: token.map(str::to_owned),
        };
        assert_eq!(profiled(text, "default"), Ok(keys("AK", "SK", None)));
        assert_eq!(profiled(text, "temporary"), Ok(keys("TAK", "TSK", Some("T"))));
        for (profile, why) in [
            ("absent", "there is no such section"),
            ("half", "security_token is not there"),
            (
                "role",
                "type \"ram_role_arn\" is not supported; expected access_key, or sts with security_token",
            ),
        ] {
            assert_eq!(profiled(text, profile).expect_err("no keys"), why);
        }
    }

    #[test]
    fn keys_are_taken_out_of_what_the_far_side_quotes() {
        let keys = Keys {
            id: "LTAI".into(),
            secret: "s3cret".into(),
            token: Some("CAIS".into()),
        };
        let hidden = keys.hide("string to sign: x-acs-security-token:CAIS Credential=LTAI s3cret");
        assert_eq!(
            hidden,
            "string to sign: x-acs-security-token:«redacted» Credential=«redacted» «redacted»"
        );
        assert_eq!(format!("{keys:?}"), "Keys(…)");
    }
}
