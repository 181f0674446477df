//! The fields of every message that AgentDispatchService answers with, in the order of the protocol's declaration.

use livekit_protocol::{JobRestartPolicy, JobStatus, JobType};
use serde::ser::SerializeMap;

use super::json::{AsJson, EnumName, Int64, List, TwirpJson, field, sorted, twirp_json};

twirp_json! {
    ListAgentDispatchResponse { agent_dispatches: messages }
    AgentDispatch {
        id: plain, agent_name: plain, room: plain, metadata: plain, state: message,
        restart_policy: (name JobRestartPolicy), deployment: plain, attributes: map,
    }
    AgentDispatchState { jobs: messages, created_at: int64, deleted_at: int64 }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    Job {
        id: plain, dispatch_id: plain, r#type: (name JobType), room: message, participant: optional,
        namespace: plain, metadata: plain, agent_name: plain, state: message, enable_recording: plain,
        deployment: plain, attributes: map, enable_redaction: plain,
    }
    JobState {
        status: (name JobStatus), error: plain, started_at: int64, ended_at: int64, updated_at: int64,
        participant_identity: plain, worker_id: plain, agent_id: plain,
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{AgentDispatch, AgentDispatchState, Job, JobState};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dispatch_has_every_field_and_a_job_for_the_room_no_participant() {
        let dispatch = AgentDispatch {
            id: "AD_1".to_owned(),
            state: Some(AgentDispatchState {
                jobs: vec![Job {
                    state: Some(JobState::default()),
                    ..Job::default()
                }],
                created_at: 7,
                ..AgentDispatchState::default()
            }),
            ..AgentDispatch::default()
        };
        let written = serde_json::to_value(AsJson(&dispatch)).unwrap();
        assert_eq!(written["restart_policy"], "JRP_ON_FAILURE");
        assert_eq!(written["state"]["created_at"], "7");
        let job = &written["state"]["jobs"][0];
        assert_eq!(job["type"], "JT_ROOM");
        assert_eq!(job["state"]["status"], "JS_PENDING");
        assert_eq!(job["room"], json!(null));
        assert!(job.get("participant").is_none());
    }
}
