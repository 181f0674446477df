//! Where a request wants its files: a bucket, or nowhere but here. Other clouds are refused by their names.

use std::{collections::BTreeMap, fmt};

use livekit_wire::{
    proto::{
        S3Upload, direct_file_output, encoded_file_output, image_output, segmented_file_output,
        storage_config,
    },
    twirp::{Code, TwirpError},
};
use object_storage::{Labels, Settings};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{missing, unsupported};

/// What Amazon takes for a bucket whose region nobody named.
const REGION: &str = "us-east-1";

/// A bucket of a request, as it lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketOrder {
    endpoint: Option<Url>,
    region: String,
    bucket: String,
    access_key: Secret,
    secret: Secret,
    session_token: Option<Secret>,
    in_the_path: bool,
    metadata: BTreeMap<String, String>,
    tagging: String,
    content_disposition: String,
}

/// A text that no log may have.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Secret(String);

impl Secret {
    pub fn new(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    /// For who needs it.
    pub fn shown(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[REDACTED]")
    }
}

impl BucketOrder {
    /// How to reach it. Parts are compared by their MD5s where the store is not Amazon's: many others refuse checksums, and
    /// no request says which.
    pub fn settings(&self) -> Settings {
        Settings {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            bucket: self.bucket.clone(),
            prefix: String::new(),
            access_key: self.access_key.0.clone(),
            secret_key: self.secret.0.clone().into(),
            session_token: self
                .session_token
                .as_ref()
                .map(|token| token.0.clone().into()),
            in_the_path: self.in_the_path,
            checksums: self.endpoint.is_none(),
            proxy: true,
            labels: Labels {
                metadata: self.metadata.clone(),
                tagging: self.tagging.clone(),
                content_disposition: self.content_disposition.clone(),
            },
        }
    }

    /// Nothing is sent there any more.
    pub fn forget_secrets(&mut self) {
        self.access_key.0.clear();
        self.secret.0.clear();
        self.session_token = None;
    }
}

/// A place that a request names.
pub enum Place<'a> {
    S3(&'a S3Upload),
    Gcp,
    Azure,
    AliOss,
}

/// The requests have a type of their own for each output, all of the same places.
macro_rules! places {
    ($($output:path),* $(,)?) => {$(
        impl<'a> From<&'a $output> for Place<'a> {
            fn from(output: &'a $output) -> Place<'a> {
                use $output as Output;
                match output {
                    Output::S3(s3) => Place::S3(s3),
                    Output::Gcp(_) => Place::Gcp,
                    Output::Azure(_) => Place::Azure,
                    Output::AliOss(_) => Place::AliOss,
                }
            }
        }
    )*};
}

places! {
    encoded_file_output::Output, direct_file_output::Output, segmented_file_output::Output,
    image_output::Output, storage_config::Provider,
}

/// The bucket that is named; `None` where nothing is.
pub fn bucket<'a>(named: Option<impl Into<Place<'a>>>) -> Result<Option<BucketOrder>, TwirpError> {
    match named.map(Into::into) {
        None => Ok(None),
        Some(Place::S3(s3)) => s3_bucket(s3).map(Some),
        Some(Place::Gcp) => Err(unsupported("an upload to gcp")),
        Some(Place::Azure) => Err(unsupported("an upload to azure")),
        Some(Place::AliOss) => Err(unsupported("an upload to aliOSS")),
    }
}

fn s3_bucket(s3: &S3Upload) -> Result<BucketOrder, TwirpError> {
    for (field, text) in [
        ("assume_role_arn", &s3.assume_role_arn),
        ("assume_role_external_id", &s3.assume_role_external_id),
    ] {
        if !text.is_empty() {
            return Err(unsupported(field));
        }
    }
    if s3.proxy.is_some() {
        return Err(unsupported("an upload through a proxy"));
    }
    for (field, text) in [
        ("bucket", &s3.bucket),
        ("access_key", &s3.access_key),
        ("secret", &s3.secret),
    ] {
        if text.is_empty() {
            return Err(missing(field));
        }
    }
    let region = if s3.region.is_empty() {
        REGION
    } else {
        &s3.region
    };
    Ok(BucketOrder {
        endpoint: endpoint(&s3.endpoint)?,
        region: region.to_owned(),
        bucket: s3.bucket.clone(),
        access_key: Secret(s3.access_key.clone()),
        secret: Secret(s3.secret.clone()),
        session_token: (!s3.session_token.is_empty()).then(|| Secret(s3.session_token.clone())),
        in_the_path: s3.force_path_style,
        metadata: s3.metadata.clone().into_iter().collect(),
        tagging: s3.tagging.clone(),
        content_disposition: s3.content_disposition.clone(),
    })
}

/// A host alone means https.
fn endpoint(text: &str) -> Result<Option<Url>, TwirpError> {
    if text.is_empty() {
        return Ok(None);
    }
    let address = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    match Url::parse(&address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(url)),
        _ => Err(TwirpError::new(
            Code::InvalidArgument,
            format!("endpoint: {text:?} is no http address"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload() -> S3Upload {
        S3Upload {
            access_key: "key".to_owned(),
            secret: "hush".to_owned(),
            session_token: "lent".to_owned(),
            bucket: "films".to_owned(),
            endpoint: "s3.example.org".to_owned(),
            force_path_style: true,
            ..S3Upload::default()
        }
    }

    #[test]
    fn a_bucket_is_what_was_asked_for_and_tells_no_secret() {
        let output = encoded_file_output::Output::S3(upload());
        let mut order = bucket(Some(&output)).unwrap().unwrap();
        assert_eq!(
            order.endpoint.as_ref().unwrap().as_str(),
            "https://s3.example.org/"
        );
        assert_eq!(order.region, REGION);
        let shown = format!("{order:?}");
        for secret in ["\"key\"", "hush", "lent"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        order.forget_secrets();
        let kept = serde_json::to_string(&order).unwrap();
        for secret in ["\"key\"", "hush", "lent"] {
            assert!(!kept.contains(secret), "{kept}");
        }
    }

    #[test]
    fn what_cannot_be_done_there_is_refused_by_its_name() {
        let refusal = |change: fn(&mut S3Upload)| {
            let mut upload = upload();
            change(&mut upload);
            s3_bucket(&upload).unwrap_err().msg
        };
        assert!(refusal(|s3| s3.assume_role_arn = "arn".into()).starts_with("assume_role_arn"));
        assert!(refusal(|s3| s3.bucket.clear()).ends_with("field: bucket"));
        assert!(refusal(|s3| s3.endpoint = "ftp://x".into()).starts_with("endpoint"));
        let gcp = storage_config::Provider::Gcp(livekit_wire::proto::GcpUpload::default());
        assert!(
            bucket(Some(&gcp))
                .unwrap_err()
                .msg
                .starts_with("an upload to gcp")
        );
    }
}
