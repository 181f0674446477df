//! A dispatch rule: which room a call that comes in goes to. It knows LiveKit's messages, not HTTP.

use garde::Validate;
use livekit_protocol as proto;
use proto::sip_dispatch_rule::Rule as Target;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    field::{
        LONGEST_METADATA, LONGEST_TEXT, check_texts, metadata, needed_text, text, text_or_null,
        texts,
    },
    trunk::MediaEncryption,
};

/// A rule as the media server has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rule {
    /// `SDR_…`
    pub id: String,
    pub has_pin: bool,
    /// Whoever knows it comes in; `null` where there is none, and for those who only look.
    #[schema(required = true)]
    pub pin: Option<String>,
    pub settings: RuleSettings,
}

/// Which room a call goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleTarget {
    /// Always the same.
    Direct {
        /// The link of one of our rooms, or a room's name on the media server. Read: the latter.
        #[schema(schema_with = needed_text)]
        room: String,
    },
    /// A new one for each caller.
    Individual {
        /// What its name begins with; the caller's number follows.
        #[schema(schema_with = text)]
        room_prefix: String,
    },
    /// One for each number that is called.
    Callee {
        /// What its name begins with; the number follows.
        #[schema(schema_with = text)]
        room_prefix: String,
        /// Whether each call has its own nevertheless.
        #[serde(default)]
        randomize: bool,
    },
}

/// What is set of a rule.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    pub name: String,
    #[garde(custom(check_target))]
    pub target: RuleTarget,
    /// Digits that a caller must enter. Left out or `null`: as it is; empty: none.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = text_or_null)]
    pub pin: Option<String>,
    /// The trunks that it is for; any where empty.
    #[garde(custom(check_texts))]
    #[serde(default)]
    #[schema(schema_with = texts)]
    pub trunk_ids: Vec<String>,
    /// The callers that it is for; any where empty.
    #[garde(custom(check_texts))]
    #[serde(default)]
    #[schema(schema_with = texts)]
    pub inbound_numbers: Vec<String>,
    /// The numbers called that it is for; any where empty.
    #[garde(custom(check_texts))]
    #[serde(default)]
    #[schema(schema_with = texts)]
    pub numbers: Vec<String>,
    /// Whether others in the room do not see the caller's number.
    #[garde(skip)]
    #[serde(default)]
    pub hide_phone_number: bool,
    /// Names of the agents that come into the room as well.
    #[garde(custom(check_texts))]
    #[serde(default)]
    #[schema(schema_with = texts)]
    pub agents: Vec<String>,
    #[garde(skip)]
    #[serde(default)]
    pub media_encryption: MediaEncryption,
    /// What the participant of a call has as metadata.
    #[garde(length(bytes, max = LONGEST_METADATA))]
    #[serde(default)]
    #[schema(schema_with = metadata)]
    pub metadata: String,
}

fn check_target<C>(target: &RuleTarget, _: &C) -> garde::Result {
    let (text, least) = match target {
        RuleTarget::Direct { room } => (room, 1),
        RuleTarget::Individual { room_prefix } | RuleTarget::Callee { room_prefix, .. } => {
            (room_prefix, 0)
        }
    };
    if (least..=LONGEST_TEXT).contains(&text.chars().count()) {
        Ok(())
    } else {
        let bounds = format!("a room or its beginning has {least} to {LONGEST_TEXT} characters");
        Err(garde::Error::new(bounds))
    }
}

impl RuleTarget {
    /// What there is no field for stays as it was, where the kind stays.
    fn write(self, pin: String, old: Option<Target>) -> Target {
        match self {
            RuleTarget::Direct { room } => {
                Target::DispatchRuleDirect(proto::SipDispatchRuleDirect {
                    room_name: room,
                    pin,
                })
            }
            RuleTarget::Individual { room_prefix } => {
                let mut rule = match old {
                    Some(Target::DispatchRuleIndividual(rule)) => rule,
                    _ => proto::SipDispatchRuleIndividual::default(),
                };
                rule.room_prefix = room_prefix;
                rule.pin = pin;
                Target::DispatchRuleIndividual(rule)
            }
            RuleTarget::Callee {
                room_prefix,
                randomize,
            } => Target::DispatchRuleCallee(proto::SipDispatchRuleCallee {
                room_prefix,
                pin,
                randomize,
            }),
        }
    }

