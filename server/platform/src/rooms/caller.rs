//! Who asks: a signed-in user, a guest who has been here before, or nobody known.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::{
    accounts::{CurrentUser, Guest, GuestCookie, Right, Role, UserId},
    app::App,
    audit::Actor,
    http::Problem,
    livekit::identity::{Identity, Subject},
};

/// Whoever sends a request about a room; never refused.
#[derive(Debug, Clone)]
pub struct Caller {
    who: Who,
    user_text: String,
    identity: Option<Identity>,
    subject: Option<Subject>,
}

#[derive(Debug, Clone)]
enum Who {
    User(CurrentUser),
    Guest(Guest),
    Nobody,
}

impl Caller {
    /// A signed-in user on one device.
    pub fn user(current: CurrentUser) -> Caller {
        let identity = Identity::of_user(current.user.id, &current.session.device());
        Caller {
            user_text: current.user.id.to_string(),
            subject: Some(identity.subject()),
            identity: Some(identity),
            who: Who::User(current),
        }
    }

    /// A known guest.
    pub fn guest(guest: Guest) -> Caller {
        let identity = Identity::of_guest(&guest.id.to_string());
        Caller {
            user_text: String::new(),
            subject: Some(identity.subject()),
            identity: Some(identity),
            who: Who::Guest(guest),
        }
    }

    fn nobody() -> Caller {
        Caller {
            who: Who::Nobody,
            user_text: String::new(),
            identity: None,
            subject: None,
        }
    }

    /// The account, for the signed-in.
    pub fn current_user(&self) -> Option<&CurrentUser> {
        match &self.who {
            Who::User(current) => Some(current),
            Who::Guest(_) | Who::Nobody => None,
        }
    }

    /// The account's id, for the signed-in.
    pub fn user_id(&self) -> Option<UserId> {
        self.current_user().map(|current| current.user.id)
    }

    /// The guest, for those without an account.
    pub fn known_guest(&self) -> Option<&Guest> {
        match &self.who {
            Who::Guest(guest) => Some(guest),
            Who::User(_) | Who::Nobody => None,
        }
    }

    /// What they are on the site; guests are what an account without rights is.
    pub fn on_site(&self) -> Role {
        self.current_user()
            .map_or(Role::User, |current| current.user.role)
    }

    /// Whether they have this right on the whole site.
    pub fn may(&self, right: Right) -> bool {
        self.on_site().may(right)
    }

    /// How LiveKit knows them on this device; `None` for somebody who has never been here.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Who they are on every device; `None` for somebody who has never been here.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// Whom audit records name.
    pub fn actor(&self) -> Actor {
        match &self.who {
            Who::User(current) => Actor::user(&current.user),
            Who::Guest(guest) => Actor::guest(guest),
            Who::Nobody => Actor {
                user_id: None,
                name: String::new(),
            },
        }
    }

    /// The account's id for queries; empty, which matches nobody, for those without one.
    pub fn user_text(&self) -> &str {
        &self.user_text
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, Problem> {
        let current =
            <CurrentUser as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        if let Some(current) = current {
            return Ok(Caller::user(current));
        }
        let GuestCookie(guest) = GuestCookie::from_request_parts(parts, app).await?;
        Ok(guest.map_or_else(Caller::nobody, Caller::guest))
    }
}
