//! Telephony by LiveKit's SIP service, as administrators see and change it: trunks, dispatch rules, calls. The media server
//! keeps all of it; this feature has no table. It must not know how the service is reached.

mod create_rule;
mod create_trunk;
mod delete_rule;
mod delete_trunk;
mod field;
mod find;
mod list_calls;
mod list_rules;
mod list_trunks;
mod make_call;
mod message;
mod rule;
mod set_rule_message;
mod set_trunk_message;
mod show_rule_message;
mod show_trunk_message;
#[cfg(test)]
mod tests;
mod transfer_call;
mod trunk;
mod update_rule;
mod update_trunk;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_trunks::list, create_trunk::create))
        .routes(routes!(update_trunk::update, delete_trunk::delete))
        .routes(routes!(show_trunk_message::show, set_trunk_message::set))
        .routes(routes!(list_rules::list, create_rule::create))
        .routes(routes!(update_rule::update, delete_rule::delete))
        .routes(routes!(show_rule_message::show, set_rule_message::set))
        .routes(routes!(list_calls::list, make_call::make))
        .routes(routes!(transfer_call::transfer))
}
