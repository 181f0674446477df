//! LiveKit's Egress: the calls that the platform makes to whoever records. Which recorder answers, it must not know.

use http_edge::outbound::ClientError;
use livekit_client::{Client, Grant, egress};
use livekit_protocol as proto;

use super::{Endpoint, LiveKitError, clients, room_service::RoomName};
use crate::clock::Timestamp;

/// Whoever records: the built-in recorder, or the Egress service of a LiveKit cluster.
pub struct Recorder {
    client: Client,
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
    pub fn new(endpoint: &Endpoint) -> Result<Recorder, ClientError> {
        let api = clients::api(endpoint.skip_tls_verify)?;
        Ok(Recorder {
            client: Client::new(clients::address(endpoint), api),
        })
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
        let file = proto::EncodedFileOutput {
            filepath: file_path.to_owned(),
            disable_manifest: true,
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
            .client
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
