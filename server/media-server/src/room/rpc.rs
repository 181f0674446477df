//! PerformRpc: the server calls a participant's method over data and waits for the answer (rtc/participant.go PerformRpc).

use std::time::{Duration, Instant};

use livekit_protocol as proto;
use livekit_wire::ids::random_id;
use proto::data_packet::{Kind, Value};
use proto::{DataPacket, PerformRpcRequest, PerformRpcResponse};
use tokio::sync::oneshot;

use super::Room;
use crate::ground::{Now, RoomError};
use crate::participant::ParticipantKey;

/// A callee that is there acknowledges within this.
const ACK_TIMEOUT: Duration = Duration::from_secs(2);
/// An answer is awaited this long when the caller does not say.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a payload.
const MAX_PAYLOAD: usize = 15 * 1024;
/// Version of LiveKit's RPC.
const RPC_VERSION: u32 = 1;

/// LiveKit's RPC error codes (protocol utils/data_channel_rpc.go).
const CONNECTION_TIMEOUT: u32 = 1501;
const RESPONSE_TIMED_OUT: u32 = 1502;
const RECIPIENT_DISCONNECTED: u32 = 1503;
const REQUEST_PAYLOAD_TOO_LARGE: u32 = 1402;

type Answer = Result<PerformRpcResponse, RoomError>;
/// Where the answer to a call comes; it ends without one when the room's thread does.
pub(crate) type RpcAnswer = oneshot::Receiver<Answer>;

/// A call that is not answered yet.
pub(super) struct PendingRpc {
    id: String,
    callee: ParticipantKey,
    acknowledge_by: Option<Instant>,
    respond_by: Instant,
    reply: oneshot::Sender<Answer>,
}

/// Calls that are not answered yet.
pub(super) type PendingRpcs = Vec<PendingRpc>;

fn rpc_error(code: u32, message: &str) -> RoomError {
    RoomError::Rpc {
        code,
        message: message.to_owned(),
        data: String::new(),
    }
}

impl Room {
    /// Calls a method of a participant; what comes is its answer, or that there is none.
    #[expect(deprecated, reason = "older clients read the packet's kind")]
    pub(crate) fn call(
        &mut self,
        callee: ParticipantKey,
        request: PerformRpcRequest,
        now: Now,
    ) -> Result<RpcAnswer, RoomError> {
        if request.payload.len() > MAX_PAYLOAD {
            return Err(rpc_error(
                REQUEST_PAYLOAD_TOO_LARGE,
                "Request payload too large",
            ));
        }
        let timeout = match request.response_timeout_ms {
            0 => RESPONSE_TIMEOUT,
            millis => Duration::from_millis(millis.into()),
        };
        let id = random_id("", &mut self.random);
        let packet = DataPacket {
            kind: Kind::Reliable.into(),
            participant_identity: id.clone(),
            destination_identities: vec![request.destination_identity],
            value: Some(Value::RpcRequest(proto::RpcRequest {
                id: id.clone(),
                method: request.method,
                payload: request.payload,
                response_timeout_ms: u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX),
                version: RPC_VERSION,
                ..proto::RpcRequest::default()
            })),
            ..DataPacket::default()
        };
        self.refuse_api_packet(&packet)?;
        let (reply, answer) = oneshot::channel();
        let acknowledge_by = now.instant + ACK_TIMEOUT;
        let respond_by = now.instant + timeout;
        self.rpcs.push(PendingRpc {
            id,
            callee,
            acknowledge_by: Some(acknowledge_by),
            respond_by,
            reply,
        });
        self.wake_at(acknowledge_by.min(respond_by));
        self.fan_out(None, packet, now);
        Ok(answer)
    }

    /// Whether a packet answers a call of the server; it is not for the others then.
    pub(super) fn take_rpc_reply(&mut self, from: ParticipantKey, value: &Value) -> bool {
        let position = |rpcs: &PendingRpcs, id: &str| {
            rpcs.iter()
                .position(|rpc| rpc.callee == from && rpc.id == id)
        };
        match value {
            Value::RpcAck(ack) => match position(&self.rpcs, &ack.request_id) {
                Some(index) => {
                    self.rpcs[index].acknowledge_by = None;
                    true
                }
                None => false,
            },
            Value::RpcResponse(response) => match position(&self.rpcs, &response.request_id) {
                Some(index) => {
                    let rpc = self.rpcs.swap_remove(index);
                    // A caller that does not wait any more needs no answer.
                    let _ = rpc.reply.send(rpc_result(response));
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    /// The callee left.
    pub(super) fn fail_rpcs_of(&mut self, callee: ParticipantKey) {
        for index in (0..self.rpcs.len()).rev() {
            if self.rpcs[index].callee == callee {
                let rpc = self.rpcs.swap_remove(index);
                let error = rpc_error(RECIPIENT_DISCONNECTED, "Recipient disconnected");
                let _ = rpc.reply.send(Err(error));
            }
        }
    }

    pub(super) fn time_out_rpcs(&mut self, now: Now) {
        for index in (0..self.rpcs.len()).rev() {
            let rpc = &self.rpcs[index];
            let error = if rpc.acknowledge_by.is_some_and(|by| by <= now.instant) {
                rpc_error(CONNECTION_TIMEOUT, "Connection timeout")
            } else if rpc.respond_by <= now.instant {
                rpc_error(RESPONSE_TIMED_OUT, "Response timeout")
            } else {
                continue;
            };
            let rpc = self.rpcs.swap_remove(index);
            let _ = rpc.reply.send(Err(error));
        }
        let next = self.rpcs.iter().map(|rpc| {
            rpc.acknowledge_by
                .map_or(rpc.respond_by, |by| by.min(rpc.respond_by))
        });
        if let Some(next) = next.min() {
            self.wake_at(next);
        }
    }
}

fn rpc_result(response: &proto::RpcResponse) -> Answer {
    use proto::rpc_response::Value;
    match &response.value {
        Some(Value::Payload(payload)) => Ok(PerformRpcResponse {
            payload: payload.clone(),
        }),
        Some(Value::Error(error)) => Err(RoomError::Rpc {
            code: error.code,
            message: error.message.clone(),
            data: error.data.clone(),
        }),
        Some(_) | None => Ok(PerformRpcResponse::default()),
    }
}
