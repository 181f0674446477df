//! What a token says about its holder, besides the registered claims (issuer, expiry).

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use livekit_protocol::{
    RoomConfiguration,
    participant_info::{Kind, KindDetail},
};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use super::VideoGrants;

/// The claims of a LiveKit token (protocol `auth/grants.go`, `ClaimGrants`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Claims {
    /// `sub`: who joins. Empty in tokens for server-side calls.
    #[serde(
        rename = "sub",
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub identity: String,
    /// Display name.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub name: String,
    /// Lower-case name of a participant kind; see [`Self::participant_kind`].
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub kind: String,
    /// Lower-case names; see [`Self::participant_kind_details`].
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub kind_details: Vec<String>,
    /// What the holder may do with rooms; nothing when absent.
    #[serde(skip_serializing_if = "is_default")]
    pub video: Option<VideoGrants>,
    /// Telephony.
    #[serde(skip_serializing_if = "is_default")]
    pub sip: Option<SipGrants>,
    /// Agents.
    #[serde(skip_serializing_if = "is_default")]
    pub agent: Option<AgentGrants>,
    /// LiveKit Inference.
    #[serde(skip_serializing_if = "is_default")]
    pub inference: Option<InferenceGrants>,
    /// LiveKit observability.
    #[serde(skip_serializing_if = "is_default")]
    pub observability: Option<ObservabilityGrants>,
    /// Settings of the room if this participant is the one who creates it.
    #[serde(skip_serializing_if = "is_default")]
    pub room_config: Option<RoomConfiguration>,
    /// A named preset of room settings, of the server's `room.room_configurations`.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub room_preset: String,
    /// The [`body_hash`] of a message body (webhooks).
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub sha256: String,
    /// The participant's metadata.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub metadata: String,
    /// The participant's attributes.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub attributes: BTreeMap<String, String>,
}

/// What a webhook's token says of its body: standard base64 of the SHA-256 (protocol `webhook/notifier.go`).
pub fn body_hash(body: impl AsRef<[u8]>) -> String {
    STANDARD.encode(Sha256::digest(body))
}

impl Claims {
    /// The claims of a webhook with this body.
    pub fn of_body(body: impl AsRef<[u8]>) -> Self {
        Self {
            sha256: body_hash(body),
            ..Self::default()
        }
    }

    /// Unknown or absent is a standard participant.
    pub fn participant_kind(&self) -> Kind {
        Kind::from_str_name(&self.kind.to_uppercase()).unwrap_or(Kind::Standard)
    }

    /// Unknown details are left out.
    pub fn participant_kind_details(&self) -> Vec<KindDetail> {
        self.kind_details
            .iter()
            .filter_map(|name| KindDetail::from_str_name(&name.to_uppercase()))
            .collect()
    }
}

/// The `sip` claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SipGrants {
    /// May manage trunks and rules.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub admin: bool,
    /// May make outbound calls.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub call: bool,
}

/// The `agent` claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentGrants {
    /// May manage cloud agents.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub admin: bool,
    /// May manage simulations.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub simulation_admin: bool,
    /// May reach the agents' databases.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub database_admin: bool,
}

/// The `inference` claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InferenceGrants {
    /// May use inference.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub perform: bool,
}

/// The `observability` claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObservabilityGrants {
    /// May publish observability data.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub write: bool,
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Go, and so every token accepted by the original, takes JSON `null` for "absent".
pub(super) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
