//! What administrators get to see: workers, the jobs that are under way, and what went wrong lately. No LiveKit server tells
//! this; the shape is ours.

use serde::Serialize;

/// Everything at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Overview {
    /// In the order of their ids.
    pub workers: Vec<WorkerOverview>,
    /// Those that have not ended, in the order of their ids.
    pub jobs: Vec<JobOverview>,
    /// The newest first.
    pub troubles: Vec<Trouble>,
}

/// One worker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkerOverview {
    /// `AW_…`
    pub id: String,
    /// Empty for one that goes into every room.
    pub agent_name: String,
    /// Usually empty.
    pub deployment: String,
    /// Of its SDK.
    pub version: String,
    /// `JT_ROOM`, `JT_PUBLISHER` or `JT_PARTICIPANT`.
    pub job_type: &'static str,
    /// 0 to 1, as it says.
    pub load: f32,
    /// `available`, `full` by its own word, or `draining` by an administrator's.
    pub status: &'static str,
    /// How many jobs it has.
    pub jobs: usize,
    /// Where it connects from.
    pub address: String,
    /// The subject of its token.
    pub subject: String,
    /// Unix milliseconds.
    pub since: i64,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobOverview {
    /// `AJ_…`
    pub id: String,
    /// `AD_…`; empty for one that a worker tries out.
    pub dispatch_id: String,
    /// As its worker's.
    pub agent_name: String,
    /// As its worker's.
    pub job_type: &'static str,
    /// The room's name.
    pub room: String,
    /// Whom it is for; empty when for the room.
    pub participant: String,
    /// Who the agent is in the room.
    pub agent_identity: String,
    /// Empty after its connection was lost.
    pub worker_id: String,
    /// Unix milliseconds.
    pub started_at: i64,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trouble {
    /// Unix milliseconds.
    pub at: i64,
    /// Whose.
    pub agent_name: String,
    /// Where.
    pub room: String,
    /// What.
    pub text: String,
}
