//! LiveKit's SIP: trunks, dispatch rules and calls, in LiveKit's own messages. Who may use it, it must not know.

use livekit_client::{Grant, Method, sip};
use livekit_protocol as proto;
use prost::Message;
use proto::{
    update_sip_dispatch_rule_request as rule_update,
    update_sip_inbound_trunk_request as inbound_update,
    update_sip_outbound_trunk_request as outbound_update,
};

use super::{
    LiveKit,
    identity::Identity,
    room_service::RoomName,
    service::{Service, ServiceError},
};
use crate::clock::Timestamp;

/// Seconds that the other side of a transfer has to pick up: less than who asks for it waits here. LiveKit's own are thirty,
/// and a transfer that nobody waits for any more ends anyhow.
const TRANSFER_RINGS: i64 = 20;

type Outcome<T> = Result<T, ServiceError>;

impl LiveKit {
    /// Asks about trunks and rules.
    async fn administer<Request: Message, Answer: Message + Default>(
        &self,
        method: Method<Request, Answer>,
        request: &Request,
        now: Timestamp,
    ) -> Outcome<Answer> {
        self.ask(Service::Sip, method, Grant::SipTrunks, request, now)
            .await
    }

    /// The trunks that calls come in by; all, or one.
    pub async fn inbound_trunks(
        &self,
        id: Option<&str>,
        now: Timestamp,
    ) -> Outcome<Vec<proto::SipInboundTrunkInfo>> {
        let request = proto::ListSipInboundTrunkRequest {
            trunk_ids: id.map(str::to_owned).into_iter().collect(),
            ..Default::default()
        };
        let listed = self.administer(sip::LIST_SIP_INBOUND_TRUNK, &request, now);
        let items = listed.await?.items.into_iter();
        // An older server does not filter, and a newer one names what it lacks with an empty entry.
        let wanted =
            |trunk: &proto::SipInboundTrunkInfo| id.is_none_or(|id| trunk.sip_trunk_id == id);
        Ok(items.filter(wanted).collect())
    }

    /// The trunks that calls go out by; all, or one.
    pub async fn outbound_trunks(
        &self,
        id: Option<&str>,
        now: Timestamp,
    ) -> Outcome<Vec<proto::SipOutboundTrunkInfo>> {
        let request = proto::ListSipOutboundTrunkRequest {
            trunk_ids: id.map(str::to_owned).into_iter().collect(),
            ..Default::default()
        };
        let listed = self.administer(sip::LIST_SIP_OUTBOUND_TRUNK, &request, now);
        let items = listed.await?.items.into_iter();
        let wanted =
            |trunk: &proto::SipOutboundTrunkInfo| id.is_none_or(|id| trunk.sip_trunk_id == id);
        Ok(items.filter(wanted).collect())
    }

    /// Makes a trunk that calls come in by.
    pub async fn create_inbound_trunk(
        &self,
        trunk: proto::SipInboundTrunkInfo,
        now: Timestamp,
    ) -> Outcome<proto::SipInboundTrunkInfo> {
        let request = proto::CreateSipInboundTrunkRequest { trunk: Some(trunk) };
        self.administer(sip::CREATE_SIP_INBOUND_TRUNK, &request, now)
            .await
    }

    /// Makes a trunk that calls go out by.
    pub async fn create_outbound_trunk(
        &self,
        trunk: proto::SipOutboundTrunkInfo,
        now: Timestamp,
    ) -> Outcome<proto::SipOutboundTrunkInfo> {
        let request = proto::CreateSipOutboundTrunkRequest { trunk: Some(trunk) };
        self.administer(sip::CREATE_SIP_OUTBOUND_TRUNK, &request, now)
            .await
    }

    /// Puts this trunk in the place of the one with its id.
    pub async fn replace_inbound_trunk(
        &self,
        trunk: proto::SipInboundTrunkInfo,
        now: Timestamp,
    ) -> Outcome<proto::SipInboundTrunkInfo> {
        let request = proto::UpdateSipInboundTrunkRequest {
            sip_trunk_id: trunk.sip_trunk_id.clone(),
            action: Some(inbound_update::Action::Replace(trunk)),
        };
        self.administer(sip::UPDATE_SIP_INBOUND_TRUNK, &request, now)
            .await
    }

