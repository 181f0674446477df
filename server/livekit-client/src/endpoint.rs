//! Where a LiveKit server answers, and the keys it shares with us.

use std::time::{Duration, SystemTime};

use livekit_wire::{
    ApiKeys, Claims, TokenError, VerifiedToken,
    token::{SignError, sign, verify},
};
use url::Url;

/// A server as its API's users know it: which one answers there, nobody can tell.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Base address of its HTTP API, `http` or `https`; may have a path.
    pub url: Url,
    /// The first one signs, all are believed.
    pub keys: ApiKeys,
}

impl Endpoint {
    /// The address of `path` below the base.
    pub fn address_of(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }

    /// A token that says `claims`, valid from `from` for `lifetime`.
    pub fn sign(
        &self,
        claims: &Claims,
        from: SystemTime,
        lifetime: Duration,
    ) -> Result<String, SignError> {
        let (key, secret) = self.keys.first();
        sign(claims, key, secret, from, lifetime)
    }

    /// What a token says that is signed with a key of ours and valid now.
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<VerifiedToken, TokenError> {
        verify(token, &self.keys, now)
    }
}
