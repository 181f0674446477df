//! What a delivery is; knows neither HTTP nor SQL.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    db::{id, text_enum},
    happenings::EventType,
};

id! {
    /// Names a delivery.
    DeliveryId
}

impl DeliveryId {
    /// The header `webhook-id`: the same for every attempt, so that receivers know doubles.
    pub fn message_id(self) -> String {
        format!("msg_{}", self.to_string().replace('-', ""))
    }
}

text_enum! {
    /// What became of a delivery.
    DeliveryState {
        /// Waits for its first attempt.
        Pending => "pending",
        /// Was not taken; is tried again.
        Failed => "failed",
        /// Was taken.
        Delivered => "delivered",
        /// Was not taken and is given up.
        Dead => "dead",
    }
}

/// One event on its way to a webhook.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
#[schema(as = WebhookDelivery)]
pub struct Delivery {
    pub id: DeliveryId,
    /// The type of the event.
    #[serde(rename = "type")]
    #[schema(value_type = EventType)]
    pub kind: String,
    pub happened_at: Timestamp,
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: i64,
    #[schema(required = true)]
    pub last_attempt_at: Option<Timestamp>,
    /// The status of the last answer; `null` where there was none.
    #[schema(required = true)]
    pub last_status: Option<i64>,
    /// Why the last attempt failed; `null`: it did not.
    #[schema(required = true)]
    pub last_error: Option<String>,
    /// When it is sent again; `null`: it is not. Those before it go first.
    #[schema(required = true)]
    pub next_attempt_at: Option<Timestamp>,
    #[serde(skip)]
    pub number: String,
}

/// What a receiver said to one attempt.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
#[schema(as = WebhookAttempt)]
pub struct Attempt {
    /// From 1 on.
    pub number: i64,
    pub at: Timestamp,
    /// `null`: there was no answer.
    #[schema(required = true)]
    pub status: Option<i64>,
    /// Why it failed; `null`: it did not.
    #[schema(required = true)]
    pub error: Option<String>,
    /// The first KB of the answer.
    #[schema(required = true)]
    pub answer: Option<String>,
    pub duration_ms: i64,
}

/// A delivery with all that was sent and said.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WholeWebhookDelivery)]
pub struct WholeDelivery {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// What is sent, as it is signed.
    pub body: String,
    /// What is sent with it; `webhook-timestamp` is that of the last attempt, the signature is left out.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub headers: Value,
    /// The newest first, fifty at most.
    pub tries: Vec<Attempt>,
}

impl WholeDelivery {
    pub fn new(delivery: Delivery, body: String, tries: Vec<Attempt>) -> WholeDelivery {
        let mut headers = json!({
            "content-type": "application/json",
            "webhook-id": delivery.id.message_id(),
        });
        if let Some(at) = delivery.last_attempt_at {
            headers["webhook-timestamp"] = json!(at.as_seconds().to_string());
        }
        WholeDelivery {
            delivery,
            body,
            headers,
            tries,
        }
    }
}
