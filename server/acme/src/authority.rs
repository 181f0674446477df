//! An authority and the account there.

use instant_acme::{AccountCredentials, ExternalAccountKey, NewAccount};

use crate::http_client::Through;
use crate::order::OrderError;

/// Who signs.
#[derive(Clone)]
pub struct Authority {
    /// Where its directory is.
    pub directory: String,
    /// Where it may write to about the account, such as `mailto:ada@example.org`.
    pub contacts: Vec<String>,
    /// An account there that the new one belongs to, where it wants one.
    pub binding: Option<Binding>,
    /// Speaks with it; whom it believes is up to the caller.
    pub http: reqwest::Client,
}

/// External account binding (RFC 8555, 7.3.4).
#[derive(Clone)]
pub struct Binding {
    /// The key's name.
    pub key_id: String,
    /// The key.
    pub key: Vec<u8>,
}

/// The account's name and private key, as JSON to be kept.
pub struct Credentials(pub String);

/// The account.
pub struct Account(pub(crate) instant_acme::Account);

impl Authority {
    /// The account that was made before.
    pub async fn account(&self, kept: &Credentials) -> Result<Account, OrderError> {
        let credentials: AccountCredentials =
            serde_json::from_str(&kept.0).map_err(|_| OrderError::Credentials)?;
        let account = self.builder().from_credentials(credentials).await?;
        Ok(Account(account))
    }

    /// Makes one, which agrees to the authority's terms; its credentials are to be kept.
    pub async fn new_account(&self) -> Result<(Account, Credentials), OrderError> {
        let contacts: Vec<_> = self.contacts.iter().map(String::as_str).collect();
        let wish = NewAccount {
            contact: &contacts,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let binding = self
            .binding
            .as_ref()
            .map(|binding| ExternalAccountKey::new(binding.key_id.clone(), &binding.key));
        let (account, credentials) = self
            .builder()
            .create(&wish, self.directory.clone(), binding.as_ref())
            .await?;
        let kept = serde_json::to_string(&credentials).map_err(|_| OrderError::Credentials)?;
        Ok((Account(account), Credentials(kept)))
    }

    fn builder(&self) -> instant_acme::AccountBuilder {
        instant_acme::Account::builder_with_http(Box::new(Through(self.http.clone())))
    }
}
