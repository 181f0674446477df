//! What a check of the way to this site is; knows neither HTTP nor SQL.

use ::doctor::{BrowserHalf, Report, ServerHalf, report};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{clock::Timestamp, db::id};

id! {
    /// Names a check.
    DoctorCheckId
}

/// A check as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    pub id: DoctorCheckId,
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub server: ServerHalf,
    pub browser: Option<BrowserHalf>,
    pub browser_at: Option<Timestamp>,
    /// When the last run began.
    pub started_at: Option<Timestamp>,
    /// When a webhook told of the last run's visit.
    pub heard_at: Option<Timestamp>,
}

/// A check, as administrators see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorCheck {
    pub id: DoctorCheckId,
    /// Who began it, as they were called then.
    pub created_by: String,
    pub created_at: Timestamp,
    /// Until when the link is good.
    pub expires_at: Timestamp,
    /// The link to open on another network; only in the answer that begins the check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When somebody ran the browser's half.
    #[schema(required = true)]
    pub browser_at: Option<Timestamp>,
    /// What both halves say together.
    pub report: Report,
}

impl Kept {
    /// What both halves say together.
    pub fn report(&self) -> Report {
        let webhook = self.started_at.map(|_| self.heard_at.is_some());
        report(self.server.clone(), self.browser.clone(), webhook)
    }

    /// As administrators see it.
    pub fn seen(self, url: Option<String>) -> DoctorCheck {
        DoctorCheck {
            report: self.report(),
            id: self.id,
            created_by: self.created_by,
            created_at: self.created_at,
            expires_at: self.expires_at,
            url,
            browser_at: self.browser_at,
        }
    }
}
