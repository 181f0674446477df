//! The OpenID token in every request: who asks, by the word of the homeserver that issued the token.

use secrecy::{ExposeSecret, SecretString};

use crate::{
    error::MatrixError,
    go_json::{Record, Slot},
    homeserver::Homeservers,
    ids::{ServerName, UserId},
};

/// No homeserver's token comes near it, and what cannot be asked must not count as the homeserver's silence.
const LONGEST_TOKEN: usize = 4096;

/// `openid_token` as it is on the wire (client-server API, `POST /user/{userId}/openid/request_token`).
#[derive(Default)]
pub struct OpenIdBody {
    access_token: String,
    token_type: String,
    matrix_server_name: String,
    expires_in: i64,
}

impl Record for OpenIdBody {
    fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)> {
        vec![
            ("access_token", Slot::Text(&mut self.access_token)),
            ("token_type", Slot::Text(&mut self.token_type)),
            (
                "matrix_server_name",
                Slot::Text(&mut self.matrix_server_name),
            ),
            ("expires_in", Slot::Integer(&mut self.expires_in)),
        ]
    }
}

/// A token that can be shown to its homeserver.
#[derive(Debug)]
pub struct OpenIdToken {
    access_token: SecretString,
    server_name: String,
}

/// Who asks.
#[derive(Debug)]
pub struct Requester {
    /// The user.
    pub user: UserId,
    /// The homeserver that vouches for them.
    pub server: ServerName,
}

impl OpenIdBody {
    /// Fails with the endpoint's own `words` where the token or its server is missing.
    pub fn parse(self, words: &'static str) -> Result<OpenIdToken, MatrixError> {
        if self.access_token.is_empty() || self.matrix_server_name.is_empty() {
            return Err(MatrixError::bad_json(words));
        }
        Ok(OpenIdToken {
            access_token: self.access_token.into(),
            server_name: self.matrix_server_name,
        })
    }
}

impl OpenIdToken {
    /// Asks the homeserver. Whatever goes wrong, the client is told the same; `claimed` must be right where it is given.
    pub async fn verify(
        self,
        homeservers: &Homeservers,
        claimed: Option<&str>,
    ) -> Result<Requester, MatrixError> {
        let server = ServerName::parse(self.server_name).map_err(|error| {
            tracing::info!(%error, "a token names no homeserver");
            MatrixError::Unauthorized
        })?;
        if self.access_token.expose_secret().len() > LONGEST_TOKEN {
            tracing::info!(%server, "a token is too long to be one");
            return Err(MatrixError::Unauthorized);
        }
        let looked_up = homeservers.user_info(&server, &self.access_token).await;
        let user = looked_up.map_err(|error| {
            tracing::warn!(%server, %error, "a homeserver does not vouch for a token");
            MatrixError::Unauthorized
        })?;
        if claimed.is_some_and(|claimed| claimed != user.as_str()) {
            tracing::warn!(%user, "a request claims to be from somebody else");
            return Err(MatrixError::Unauthorized);
        }
        Ok(Requester { user, server })
    }
}
