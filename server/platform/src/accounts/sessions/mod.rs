//! Sessions: the devices on which an account is signed in, and who sends a request.

pub mod list;
pub mod list_of_user;
pub mod revoke;
pub mod revoke_of_user;
pub mod revoke_others;
pub mod store;

mod current;
mod device;
mod known;
mod model;
mod session;

pub use current::{
    Admin, CurrentUser, ModeratesRooms, SeesRecordings, SeesRooms, SeesSite, bearer,
};
pub use device::Device;
pub use known::KnownSessions;
pub use model::{SessionId, SessionKind};
pub use session::{current, end, end_all, end_others, renew, start};
