//! LiveKit's access tokens: JWTs signed with the secret of an API key, carrying grants. Whether a grant suffices for an
//! action is decided by the caller.

mod claims;
mod keys;
mod sign;
mod verify;
mod video_grants;

pub use claims::{AgentGrants, Claims, InferenceGrants, ObservabilityGrants, SipGrants, body_hash};
pub use keys::{ApiKeys, NoKeys};
pub use sign::{SignError, sign};
pub use verify::{
    LEEWAY, TokenError, UnverifiedToken, VerifiedToken, read_unverified, verify, verify_any_key,
};
pub use video_grants::VideoGrants;
