//! Moderation: what was decided about people in rooms (bans, tokens withdrawn, personal permissions), and holding them to
//! it. It must not know rooms and their calls: whoever asks brings the facts (`Case`). The acts are in `participants`.

mod enforce;
mod judge;
mod store;

pub use enforce::enforce;
pub use judge::{Case, Unwelcome, Verdict, judge_stream, judge_token};
pub use store::{
    BanId, BanRow, Barred, NewBan, Withdrawal, ban_of, bans, barred, decided, delete_ban,
    forget_permissions, insert_ban, permissions, readmit, save_permissions, tokens_from, withdraw,
};
