//! Finds the trunk or the rule that a request is about.

use livekit_protocol as proto;

use crate::{app::App, http::Problem};

/// A trunk of either kind, as the media server has it.
pub enum KeptTrunk {
    Inbound(proto::SipInboundTrunkInfo),
    Outbound(proto::SipOutboundTrunkInfo),
}

/// The trunk with this id.
pub async fn trunk(app: &App, id: &str) -> Result<KeptTrunk, Problem> {
    let now = app.now();
    let inbound = app.livekit.inbound_trunks(Some(id), now).await?;
    if let Some(trunk) = inbound.into_iter().next() {
        return Ok(KeptTrunk::Inbound(trunk));
    }
    let outbound = app.livekit.outbound_trunks(Some(id), now).await?;
    let trunk = outbound.into_iter().next();
    let trunk = trunk.ok_or_else(|| Problem::not_found("trunk"))?;
    Ok(KeptTrunk::Outbound(trunk))
}

/// The rule with this id.
pub async fn rule(app: &App, id: &str) -> Result<proto::SipDispatchRuleInfo, Problem> {
    let found = app.livekit.dispatch_rules(Some(id), app.now()).await?;
    let rule = found.into_iter().next();
    rule.ok_or_else(|| Problem::not_found("rule"))
}
