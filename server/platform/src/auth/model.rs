//! What a session and a guest are; knows neither HTTP nor SQL.

use crate::db::{id, text_enum};

id! {
    /// Names one signed-in device.
    SessionId
}

id! {
    /// Names one guest's browser.
    GuestId
}

text_enum! {
    /// How a session's token travels.
    SessionKind {
        /// In the cookie `convoke_session`.
        Cookie => "cookie",
        /// In the header `Authorization: Bearer`.
        Bearer => "bearer",
    }
}
