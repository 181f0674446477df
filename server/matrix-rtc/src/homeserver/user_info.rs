//! Whose OpenID token this is, by the word of the homeserver that issued it.

use http::Method;
use http_edge::outbound::{Destination, Reach};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::Instant;
use url::form_urlencoded;

use super::{Homeservers, LookupError, exchange::Question, retry::retry};
use crate::ids::{ServerName, UserId};

/// `{"sub":"@user:server"}` is 300 bytes at most.
const LARGEST_ANSWER: usize = 16 * 1024;

#[derive(Deserialize)]
struct UserInfo {
    #[serde(default)]
    sub: String,
}

impl Homeservers {
    /// The user whom `server` issued the token to.
    pub async fn user_info(
        &self,
        server: &ServerName,
        access_token: &SecretString,
    ) -> Result<UserId, LookupError> {
        if self.user_infos.admit(server, Instant::now()).is_err() {
            self.metrics.circuit_refused();
            return Err(LookupError::CircuitOpen);
        }
        let reach = self.reach(server);
        let looked_up = retry(self.retry, self.random, || async move {
            let found = self.ask_user_info(server, reach, access_token).await;
            if found.as_ref().is_err_and(LookupError::is_transient) {
                self.discovery.forget(server);
            }
            found
        })
        .await;
        match &looked_up {
            Err(error) if error.is_transient() => {
                // Again here: an attempt that took too long was dropped before it could.
                self.discovery.forget(server);
                self.failed(&self.user_infos, server);
            }
            // Nothing was asked, so nothing is known.
            Err(LookupError::Refused { .. }) => {}
            Ok(_) | Err(_) => self.user_infos.succeeded(server),
        }
        looked_up
    }

    async fn ask_user_info(
        &self,
        server: &ServerName,
        reach: Reach,
        access_token: &SecretString,
    ) -> Result<UserId, LookupError> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("access_token", access_token.expose_secret())
            .finish();
        let question = Question {
            purpose: "user_info",
            method: Method::GET,
            path_and_query: format!("/_matrix/federation/v1/openid/userinfo?{query}"),
            largest_answer: LARGEST_ANSWER,
        };
        let found = self.discovery.destinations(server, reach).await;
        // All of them: the one that tells the cause may be followed by a mere "connection refused".
        let mut failures: Vec<String> = found.doubt.into_iter().collect();
        let mut other = None;
        for destination in found.destinations {
            match self.exchanges.ask(&destination, &question).await {
                Ok(answer) if answer.status.is_success() => {
                    let info: UserInfo =
                        serde_json::from_slice(&answer.body).map_err(|_| LookupError::Nonsense)?;
                    return UserId::of_server(info.sub, server).map_err(LookupError::Foreign);
                }
                Ok(answer) if answer.status.is_server_error() => {
                    return Err(LookupError::Unavailable(format!(
                        "it answers {}",
                        answer.status
                    )));
                }
                Ok(answer) => return Err(LookupError::Denied(answer.status)),
                Err(error) => match LookupError::from(error) {
                    LookupError::Unavailable(words) => {
                        let Destination { host, port, .. } = destination;
                        failures.push(format!("{host}:{port}: {words}"));
                    }
                    error => other = Some(error),
                },
            }
        }
        Err(other.unwrap_or_else(|| LookupError::Unavailable(failures.join("; "))))
    }
}
