//! Which recorder records, and how its films get to us.

use http_edge::outbound::ClientError;
use livekit_protocol as proto;
use secrecy::ExposeSecret;

use crate::{
    config::{Config, RecordingEngine, S3, StorageKind},
    livekit::{
        Media,
        egress::{Delivery, Recorder},
    },
};

/// Who records, where anybody does. The built-in recorder keeps its films until they are fetched. A cluster's own
/// throws them away, so it puts them into the bucket itself, where there is one.
pub fn recorder(config: &Config, media: &Media) -> Result<Option<Recorder>, ClientError> {
    if !config.recordings.enabled {
        return Ok(None);
    }
    let built_in = media.recorder.as_ref().map(|built_in| &built_in.endpoint);
    let (endpoint, delivery) = match config.recordings.engine {
        RecordingEngine::BuiltIn => (built_in, None),
        RecordingEngine::Endpoint => (Some(&media.endpoint), delivery(config)),
        RecordingEngine::Auto => match built_in {
            None if config.livekit.external => (Some(&media.endpoint), delivery(config)),
            built_in => (built_in, None),
        },
    };
    endpoint
        .map(|endpoint| Recorder::new(endpoint, delivery))
        .transpose()
}

fn delivery(config: &Config) -> Option<Delivery> {
    let storage = &config.recordings.storage;
    (storage.kind == StorageKind::S3).then(|| Delivery {
        bucket: bucket(&storage.s3),
        prefix: storage.s3.prefix.clone(),
    })
}

fn bucket(s3: &S3) -> proto::S3Upload {
    let secret = s3.secret_key.as_ref().map_or("", |key| key.expose_secret());
    let endpoint = s3.endpoint.as_ref().map_or("", url::Url::as_str);
    proto::S3Upload {
        access_key: s3.access_key.clone().unwrap_or_default(),
        secret: secret.to_owned(),
        region: s3.region.clone(),
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        bucket: s3.bucket.clone(),
        force_path_style: s3.in_the_path(),
        ..Default::default()
    }
}