    /// With its PIN.
    fn read(target: Target) -> (RuleTarget, String) {
        match target {
            Target::DispatchRuleDirect(rule) => {
                let room = rule.room_name;
                (RuleTarget::Direct { room }, rule.pin)
            }
            Target::DispatchRuleIndividual(rule) => {
                let room_prefix = rule.room_prefix;
                (RuleTarget::Individual { room_prefix }, rule.pin)
            }
            Target::DispatchRuleCallee(rule) => {
                let target = RuleTarget::Callee {
                    room_prefix: rule.room_prefix,
                    randomize: rule.randomize,
                };
                (target, rule.pin)
            }
        }
    }
}

/// What a rule's target is and its PIN; an empty one where the media server names a kind that we do not know.
fn target_of(rule: &proto::SipDispatchRuleInfo) -> (RuleTarget, String) {
    let target = rule.rule.clone().and_then(|rule| rule.rule);
    match target {
        Some(target) => RuleTarget::read(target),
        None => (
            RuleTarget::Individual {
                room_prefix: String::new(),
            },
            String::new(),
        ),
    }
}

/// Whether a rule is of a kind that we know: of another one we would write over what it says.
pub fn is_known(rule: &proto::SipDispatchRuleInfo) -> bool {
    rule.rule.as_ref().is_some_and(|rule| rule.rule.is_some())
}

impl RuleSettings {
    /// Writes it into what the media server has, whose other fields stay.
    #[expect(
        deprecated,
        reason = "older livekit-servers know no other field for encryption"
    )]
    pub fn write_into(self, rule: &mut proto::SipDispatchRuleInfo) {
        let (_, old_pin) = target_of(rule);
        let old = rule.rule.take().and_then(|rule| rule.rule);
        let target = self.target.write(self.pin.unwrap_or(old_pin), old);
        rule.rule = Some(proto::SipDispatchRule { rule: Some(target) });
        rule.name = self.name;
        rule.trunk_ids = self.trunk_ids;
        rule.inbound_numbers = self.inbound_numbers;
        rule.numbers = self.numbers;
        rule.hide_phone_number = self.hide_phone_number;
        self.media_encryption
            .write(&mut rule.media, &mut rule.media_encryption);
        rule.metadata = self.metadata;
        let had = rule.room_config.take();
        if had.is_none() && self.agents.is_empty() {
            return;
        }
        let mut room = had.unwrap_or_default();
        let mut known = std::mem::take(&mut room.agents);
        // An agent that was there keeps what else was set of it.
        room.agents = self
            .agents
            .into_iter()
            .map(|agent_name| {
                let at = known
                    .iter()
                    .position(|agent| agent.agent_name == agent_name);
                at.map_or_else(
                    || proto::RoomAgentDispatch {
                        agent_name,
                        ..Default::default()
                    },
                    |at| known.swap_remove(at),
                )
            })
            .collect();
        rule.room_config = Some(room);
    }
}

impl Rule {
    /// As it is shown to somebody who may know its PIN, or not.
    #[expect(
        deprecated,
        reason = "older livekit-servers know no other field for encryption"
    )]
    pub fn of(rule: proto::SipDispatchRuleInfo, with_pin: bool) -> Rule {
        let (target, pin) = target_of(&rule);
        let has_pin = !pin.is_empty();
        let agents = rule.room_config.map(|room| room.agents).unwrap_or_default();
        Rule {
            id: rule.sip_dispatch_rule_id,
            has_pin,
            pin: (has_pin && with_pin).then_some(pin),
            settings: RuleSettings {
                name: rule.name,
                target,
                pin: None,
                trunk_ids: rule.trunk_ids,
                inbound_numbers: rule.inbound_numbers,
                numbers: rule.numbers,
                hide_phone_number: rule.hide_phone_number,
                agents: agents.into_iter().map(|agent| agent.agent_name).collect(),
                media_encryption: MediaEncryption::read(rule.media.as_ref(), rule.media_encryption),
                metadata: rule.metadata,
            },
        }
    }
}