    /// Puts this trunk in the place of the one with its id.
    pub async fn replace_outbound_trunk(
        &self,
        trunk: proto::SipOutboundTrunkInfo,
        now: Timestamp,
    ) -> Outcome<proto::SipOutboundTrunkInfo> {
        let request = proto::UpdateSipOutboundTrunkRequest {
            sip_trunk_id: trunk.sip_trunk_id.clone(),
            action: Some(outbound_update::Action::Replace(trunk)),
        };
        self.administer(sip::UPDATE_SIP_OUTBOUND_TRUNK, &request, now)
            .await
    }

    /// Deletes a trunk of either kind.
    pub async fn delete_trunk(&self, id: &str, now: Timestamp) -> Outcome<()> {
        let request = proto::DeleteSipTrunkRequest {
            sip_trunk_id: id.to_owned(),
        };
        let deleted = self.administer(sip::DELETE_SIP_TRUNK, &request, now);
        deleted.await.map(drop)
    }

    /// What becomes of calls that come in; all, or one.
    pub async fn dispatch_rules(
        &self,
        id: Option<&str>,
        now: Timestamp,
    ) -> Outcome<Vec<proto::SipDispatchRuleInfo>> {
        let request = proto::ListSipDispatchRuleRequest {
            dispatch_rule_ids: id.map(str::to_owned).into_iter().collect(),
            ..Default::default()
        };
        let listed = self.administer(sip::LIST_SIP_DISPATCH_RULE, &request, now);
        let items = listed.await?.items.into_iter();
        let wanted =
            |rule: &proto::SipDispatchRuleInfo| id.is_none_or(|id| rule.sip_dispatch_rule_id == id);
        Ok(items.filter(wanted).collect())
    }

    /// Makes a rule for calls that come in.
    pub async fn create_dispatch_rule(
        &self,
        rule: proto::SipDispatchRuleInfo,
        now: Timestamp,
    ) -> Outcome<proto::SipDispatchRuleInfo> {
        let request = proto::CreateSipDispatchRuleRequest {
            dispatch_rule: Some(rule),
            ..Default::default()
        };
        self.administer(sip::CREATE_SIP_DISPATCH_RULE, &request, now)
            .await
    }

    /// Puts this rule in the place of the one with its id.
    pub async fn replace_dispatch_rule(
        &self,
        rule: proto::SipDispatchRuleInfo,
        now: Timestamp,
    ) -> Outcome<proto::SipDispatchRuleInfo> {
        let request = proto::UpdateSipDispatchRuleRequest {
            sip_dispatch_rule_id: rule.sip_dispatch_rule_id.clone(),
            action: Some(rule_update::Action::Replace(rule)),
        };
        self.administer(sip::UPDATE_SIP_DISPATCH_RULE, &request, now)
            .await
    }

    /// Deletes a rule.
    pub async fn delete_dispatch_rule(&self, id: &str, now: Timestamp) -> Outcome<()> {
        let request = proto::DeleteSipDispatchRuleRequest {
            sip_dispatch_rule_id: id.to_owned(),
        };
        let deleted = self.administer(sip::DELETE_SIP_DISPATCH_RULE, &request, now);
        deleted.await.map(drop)
    }

    /// Calls somebody into a room; answers once the SIP service has taken it, and not when somebody picks up.
    pub async fn make_call(
        &self,
        call: &proto::CreateSipParticipantRequest,
        now: Timestamp,
    ) -> Outcome<proto::SipParticipantInfo> {
        let method = sip::CREATE_SIP_PARTICIPANT;
        self.have_done(Service::Sip, method, Grant::SipCalls, call, now)
            .await
    }

    /// Sends a call on to another number.
    pub async fn transfer_call(
        &self,
        room: &RoomName,
        identity: &Identity,
        transfer_to: &str,
        now: Timestamp,
    ) -> Outcome<()> {
        let mut request = proto::TransferSipParticipantRequest {
            participant_identity: identity.to_string(),
            room_name: room.0.clone(),
            transfer_to: transfer_to.to_owned(),
            ..Default::default()
        };
        request.ringing_timeout.get_or_insert_default().seconds = TRANSFER_RINGS;
        let method = sip::TRANSFER_SIP_PARTICIPANT;
        let grant = Grant::SipCallsOf(&room.0);
        let done = self.have_done(Service::Sip, method, grant, &request, now);
        done.await.map(drop)
    }
}
