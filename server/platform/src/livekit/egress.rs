//! LiveKit's Egress: the calls that the platform makes to whoever records. Which recorder answers, it must not know.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_edge::outbound::ClientError;
use livekit_client::{CallError, Client, ForeignAnswer, ForeignCall, Grant, egress};
use livekit_protocol as proto;
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use super::{Endpoint, LiveKitError, clients, room_service::RoomName};
use crate::clock::Timestamp;

const TOKEN_LIFE: Duration = Duration::from_mins(1);

/// Whoever records: the built-in recorder, or the Egress service of a LiveKit cluster.
pub struct Recorder {
    pub(super) client: Client,
    programs: Client,
    /// For starts, which take longer.
    pub(super) starter: Client,
    files: reqwest::Client,
    delivery: Option<Delivery>,
}

/// A bucket that a recorder of a cluster puts its files into by itself: nobody could fetch them from there.
pub struct Delivery {
    pub bucket: proto::S3Upload,
    /// What all files' names there begin with.
    pub prefix: String,
}

/// Why a file of the recorder's is not there.
#[derive(Debug, Error)]
pub enum FileError {
    #[error("the recorder has no such file")]
    Gone,
    #[error("the recorder cannot be reached: {0}")]
    Away(String),
}

/// One of the recorder's files: the parts of its path there, as they are.
#[derive(Debug, Clone)]
pub struct RecorderFile(Vec<String>);

impl RecorderFile {
    /// What an egress has made, or its timeline. A name may have folders in it.
    pub fn made(egress_id: &str, name: &str) -> RecorderFile {
        let folder = ["egress", egress_id, "files"];
        RecorderFile(
            folder
                .into_iter()
                .chain(name.split('/'))
                .map(str::to_owned)
                .collect(),
        )
    }

    /// A track, once its egress has ended.
    pub fn track(egress_id: &str, name: &str) -> RecorderFile {
        RecorderFile(
            ["egress", egress_id, "tracks", name]
                .map(str::to_owned)
                .into(),
        )
    }

    /// The first version of a film that is being made.
    pub fn preview(egress_id: &str) -> RecorderFile {
        RecorderFile(["egress", egress_id, "preview"].map(str::to_owned).into())
    }

    fn address(&self, endpoint: &livekit_client::Endpoint) -> Url {
        let mut url = endpoint.address_of("");
        // It fails for addresses without a host only.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&self.0);
        }
        url
    }
}

/// A piece of a file, and how many bytes the file has in all.
#[derive(Debug)]
pub struct FilePiece {
    pub bytes: Bytes,
    pub total: u64,
}

/// A track as it was recorded, or the timeline of all.
#[derive(Debug, Clone, Deserialize)]
pub struct TrackFile {
    pub name: String,
    /// In bytes.
    pub size: u64,
    pub crc32: u32,
}

/// What is to be recorded, and how.
#[derive(Debug, Clone, Copy)]
pub struct Composition<'a> {
    /// LiveKit's word for the layout.
    pub layout: &'static str,
    pub audio_only: bool,
    /// What the file is to be called; the recorder adds its kind.
    pub file_path: &'a str,
}

impl Recorder {
    /// Makes the client; opens no connection.
    pub fn new(endpoint: &Endpoint, delivery: Option<Delivery>) -> Result<Recorder, ClientError> {
        let api = clients::api(endpoint.skip_tls_verify)?;
        let starts = clients::recorder_start(endpoint.skip_tls_verify)?;
        let address = clients::address(endpoint);
        Ok(Recorder {
            client: Client::new(address.clone(), api),
            programs: Client::new(
                address.clone(),
                clients::programs(endpoint.skip_tls_verify)?,
            ),
            starter: Client::new(address, starts),
            files: clients::files(endpoint.skip_tls_verify)?,
            delivery,
        })
    }

    /// Passes on what a program asks, under a token that the recorder believes.
    pub async fn pass_on(&self, call: ForeignCall<'_>) -> Result<ForeignAnswer, CallError> {
        self.programs.pass_on(call).await
    }

