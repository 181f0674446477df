//! LiveKit tokens: what we sign for browsers and for our own API calls, and what we may read of one.
//! Claims and grants are livekit-api's; signing is here because time is passed in and `nbf` is ours to choose.

use std::{collections::HashMap, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use livekit_api::access_token::{Claims, VideoGrants};
use livekit_protocol as proto;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LiveKit, error::TokenError, identity::Identity, room_service::RoomName};
use crate::clock::Timestamp;

const API_TOKEN_LIFE: Duration = Duration::from_mins(1);
// A token's `nbf` counts whole seconds of a clock that may be set back; what withdraws tokens counts generations.
// An attribute, because both servers keep those in the tokens they refresh and tell them with each participant;
// participants cannot change theirs.
const GENERATION: &str = "token_generation";
// Seconds; LiveKit takes a token for so long before its beginning and after its end.
const LEEWAY: usize = 60;

/// The least grant that one API call needs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Grant<'a> {
    CreateRoom,
    ListRooms,
    Admin(&'a RoomName),
}

/// How often something in a room withdrew tokens before this one was made: a kick, a lock, the end of the call.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Generation(pub i64);

impl Generation {
    /// Of a token or a participant; those that the platform did not let in have none.
    pub fn of(attributes: &HashMap<String, String>) -> Option<Generation> {
        attributes.get(GENERATION)?.parse().ok().map(Generation)
    }

    /// As an attribute.
    pub fn attribute(self) -> (String, String) {
        (GENERATION.to_owned(), self.0.to_string())
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
    pub fn join_token(&self, join: JoinToken<'_>) -> Result<String, TokenError> {
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
        self.sign(&Claims {
            sub: join.identity.to_string(),
            name: join.name.to_owned(),
            attributes,
            video: grants,
            nbf: seconds(join.not_before),
            exp: seconds(join.expires_at),
            ..Default::default()
        })
    }

    pub(super) fn api_token(&self, grant: Grant<'_>, now: Timestamp) -> Result<String, TokenError> {
        let video = match grant {
            Grant::CreateRoom => VideoGrants {
                room_create: true,
                ..Default::default()
            },
            Grant::ListRooms => VideoGrants {
                room_list: true,
                ..Default::default()
            },
            Grant::Admin(room) => VideoGrants {
                room_admin: true,
                room: room.0.clone(),
                ..Default::default()
            },
        };
        self.sign(&Claims {
            video,
            nbf: seconds(now),
            exp: seconds(now + API_TOKEN_LIFE),
            ..Default::default()
        })
    }

    /// Whether a token is signed with our key and lets its holder join a room now.
    pub fn admits(&self, token: &str, now: Timestamp) -> bool {
        let secret = self.endpoint.api_secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&self.endpoint.api_key]);
        // Time is passed in.
        validation.validate_exp = false;
        let claims: Option<Claims> =
            jsonwebtoken::decode(token, &DecodingKey::from_secret(secret), &validation)
                .ok()
                .map(|token| token.claims);
        claims.is_some_and(|claims| {
            claims.video.room_join
                && seconds(now) <= claims.exp.saturating_add(LEEWAY)
                && claims.nbf <= seconds(now).saturating_add(LEEWAY)
        })
    }

    fn sign(&self, claims: &Claims) -> Result<String, TokenError> {
        let claims = Claims {
            iss: self.endpoint.api_key.clone(),
            ..claims.clone()
        };
        let secret = self.endpoint.api_secret.expose_secret().as_bytes();
        let key = EncodingKey::from_secret(secret);
        Ok(jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            &claims,
            &key,
        )?)
    }
}

impl TokenClaim {
    fn of(claims: Claims) -> Option<TokenClaim> {
        Some(TokenClaim {
            room: RoomName(claims.video.room),
            identity: claims.sub.parse().ok()?,
            generation: Generation::of(&claims.attributes),
            not_before: i64::try_from(claims.nbf).unwrap_or(i64::MAX),
        })
    }
}

/// Reads a join token without checking its signature, which is the media server's business.
pub fn peek(token: &str) -> Option<TokenClaim> {
    TokenClaim::of(Claims::from_unverified(token).ok()?)
}

fn source_name(source: proto::TrackSource) -> String {
    source.as_str_name().to_ascii_lowercase()
}

fn seconds(time: Timestamp) -> usize {
    usize::try_from(time.as_seconds()).unwrap_or(0)
}
