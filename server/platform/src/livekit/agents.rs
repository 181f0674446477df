//! Agents' workers on the media server: LiveKit's dispatches, and what only the built-in server tells of workers and jobs.

use livekit_client::{Grant, agent_dispatch};
use livekit_protocol as proto;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use thiserror::Error;
use utoipa::ToSchema;

use super::{LiveKit, LiveKitError, error::is_unknown_method, room_service::RoomName};
use crate::{clock::Timestamp, http::Problem};

/// Why workers cannot be seen or told.
#[derive(Debug, Error)]
pub enum WorkersError {
    /// An official livekit-server tells nobody of its workers.
    #[error("this media server does not tell of its workers")]
    NotSupported,
    #[error(transparent)]
    Media(#[from] LiveKitError),
}

impl From<WorkersError> for Problem {
    fn from(error: WorkersError) -> Problem {
        match error {
            WorkersError::NotSupported => Problem::new(
                http::StatusCode::NOT_IMPLEMENTED,
                "not_supported",
                "This media server does not tell of its agents' workers; the built-in one does.",
            ),
            WorkersError::Media(LiveKitError::NotFound) => Problem::not_found("worker or job"),
            WorkersError::Media(cause) => cause.into(),
        }
    }
}

/// What goes on with agents.
#[derive(Debug, Default, Deserialize)]
pub struct AgentsReport {
    pub workers: Vec<AgentWorker>,
    /// Those that have not ended.
    pub jobs: Vec<AgentJob>,
    /// What went wrong lately, the newest first.
    pub troubles: Vec<AgentTrouble>,
}

/// One connection of a worker.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct AgentWorker {
    /// `AW_…`; a new one each time that it connects.
    pub id: String,
    /// Empty: it goes into every room.
    pub agent_name: String,
    /// Usually empty.
    pub deployment: String,
    /// Of its SDK.
    pub version: String,
    pub job_type: AgentJobType,
    /// 0 to 1, as the worker says.
    pub load: f32,
    pub status: AgentWorkerStatus,
    /// How many jobs it has.
    pub jobs: u32,
    /// Where it connects from.
    pub address: String,
    /// The API key that it came with; empty for the media server's own.
    pub subject: String,
    pub since: Timestamp,
}

/// What one job of a worker is for.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AgentJobType {
    /// A room.
    #[serde(alias = "JT_ROOM")]
    Room,
    /// A participant who publishes.
    #[serde(alias = "JT_PUBLISHER")]
    Publisher,
    /// A participant.
    #[serde(alias = "JT_PARTICIPANT")]
    Participant,
}

/// Whether a worker gets jobs.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AgentWorkerStatus {
    Available,
    /// It says that it can do no more.
    Full,
    /// It gets no more because an administrator says so.
    Draining,
}

/// One job.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct AgentJob {
    /// `AJ_…`
    pub id: String,
    /// `AD_…`; empty where a worker tries itself out.
    pub dispatch_id: String,
    pub agent_name: String,
    pub job_type: AgentJobType,
    /// The room's name on the media server.
    pub room: String,
    /// Whom it is for; empty when for the room.
    pub participant: String,
    /// Who the agent is in the room.
    pub agent_identity: String,
    /// Empty while its worker's connection is lost.
    pub worker_id: String,
    pub started_at: Timestamp,
}

/// Something that went wrong.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct AgentTrouble {
    pub at: Timestamp,
    pub agent_name: String,
    pub room: String,
    /// The server's words, or the worker's.
    pub text: String,
}

impl LiveKit {
    /// Workers, jobs and troubles.
    pub async fn workers(&self, now: Timestamp) -> Result<AgentsReport, WorkersError> {
        self.ask_workers("convoke.Agents/List", &json!({}), now)
            .await
    }

    /// Gives a worker no more jobs.
    pub async fn drain_worker(&self, id: &str, now: Timestamp) -> Result<(), WorkersError> {
        let request = json!({ "worker_id": id });
        let done = self.ask_workers::<Value>("convoke.Agents/DrainWorker", &request, now);
        done.await.map(drop)
    }

    /// Ends a job; its agent is sent out where it does not go by itself.
    pub async fn end_job(&self, id: &str, now: Timestamp) -> Result<(), WorkersError> {
        let request = json!({ "job_id": id });
        let done = self.ask_workers::<Value>("convoke.Agents/EndJob", &request, now);
        done.await.map(drop)
    }

    /// Ends the jobs of all workers that came with this API key, and closes their connections.
    pub async fn close_workers(&self, api_key: &str, now: Timestamp) -> Result<(), WorkersError> {
        let request = json!({ "subject": api_key });
        let done = self.ask_workers::<Value>("convoke.Agents/CloseWorkers", &request, now);
        done.await.map(drop)
    }

    async fn ask_workers<Answer: DeserializeOwned>(
        &self,
        path: &'static str,
        request: &Value,
        now: Timestamp,
    ) -> Result<Answer, WorkersError> {
        let call = self
            .client
            .call_json(path, Grant::Agents, request, now.into());
        call.await.map_err(|error| {
            if is_unknown_method(&error) {
                WorkersError::NotSupported
            } else {
                WorkersError::Media(error.into())
            }
        })
    }

    /// Asks for an agent in a room; opens the room where it is not live.
    pub async fn dispatch_agent(
        &self,
        room: &RoomName,
        agent_name: &str,
        metadata: &str,
        now: Timestamp,
    ) -> Result<proto::AgentDispatch, LiveKitError> {
        let request = proto::CreateAgentDispatchRequest {
            agent_name: agent_name.to_owned(),
            room: room.0.clone(),
            metadata: metadata.to_owned(),
            ..Default::default()
        };
        let grant = Grant::Room(&room.0);
        self.call(agent_dispatch::CREATE_DISPATCH, grant, &request, now)
            .await
    }

    /// The dispatches of a room, none where it is not live.
    pub async fn agent_dispatches(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Vec<proto::AgentDispatch>, LiveKitError> {
        let request = proto::ListAgentDispatchRequest {
            room: room.0.clone(),
            ..Default::default()
        };
        let grant = Grant::Room(&room.0);
        let listed = self.call(agent_dispatch::LIST_DISPATCH, grant, &request, now);
        match listed.await {
            Ok(answer) => Ok(answer.agent_dispatches),
            Err(LiveKitError::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Takes a dispatch back: its agents are sent out.
    pub async fn delete_agent_dispatch(
        &self,
        room: &RoomName,
        id: &str,
        now: Timestamp,
    ) -> Result<(), LiveKitError> {
        let request = proto::DeleteAgentDispatchRequest {
            dispatch_id: id.to_owned(),
            room: room.0.clone(),
        };
        let grant = Grant::Room(&room.0);
        let deleted = self.call(agent_dispatch::DELETE_DISPATCH, grant, &request, now);
        deleted.await.map(drop)
    }
}