    /// What a file that the recorder itself put into our bucket is called there; `None`: it must be fetched.
    pub fn delivered<'a>(&self, file_path: &'a str) -> Option<&'a str> {
        file_path.strip_prefix(&self.delivery.as_ref()?.prefix)
    }

    /// What a file of this name is to be called where it goes, and the bucket that it goes into; `None`: the recorder's folder.
    pub fn place(&self, name: &str) -> (String, Option<proto::S3Upload>) {
        match &self.delivery {
            Some(delivery) => (
                format!("{}{name}", delivery.prefix),
                Some(delivery.bucket.clone()),
            ),
            None => Recorder::in_its_folder(name),
        }
    }

    /// A file that goes nowhere else.
    pub fn in_its_folder(name: &str) -> (String, Option<proto::S3Upload>) {
        (name.to_owned(), None)
    }

    /// The track files of an egress that has ended; nothing where the recorder has forgotten them.
    pub async fn tracks(
        &self,
        egress_id: &str,
        now: Timestamp,
    ) -> Result<Vec<TrackFile>, FileError> {
        let path = format!("egress/{egress_id}/tracks");
        let request = self.files.get(self.client.endpoint().address_of(&path));
        let answer = request.bearer_auth(self.token(now)?).send().await?;
        match answer.status() {
            StatusCode::OK => {
                let body = answer.bytes().await?;
                serde_json::from_slice(&body).map_err(|error| FileError::Away(error.to_string()))
            }
            StatusCode::NOT_FOUND => Err(FileError::Gone),
            status => Err(FileError::Away(format!("status {status}"))),
        }
    }

    /// Reads at most `length` bytes of a file from `from` on.
    pub async fn read(
        &self,
        file: &RecorderFile,
        from: u64,
        length: u64,
        now: Timestamp,
    ) -> Result<FilePiece, FileError> {
        let range = format!("bytes={from}-{}", from + length - 1);
        let request = self.files.get(file.address(self.client.endpoint()));
        let answer = request
            .bearer_auth(self.token(now)?)
            .header(header::RANGE, range)
            .send()
            .await?;
        let total = match answer.status() {
            StatusCode::PARTIAL_CONTENT => total_of(answer.headers()),
            // It is not told apart from a file that ends before.
            StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE => {
                return Err(FileError::Gone);
            }
            status => return Err(FileError::Away(format!("status {status}"))),
        };
        let total = total.ok_or_else(|| FileError::Away("no Content-Range".to_owned()))?;
        let bytes = answer.bytes().await?;
        if bytes.len() as u64 != length.min(total.saturating_sub(from)) {
            let length = bytes.len();
            return Err(FileError::Away(format!(
                "{length} bytes at {from} of {total}"
            )));
        }
        Ok(FilePiece { bytes, total })
    }

    /// The files of this egress are not needed any more.
    pub async fn forget(&self, egress_id: &str, now: Timestamp) -> Result<(), FileError> {
        let path = format!("egress/{egress_id}");
        let request = self.files.delete(self.client.endpoint().address_of(&path));
        let answer = request.bearer_auth(self.token(now)?).send().await?;
        match answer.status() {
            // A recorder without files, or without this way to them, has none of ours.
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(()),
            status if status.is_success() => Ok(()),
            status => Err(FileError::Away(format!("status {status}"))),
        }
    }

    fn token(&self, now: Timestamp) -> Result<String, FileError> {
        let endpoint = self.client.endpoint();
        let token = endpoint.sign(&Grant::Record.claims(), now.into(), TOKEN_LIFE);
        token.map_err(|error| FileError::Away(error.to_string()))
    }

    /// Begins to record a room.
    pub async fn start(
        &self,
        room: &RoomName,
        composition: Composition<'_>,
        now: Timestamp,
    ) -> Result<proto::EgressInfo, LiveKitError> {
        let Composition {
            layout,
            audio_only,
            file_path,
        } = composition;
        let (filepath, bucket) = self.place(file_path);
        let file = proto::EncodedFileOutput {
            filepath,
            disable_manifest: true,
            output: bucket.map(proto::encoded_file_output::Output::S3),
            ..Default::default()
        };
        let request = proto::RoomCompositeEgressRequest {
            room_name: room.0.clone(),
            layout: layout.to_owned(),
            audio_only,
            file_outputs: vec![file],
            ..Default::default()
        };
        let method = egress::START_ROOM_COMPOSITE_EGRESS;
        let call = self
            .starter
            .call(method, Grant::Record, &request, now.into());
        Ok(call.await?)
    }

    /// Asks for the end of one recording.
    pub async fn stop(&self, egress_id: &str, now: Timestamp) -> Result<(), LiveKitError> {
        let request = proto::StopEgressRequest {
            egress_id: egress_id.to_owned(),
        };
        let method = egress::STOP_EGRESS;
        let call = self
            .client
            .call(method, Grant::Record, &request, now.into());
        call.await?;
        Ok(())
    }

    /// What runs now, in one room or in all.
    pub async fn list_active(
        &self,
        room: Option<&RoomName>,
        now: Timestamp,
    ) -> Result<Vec<proto::EgressInfo>, LiveKitError> {
        let request = proto::ListEgressRequest {
            room_name: room.map_or_else(String::new, |room| room.0.clone()),
            active: true,
            ..Default::default()
        };
        self.list(&request, now).await
    }

    /// One recording, also after its end; `None` where the recorder does not know it.
    pub async fn find(
        &self,
        egress_id: &str,
        now: Timestamp,
    ) -> Result<Option<proto::EgressInfo>, LiveKitError> {
        let request = proto::ListEgressRequest {
            egress_id: egress_id.to_owned(),
            ..Default::default()
        };
        match self.list(&request, now).await {
            Ok(items) => Ok(items.into_iter().find(|info| info.egress_id == egress_id)),
            Err(LiveKitError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list(
        &self,
        request: &proto::ListEgressRequest,
        now: Timestamp,
    ) -> Result<Vec<proto::EgressInfo>, LiveKitError> {
        let method = egress::LIST_EGRESS;
        let call = self.client.call(method, Grant::Record, request, now.into());
        Ok(call.await?.items)
    }
}

impl From<reqwest::Error> for FileError {
    fn from(error: reqwest::Error) -> FileError {
        FileError::Away(error.without_url().to_string())
    }
}

/// The file's size in `bytes 0-9/100`.
fn total_of(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.rsplit_once('/')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_asked_for_by_its_whole_name_and_nothing_else_is() {
        let endpoint = livekit_client::Endpoint {
            url: "http://127.0.0.1:1/livekit".parse().unwrap(),
            keys: livekit_wire::ApiKeys::one("k".to_owned(), "s".into()),
        };
        for (name, path) in [
            ("film.mp4", "film.mp4"),
            ("films/a room.mp4", "films/a%20room.mp4"),
            ("100%41?#.mp4", "100%2541%3F%23.mp4"),
            ("../EG_2/film.mp4", "EG_2/film.mp4"),
        ] {
            let address = RecorderFile::made("EG_1", name).address(&endpoint);
            assert_eq!(
                address.as_str(),
                format!("http://127.0.0.1:1/livekit/egress/EG_1/files/{path}")
            );
        }
    }
}
