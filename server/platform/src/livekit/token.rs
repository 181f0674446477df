//! LiveKit tokens: what we sign for browsers, and what we may read of one.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use livekit_protocol as proto;
use livekit_wire::{
    Claims, TokenError, VerifiedToken, VideoGrants,
    token::{SignError, UnverifiedToken, read_unverified},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LiveKit, identity::Identity, room_service::RoomName};
use crate::clock::Timestamp;

/// How often something in a room withdrew tokens before this one was made: a kick, a lock, the end of the call.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Generation(pub i64);

impl Generation {
    // A token's `nbf` counts whole seconds of a clock that may be set back; what withdraws tokens counts generations.
    // An attribute, because both servers keep those in the tokens they refresh and tell them with each participant;
    // participants cannot change theirs.
    /// The attribute that it is in.
    pub const ATTRIBUTE: &str = "token_generation";

    /// Of a token or a participant; those that the platform did not let in have none.
    pub fn of(attributes: &HashMap<String, String>) -> Option<Generation> {
        Generation::read(attributes.get(Generation::ATTRIBUTE)?)
    }

    fn read(text: &str) -> Option<Generation> {
        text.parse().ok().map(Generation)
    }

    /// As an attribute.
    pub fn attribute(self) -> (String, String) {
        (Generation::ATTRIBUTE.to_owned(), self.0.to_string())
    }
}

/// What a participant may send into a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permissions {
    /// Microphone.
    pub audio: bool,
    /// Camera.
    pub video: bool,
    /// Screen and its sound.
    pub screen_share: bool,
    /// Data packets: chat, reactions.
    pub chat: bool,
}

impl Permissions {
    /// Everything.
    pub const ALL: Permissions = Permissions {
        audio: true,
        video: true,
        screen_share: true,
        chat: true,
    };

    fn sources(self) -> Vec<proto::TrackSource> {
        let mut sources = Vec::new();
        if self.audio {
            sources.push(proto::TrackSource::Microphone);
        }
        if self.video {
            sources.push(proto::TrackSource::Camera);
        }
        if self.screen_share {
            sources.extend([
                proto::TrackSource::ScreenShare,
                proto::TrackSource::ScreenShareAudio,
            ]);
        }
        sources
    }

    /// As UpdateParticipant takes it.
    pub fn to_livekit(self) -> proto::ParticipantPermission {
        let sources = self.sources();
        proto::ParticipantPermission {
            can_subscribe: true,
            can_publish: !sources.is_empty(),
            can_publish_data: self.chat,
            can_publish_sources: sources.into_iter().map(i32::from).collect(),
            ..Default::default()
        }
    }

    /// As the server reports it; an empty list of sources means all of them.
    pub fn from_livekit(permission: &proto::ParticipantPermission) -> Permissions {
        let may = |source: proto::TrackSource| {
            permission.can_publish
                && (permission.can_publish_sources.is_empty()
                    || permission.can_publish_sources.contains(&i32::from(source)))
        };
        Permissions {
            audio: may(proto::TrackSource::Microphone),
            video: may(proto::TrackSource::Camera),
            screen_share: may(proto::TrackSource::ScreenShare),
            chat: permission.can_publish_data,
        }
    }
}

/// What one join token says.
#[derive(Debug)]
pub struct JoinToken<'a> {
    pub room: &'a RoomName,
    pub identity: &'a Identity,
    /// The name others see.
    pub name: &'a str,
    /// Attributes that others see and the participant cannot change.
    pub attributes: HashMap<String, String>,
    /// The room's when the token is made; `None` for rooms that withdraw nothing.
    pub generation: Option<Generation>,
    pub permissions: Permissions,
    pub not_before: Timestamp,
    pub expires_at: Timestamp,
}

/// What an unverified token claims: enough to refuse it early, never enough to trust it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClaim {
    pub room: RoomName,
    pub identity: Identity,
    /// `None` for tokens that somebody else signed with our key.
    pub generation: Option<Generation>,
    /// `nbf` in whole seconds since the epoch.
    pub not_before: i64,
}

impl LiveKit {
    /// Signs a token that lets a browser into one room with exactly `permissions`.
    pub fn join_token(&self, join: JoinToken<'_>) -> Result<String, SignError> {
        let sources = join.permissions.sources();
        let grants = VideoGrants {
            room_join: true,
            room: join.room.0.clone(),
            can_publish: Some(!sources.is_empty()),
            can_publish_sources: sources.into_iter().map(source_name).collect(),
            can_publish_data: Some(join.permissions.chat),
            can_subscribe: Some(true),
            can_update_own_metadata: Some(false),
            ..Default::default()
        };
        let mut attributes = join.attributes;
        attributes.extend(join.generation.map(Generation::attribute));
        let claims = Claims {
            identity: join.identity.to_string(),
            name: join.name.to_owned(),
            attributes: attributes.into_iter().collect(),
            video: Some(grants),
            ..Default::default()
        };
        let lifetime = join.expires_at.since(join.not_before);
        let endpoint = self.client.endpoint();
        endpoint.sign(&claims, join.not_before.into(), lifetime)
    }

    /// A token with these claims, as the media server believes it.
    pub fn sign(
        &self,
        claims: &Claims,
        from: SystemTime,
        lifetime: Duration,
    ) -> Result<String, SignError> {
        self.client.endpoint().sign(claims, from, lifetime)
    }

    /// What a token says that is signed with the media server's own key and valid now.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, TokenError> {
        self.client.endpoint().verify(token, now.into())
    }

    /// Whether a token is signed with our key and lets its holder join a room now.
    pub fn admits(&self, token: &str, now: Timestamp) -> bool {
        self.verify(token, now)
            .is_ok_and(|token| token.claims.video.is_some_and(|video| video.room_join))
    }
}

impl TokenClaim {
    fn of(token: UnverifiedToken) -> Option<TokenClaim> {
        let UnverifiedToken {
            claims, not_before, ..
        } = token;
        let generation = claims.attributes.get(Generation::ATTRIBUTE);
        Some(TokenClaim {
            room: RoomName(claims.video.unwrap_or_default().room),
            identity: claims.identity.parse().ok()?,
            generation: generation.and_then(|text| Generation::read(text)),
            not_before: Timestamp::from(not_before.unwrap_or(SystemTime::UNIX_EPOCH)).as_seconds(),
        })
    }
}

/// Reads a join token without checking its signature, which is the media server's business.
pub fn peek(token: &str) -> Option<TokenClaim> {
    TokenClaim::of(read_unverified(token).ok()?)
}

fn source_name(source: proto::TrackSource) -> String {
    source.as_str_name().to_ascii_lowercase()
}
