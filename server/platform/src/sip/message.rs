//! Trunks and rules in LiveKit's own JSON, as its command line and its SDKs write them: whole, with what our forms have no
//! field for. Passwords are told nobody. It must not know where they are kept.

use garde::Validate;
use http::StatusCode;
use livekit_protocol as proto;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Type,
        schema::{AdditionalProperties, Schema},
    },
};

use super::{
    rule::{self, Rule},
    trunk::Trunk,
};
use crate::http::{FieldError, Problem, exact};

const PASSWORD: [&str; 2] = ["authPassword", "auth_password"];

/// A trunk or a rule in LiveKit's JSON.
#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(transparent)]
pub struct Message(#[garde(skip)] Map<String, Value>);

impl PartialSchema for Message {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "A trunk or a rule in LiveKit's JSON, with LiveKit's names.",
            ))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .build()
            .into()
    }
}

impl ToSchema for Message {}

/// Something in it is of a kind that only a newer media server knows.
#[derive(Debug, Error)]
#[error("of a kind that is not known here")]
pub struct UnknownKind;

/// What the media server keeps of telephony.
pub trait Entry: Serialize + DeserializeOwned {
    /// What its id is called in JSON.
    const ID: &str;

    fn id(&self) -> &str;
    /// Takes over what is not for people to set.
    fn keep(&mut self, of: Self, with_password: bool);
    /// What our forms would refuse, by the names that they have for it.
    fn complaints(&self) -> garde::Report;
    /// Whether we know of everything in it what it is.
    fn is_known(&self) -> bool {
        true
    }
}

impl Message {
    /// Without its password.
    pub fn of(entry: &impl Entry) -> Result<Message, UnknownKind> {
        match serde_json::to_value(entry) {
            Ok(Value::Object(mut message)) if entry.is_known() => {
                message.retain(|name, _| !PASSWORD.contains(&name.as_str()));
                Ok(Message(message))
            }
            Ok(_) | Err(_) => Err(UnknownKind),
        }
    }

    /// What is to be in the place of an entry. Its password stays where none is given, and so do its id and times.
    pub fn in_place_of<E: Entry>(self, old: E) -> Result<E, Problem> {
        let message = Value::Object(self.0);
        let mut new: E = exact(&message)?;
        if !new.id().is_empty() && new.id() != old.id() {
            let is = format!("This is {}; an id cannot be changed.", old.id());
            return Err(Problem::invalid_field(E::ID, "fixed", is));
        }
        let with_password = PASSWORD.iter().all(|name| message.get(name).is_none());
        new.keep(old, with_password);
        if !new.is_known() {
            let detail = "Say which room calls go to: dispatchRuleDirect, dispatchRuleIndividual or dispatchRuleCallee.";
            return Err(Problem::invalid_field("rule", "missing", detail));
        }
        let complaints: Vec<FieldError> = new
            .complaints()
            .iter()
            .map(|(path, error)| FieldError {
                field: in_livekits_words(&path.to_string()),
                code: "invalid",
                detail: error.message().to_owned(),
            })
            .collect();
        if complaints.is_empty() {
            Ok(new)
        } else {
            Err(Problem::invalid(complaints))
        }
    }
}

/// Our names are LiveKit's in another spelling, but for where a call goes to.
fn in_livekits_words(field: &str) -> String {
    if field == "target" || field == "pin" {
        return "rule".to_owned();
    }
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (start, rest) = word.split_at(word.len().min(1));
        name + &start.to_uppercase() + rest
    })
}

fn report(checked: Result<(), garde::Report>) -> garde::Report {
    checked.err().unwrap_or_else(garde::Report::new)
}

macro_rules! trunk {
    ($($kind:ty),*) => {$(
        impl Entry for $kind {
            const ID: &str = "sipTrunkId";

            fn id(&self) -> &str {
                &self.sip_trunk_id
            }

            fn keep(&mut self, of: Self, with_password: bool) {
                self.sip_trunk_id = of.sip_trunk_id;
                self.created_at = of.created_at;
                self.updated_at = of.updated_at;
                if with_password {
                    self.auth_password = of.auth_password;
                }
            }

            fn complaints(&self) -> garde::Report {
                report(Trunk::from(self.clone()).settings.validate())
            }
        }
    )*};
}

trunk!(proto::SipInboundTrunkInfo, proto::SipOutboundTrunkInfo);

impl Entry for proto::SipDispatchRuleInfo {
    const ID: &str = "sipDispatchRuleId";

    fn id(&self) -> &str {
        &self.sip_dispatch_rule_id
    }

    fn keep(&mut self, of: Self, _with_password: bool) {
        self.sip_dispatch_rule_id = of.sip_dispatch_rule_id;
        self.created_at = of.created_at;
        self.updated_at = of.updated_at;
    }

    fn complaints(&self) -> garde::Report {
        report(Rule::of(self.clone(), true).settings.validate())
    }

    fn is_known(&self) -> bool {
        rule::is_known(self)
    }
}

impl From<UnknownKind> for Problem {
    fn from(error: UnknownKind) -> Problem {
        match error {
            UnknownKind => Problem::new(
                StatusCode::CONFLICT,
                "unknown_kind",
                "This is of a kind that is not known here; change it where it was made.",
            ),
        }
    }
}
